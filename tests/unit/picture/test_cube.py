"""The cube counts every appeal once, a leaf for its ancestors, and keeps small groups of people back."""

from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from veche.picture.cube import CELL, CROSSED_WITH, OPEN_GROUPINGS, PERSONAL, PICTURE, build_cube


@pytest.fixture(scope="module")
def cube(run: Any) -> pa.Table:
    return build_cube(run.out, pack=run.pack)


@pytest.fixture(scope="module")
def appeals(run: Any, cube: pa.Table) -> pa.Table:  # noqa: ARG001
    return pq.read_table(run.out / "appeals")


def _cells(cube: pa.Table, grouping: str) -> list[dict[str, Any]]:
    return cube.filter(pc.equal(cube["grouping"], grouping)).to_pylist()


def test_the_file_holds_the_cube_in_its_schema(run: Any, cube: pa.Table) -> None:
    assert cube.schema == CELL
    assert pq.read_table(run.out / PICTURE).equals(cube)


def test_the_total_counts_every_appeal(cube: pa.Table, appeals: pa.Table) -> None:
    (total,) = _cells(cube, "total")
    assert total["count"] == len(appeals)
    assert total["copies"] == len(appeals) - appeals["copy_of"].null_count
    assert total["people"] == len(appeals["author"].unique())


@pytest.mark.parametrize("grouping", [g for g in OPEN_GROUPINGS if g != "total" and "topic" not in g])
def test_the_cells_of_an_open_grouping_add_up_to_the_total(
    cube: pa.Table, appeals: pa.Table, grouping: str
) -> None:
    assert sum(c["count"] for c in _cells(cube, grouping)) == len(appeals)


def test_a_leaf_topic_counts_for_its_section(cube: pa.Table, appeals: pa.Table) -> None:
    given = Counter(appeals["topic"].to_pylist())
    counted = {c["topic"]: c["count"] for c in _cells(cube, "topic")}
    assert counted["roads.potholes"] == given["roads.potholes"]
    assert counted["roads"] == sum(n for code, n in given.items() if (code or "").startswith("roads."))
    assert counted[None] == given[None]


def test_a_town_counts_for_its_region(cube: pa.Table, appeals: pa.Table) -> None:
    given = Counter(appeals["place"].to_pylist())
    counted = {c["territory"]: c["count"] for c in _cells(cube, "territory")}
    assert counted["land.r03"] == given["land.r03"] + given["land.r03.t"]
    below = {(c["territory"], c["settlement"]): c["count"] for c in _cells(cube, "territory,settlement")}
    assert below["land.r03", "land.r03.t"] == given["land.r03.t"]


def test_a_day_is_local_to_the_pack(tmp_path: Path, made: ModuleType) -> None:
    pack = made.make_pack(tmp_path)
    (tmp_path / "appeals").mkdir()
    late = pa.array(["2025-03-01T22:30:00"]).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    table = pa.table({"appeal_id": pa.array(["a"]), "received_at": late})
    pq.write_table(table, tmp_path / "appeals" / "part-00000.parquet")
    (day,) = _cells(build_cube(tmp_path, pack=pack), "day")
    assert day["day"].isoformat() == "2025-03-02"


def test_a_run_without_appeals_has_an_empty_picture(tmp_path: Path, made: ModuleType) -> None:
    cube = build_cube(tmp_path, pack=made.make_pack(tmp_path))
    assert [c["count"] for c in _cells(cube, "total")] == [0]
    assert len(cube) == 1


def test_no_small_group_of_people_is_shown(cube: pa.Table) -> None:
    for dimension in PERSONAL:
        for grouping in (dimension, *(f"{other},{dimension}" for other in CROSSED_WITH)):
            for cell in _cells(cube, grouping):
                assert (cell["count"] is None) == cell["protected"]
                assert cell["protected"] or cell["count"] >= 5
                assert (cell["copies"], cell["people"], cell["urgent"]) == (None, None, None)
    assert any(c["protected"] for c in _cells(cube, "topic,group"))


def test_a_rare_language_cannot_be_had_from_any_total(cube: pa.Table) -> None:
    alone = {c["language"]: c["count"] for c in _cells(cube, "language")}
    rare = {v for v, n in alone.items() if n is None}
    assert len(rare) >= 2
    for other in CROSSED_WITH:
        crossed = _cells(cube, f"{other},language")
        assert all(c["protected"] for c in crossed if c["language"] in rare)


def test_the_same_run_gives_the_same_bytes(run: Any, cube: pa.Table) -> None:
    first = (run.out / PICTURE).read_bytes()
    assert build_cube(run.out, pack=run.pack).equals(cube)
    assert (run.out / PICTURE).read_bytes() == first


def test_nothing_is_left_behind_but_the_picture(run: Any, cube: pa.Table) -> None:  # noqa: ARG001
    names = {p.name for p in run.out.iterdir()}
    assert names <= {"appeals", "findings", "digests.json", PICTURE, ".work"}
    assert not np.any([p.is_file() for p in (run.out / ".work").rglob("*")])
