"""What theme discovery gives back, and the files that are written from it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

#: One row per appeal, in part order. `theme` is a code or "rare"; `subtheme` may be null; `strength` is
#: the cosine to the theme's centre, from 0 to 1.
ASSIGNMENTS = pa.schema(
    [
        pa.field("appeal_id", pa.string()),
        pa.field("theme", pa.string()),
        pa.field("subtheme", pa.string()),
        pa.field("strength", pa.float32()),
    ]
)

#: One row per theme and subtheme (`parent` is its theme). Sizes count appeals; `distinct` leaves copies
#: out; `share` is of all appeals. `trend` is by `trend_unit` ("day", "week" or "month"), dates are
#: local days. `change` compares the last week with a usual week before (0.5: half as many again).
#: Together with the rare, the themes without a parent hold every appeal once.
THEMES = pa.schema(
    [
        pa.field("theme", pa.string()),
        pa.field("parent", pa.string()),
        pa.field("name", pa.string()),
        pa.field("keywords", pa.list_(pa.string())),
        pa.field("size", pa.int64()),
        pa.field("distinct", pa.int64()),
        pa.field("copies", pa.int64()),
        pa.field("share", pa.float64()),
        pa.field("topic", pa.string()),
        pa.field("topic_share", pa.float64()),
        pa.field("first_seen", pa.date32()),
        pa.field("last_seen", pa.date32()),
        pa.field("trend_unit", pa.string()),
        pa.field(
            "trend", pa.list_(pa.struct([pa.field("date", pa.date32()), pa.field("count", pa.int64())]))
        ),
        pa.field("change", pa.float64()),
        pa.field("is_new", pa.bool_()),
        pa.field(
            "languages",
            pa.list_(pa.struct([pa.field("language", pa.string()), pa.field("share", pa.float64())])),
        ),
        pa.field("says_nothing", pa.bool_()),
        pa.field("samples", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True)
class Themes:
    """The themes of a run: `assignments` in the `ASSIGNMENTS` schema, `table` in `THEMES`, `digests` as
    in digests.json, `digest` the quotations of the whole run as in digest.json, None where they stay as
    they were."""

    assignments: pa.Table
    table: pa.Table
    digests: dict[str, Any]
    digest: list[dict[str, Any]] | None = None

    def write(self, folder: Path) -> None:
        """Write `themes.parquet`, `digests.json` and, where there is one, `digest.json` to `folder`."""
        pq.write_table(self.table, folder / "themes.parquet")
        (folder / "digests.json").write_bytes(orjson.dumps(self.digests, option=orjson.OPT_INDENT_2))
        if self.digest is not None:
            (folder / "digest.json").write_bytes(orjson.dumps(self.digest, option=orjson.OPT_INDENT_2))
