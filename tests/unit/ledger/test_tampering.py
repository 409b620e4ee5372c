"""Whatever is done to an export is found, and named by its place."""

from dataclasses import fields, replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.unit.ledger.making import KEYS, LATER, OTHER_KEY, TENANT, chain, export_of, hashed, rechained, seal

from veche.core.errors import LedgerUnreadable
from veche.ledger.entry import PLATFORM, Entry, header_line
from veche.ledger.findings import Finding, Flaw
from veche.ledger.place import State, follow
from veche.ledger.seals import SealKind
from veche.ledger.verify import Whole, verify

N = 60
ENTRIES = chain(N)
EXPORT = export_of(ENTRIES)
FIELDS = [field.name for field in fields(Entry)]
places = st.integers(1, N)


def check(lines, heads=()):
    return verify(lambda: iter(lines), KEYS, heads)


def found(lines, flaw, line=None, first=None, heads=()):
    finding = check(lines, heads)
    assert isinstance(finding, Finding)
    assert finding.problem()
    assert finding.advice()
    assert finding.flaw is flaw
    assert line in (None, finding.line)
    assert first in (None, finding.first)
    return finding


def other(value):
    """Return values that stand in the place of another, of the same type."""
    if isinstance(value, int):
        return [value + 1, value - 1, 0]
    if isinstance(value, dict):
        changed = [value | {"added": 1}]
        for name, fact in value.items():
            rest = {k: v for k, v in value.items() if k != name}
            changed += [rest, rest | {name + "x": fact}, value | {name: 7}, value | {name: str(fact)}]
            changed += [value | {name: not fact}]
        return changed
    flipped = value[:-1] + ("0" if value[-1] != "0" else "1")
    return [flipped, value[1:], value + "0", "", value.upper() if value.upper() != value else value + " "]


def same(a, b):
    """Equal, and of equal types inside: 1 is not True here."""
    return repr(a) == repr(b)


def test_an_export_as_it_was_written_is_whole():
    whole = check(EXPORT)
    assert isinstance(whole, Whole)
    assert (whole.statement.seq, whole.last_at) == (N, ENTRIES[-1].at)


def test_an_empty_chain_is_whole():
    assert isinstance(check(export_of([])), Whole)


def test_every_change_of_a_single_field_in_ten_thousand_entries_is_found():
    """The check is a fold over the lines, and before a changed line nothing changed; so each change is
    tried at its place, with the state that all lines before it lead to. A change whose hash was made
    to fit passes its own line, and must then break the chain at the next."""
    entries, state, tried = chain(10_000), State(TENANT), 0
    following = [entry.line() for entry in entries[1:]]
    for entry, next_line in zip(entries, [*following, None], strict=True):
        for name in FIELDS:
            changed = [v for v in other(getattr(entry, name)) if not same(v, getattr(entry, name))]
            # One value of each field, another at the next entry.
            forged = replace(entry, **{name: changed[entry.seq % len(changed)]})
            assert follow(state, forged.line()) is None
            if name != "hash":
                passed = follow(state, hashed(forged).line())
                assert passed is None or next_line is None or follow(passed, next_line) is None
            tried += 1
        after = follow(state, entry.line())
        assert after is not None
        state = after
    assert tried == 10_000 * len(FIELDS)


@given(place=places, name=st.sampled_from(FIELDS), pick=st.integers(0, 50))
def test_a_changed_field_is_found_where_it_stands(place, name, pick):
    entry = ENTRIES[place - 1]
    changed = [v for v in other(getattr(entry, name)) if not same(v, getattr(entry, name))]
    forged = replace(entry, **{name: changed[pick % len(changed)]})
    lines = [*EXPORT[:place], forged.line(), *EXPORT[place + 1 :]]
    found(lines, Flaw.CHANGED, place + 1, place)


