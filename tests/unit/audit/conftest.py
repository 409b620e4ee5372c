"""A small finished run: forty people about a road, thirty about a clinic, ten about a kennel; four mute."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROAD = "The road near the {} school has potholes, please repair the road surface, complaint {}."
CLINIC = "Our clinic has no doctor, the {} queue for a doctor takes weeks, letter {}."
KENNEL = "Stray dogs from the kennel bark every {} night and frighten children, note {}."
WORDS = ["old", "new", "red", "blue", "north", "south", "long", "small"]


def rows():
    """Return (text, theme, author, side) of each appeal."""
    made = [(ROAD.format(WORDS[i % 8], i), "t001", f"r{i}", "for") for i in range(40)]
    made += [(CLINIC.format(WORDS[i % 8], i), "t002", f"c{i}", "for") for i in range(30)]
    made += [(KENNEL.format(WORDS[i % 8], i), "t003", f"k{i}", "against") for i in range(10)]
    made += [("nothing", "t004", f"n{i}", "") for i in range(4)]
    return [*made, (made[0][0], "t001", "r0", "for"), (made[1][0], "t001", "another", "for")]


@pytest.fixture
def run(tmp_path):
    """The output folder of the run, in two parts."""
    out = tmp_path / "out"
    (out / "appeals").mkdir(parents=True)
    made = rows()
    for number, part in enumerate((made[:50], made[50:])):
        table = pa.table(
            {
                "appeal_id": [f"a{number * 50 + i:03d}" for i in range(len(part))],
                "masked_text": [r[0] for r in part],
                "theme": [r[1] for r in part],
                "author": [r[2] for r in part],
                "copy_of": pa.nulls(len(part), pa.string()),
                "language": ["en"] * len(part),
                "channel": pa.array(["letter"] * (len(part) - 2) + ["fax"] * 2),
                "kept": pa.array([[("side", r[3])] for r in part], pa.map_(pa.string(), pa.string())),
            }
        )
        pq.write_table(table, out / "appeals" / f"part-{number:05d}.parquet")
    themes = {
        "theme": ["t001", "t002", "t003", "t004"],
        "name": ["Potholes <b>", "No doctor", "Stray dogs", "nothing"],
        "says_nothing": [False, False, False, True],
    }
    pq.write_table(pa.table(themes), out / "themes.parquet")
    return out
