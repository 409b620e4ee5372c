"""Who is entitled to what, and which standard response says what."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veche.packs import Pack, load_pack
from veche.packs.rules.measures import entitled, measures_in_force, run_examples
from veche.packs.rules.model import PROTOCOL_FIELDS, AllOf, Compare, Facts, Not, Protocol
from veche.packs.rules.protocols import applicable, fill

TODAY = date(2026, 1, 12)


def write(ruled: Path, code: str, when: str, *, more: str = "") -> None:
    head = f'+++\ncode = "{code}"\ntitle.ru = "{code}"\n{more}when = {when}\n+++\n'
    (ruled / f"protocols/{code}.md").write_text(f"{head}# ru\n\n{code}\n", "utf-8")


def topic(code: str, op: str = "under") -> str:
    return f'{{ fact = "topic", op = "{op}", value = "{code}" }}'


@pytest.fixture
def pack(ruled: Path) -> Pack:
    """The pack with protocols of several depths, written in no order."""
    kind = '{ fact = "kind", op = "=", value = "complaint" }'
    write(ruled, "b_any", kind)
    write(ruled, "a_any", kind)
    write(ruled, "roads", topic("roads"))
    write(ruled, "roads_complaint", f"{{ all = [{topic('roads')}, {kind}] }}")
    write(ruled, "not_holes", f"{{ all = [{{ not = {topic('roads.potholes')} }}, {kind}] }}")
    write(ruled, "over", topic("roads.snow"), more="valid_to = 2026-01-11\n")
    write(ruled, "to_come", topic("roads.snow"), more="valid_from = 2026-01-13\n")
    write(
        ruled, "in_force", topic("roads.snow", "="), more="valid_from = 2026-01-12\nvalid_to = 2026-01-12\n"
    )
    return load_pack(str(ruled))


def test_an_appeal_gets_the_most_specific_response_first(pack: Pack) -> None:
    facts: Facts = {"topic": "roads.snow", "kind": "complaint"}
    codes = [protocol.code for protocol in applicable(pack, facts, TODAY)]
    assert codes == ["snow", "in_force", "roads_complaint", "roads", "not_holes", "a_any", "b_any"]


def test_a_response_whose_condition_is_unknown_does_not_apply(pack: Pack) -> None:
    assert [protocol.code for protocol in applicable(pack, {"topic": "roads.potholes"}, TODAY)] == ["roads"]
    assert applicable(pack, {}, TODAY) == []


def test_fields_are_filled_and_those_without_a_value_are_named(pack: Pack) -> None:
    filled = fill(pack.protocols["snow"], "en", {"number": "17", "reason": "unused"})
    assert filled.text == "Hello. Your appeal No. 17 was considered.\n\nDone: {done}."
    assert (filled.language, filled.missing) == ("en", ("done",))
    whole = fill(pack.protocols["snow"], "ru", {"number": "17", "done": "снег убран"})
    assert whole.text == "Здравствуйте! Обращение № 17 рассмотрено.\n\nСделано: снег убран."
    assert whole.missing == ()


def test_a_language_that_the_response_lacks_gives_the_first_that_it_has(pack: Pack) -> None:
    assert fill(pack.protocols["snow"], "tt", {}).language == "ru"
    assert fill(pack.protocols["roads"], "en", {}).language == "ru"


@given(st.text())
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    protocol = Protocol("p", {}, {"ru": "{done} | {reason}"}, AllOf(()))
    for text in (value, "{reason}", "{0.__class__}", "%s", r"\1", "${reason}"):
        filled = fill(protocol, "ru", {"done": text, "reason": "потому"})
        assert filled.text == (f"{text} | потому" if text else "{done} | потому")


def test_every_field_of_the_format_is_known_to_a_protocol() -> None:
    text = " ".join(f"{{{name}}}" for name in PROTOCOL_FIELDS)
    protocol = Protocol("p", {}, {"ru": text}, AllOf(()))
    assert fill(protocol, "ru", {name: name for name in PROTOCOL_FIELDS}).text == " ".join(PROTOCOL_FIELDS)
    page = (Path(__file__).parents[3] / "docs/reference/pack-format.md").read_text("utf-8")
    assert all(f"`{{{name}}}`" in page for name in PROTOCOL_FIELDS)


def test_worked_examples_run(pack: Pack) -> None:
    runs = run_examples(pack.measures["family"], pack)
    assert [run.got for run in runs] == [True, False, None]
    assert [run.asks for run in runs] == [(), (), ("children",)]
    assert all(run.agrees for run in runs)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("children = 4,", "children = 1,"),
        ("facts = { children = 2 }", "facts = { children = 3 }"),
        ('asks = ["children"]', 'asks = ["children", "age"]'),
        ("facts = { income = 10,", "facts = { children = 3, income = 10,"),
    ],
)
def test_an_example_that_comes_out_otherwise_does_not_agree(ruled: Path, old: str, new: str) -> None:
    path = ruled / "measures/family.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    pack = load_pack(str(ruled))
    assert not all(run.agrees for run in run_examples(pack.measures["family"], pack))


def test_a_measure_says_who_is_entitled_and_when_it_is_given(pack: Pack) -> None:
    measure = pack.measures["family"]
    assert entitled(measure, {"children": 2}, pack=pack).value is False
    assert entitled(measure, {}, pack=pack).value is None
    assert measures_in_force(pack, TODAY) == [measure]


def test_a_condition_written_as_a_part_keeps_its_not(pack: Pack) -> None:
    first = pack.protocols["not_holes"].when
    assert isinstance(first, AllOf)
    assert first.parts[0] == Not(Compare("topic", "under", ("roads.potholes",)))