@given(place=places, name=st.sampled_from(["at", "actor", "act", "object", "object_id", "facts"]))
def test_a_change_whose_hash_was_made_to_fit_is_found_where_it_stands(place, name):
    entry = ENTRIES[place - 1]
    later = {"at": entry.at[:-2] + "9Z", "facts": {"n": 1}}
    forged = hashed(replace(entry, **{name: later.get(name, "other")}))
    assume(forged != entry)
    finding = check([*EXPORT[:place], forged.line(), *EXPORT[place + 1 :]])
    assert isinstance(finding, Finding)
    if place < N:
        assert (finding.flaw, finding.first) == (Flaw.CHANGED, place)
    else:
        assert finding.flaw is Flaw.REWRITTEN


@given(place=st.integers(0, N + 1), at=st.integers(0, 10**6), byte=st.binary(min_size=1, max_size=1))
def test_a_changed_byte_is_found_wherever_it_stands(place, at, byte):
    line = EXPORT[place]
    at %= len(line)
    changed = line[:at] + byte + line[at + 1 :]
    text = b"".join([*EXPORT[:place], changed, *EXPORT[place + 1 :]])
    assume(changed != line)
    try:
        assert isinstance(check(text.splitlines(keepends=True)), Finding)
    except LedgerUnreadable:
        assert place == 0


@given(place=places, many=st.integers(1, 5))
def test_removed_entries_are_named(place, many):
    last = min(place + many - 1, N)
    finding = found([*EXPORT[:place], *EXPORT[last + 1 :]], Flaw.REMOVED, place + 1, place)
    assert finding.last == last


@given(place=places, moved=places)
def test_swapped_entries_are_found_where_the_first_of_them_stands(place, moved):
    assume(place != moved)
    first, second = sorted((place, moved))
    lines = list(EXPORT)
    lines[first], lines[second] = lines[second], lines[first]
    found(lines, Flaw.REORDERED, first + 1, second)


@given(place=places, to=places)
def test_an_entry_that_stands_twice_is_found(place, to):
    lines = [*EXPORT[: to + 1], EXPORT[place], *EXPORT[to + 1 :]]
    if place <= to:
        found(lines, Flaw.DUPLICATED, to + 2, place)
    else:
        found(lines, Flaw.INSERTED if place > to + 1 else Flaw.DUPLICATED)


@given(place=st.integers(0, N), hashes_fit=st.booleans(), links=st.booleans(), number=st.integers(-2, 2))
@example(place=N - 1, hashes_fit=True, links=True, number=0)
@example(place=N, hashes_fit=True, links=True, number=-2)
def test_an_inserted_entry_is_found(place, hashes_fit, links, number):
    before = ENTRIES[place - 1] if place else None
    forged = chain(1, after=before)[0]
    forged = replace(forged, act="grant.given", seq=max(1, forged.seq + number))
    if not links:
        forged = replace(forged, previous="9" * 64)
    forged = hashed(forged) if hashes_fit else forged
    lines = [*EXPORT[: place + 1], forged.line(), *EXPORT[place + 1 :]]
    finding = check(lines)
    assert isinstance(finding, Finding)
    assert finding.line in (place + 2, place + 1)
    if place < N:
        assert finding.flaw in (Flaw.INSERTED, Flaw.REORDERED)
    if place < N and number == 0 and links:
        assert (finding.flaw, finding.line) == (Flaw.INSERTED, place + 2)


def test_an_entry_put_before_the_statement_is_found():
    forged = chain(1, after=ENTRIES[-1])
    found([*EXPORT[:-1], forged[0].line(), EXPORT[-1]], Flaw.INSERTED, N + 2, N + 1)


@settings(max_examples=300)
@given(length=st.integers(0, 10**9))
def test_an_export_cut_off_at_any_length_is_found(length):
    text = b"".join(EXPORT)
    cut = text[: length % len(text)]
    try:
        found(cut.splitlines(keepends=True), Flaw.CUT_OFF)
    except LedgerUnreadable:
        assert cut == b""


def test_each_line_cut_off_is_found():
    for n in range(1, len(EXPORT)):
        found(EXPORT[:n], Flaw.CUT_OFF, n + 1)


