"""A theme keeps its code and name from run to run; splits, merges, births and deaths are told."""

import numpy as np
import planted
import pytest

from veche.core.errors import UsageError
from veche.themes.following import Memory, changes_between, remember, with_kept_codes
from veche.themes.following.identity import Likeness, origins
from veche.themes.following.memory import FILE, strings


def memory(members, *, names=None, first=1, means=None, code=None):
    """A memory of themes that hold these texts (numbers)."""
    texts = np.array(sorted({t for m in members for t in m}), np.uint64)
    theme = np.full(len(texts), -1, np.int32)
    for i, m in enumerate(members):
        theme[np.isin(texts, list(m))] = i
    codes = code or [f"t{first + i:03d}" for i in range(len(members))]
    vectors = np.eye(max(8, len(members)), dtype=np.float32)[: len(members)] if means is None else means
    return Memory(
        codes=strings(codes),
        names=strings(names or [f"Theme {c}" for c in codes]),
        sizes=np.array([len(m) for m in members], np.int64),
        means=vectors,
        thresholds=np.full(len(members), 0.5, np.float32),
        centre=np.zeros(vectors.shape[1], np.float32),
        texts=texts,
        text_theme=theme,
        next_number=first + len(members),
    )


def rows(changes):
    return {(r["kind"], r["theme_before"], r["theme"]) for r in changes.table.to_pylist()}


A, B, C = set(range(100)), set(range(100, 160)), set(range(160, 200))


def test_a_theme_keeps_its_code_and_the_name_a_person_gave():
    changes = changes_between(memory([A, B, C]), memory([C, A, B]), named={"t003": "Ours"})
    assert changes.codes == {"t001": "t003", "t002": "t001", "t003": "t002"}
    assert rows(changes) == {("same", c, c) for c in ("t001", "t002", "t003")}
    assert changes.memory.names[0] == "Ours"


def test_a_theme_that_parts_is_a_split_and_its_larger_part_goes_on():
    half, rest = set(range(70)), set(range(70, 100))
    changes = changes_between(memory([A, B]), memory([half, rest, B]))
    assert rows(changes) == {("split", "t001", "t001"), ("split", "t001", "t003"), ("same", "t002", "t002")}


def test_two_themes_that_meet_are_a_merge():
    changes = changes_between(memory([A, B, C]), memory([A | B, C]))
    assert rows(changes) == {("merge", "t001", "t001"), ("merge", "t002", "t001"), ("same", "t003", "t003")}


def test_births_and_deaths_are_told_and_a_code_is_never_used_again():
    far = np.eye(8, dtype=np.float32)[5:7]
    changes = changes_between(memory([A, B]), memory([set(range(500, 540)), A], means=far))
    assert ("birth", None, "t003") in rows(changes)
    assert ("death", "t002", None) in rows(changes)
    again = changes_between(changes.memory, memory([B], means=np.eye(8, dtype=np.float32)[7:]))
    assert ("birth", None, "t004") in rows(again)


def test_without_shared_texts_the_centres_decide():
    changes = changes_between(memory([A, B]), memory([set(range(900, 950)), set(range(950, 990))]))
    assert rows(changes) == {("same", "t001", "t001"), ("same", "t002", "t002")}


def test_the_first_run_is_all_births():
    assert rows(changes_between(None, memory([A, B]))) == {("birth", None, "t001"), ("birth", None, "t002")}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_no_themes_before_or_now_is_no_error(order):
    some, none = memory([A]), memory([])
    old, new = ((some, none), (none, some))[order[0]]
    kinds = {r["kind"] for r in changes_between(old, new).table.to_pylist()}
    assert kinds == {"death" if old is some else "birth"}


def test_a_theme_of_no_members_is_born_and_gone_quietly():
    changes = changes_between(memory([A, set()]), memory([A, set()], means=np.zeros((2, 8), np.float32)))
    assert rows(changes) == {("same", "t001", "t001"), ("death", "t002", None), ("birth", None, "t003")}


def test_memory_comes_back_as_it_was_written(tmp_path):
    changes = changes_between(None, memory([A, B], names=["Дорога", ""]))
    changes.write(tmp_path)
    back = Memory.read(tmp_path)
    assert back is not None
    assert back.names.tolist() == ["Дорога", ""]
    assert back.next_number == 3
    assert (back.text_theme == changes.memory.text_theme).all()
    assert Memory.read(tmp_path / "nowhere") is None


def test_a_damaged_memory_is_named(tmp_path):
    (tmp_path / FILE).write_bytes(b"no archive")
    with pytest.raises(UsageError, match="themes-state"):
        changes_between(tmp_path, memory([A]))


def test_two_runs_over_partly_the_same_appeals_keep_codes(tmp_path):

    texts = planted.say(planted.HEATING, 60) + planted.say(planted.PITS, 50) + planted.say(planted.WASTE, 40)
    vectors = np.concatenate([planted.around(i, n, seed=i) for i, n in enumerate((60, 50, 40))])
    one, two = tmp_path / "one", tmp_path / "two"
    planted.write(one, texts[:130], vectors=vectors[:130])
    first = planted.themes_of(one)
    kept = changes_between(None, remember(one, first))
    planted.write(two, texts[60:], vectors=vectors[60:])
    second = planted.themes_of(two)
    changes = changes_between(kept.memory, remember(two, second))
    told = with_kept_codes(second, changes)
    before = dict(zip(kept.memory.texts.tolist(), kept.memory.codes[kept.memory.text_theme], strict=True))
    later = changes.memory
    now = dict(zip(later.texts.tolist(), later.codes[later.text_theme], strict=True))
    both = before.keys() & now.keys()
    assert len(both) == 70
    assert all(before[t] == now[t] for t in both)
    kinds = sorted(r["kind"] for r in changes.table.to_pylist())
    assert kinds == ["death", "same", "same"]
    assert set(told.assignments["theme"].to_pylist()) <= {*changes.codes.values(), "rare"}
    place = dict(zip(*told.assignments.select(["appeal_id", "theme"]).to_pydict().values(), strict=True))
    assert told.digest
    assert all(q["theme"] == place[q["appeal_id"]] for q in told.digest)
    assert [d["theme"] for d in told.digests["themes"]] == told.table.filter(told.table["parent"].is_null())[
        "theme"
    ].to_pylist()


def test_parts_of_a_theme_go_on_it_and_texts_overrule_closeness():
    shared = np.array([[40, 30, 0, 0], [0, 0, 0, 0]])
    overlap = np.array([[0.5, 0.3, 0, np.nan], [np.nan] * 4])
    close = np.array([[0.9, 0.1, 0.1, 0.2], [0.1, 0.95, 0.2, 0.9]])
    like = Likeness(shared, overlap, close, before=np.array([70, 0]), now=np.array([40, 30, 50, 0]))
    assert origins(like).tolist() == [0, 0, -1, 1]
