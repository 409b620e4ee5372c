"""Findings: flat decisions to facet columns and on to the long table."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from veche.core.finding import DECISIONS, FINDING, decisions, first, first_values, long_table

flat = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.integers(0, 3),
        st.integers(0, 2),
        st.sampled_from("abc"),
        st.floats(0, 1, width=32),
    ),
    unique_by=lambda t: t[:3],
)


def test_decisions_are_sorted_by_matter_and_rank_within_their_row():
    column = decisions(
        3, [2, 0, 2, 2], ["d", "a", "c", "b"], [0.1, 0.9, 0.2, 0.3], matters=[1, 0, 0, 0], ranks=[0, 0, 1, 0]
    )
    assert [[d["value"] for d in row] for row in column.to_pylist()] == [["a"], [], ["b", "c", "d"]]


def test_the_first_decision_is_rank_0_of_matter_0():
    column = decisions(
        3, [1, 1, 2], ["second", "first", "part"], [0.2, 0.7, 0.9], matters=[0, 0, 1], ranks=[1, 0, 0]
    )
    assert first_values(column).to_pylist() == [None, "first", None]
    assert first(column, matter=1).to_pylist()[2]["value"] == "part"


def test_evidence_stays_with_its_decision():
    column = decisions(2, [1, 0], ["b", "a"], [0.5, 0.5], evidence=[[(3, 4), (7, 9)], []])
    assert column.to_pylist()[1][0]["evidence"] == [{"start": 3, "end": 4}, {"start": 7, "end": 9}]
    assert column.to_pylist()[0][0]["evidence"] == []


@given(flat)
def test_no_decision_is_lost_on_the_way_to_the_long_table(rows):
    n = 10
    column = decisions(
        n,
        [r[0] for r in rows],
        [r[3] for r in rows],
        np.array([r[4] for r in rows], np.float32),
        matters=[r[1] for r in rows],
        ranks=[r[2] for r in rows],
    )
    assert column.type == DECISIONS
    assert len(column) == n
    ids = pa.array([f"id{i}" for i in range(n)])
    table = long_table(ids, {"topic": column}, {"topic": ("topic", "1")}, "p1")
    assert table.schema == FINDING
    got = {(t["appeal_id"], t["matter"], t["rank"], t["value"]) for t in table.to_pylist()}
    assert got == {(f"id{r[0]}", r[1], r[2], r[3]) for r in rows}


def test_a_sliced_column_gives_its_own_rows():
    column = pa.chunked_array([decisions(4, [0, 1, 3], ["a", "b", "d"], [1, 1, 1])]).slice(1, 3)
    assert first_values(column).to_pylist() == ["b", None, "d"]
    table = long_table(pa.array(["1", "2", "3"]), {"x": column}, {"x": ("x", "1")}, "p")
    assert table["appeal_id"].to_pylist() == ["1", "3"]
