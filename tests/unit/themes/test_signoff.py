"""A person decides about the themes of a run, and what was decided holds."""

import csv
import datetime as dt
import json
import shutil
from collections import defaultdict
from contextlib import contextmanager
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from veche.core.errors import NoThemes, SignoffError, SplitWithoutEffect
from veche.packs import load_pack
from veche.run.job import Options, run
from veche.stages.vectors import encode
from veche.themes.batches import blocks
from veche.themes.signoff import PAGE, Tools, read_decisions, read_held, sign, write_page
from veche.themes.signoff.parting import STAYS, part

#: Three matters; an appeal takes one piece of each list, so that none nearly copies another.
HEATING = (
    ("Батареи холодные", "Отопления нет", "В квартире мёрзнем без отопления", "Трубы отопления ледяные"),
    ("уже вторую неделю", "с самого октября", "после аварии в котельной", "каждую зиму одно и то же"),
    ("дети спят в куртках", "греемся у плиты", "обогреватель не спасает", "на кухне двенадцать градусов"),
)
PITS = (
    ("Яма на дороге", "Асфальт весь в ямах", "Дорога разбита, ямы глубокие", "Опять ямы на проезжей части"),
    ("разбил колесо машины", "пробил подвеску", "объехать нельзя, встречная полоса", "машины виляют"),
    ("когда будет ремонт дороги", "положите новый асфальт", "заделайте выбоины", "пришлите дорожников"),
)
WASTE = (
    ("Мусор не вывозят", "Контейнеры переполнены мусором", "Свалка мусора во дворе", "Мусоровоза не было"),
    ("бегают крысы", "запах невыносимый", "пакеты разносит ветер", "собаки растащили отходы"),
    ("уберите площадку", "почему мусор не забирают", "за вывоз мусора платим исправно", "поставьте баки"),
)

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def say(matter):
    return [". ".join(pieces) + "." for pieces in product(*matter)]


class Silent:
    def step(self, name):
        pass

    def advance(self, appeals, fraction):
        pass


