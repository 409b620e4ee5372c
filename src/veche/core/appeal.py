"""The appeal: one message from one person through one channel, as a row of an Arrow table."""

from bisect import bisect_right

import pyarrow as pa

#: What intake hands to the stages. Only `appeal_id`, `source`, `row` and `text` are always there.
#: `text` and `author` are the originals: they live in memory and are never written in the clear.
APPEAL = pa.schema(
    [
        pa.field("appeal_id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("foreign_id", pa.string()),
        pa.field("text", pa.string(), nullable=False),
        pa.field("received_at", pa.timestamp("us", "UTC")),
        pa.field("received_zone", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("declared_language", pa.string()),
        pa.field("declared_territory", pa.string()),
        pa.field("address", pa.string()),
        pa.field("lat", pa.float64()),
        pa.field("lon", pa.float64()),
        pa.field("age", pa.int16()),
        pa.field("sex", pa.string()),
        pa.field("occupation", pa.string()),
        pa.field("author", pa.string()),
        pa.field("thread", pa.string()),
        pa.field("attachments", pa.list_(pa.string())),
        pa.field("kept", pa.map_(pa.string(), pa.string())),
    ]
)

#: Columns of `APPEAL` that hold what the author wrote or who the author is; never written as they are.
ORIGINALS = ("text", "author", "address")

#: The values of `sex`; anything else is null.
SEXES = ("female", "male")

#: The groups that ages are counted in, and the first year of each but the first.
AGE_GROUPS = ("0-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
AGE_STARTS = (18, 25, 35, 45, 55, 65)


def age_group(age: int) -> str:
    """Return which of `AGE_GROUPS` an age in years belongs to."""
    return AGE_GROUPS[bisect_right(AGE_STARTS, age)]
