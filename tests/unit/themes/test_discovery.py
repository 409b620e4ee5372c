"""Every appeal has its place, and the same input gives the same themes."""

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted import HEATING, PITS, WASTE, around, say, themes_of, write

from veche.themes import ASSIGNMENTS, THEMES


def three_matters(tmp_path, *, each=60, **options):
    texts = say(HEATING, each) + say(PITS, each) + say(WASTE, each)
    vectors = np.concatenate([around(c, each, seed=c) for c in range(3)])
    mix = np.random.default_rng(0).permutation(len(texts))
    work = write(tmp_path / "work", [texts[i] for i in mix], vectors=vectors[mix], **options)
    return work, mix // each


def places(themes):
    return themes.assignments["theme"].to_pylist()


def top(themes):
    return [row for row in themes.table.to_pylist() if row["parent"] is None]


def all_are_counted(themes, n):
    sizes = sum(row["size"] for row in top(themes))
    digests = themes.digests
    assert sizes + digests["rare"]["size"] == n == digests["appeals"] == themes.assignments.num_rows
    assert sum(d["size"] for d in digests["themes"]) == sizes
    counted = {row["theme"]: row["size"] for row in top(themes)}
    given_out = places(themes)
    assert {code: given_out.count(code) for code in counted} == counted
    assert given_out.count("rare") == digests["rare"]["size"]


def test_three_matters_are_three_themes(tmp_path):
    work, matter = three_matters(tmp_path)
    themes = themes_of(work)
    given_out = np.array(places(themes))
    assert len(top(themes)) == 3
    for number in range(3):
        codes, counts = np.unique(given_out[matter == number], return_counts=True)
        assert counts.max() >= 0.9 * counts.sum()
        assert codes[counts.argmax()] != "rare"
    all_are_counted(themes, 180)


def test_without_vectors_no_theme_mixes_matters(tmp_path):
    work, matter = three_matters(tmp_path)
    for file in (work / "vectors").iterdir():
        file.unlink()
    themes = themes_of(work)
    given_out = np.array(places(themes))
    assert (given_out != "rare").mean() > 0.9
    for row in top(themes):
        assert len(set(matter[given_out == row["theme"]])) == 1
    all_are_counted(themes, 180)


def test_assignments_and_table_follow_their_schemas(tmp_path):
    work, _ = three_matters(tmp_path)
    themes = themes_of(work)
    assert themes.assignments.schema == ASSIGNMENTS
    assert themes.table.schema == THEMES
    ids = [i for p in sorted((work / "map").iterdir()) for i in pq.read_table(p)["appeal_id"].to_pylist()]
    assert themes.assignments["appeal_id"].to_pylist() == ids


def test_the_files_hold_what_was_found(tmp_path):
    work, _ = three_matters(tmp_path)
    themes = themes_of(work)
    themes.write(tmp_path)
    assert pq.read_table(tmp_path / "themes.parquet").equals(themes.table)
    assert orjson.loads((tmp_path / "digests.json").read_bytes()) == themes.digests


def test_the_same_input_gives_the_same_themes_with_any_number_of_threads(tmp_path):
    work, _ = three_matters(tmp_path)
    first, second, third = themes_of(work), themes_of(work), themes_of(work, threads=3)
    for other in (second, third):
        assert first.assignments.equals(other.assignments)
        assert first.table.equals(other.table)
        assert first.digests == other.digests


def test_a_number_of_themes_can_be_asked_for(tmp_path):
    vectors = np.concatenate([around(c, 30, seed=c) for c in range(12)])
    texts = [f"{a} {b}" for a in say(HEATING, 30) for b in ("раз", "два", "три")][:90] * 4
    texts = [f"{t} {'абвгдежзиклмнопр'[i // 25]}{i % 25 * 'я'}" for i, t in enumerate(texts)]
    work = write(tmp_path / "work", texts, vectors=vectors)
    assert abs(len(top(themes_of(work, n_themes=12))) - 12) <= 2
    assert abs(len(top(themes_of(work, n_themes=5))) - 5) <= 1


def test_identical_texts_never_land_in_different_themes(tmp_path):
    texts = (say(HEATING, 40) + say(PITS, 40)) * 3
    vectors = np.concatenate([around(c, 40, seed=s * 2 + c) for s in range(3) for c in range(2)])
    themes = themes_of(write(tmp_path / "work", texts, vectors=vectors))
    given_out = places(themes)
    for i in range(80):
        assert given_out[i] == given_out[i + 80] == given_out[i + 160]


def test_a_near_copy_goes_where_its_original_is(tmp_path):
    texts = [*say(HEATING, 40), *say(PITS, 40), "Прошу: ямы на дорогах!!", "Прошу, ямы на дорогах"]
    vectors = np.concatenate(
        [around(0, 40, seed=0), around(1, 40, seed=1), around(1, 1, seed=5), around(0, 1, seed=6)]
    )
    work = write(tmp_path / "work", texts, vectors=vectors)
    copy_of = pa.array([None] * 81 + ["a00080"], pa.string())
    themes = themes_of(work, repeats=pa.table({"copy_of": copy_of}))
    given_out = places(themes)
    assert given_out[81] == given_out[80] == given_out[79]
    row = next(r for r in top(themes) if r["theme"] == given_out[80])
    assert row["copies"] == 1
    assert row["distinct"] == row["size"] - 1


