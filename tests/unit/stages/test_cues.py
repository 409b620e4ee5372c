import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veche.core.text import Texts
from veche.packs.model import Cue
from veche.stages.cues import FAR, CueMatcher, spans_of

FIRE = Cue(
    "fire",
    {"ru": ("пожар*", "горит", "запах* газ*", "дым* из окна"), "en": ("fire", "smell* of gas", "burning")},
    not_={"ru": ("пожарн* лестниц*",), "en": ("fire station", "fire hydrant*")},
)
WATER = Cue("water", {"ru": ("нет воды", "горит"), "en": ("no water",), "zh": ("停水",)})
NEGATIONS = {"ru": ("не", "нет", "без"), "en": ("no", "not", "without")}
MATCHER = CueMatcher([FIRE, WATER], negations=NEGATIONS)


def find(*texts):
    return MATCHER.find(Texts(pa.array(texts, pa.string())))


def found(text):
    hits = find(text)
    return [(text[a:b], ("fire", "water")[c]) for a, b, c in zip(hits.start, hits.end, hits.cue, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Пожар!", [("Пожар", "fire")]),
        ("У нас пожары каждый год", [("пожары", "fire")]),
        ("взрывопожарный", []),
        ("горит", [("горит", "fire"), ("горит", "water")]),
        ("погорит", []),
        ("горите", []),
        ("ЗАПАХ ГАЗА в подъезде", [("ЗАПАХ ГАЗА", "fire")]),
        ("запахом\nгаза", [("запахом\nгаза", "fire")]),
        ("запах магазина", []),
        ("дымит из окна", [("дымит из окна", "fire")]),
        ("дым из окнами", []),
        ("сломана пожарная лестница", []),
        ("пожар у пожарной лестницы", [("пожар", "fire")]),
        ("дома нет воды", [("нет воды", "water")]),
        ("There is no water", [("no water", "water")]),
        ("A smell of gas, fire", [("smell of gas", "fire"), ("fire", "fire")]),
        ("firefighter", []),
        ("the fire station is closed", []),
        ("fire near the fire hydrants", [("fire", "fire")]),
        ("我家停水了", [("停水", "water")]),
        ("", []),
    ],
)
def test_phrases_are_found_as_whole_words(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("нет запаха газа", 0, FAR),
        ("не чувствуется запах газа", 1, FAR),
        ("нет, запах газа", FAR, FAR),
        ("запаха газа нет", FAR, 0),
        ("запаха газа тут уже нет", FAR, 2),
        ("there is no fire", 0, FAR),
        ("it is not a fire", 1, FAR),
        ("a fire. No smoke", FAR, FAR),
        ("небо, пожар", FAR, FAR),
    ],
)
def test_the_distance_to_a_negation_counts_words_of_the_clause(text, before, after):
    hits = find(text)
    assert (hits.before.tolist(), hits.after.tolist()) == ([before], [after])


def test_hits_stay_in_their_rows():
    hits = find("нет", "воды", "нет воды", "", "fire")
    assert hits.row.tolist() == [2, 4]


def test_a_matcher_without_phrases_finds_nothing():
    assert len(CueMatcher([]).find(Texts(pa.array(["пожар"]))).row) == 0


def test_touching_spans_of_one_decision_are_merged():
    hits = find("горит пожар, fire")
    spans = spans_of(hits, 1, (hits.cue == 0).astype(int) - 1)
    assert spans == [[(0, 5), (6, 11), (13, 17)]]


WORDS = st.sampled_from(
    ["пожар", "горит", "не", "запах", "газа", " ", "\n", ",", "fire", "no", "water", "ё", "😀"]
)


@given(st.lists(st.lists(WORDS).map(" ".join), max_size=6))
def test_a_batch_finds_what_each_text_alone_gives(texts):
    together = find(*texts)
    alone = [find(text) for text in texts]
    assert together.start.tolist() == [s for hits in alone for s in hits.start.tolist()]
    assert together.end.tolist() == [e for hits in alone for e in hits.end.tolist()]
    assert together.before.tolist() == [b for hits in alone for b in hits.before.tolist()]


@given(st.text(max_size=60), st.sampled_from(["пожар", "fire", "停水"]), st.text(max_size=60))
def test_spans_lie_inside_their_text(left, word, right):
    text = (left + " " + word + " " + right).replace("\x00", "")
    hits = find(text)
    assert ((hits.start >= 0) & (hits.start < hits.end) & (hits.end <= len(text))).all()