def test_another_header_is_found():
    found([header_line(PLATFORM), *EXPORT[1:]], Flaw.CHANGED)
    found([EXPORT[0].replace(b"ledger-1", b"ledger-2"), *EXPORT[1:]], Flaw.CHANGED, 1)
    found(EXPORT[1:], Flaw.REMOVED, 1)
    found([b"{}\n", *EXPORT[1:]], Flaw.CHANGED, 1)


def test_a_chain_computed_anew_does_not_lead_to_what_was_signed():
    forged = rechained([*ENTRIES[:30], replace(ENTRIES[30], actor="other"), *ENTRIES[31:]])
    found(export_of(forged, statement=seal(ENTRIES)), Flaw.REWRITTEN, N + 2, 1)


def test_a_head_from_outside_narrows_a_chain_computed_anew():
    heads = [seal(ENTRIES[:n], SealKind.HEAD, at=f"2026-11-30T00:00:{n}.000000Z") for n in (20, 40, 60)]
    forged = rechained([*ENTRIES[:30], replace(ENTRIES[30], actor="other"), *ENTRIES[31:]])
    finding = found(export_of(forged), Flaw.REWRITTEN, 41, 21, heads)
    assert finding.last == 40
    assert isinstance(check(export_of(ENTRIES), heads), Whole)


def test_a_head_from_outside_shows_that_the_database_was_cut_off():
    heads = [seal(ENTRIES, SealKind.HEAD, at="2026-11-30T00:00:00.000000Z")]
    finding = found(export_of(ENTRIES[:50]), Flaw.CUT_OFF, 52, 51, heads)
    assert finding.last == N
    assert isinstance(check(export_of(ENTRIES[:50])), Whole), "nothing else can show it"


def test_a_head_that_is_younger_than_the_export_may_be_longer():
    younger = [seal(ENTRIES, SealKind.HEAD, at="2026-12-02T00:00:00.000000Z")]
    assert isinstance(check(export_of(ENTRIES[:50]), younger), Whole)


def test_a_chain_that_was_set_back_and_grew_anew_is_found():
    lost = chain(20, after=replace(ENTRIES[39], hash="7" * 64))
    heads = [
        seal(lost, SealKind.HEAD, at="2026-11-30T00:00:00.000000Z"),
        seal(ENTRIES[:40], SealKind.SET_BACK, at="2026-11-30T00:00:01.000000Z"),
        seal(ENTRIES, SealKind.HEAD, at="2026-11-30T00:00:02.000000Z"),
    ]
    found(export_of(ENTRIES), Flaw.REWRITTEN, heads=heads, first=N)


def test_a_statement_by_another_key_or_of_other_words_is_found():
    found(export_of(ENTRIES, statement=seal(ENTRIES, key=OTHER_KEY)), Flaw.UNKNOWN_KEY, N + 2)
    closing = seal(ENTRIES)
    forged = replace(seal(ENTRIES, key=OTHER_KEY), key=closing.key)
    found(export_of(ENTRIES, statement=forged), Flaw.BAD_SIGNATURE, N + 2)
    for changed in ({"seq": 50}, {"hash": ENTRIES[49].hash}, {"at": LATER[:-2] + "1Z"}, {"tenant": PLATFORM}):
        found(export_of(ENTRIES, statement=replace(closing, **changed)), Flaw.BAD_SIGNATURE, N + 2)


def test_an_older_head_does_not_pass_for_a_statement():
    head = seal(ENTRIES[:50], SealKind.HEAD)
    found(export_of(ENTRIES[:50], statement=head), Flaw.CHANGED)
    posing = replace(head, kind=SealKind.STATEMENT)
    found(export_of(ENTRIES[:50], statement=posing), Flaw.BAD_SIGNATURE)


def test_lines_after_the_statement_are_found():
    found([*EXPORT, EXPORT[5]], Flaw.INSERTED, N + 3)


@pytest.mark.parametrize("lines", [[], [b"hello\n"], [b"\x89PNG\r\n", b"\n"], [b"[1]\n"], [b'{"a":1}\n']])
def test_a_file_of_another_kind_is_no_export(lines):
    with pytest.raises(LedgerUnreadable):
        check(lines)
