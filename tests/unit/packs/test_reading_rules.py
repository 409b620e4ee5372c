"""Facts, conditions, clocks, calendars, protocols and measures are read with their types checked."""

from datetime import date
from pathlib import Path

import pytest
from tests.unit.packs.rules import FILES, MEASURES

from veche.core.errors import BrokenPack, OversizedPack, UnsafePack
from veche.packs import check, load_pack
from veche.packs.rules.condition_reader import COST_LIMIT, DEPTH_LIMIT
from veche.packs.rules.model import AllOf, AnyOf, Compare, Not


def broken(folder: Path) -> BrokenPack:
    with pytest.raises(BrokenPack) as caught:
        load_pack(str(folder))
    assert caught.value.advice()
    return caught.value


def replace(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def test_a_pack_with_all_its_rules_loads(ruled: Path) -> None:
    pack = load_pack(str(ruled))
    assert list(pack.facts) == ["children", "income", "living_wage", "citizen", "housing", "born"]
    assert pack.facts["children"].most == 30
    assert pack.facts["children"].unit == {"ru": "детей", "en": "children"}
    assert pack.clocks["consideration"].extension == 30
    assert pack.clocks["consideration"].when == Compare("kind", "!=", "spam")
    assert pack.bodies["town"].oversees == ("roads.snow",)
    assert pack.bodies["town"].contact == "mail@example.org"


def test_a_condition_keeps_its_shape(ruled: Path) -> None:
    measure = load_pack(str(ruled)).measures["family"]
    assert measure.entitled == AllOf(
        (
            Compare("children", ">=", 3),
            AnyOf(
                (
                    Compare("income", "<=", other="living_wage", times=1.5),
                    Compare("groups", "has", "age:65+"),
                )
            ),
            Not(Compare("housing", "=", "own")),
            Compare("topic", "under", ("roads",)),
        )
    )


def test_examples_know_their_lines_and_what_they_ask(ruled: Path) -> None:
    first, second, third = load_pack(str(ruled)).measures["family"].examples
    assert (first.entitled, second.entitled, third.entitled) == (True, False, None)
    assert (first.asks, third.asks) == (None, ("children",))
    lines = MEASURES.splitlines()
    assert [lines[e.line - 1] for e in (first, second, third)] == ["[[measure.example]]"] * 3
    assert first.line < second.line < third.line
    assert first.facts["groups"] == ("age:65+",)


def test_a_protocol_has_a_text_in_each_language(ruled: Path) -> None:
    protocol = load_pack(str(ruled)).protocols["snow"]
    assert protocol.text["ru"].startswith("Здравствуйте! Обращение № {number}")
    assert protocol.text["en"] == "Hello. Your appeal No. {number} was considered.\n\nDone: {done}."
    assert protocol.legal == ("257-FZ, art. 17",)


def test_a_calendar_knows_moved_days(ruled: Path) -> None:
    rules = load_pack(str(ruled)).calendar
    assert rules is not None
    assert rules.days_off == {date(2026, 1, 9): "", date(2026, 2, 2): "День города"}
    assert rules.moved_from == {date(2026, 1, 3)}
    assert rules.working_days == {date(2026, 2, 7)}
    assert rules.weekend == {5, 6}


def test_a_pack_without_rules_has_none(folder: Path) -> None:
    pack = load_pack(str(folder))
    assert (pack.calendar, pack.facts, pack.clocks, pack.protocols, pack.measures) == (None, {}, {}, {}, {})


def line_of(name: str, old: str, new: str, words: str) -> int:
    """The last line on which `words` stand once `old` has become `new`."""
    lines = FILES[name].replace(old, new, 1).splitlines()
    return max(i for i, line in enumerate(lines, 1) if words in line)


@pytest.mark.parametrize(
    ("name", "old", "new", "at", "words"),
    [
        ("facts.toml", 'type = "boolean"', 'type = "yesno"', "yesno", "yesno"),
        ("facts.toml", 'code = "citizen"', 'code = "age"', '"age"', "age"),
        ("facts.toml", "most = 30", "most = -1", "most = -1", "least"),
        ("facts.toml", "most = 30", "most = true", "most = true", "most"),
        ("facts.toml", "most = 30", "most = inf", "most = inf", "most"),
        ("facts.toml", 'type = "boolean"', 'type = "boolean"\nmost = 3', "most = 3", "most"),
        ("facts.toml", 'type = "boolean"', 'type = "boolean"\nvalues = ["a"]', 'values = ["a"]', "values"),
        ("measures/family.toml", '"children", op', '"kids", op', '"kids"', "kids"),
        ("measures/family.toml", 'op = ">=", value = 3', 'op = "~", value = 3', '"~"', "~"),
        (
            "measures/family.toml",
            'op = ">=", value = 3',
            'op = "under", value = 3',
            '"under", value = 3',
            "und",
        ),
        ("measures/family.toml", 'op = ">=", value = 3', "value = 3", '"children", value = 3', "op"),
        ("measures/family.toml", "value = 3", 'value = "three"', "three", "three"),
        ("measures/family.toml", "value = 3", "value = true", "value = true", "true"),
        ("measures/family.toml", "value = 3", "value = nan", "value = nan", "nan"),
        ("measures/family.toml", ", value = 3", "", '"children", op', "value"),
        ("measures/family.toml", "value = 3", "value = 3, unit = 1", "unit = 1", "unit"),
        ("measures/family.toml", "value = 3", "value = [3]", "value = [3]", "[3]"),
        ("measures/family.toml", '"living_wage", times', '"housing", times', '"housing", times', "income"),
        ("measures/family.toml", "times = 1.5", 'times = "1.5"', '"1.5"', "income"),
        ("measures/family.toml", "times = 1.5", "times = 0", "times = 0", "income"),
        ("measures/family.toml", "times = 1.5", "plus = 2", "plus = 2", "income"),
        ("measures/family.toml", 'value = "own"', 'value = "castle"', "castle", "castle"),
        ("measures/family.toml", 'value = "own"', "value = 4", "value = 4", "4"),
        ("measures/family.toml", "{ any = [", "{ some = [", "some = [", "not a condition"),
        ("measures/family.toml", 'value = "roads" }', "value = [] }", "value = []", "[]"),
        ("measures/family.toml", "{ not = {", "{ not = [], x = {", "not = []", "not a condition"),
        ("measures/family.toml", "facts = { children = 4", "facts = { kids = 4", "kids = 4", "kids"),
        ("measures/family.toml", "facts = { children = 4", 'facts = { children = "4"', '"4"', "children"),
        ("measures/family.toml", "facts = { children = 4", "facts = { children = 31", "= 31", "children"),
        ("measures/family.toml", "facts = { children = 4", "facts = { children = -1", "= -1", "children"),
        ("measures/family.toml", "entitled = true", 'entitled = "yes"', '"yes"', "yes"),
        ("measures/family.toml", 'asks = ["children"]', 'asks = ["kids"]', '"kids"', "kids"),
        ("clocks.toml", "length = 30", "length = -1", "length = -1", "length"),
        ("clocks.toml", "length = 30", "length = 10001", "length = 10001", "length"),
        ("clocks.toml", "length = 30", "length = 1.5", "length = 1.5", "length"),
        ("clocks.toml", 'unit = "calendar_day"', 'unit = "year"', "year", "year"),
        ("clocks.toml", 'starts = "registered"', 'starts = "someday"', "someday", "someday"),
        ("clocks.toml", 'value = "spam"', 'value = "rubbish"', "rubbish", "rubbish"),
        ("calendar.toml", '"RU"', '"XX"', '"XX"', "XX"),
        ("calendar.toml", '"saturday"', '"caturday"', "caturday", "caturday"),
        ("calendar.toml", "to = 2026-01-09", 'to = "soon"', '"soon"', "to"),
        ("calendar.toml", "to = 2026-01-09", "", "[[moved]]", "“to”"),
        ("calendar.toml", "day = 2026-02-02", "day = 2026-02-07", "day = 2026-02-07", "day off"),
        ("protocols/snow.md", '"topic", op', '"topics", op', '"topics"', "topics"),
        ("protocols/snow.md", "{number}", "{nomer}", "{nomer}", "nomer"),
        ("protocols/snow.md", "{done}", "{done", "Сделано", "{"),
        ("protocols/snow.md", "# en", "# fr", "# fr", "fr"),
        ("protocols/snow.md", "# en", "# ru", "# ru", "ru"),
        ("protocols/snow.md", "# ru", "Text.\n\n# ru", "Text.", "language"),
        ("protocols/snow.md", 'title.ru = "Уборка', 'titel.ru = "Уборка', "titel", "titel"),
    ],
)
def test_a_mistake_is_named_on_its_line(
    ruled: Path, name: str, old: str, new: str, at: str, words: str
) -> None:
    replace(ruled, name, old, new)
    error = broken(ruled)
    assert words in error.text()
    assert error.text().startswith(f"{name}, line {line_of(name, old, new, at)}: ")


def test_the_wrong_one_of_equal_comparisons_is_named(ruled: Path) -> None:
    same = '{ fact = "kind", op = "in", value = ["complaint", "request"] },\n'
    replace(ruled, "protocols/snow.md", f"  {same}", f"  {same}  {same}  {same.replace('request', 'wish')}")
    assert broken(ruled).text().startswith("protocols/snow.md, line 14: ")


def test_a_code_that_a_condition_names_is_found_on_its_line(ruled: Path) -> None:
    replace(ruled, "protocols/snow.md", '"roads.snow"', '"roads.sleet"')
    text = broken(ruled).text()
    assert text.startswith("protocols/snow.md, line 10: ")
    assert "roads.sleet" in text


def protocol_with(ruled: Path, condition: str) -> None:
    head = '+++\ncode = "x"\ntitle.ru = "x"\n'
    (ruled / "protocols/x.md").write_text(f"{head}when = {condition}\n+++\n# ru\nx\n", "utf-8")


def nested(depth: int) -> str:
    inner = '{ fact = "age", op = ">", value = 1 }'
    return "{ not = " * (depth - 1) + inner + " }" * (depth - 1)


def listed(entries: int) -> str:
    codes = ", ".join(f'"{i}"' for i in range(entries))
    return f'{{ fact = "channel", op = "in", value = [{codes}] }}'


def test_a_condition_may_nest_only_so_deep(ruled: Path) -> None:
    protocol_with(ruled, nested(DEPTH_LIMIT))
    assert "x" in load_pack(str(ruled)).protocols
    protocol_with(ruled, nested(DEPTH_LIMIT + 1))
    assert broken(ruled).text().startswith("protocols/x.md, line 4: ")


def test_a_condition_may_cost_only_so_much(ruled: Path) -> None:
    protocol_with(ruled, listed(COST_LIMIT - 1))
    assert "x" in load_pack(str(ruled)).protocols
    protocol_with(ruled, listed(COST_LIMIT))
    assert "500" in broken(ruled).text()
    protocol_with(ruled, "{ any = [" + ", ".join([nested(1)] * COST_LIMIT) + "] }")
    assert "500" in broken(ruled).text()


def test_brackets_without_end_are_refused(ruled: Path) -> None:
    protocol_with(ruled, "[" * 100_000)
    assert broken(ruled).text().startswith("protocols/x.md, line 1: ")


def test_a_protocol_without_a_head_is_refused(ruled: Path) -> None:
    (ruled / "protocols/x.md").write_text("# ru\n\nЗдравствуйте!\n", "utf-8")
    assert broken(ruled).text().startswith("protocols/x.md, line 1: ")


def test_wrong_toml_in_the_head_is_named_on_its_line(ruled: Path) -> None:
    (ruled / "protocols/x.md").write_text('\ufeff+++\r\ncode = "x\r\n+++\r\n# ru\r\nx\r\n', "utf-8")
    assert broken(ruled).text().startswith("protocols/x.md, line 2: ")


@pytest.mark.parametrize("name", [*FILES, "protocols/other.md", "measures/other.toml"])
def test_a_file_of_a_gigabyte_is_refused_unread(ruled: Path, name: str) -> None:
    with (ruled / name).open("wb") as f:
        f.truncate(1 << 30)
    with pytest.raises(OversizedPack, match=name.replace(".", r"\.")):
        load_pack(str(ruled))


@pytest.mark.parametrize("name", [*FILES, "protocols/other.md", "measures/other.toml"])
def test_a_link_that_leaves_the_pack_is_refused(ruled: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.write_text("", "utf-8")
    (ruled / name).unlink(missing_ok=True)
    (ruled / name).symlink_to(outside)
    with pytest.raises(UnsafePack):
        load_pack(str(ruled))


def test_a_child_overrides_rules_by_code_and_asks_about_its_parents_facts(ruled: Path) -> None:
    child = ruled.parent / "child"
    (child / "measures").mkdir(parents=True)
    head = (ruled / "pack.toml").read_text("utf-8").partition("[[source]]")[0]
    (child / "pack.toml").write_text(f'extends = "small"\n{head.replace("small", "child")}', "utf-8")
    own = MEASURES.replace('"family"', '"own"').replace("value = 3", "value = 2")
    (child / "measures/own.toml").write_text(own, "utf-8")
    (child / "clocks.toml").write_text(FILES["clocks.toml"].replace("length = 30", "length = 20"), "utf-8")
    pack = load_pack(str(child))
    assert list(pack.measures) == ["family", "own"]
    assert pack.clocks["consideration"].length == 20
    assert list(pack.protocols) == ["snow"]
    assert "children" in pack.facts
    assert pack.calendar is not None
    (child / "calendar.toml").write_text('country = "US"\n', "utf-8")
    replaced = load_pack(str(child)).calendar
    assert replaced is not None
    assert (replaced.country, replaced.days_off) == ("US", {})


def test_a_group_that_nothing_recognises_is_found(ruled: Path) -> None:
    replace(ruled, "measures/family.toml", '"age:65+" },', '"age:90+" },')
    load_pack(str(ruled))
    problem = next(p for p in check(str(ruled)) if "age:90+" in p.message)
    assert (problem.file, problem.line) == ("measures/family.toml", 19)
