"""What is written as TOML is read back the same."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from veche.packs.making.toml_text import inline, table

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
VALUES = st.one_of(TEXTS, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.dates())


@given(st.dictionaries(st.sampled_from(["a", "b-c", "d_e"]), st.one_of(VALUES, st.lists(VALUES, min_size=1))))
def test_a_table_is_read_back_the_same(values: dict[str, object]) -> None:
    assert tomllib.loads(table("", values)) == values


@given(st.dictionaries(TEXTS, VALUES))
def test_an_inline_table_is_read_back_the_same(values: dict[str, object]) -> None:
    assert tomllib.loads(f"x = {inline(values)}") == {"x": values}


def test_texts_by_language_become_dotted_keys_and_empty_ones_go() -> None:
    made = table("[[topic]]", {"code": "a", "title": {"ru": "Яма", "sr-Latn": "Rupa", "en": ""}, "kind": ""})
    assert made == '[[topic]]\ncode = "a"\ntitle.ru = "Яма"\ntitle.sr-Latn = "Rupa"\n'


def test_a_long_list_takes_a_line_for_each() -> None:
    assert table("", {"x": ["word " * 10] * 3}).count("\n") == 5