def test_many_copies_do_not_make_more_of_a_theme_than_distinct_texts(tmp_path):
    texts = say(HEATING, 40) + say(PITS, 40) + ["Ямы на дорогах у вокзала"] * 500
    vectors = np.concatenate(
        [around(0, 40, seed=0), around(1, 40, seed=1), np.repeat(around(1, 1, seed=3), 500, axis=0)]
    )
    themes = themes_of(write(tmp_path / "work", texts, vectors=vectors))
    given_out = places(themes)
    assert given_out[80] == max(set(given_out[40:80]), key=given_out[40:80].count)
    assert top(themes)[0]["size"] >= 530


@pytest.mark.parametrize("n", [0, 1, 2, 10])
def test_a_handful_of_appeals_makes_no_theme(tmp_path, n):
    texts = [
        "Не работает лифт", "Собака без поводка", "Нет мест в саду", "Шум от стройки", "Сломан фонарь",
        "Течёт крыша", "Автобус опаздывает", "Нет воды", "Очередь в поликлинике", "Вырубили деревья",
    ][:n]  # fmt: skip
    vectors = (
        np.concatenate([around(c, 1, seed=c) for c in range(n)]) if n else np.zeros((0, 512), np.float16)
    )
    for number, given_vectors in enumerate((vectors, None)):
        themes = themes_of(write(tmp_path / str(number), texts, vectors=given_vectors))
        assert top(themes) == []
        all_are_counted(themes, n)


def test_one_text_sent_by_everyone_is_one_theme(tmp_path):
    work = write(tmp_path / "work", ["Верните автобус 12 на старый маршрут."] * 200)
    themes = themes_of(work)
    assert set(places(themes)) == {"t001"}
    assert top(themes)[0]["distinct"] == 200
    all_are_counted(themes, 200)


def nonsense(n):
    letters = np.array(list("бвгджзклмнпрстфхцчшщ"))
    random = np.random.default_rng(7)
    return [" ".join("".join(random.choice(letters, 7)) for _ in range(6)) for _ in range(n)]


@pytest.mark.parametrize("with_vectors", [True, False])
def test_nonsense_has_no_theme(tmp_path, with_vectors):
    random = np.random.default_rng(3).normal(size=(300, 512)).astype(np.float16) if with_vectors else None
    themes = themes_of(write(tmp_path / "work", nonsense(300), vectors=random))
    assert set(places(themes)) == {"rare"}
    all_are_counted(themes, 300)


def test_empty_texts_are_said_to_be_empty(tmp_path):
    themes = themes_of(write(tmp_path / "work", ["", "   ", "...", None] * 25))
    assert [row["says_nothing"] for row in top(themes)] == [True]
    all_are_counted(themes, 100)


def test_vectors_that_are_no_numbers_do_no_harm(tmp_path):
    work, _ = three_matters(tmp_path)
    path = work / "vectors" / "part-00000.npy"
    broken = np.load(path)
    broken[:5] = np.nan
    broken[5:9] = np.inf
    broken[9:12] = 0
    np.save(path, broken)
    themes = themes_of(work)
    assert places(themes)[:12] == ["rare"] * 12
    all_are_counted(themes, 180)


def test_without_content_hashes_equal_texts_still_stay_together(tmp_path):
    themes = themes_of(write(tmp_path / "work", say(PITS, 40) * 2, with_hash=False))
    given_out = places(themes)
    assert given_out[:40] == given_out[40:]


WORDS = (
    "яма",
    "дорога",
    "мусор",
    "двор",
    "вода",
    "спасибо",
    "нет",
    "",
    "12",
    "[имя]",
    "😀",
    "road",
    "\n",
    "ЛИФТ!",
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), max_size=80))
def test_every_appeal_is_counted_once_whatever_is_written(tmp_path_factory, texts):
    work = write(tmp_path_factory.mktemp("run") / "work", texts)
    all_are_counted(themes_of(work), len(texts))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 50), groups=st.integers(1, 6), each=st.integers(1, 40))
def test_subthemes_lie_inside_their_theme(tmp_path_factory, seed, groups, each):
    vectors = np.concatenate(
        [around(g % 3, each, seed=seed + g, spread=0.3 + 0.2 * g) for g in range(groups)]
    )
    texts = [f"{'абвгдежз'[g]} {i * 'к'} слово" for g in range(groups) for i in range(each)]
    themes = themes_of(write(tmp_path_factory.mktemp("run") / "work", texts, vectors=vectors), seed=seed)
    all_are_counted(themes, len(texts))
    for theme, subtheme in zip(places(themes), themes.assignments["subtheme"].to_pylist(), strict=True):
        assert subtheme is None or subtheme.startswith(theme + ".")
    for row in themes.table.to_pylist():
        if row["parent"]:
            assert row["size"] == themes.assignments["subtheme"].to_pylist().count(row["theme"])
