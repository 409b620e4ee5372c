"""Offsets into the original find their words in the masked text."""

from hypothesis import given
from hypothesis import strategies as st

from veche.picture.marks import marked, to_masked

_LABELS = st.sampled_from(["[phone]", "[имя]", "[home address]"])
_WORDS = st.text("абвгд efg.", min_size=1, max_size=12)


def test_words_after_a_mask_are_found() -> None:
    original = "Звоните 8 900 000-00-00, пахнет газом в подъезде"
    text = "Звоните [телефон], пахнет газом в подъезде"
    start = original.index("пахнет")
    pieces = marked(text, masks=[{"start": 8, "end": 23}], evidence=[{"start": start, "end": start + 12}])
    assert [piece for piece, is_reason in pieces if is_reason] == ["пахнет газом"]
    assert "".join(piece for piece, _is_reason in pieces) == text


@given(st.lists(st.tuples(_WORDS, st.integers(1, 30), _LABELS), max_size=5), _WORDS)
def test_every_word_between_masks_keeps_its_place(parts: list[tuple[str, int, str]], rest: str) -> None:
    masks, text, at = [], "", 0
    for words, length, mask_label in parts:
        at += len(words)
        masks.append({"start": at, "end": at + length})
        text += words + mask_label
        at += length
    text += rest
    steps = to_masked(text, masks)
    assert len(steps) == len(parts) + 1
    evidence = [{"start": at, "end": at + len(rest)}]
    assert [p for p, is_reason in marked(text, masks=masks, evidence=evidence) if is_reason] in ([rest], [])
    if len(text) < 300:
        assert [p for p, is_reason in marked(text, masks=masks, evidence=evidence) if is_reason] == [rest]


def test_a_long_text_is_cut_around_its_reason() -> None:
    text = "а" * 1000 + " пожар " + "б" * 1000
    pieces = marked(text, masks=[], evidence=[{"start": 1001, "end": 1006}])
    assert ("пожар", True) in pieces
    assert sum(len(p) for p, _is_reason in pieces) < 400
    assert pieces[0][0] == "… "
    assert pieces[-1][0] == " …"