def make_run(folder, ordered=list):
    """Run over three matters of 64 appeals each, in the order that `ordered` gives them."""
    with (folder / "appeals.csv").open("w", newline="", encoding="utf-8") as f:
        rows = csv.writer(f)
        rows.writerow(["text", "date"])
        texts = ordered([*say(HEATING), *say(PITS), *say(WASTE), *say(WASTE)[:9]])
        rows.writerows([text, f"2026-01-{i % 28 + 1:02d}"] for i, text in enumerate(texts))
    out = folder / "out"
    options = Options(
        inputs=(str(folder / "appeals.csv"),), out=out, pack="ru", language="en", workers=1, n_themes=3
    )
    run(options, progress=Silent(), now=lambda: NOW)
    return out


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The run as it was finished."""
    return make_run(tmp_path_factory.mktemp("run"))


@pytest.fixture
def folder(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "out")


def decide(folder, sections):
    """Write the page and follow it; `sections` are lines by theme."""
    held = read_held(folder)
    body = "\n".join(f"[theme.{code}]\n{lines}" for code, lines in sections.items())
    (folder / PAGE).write_text(f'run = "{held.run}"\n{body}\n', "utf-8")
    return follow(folder)


def follow(folder):
    held = read_held(folder)
    with tools_in() as tools:
        return sign(held, decisions_of(folder), tools, by="Anna", at=NOW, pack_version="1")


@contextmanager
def tools_in():
    with blocks(1) as pool:
        yield Tools(load_pack("ru"), encode, pool, 7)


def decisions_of(folder):
    held = read_held(folder)
    return read_decisions(folder / PAGE, names=held.names, parts=held.part_names, run=held.run, folder=folder)


def shown(folder):
    """Theme and maker of every appeal, as the wide table says."""
    table = pq.read_table(folder / "appeals")
    return list(zip(table["theme"].to_pylist(), table["theme_maker"].to_pylist(), strict=True))


def sizes(folder):
    return {t["theme"]: t["size"] for t in json.loads((folder / "digests.json").read_text())["themes"]}


def entry(folder, code):
    themes = json.loads((folder / "digests.json").read_text())["themes"]
    return next(t for t in themes if t["theme"] == code)


def files(folder):
    kept = ("appeals", "findings", "themes.parquet", "digests.json", "digest.json")
    return {p: p.read_bytes() for name in kept for p in sorted((folder / name).rglob("*")) or [folder / name]}


def test_the_sample_run_has_its_three_matters(finished):
    assert list(sizes(finished)) == ["t001", "t002", "t003"]
    assert min(sizes(finished).values()) > 50


def test_merged_themes_are_one_with_all_their_appeals(folder):
    before = sizes(folder)
    done = decide(folder, {"t003": 'into = "t001"'})
    assert sizes(folder) == {"t001": before["t001"] + before["t003"], "t002": before["t002"]}
    assert done.moved == before["t003"]
    assert {maker for theme, maker in shown(folder) if theme == "t001"} == {"themes", "person"}
    assert entry(folder, "t001")["decided"] == ["merged"]


def test_a_merged_theme_is_quoted_from_all_that_joined(folder):
    table = pq.read_table(folder / "appeals")
    was = dict(zip(table["appeal_id"].to_pylist(), table["theme"].to_pylist(), strict=True))
    decide(folder, {"t003": 'into = "t001"'})
    assert {was[q["appeal_id"]] for q in entry(folder, "t001")["quotations"]} == {"t001", "t003"}


def test_merges_in_a_row_end_in_the_last_one(folder):
    decide(folder, {"t003": 'into = "t002"', "t002": 'into = "t001"'})
    assert list(sizes(folder)) == ["t001"]


def test_a_sentence_parts_the_appeals_that_say_the_same(finished, tmp_path):
    folder = mixed(finished, tmp_path)
    decide(folder, {"t001": 'split = ["Ямы на дорогах, разбил колесо машины"]'})
    is_pit = parted(folder)
    assert is_pit["t001-1"] >= 0.95
    assert is_pit["t001"] <= 0.05
    assert entry(folder, "t001-1")["decided"] == ["part"]


def test_the_id_of_an_appeal_parts_the_appeals_that_say_the_same(finished, tmp_path):
    folder = mixed(finished, tmp_path)
    table = pq.read_table(folder / "appeals")
    pit = next(i for i, t in zip(table["appeal_id"], table["masked_text"], strict=True) if "Яма" in str(t))
    decide(folder, {"t001": f'split = ["{pit}"]'})
    is_pit = parted(folder)
    assert is_pit["t001-1"] >= 0.95
    assert is_pit["t001"] <= 0.05


def mixed(finished, tmp_path):
    """A run whose machine took heating, pits and waste for one theme."""
    folder = shutil.copytree(finished, tmp_path / "mixed")
    for path in [*(folder / "appeals").glob("*"), *(folder / "findings").glob("*")]:
        table = pq.read_table(path)
        name = "theme" if path.parent.name == "appeals" else "value"
        values = pc.if_else(pc.match_substring_regex(table[name], "^t00[23]$"), "t001", table[name])
        if name == "theme":
            table = table.set_column(
                table.schema.get_field_index("subtheme"), "subtheme", pa.nulls(len(table), pa.string())
            )
        pq.write_table(table.set_column(table.schema.get_field_index(name), name, values), path)
    digests = json.loads((folder / "digests.json").read_text())
    one = {**digests["themes"][0], "size": sum(t["size"] for t in digests["themes"])}
    (folder / "digests.json").write_text(json.dumps({**digests, "themes": [one]}))
    table = pq.read_table(folder / "themes.parquet")
    pq.write_table(table.filter(pc.equal(table["theme"], "t001")), folder / "themes.parquet")
    return folder


def placed(folder):
    """Theme and text of every appeal."""
    table = pq.read_table(folder / "appeals", columns=["theme", "masked_text"])
    return list(zip(table["theme"].to_pylist(), table["masked_text"].to_pylist(), strict=True))


def parted(folder):
    """The share of appeals about pits in each theme."""
    pits = say(PITS)
    themes = defaultdict(list)
    for theme, text in placed(folder):
        themes[theme].append(text in pits)
    return {theme: sum(found) / len(found) for theme, found in themes.items()}


def test_identical_texts_are_never_parted(finished, tmp_path):
    folder = mixed(finished, tmp_path)
    decide(folder, {"t001": 'split = ["Не вывозят мусор"]'})
    assert len(set(placed(folder))) == len({text for _theme, text in placed(folder)})


def test_a_dropped_theme_is_counted_as_set_aside_and_not_as_rare(folder):
    before, rare = sizes(folder), json.loads((folder / "digests.json").read_text())["rare"]
    decide(folder, {"t002": "drop = true"})
    digests = json.loads((folder / "digests.json").read_text())
    assert digests["aside"]["size"] == before["t002"]
    assert digests["rare"] == rare
    assert "t002" not in sizes(folder)
    assert sum(theme == "aside" for theme, _maker in shown(folder)) == before["t002"]


def test_every_appeal_keeps_a_place(folder):
    decide(folder, {"t001": "drop = true", "t003": 'into = "t002"'})
    digests = json.loads((folder / "digests.json").read_text())
    listed = sum(t["size"] for t in digests["themes"]) + digests["rare"]["size"] + digests["aside"]["size"]
    assert listed == digests["appeals"] == len(shown(folder))


def digest(folder):
    return json.loads((folder / "digest.json").read_text())


def test_the_digest_of_the_run_speaks_of_the_themes_in_force(folder):
    machine = digest(folder)
    assert {q["theme"] for q in machine} >= {"t001", "t002", "t003"}
    decide(folder, {"t003": 'into = "t001"', "t002": "drop = true"})
    table = pq.read_table(folder / "appeals")
    place = dict(zip(table["appeal_id"].to_pylist(), table["theme"].to_pylist(), strict=True))
    assert [q["theme"] for q in digest(folder)] == [place[q["appeal_id"]] for q in digest(folder)]
    assert [q["text"] for q in digest(folder)] == [q["text"] for q in machine if q["theme"] != "t002"]


def test_what_was_set_aside_is_quoted_again_once_it_is_taken_back(folder):
    machine = digest(folder)
    decide(folder, {"t002": "drop = true"})
    assert len(digest(folder)) < len(machine)
    decide(folder, {})
    assert digest(folder) == machine


def test_a_renamed_theme_has_the_name_of_the_person_everywhere(folder):
    decide(folder, {"t001": 'name = "Холодные батареи"'})
    assert entry(folder, "t001")["name"] == "Холодные батареи"
    table = pq.read_table(folder / "themes.parquet")
    names = dict(zip(table["theme"].to_pylist(), table["name"].to_pylist(), strict=True))
    assert names["t001"] == "Холодные батареи"
    assert {maker for _theme, maker in shown(folder)} == {"themes"}


def test_themes_that_nobody_touched_stay_as_they_were(folder):
    before = entry(folder, "t002")
    decide(folder, {"t003": 'into = "t001"'})
    after = entry(folder, "t002")
    assert {key: after[key] for key in before} == before


def test_the_findings_of_the_machine_stay_beside_those_of_the_person(folder):
    before = pq.read_table(folder / "findings")
    done = decide(folder, {"t003": 'into = "t001"'})
    after = pq.read_table(folder / "findings")
    mine = after.filter(pc.equal(after["maker"], "person"))
    assert after.filter(pc.not_equal(after["maker"], "person")).equals(before)
    assert (len(mine), set(mine["value"].to_pylist())) == (done.moved, {"t001"})
    assert set(mine["maker_version"].to_pylist()) == {"1"}


def test_following_the_same_page_again_changes_nothing(folder):
    decide(folder, {"t003": 'into = "t001"', "t002": "drop = true"})
    before = files(folder)
    assert follow(folder).moved == 0
    assert files(folder) == before


def test_a_decision_that_is_taken_back_is_undone_and_remembered(folder):
    before, digests = [t for t, _m in shown(folder)], sizes(folder)
    moved = decide(folder, {"t003": 'into = "t001"'}).moved
    assert decide(folder, {}).moved == moved
    assert [theme for theme, _maker in shown(folder)] == before
    assert sizes(folder) == digests
    findings = pq.read_table(folder / "findings")
    versions = findings.filter(pc.equal(findings["maker"], "person"))["maker_version"].to_pylist()
    assert (versions.count("1"), versions.count("2")) == (moved, moved)


def test_each_sign_off_leaves_its_own_sheet_with_the_name(folder):
    decide(folder, {"t001": 'name = "A"'})
    decide(folder, {"t001": 'name = "B"'})
    sheets = [json.loads((folder / "signed" / f"{n}.json").read_text()) for n in (1, 2)]
    assert [s["decisions"]["t001"]["name"] for s in sheets] == ["A", "B"]
    assert {s["by"] for s in sheets} == {"Anna"}


def test_the_page_keeps_what_was_decided(folder):
    decide(folder, {"t001": 'name = "A \\"b\\" \\u007f"\nnote = "asked"', "t002": "pin = true"})
    write_page(read_held(folder), decisions_of(folder), folder / PAGE)
    kept = decisions_of(folder)
    assert kept.of("t001").name == 'A "b" \x7f'
    assert kept.of("t001").note == "asked"
    assert kept.of("t002").pin
    assert not kept.of("t003")


def test_the_page_of_a_run_nobody_decided_about_decides_nothing(folder):
    held = read_held(folder)
    write_page(held, held.last_decisions(), folder / PAGE)
    assert not any(decisions_of(folder).themes.values())


def test_the_page_shows_sizes_and_quotations_with_their_ids(folder):
    held = read_held(folder)
    write_page(held, held.last_decisions(), folder / PAGE)
    page = (folder / PAGE).read_text("utf-8")
    for theme in held.machine.digests["themes"]:
        assert f"[theme.{theme['theme']}]\n# {theme['size']} appeals" in page
        assert f"# {theme['quotations'][0]['appeal_id']}  " in page


def test_the_page_can_be_written_again_from_what_was_signed(folder):
    decide(folder, {"t001": 'name = "A"', "t003": 'into = "t002"'})
    (folder / PAGE).unlink()
    held = read_held(folder)
    write_page(held, held.last_decisions(), folder / PAGE)
    assert decisions_of(folder).of("t003").into == "t002"


def test_the_name_made_for_a_part_is_not_taken_for_a_decision(finished, tmp_path):
    folder = mixed(finished, tmp_path)
    decide(folder, {"t001": 'split = ["Ямы на дорогах"]'})
    write_page(read_held(folder), decisions_of(folder), folder / PAGE)
    assert "[theme.t001-1]" in (folder / PAGE).read_text("utf-8")
    assert not decisions_of(folder).of("t001-1")


def test_a_part_can_be_named_and_merged_at_once(finished, tmp_path):
    folder = mixed(finished, tmp_path)
    split = 'split = ["Ямы на дорогах, разбил колесо", "Не вывозят мусор, крысы"]'
    decide(folder, {"t001": split, "t001-1": 'name = "Ямы"', "t001-2": "drop = true"})
    assert entry(folder, "t001-1")["name"] == "Ямы"
    assert set(sizes(folder)) == {"t001", "t001-1"}


def test_an_example_that_parts_everything_is_refused_and_nothing_is_written(folder):
    table = pq.read_table(folder / "appeals")
    alike = pa.array(["Батареи холодные."] * len(table))
    path = next((folder / "appeals").iterdir())
    pq.write_table(table.set_column(table.schema.get_field_index("masked_text"), "masked_text", alike), path)
    before = files(folder)
    with pytest.raises(
        SplitWithoutEffect, match=r"themes.toml, line 3: example 1 does not split theme “t001”"
    ):
        decide(folder, {"t001": 'split = ["Батареи"]'})
    assert files(folder) == before
    assert not (folder / "signed").exists()


def test_an_appeal_of_another_theme_is_no_example(folder):
    there = pq.read_table(folder / "appeals").filter(pc.field("theme") == "t002")["appeal_id"][0].as_py()
    with pytest.raises(SignoffError, match=f"line 3: appeal {there} lies in “t002”, not in “t001”"):
        decide(folder, {"t001": f'split = ["{there}"]'})


def test_an_appeal_that_is_not_there_is_no_example(folder):
    with pytest.raises(SignoffError, match=f"line 3: there is no appeal {'f' * 32} in this run"):
        decide(folder, {"t001": f'split = ["{"f" * 32}"]'})


def test_one_text_cannot_be_parted():
    same = np.ones((5, 8), np.float32) / 8**0.5
    assert set(part(same, same[:1])) == {STAYS}
    assert set(part(same[:1], same[:1])) == {STAYS}


def test_a_folder_without_a_run_is_told(tmp_path):
    with pytest.raises(NoThemes, match="no finished run"):
        read_held(tmp_path)
