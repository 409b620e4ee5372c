"""A condition answers yes, no or unknown, says why, and says what to ask."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veche.core.i18n import set_language
from veche.packs import Pack, load_pack
from veche.packs.rules.columns import evaluate_table
from veche.packs.rules.conditions import evaluate, facts_of, missing
from veche.packs.rules.explaining import explain
from veche.packs.rules.model import AllOf, AnyOf, Compare, Condition, Facts, Not
from veche.packs.rules.possible import possible
from veche.packs.rules.wording import condition_lines


@pytest.fixture
def pack(ruled: Path) -> Pack:
    return load_pack(str(ruled))


YES, NO = Compare("citizen", "=", True), Compare("citizen", "=", False)
ASK = Compare("children", ">=", 3)
KNOWN: Facts = {"citizen": True}


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        (AllOf((YES, YES)), True),
        (AllOf((YES, ASK)), None),
        (AllOf((NO, ASK)), False),
        (AllOf((YES, NO, ASK)), False),
        (AnyOf((NO, NO)), False),
        (AnyOf((NO, ASK)), None),
        (AnyOf((YES, ASK)), True),
        (Not(ASK), None),
        (Not(YES), False),
        (Not(NO), True),
        (AllOf(()), True),
        (AnyOf(()), False),
    ],
)
def test_unknown_is_not_a_no(pack: Pack, condition: Condition, value: bool | None) -> None:
    assert evaluate(condition, KNOWN, pack=pack).value is value


@pytest.mark.parametrize(
    ("condition", "facts", "value"),
    [
        (Compare("children", "=", 3), {"children": 3.0}, True),
        (Compare("children", "<", 3), {"children": 3}, False),
        (Compare("income", "<=", other="living_wage", times=1.5), {"income": 15, "living_wage": 10}, True),
        (Compare("income", "<=", other="living_wage", times=1.5), {"income": 15.1, "living_wage": 10}, False),
        (Compare("income", "<=", other="living_wage"), {"income": 15}, None),
        (Compare("born", ">", date(2000, 1, 1)), {"born": date(2000, 1, 2)}, True),
        (Compare("housing", "not in", ("own",)), {"housing": "none"}, True),
        (Compare("groups", "has", "age:65+"), {"groups": ("age:65+", "x:y")}, True),
        (Compare("groups", "has", "age:65+"), {"groups": ()}, False),
        (Compare("topic", "under", ("roads",)), {"topic": "roads.snow"}, True),
        (Compare("topic", "under", ("roads",)), {"topic": "roads"}, True),
        (Compare("topic", "under", ("roads.snow",)), {"topic": "roads"}, False),
        (Compare("topic", "in", ("roads",)), {"topic": "roads.snow"}, False),
        (Compare("place", "under", ("x-1", "x-2")), {"place": "x-1-1"}, True),
        (Compare("place", "under", ("x-1",)), {"place": "elsewhere"}, False),
    ],
)
def test_a_comparison_answers(pack: Pack, condition: Condition, facts: Facts, value: bool | None) -> None:
    assert evaluate(condition, facts, pack=pack).value is value


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        (ASK, {"children": "4"}),
        (ASK, {"children": True}),
        (Compare("groups", "has", "age"), {"groups": "age:65+"}),
        (Compare("born", "=", date(2000, 1, 1)), {"born": "2000-01-01"}),
        (Compare("income", "<=", other="living_wage"), {"income": 1, "living_wage": "2"}),
    ],
)
def test_a_value_of_the_wrong_type_is_never_compared(pack: Pack, condition: Condition, facts: Facts) -> None:
    with pytest.raises(TypeError):
        evaluate(condition, facts, pack=pack)


def test_only_facts_that_could_change_the_answer_are_asked(pack: Pack) -> None:
    either = AnyOf((Compare("income", "<=", other="living_wage"), Compare("housing", "=", "none")))
    condition = AllOf((ASK, either, YES))
    assert facts_of(condition) == ("children", "income", "living_wage", "housing", "citizen")
    assert missing(evaluate(condition, {}, pack=pack)) == facts_of(condition)
    assert missing(evaluate(condition, {"children": 1}, pack=pack)) == ()
    assert missing(evaluate(condition, {"children": 3, "housing": "none"}, pack=pack)) == ("citizen",)
    partly: Facts = {"children": 3, "income": 5, "citizen": True}
    assert missing(evaluate(condition, partly, pack=pack)) == ("living_wage", "housing")


def test_a_verdict_explains_itself(pack: Pack) -> None:
    facts: Facts = {"children": 2, "income": 20, "living_wage": 12, "housing": "own", "topic": "roads.snow"}
    set_language("en")
    verdict = evaluate(pack.measures["family"].entitled, facts, pack=pack)
    assert explain(verdict, pack) == [
        "no — all of these:",
        "  no — Number of children under 18: at least 3 children (it is 2 children)",
        "  unknown — at least one of these:",
        "    no — Income: at most 1.5 × “Living wage” (it is 20, the bound is 18)",
        "    unknown — Groups of the author: among them age:65+",
        "  no — not this:",
        "    yes — Housing: own",
        "  yes — Topic: Roads (roads) or what lies below it (it is Snow (roads.snow))",
    ]


@pytest.mark.parametrize(
    ("op", "words"),
    [
        ("<", "before 31 Jan 2026"),
        ("<=", "31 Jan 2026 or before"),
        (">", "after 31 Jan 2026"),
        (">=", "31 Jan 2026 or after"),
    ],
)
def test_a_day_is_not_less_or_more_but_before_or_after(pack: Pack, op: str, words: str) -> None:
    set_language("en")
    told = condition_lines(Compare("born", op, date(2026, 1, 31)), pack)
    assert told == [f"Date of birth: {words}"]


NUMBERS = st.sampled_from([0, 1, 2, 2.5, 3, 4, 12])
DAYS = st.sampled_from([date(2026, 1, d) for d in (1, 2, 3, 4)])
TOPICS = st.sampled_from(["roads", "roads.snow", "roads.potholes"])
PLACES = st.sampled_from(["x", "x-1", "x-1-1"])
HOMES = st.sampled_from(["own", "rented", "none"])
WORDS = st.sampled_from(["a", "b", "c"])
ORDERED = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def several(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, min_size=1, max_size=2).map(tuple)


COMPARISONS = st.one_of(
    st.builds(Compare, st.sampled_from(["children", "income"]), ORDERED, NUMBERS),
    st.builds(
        lambda op, times: Compare("income", op, other="children", times=times),
        ORDERED,
        st.sampled_from([1.0, 0.5]),
    ),
    st.builds(Compare, st.just("born"), ORDERED, DAYS),
    st.builds(Compare, st.just("citizen"), st.just("="), st.booleans()),
    st.builds(Compare, st.just("housing"), st.sampled_from(["=", "!="]), HOMES),
    st.builds(Compare, st.just("housing"), st.sampled_from(["in", "not in"]), several(HOMES)),
    st.builds(Compare, st.just("channel"), st.sampled_from(["=", "!="]), WORDS),
    st.builds(Compare, st.just("groups"), st.just("has"), WORDS),
    st.builds(Compare, st.just("topic"), st.sampled_from(["=", "!="]), TOPICS),
    st.builds(Compare, st.just("topic"), st.sampled_from(["in", "under"]), several(TOPICS)),
    st.builds(Compare, st.just("place"), st.just("under"), several(PLACES)),
)

CONDITIONS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, min_size=1, max_size=4).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=10,
)

VALUES = {
    "children": NUMBERS,
    "income": NUMBERS,
    "born": DAYS,
    "citizen": st.booleans(),
    "housing": HOMES,
    "channel": WORDS,
    "groups": st.lists(WORDS, max_size=3).map(tuple),
    "topic": TOPICS,
    "place": PLACES,
}
FACTS = st.fixed_dictionaries({}, optional=VALUES)
ALL_FACTS = st.fixed_dictionaries(VALUES)

COLUMNS = {
    "children": pa.float64(),
    "born": pa.date32(),
    "citizen": pa.bool_(),
    "groups": pa.list_(pa.string()),
    "housing": pa.dictionary(pa.int8(), pa.string()),
    "topic": pa.large_string(),
    "place": pa.string(),
    "channel": pa.string(),
    "income": pa.float64(),
}

LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


@LAW
@given(CONDITIONS, st.lists(FACTS, max_size=8), st.sets(st.sampled_from(sorted(COLUMNS)), max_size=3))
def test_columns_answer_as_rows_do(
    pack: Pack, condition: Condition, rows: list[dict], left_out: set[str]
) -> None:
    kept = {code: kind for code, kind in COLUMNS.items() if code not in left_out}
    rows = [{code: value for code, value in row.items() if code in kept} for row in rows]
    lists = [{c: list(v) if isinstance(v, tuple) else v for c, v in row.items()} for row in rows]
    table = pa.Table.from_pylist(lists, schema=pa.schema(kept.items()))
    answer = evaluate_table(condition, table, pack=pack)
    assert isinstance(answer, pa.BooleanArray)
    assert answer.to_pylist() == [evaluate(condition, row, pack=pack).value for row in rows]


@LAW
@given(CONDITIONS, FACTS, st.data())
def test_a_known_answer_stays_whatever_else_becomes_known(
    pack: Pack, condition: Condition, facts: dict, data: st.DataObject
) -> None:
    verdict = evaluate(condition, facts, pack=pack)
    more = data.draw(ALL_FACTS) | facts
    answer = evaluate(condition, more, pack=pack).value
    assert answer is not None
    assert verdict.value in (answer, None)
    needed = {code: more[code] for code in missing(verdict)}
    assert bool(needed) == (verdict.value is None)


@LAW
@given(CONDITIONS, ALL_FACTS)
def test_what_holds_for_someone_is_possible(pack: Pack, condition: Condition, facts: dict) -> None:
    if evaluate(condition, facts, pack=pack).value:
        assert possible(condition, pack=pack)


@pytest.mark.parametrize(
    "condition",
    [
        AllOf((YES, NO)),
        AllOf((ASK, Not(ASK))),
        AllOf((Compare("children", ">", 3), Compare("children", "<", 3))),
        AllOf((Compare("children", ">=", 3), Compare("children", "<=", 3), Compare("children", "!=", 3))),
        Compare("children", ">", 30),
        Not(Compare("children", ">=", 0)),
        AllOf((Compare("born", ">", date(2026, 1, 1)), Compare("born", "<", date(2026, 1, 2)))),
        AllOf(
            (
                Compare("born", ">=", date(2026, 1, 1)),
                Compare("born", "<=", date(2026, 1, 2)),
                Compare("born", "!=", date(2026, 1, 1)),
                Compare("born", "!=", date(2026, 1, 2)),
            )
        ),
        AllOf((Compare("housing", "in", ("own", "none")), Compare("housing", "=", "rented"))),
        Compare("housing", "not in", ("own", "rented", "none")),
        AllOf((Compare("groups", "has", "a"), Not(Compare("groups", "has", "a")))),
        AllOf((Compare("topic", "under", ("roads.snow",)), Compare("topic", "=", "roads.potholes"))),
        Not(Compare("place", "under", ("x",))),
        AllOf(
            (
                AnyOf((Compare("channel", "=", "a"), Compare("channel", "=", "b"))),
                Compare("channel", "not in", ("a", "b")),
            )
        ),
        AllOf(
            (
                Compare("income", ">=", other="living_wage", times=2.0),
                Compare("income", "<", other="living_wage", times=2.0),
            )
        ),
        Not(AnyOf((YES, NO))),
        AnyOf(()),
    ],
)
def test_a_contradiction_is_impossible(pack: Pack, condition: Condition) -> None:
    assert not possible(condition, pack=pack)
    assert possible(Not(condition), pack=pack)


def hidden_contradiction(alternatives: int) -> Condition:
    young = AnyOf((Compare("age", "<", 1), Compare("age", "<", 2)))
    unlike = (
        AnyOf((Compare("channel", "!=", str(i)), Compare("language", "!=", str(i))))
        for i in range(alternatives)
    )
    return AllOf((young, *unlike, Compare("age", ">", 5)))


def test_a_contradiction_behind_very_many_alternatives_is_taken_for_possible(pack: Pack) -> None:
    assert not possible(hidden_contradiction(5), pack=pack)
    assert possible(hidden_contradiction(40), pack=pack)


def test_a_condition_of_the_full_cost_is_looked_through(pack: Pack) -> None:
    unlike = tuple(Compare("channel", "!=", str(i)) for i in range(490))
    assert possible(AllOf(unlike), pack=pack)
    assert not possible(AllOf((*unlike, Compare("channel", "=", "489"))), pack=pack)
