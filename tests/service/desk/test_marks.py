"""Marks in a masked text stand where the original had what they mark."""

from hypothesis import given
from hypothesis import strategies as st

LABELS = {"phone": "[phone]", "name": "[n]", "custom": ""}


@st.composite
def masked(draw):
    """An original, what is hidden in it, the masked text, and how its masks are kept."""
    from veche.service.inbox.save import shown_masks

    original = draw(st.text(st.characters(codec="utf-8", exclude_characters="["), max_size=60))
    edges = sorted(draw(st.sets(st.integers(0, len(original)), max_size=8)))
    hidden = [
        {"start": start, "end": end, "type": draw(st.sampled_from(sorted(LABELS)))}
        for start, end in list(zip(edges[::2], edges[1::2], strict=False))
    ]
    return original, hidden, hide(original, hidden), shown_masks(hidden, LABELS)


def hide(original, hidden):
    made, at = "", 0
    for mask in hidden:
        made += original[at : mask["start"]] + LABELS[mask["type"]]
        at = mask["end"]
    return made + original[at:]


def part(original, hidden, start, end):
    """What is shown of a stretch of the original: a label for each mask that it touches, else as it is."""
    made, at = "", start
    for mask in hidden:
        if mask["start"] < end and start < mask["end"]:
            made += original[at : max(at, mask["start"])] + LABELS[mask["type"]]
            at = mask["end"]
    return made + original[at : max(at, end)]


@given(masked(), st.integers(0, 60), st.integers(1, 60))
def test_a_mark_covers_what_it_covered_in_the_original(case, start, length):
    from veche.service.desk.marks import in_masked

    original, hidden, text, masks = case
    end = min(start + length, len(original))
    if start >= end:
        return
    placed = in_masked([(start, end)], masks)
    expected = part(original, hidden, start, end)
    assert [text[a:b] for a, b in placed] == ([expected] if expected else [])


@given(masked(), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6))
def test_pieces_are_the_text_whatever_overlaps(case, spans):
    from veche.service.desk.marks import in_masked, pieces

    _, _, text, masks = case
    found = {"topic": in_masked(spans[::2], masks), "place": in_masked(spans[1::2], masks)}
    made = list(pieces(text, masks, found))
    assert "".join(piece.text for piece in made) == text
    assert all(piece.text for piece in made)
    at = 0
    for piece in made:
        for facet, placed in found.items():
            covered = any(a <= at and at + len(piece.text) <= b for a, b in placed)
            assert (facet in piece.facets) == covered
        at += len(piece.text)


def test_a_text_of_an_older_version_is_marked_as_far_as_it_can_be_told():
    from veche.service.desk.marks import in_masked

    masks = [{"start": 5, "end": 12, "type": "phone"}]
    assert in_masked([(0, 4), (2, 5), (8, 9), (20, 22)], masks) == [(0, 4), (2, 5)]
