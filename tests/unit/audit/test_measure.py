"""What the audit measures: representation against chance, on made vectors whose truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.audit import Voices, audit


def unit(matrix):
    return (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)


def crowd(sizes, *, seed=0, spread=0.3, copies=1):
    """Voices of several opinions, each around a direction of its own; one group per opinion."""
    rng = np.random.default_rng(seed)
    opinion = np.repeat(np.arange(len(sizes)), sizes)
    vectors = unit(np.eye(16)[opinion] + spread * rng.normal(size=(len(opinion), 16)))
    text = np.repeat(np.arange(len(vectors)), copies)
    codes = np.repeat(opinion, copies), [f"opinion {i}" for i in range(len(sizes))]
    return Voices(text, vectors, vectors, {"opinion": codes})


def quoting(voices, texts, **options):
    return audit(voices, voices.cut[list(texts)], k=len(texts), samples=200, **options)


def test_quotations_drawn_by_lot_are_like_random_samples():
    voices = crowd([150, 100, 50])
    beats = [
        quoting(voices, np.random.default_rng(seed).choice(300, 10, replace=False)).standing.beats
        for seed in range(20)
    ]
    assert 0.25 < np.mean(beats) < 0.75


def test_random_samples_of_k_reach_k_of_k_plus_one_whatever_the_texts():
    for spread in (0.1, 3.0):
        found = quoting(crowd([150, 100, 50], spread=spread), range(9))
        assert found.standing.value - found.standing.difference == pytest.approx(0.9, abs=0.01)


def test_one_quotation_of_each_opinion_is_better_than_chance():
    voices = crowd([20] * 10, spread=0.2)
    found = quoting(voices, range(0, 200, 20))
    assert found.passes_overall
    assert found.standing.low > 0
    assert found.worse_off.beats < 0.1
    assert found.left_out == []


def test_an_opinion_that_is_never_quoted_is_named_with_its_size():
    found = quoting(crowd([150, 150, 60]), range(0, 300, 10))
    assert [(g.value, g.size) for g in found.left_out] == [("opinion 2", 60)]
    assert [g.value for g in found.failing_groups] == ["opinion 2"]
    left = found.left_out[0]
    assert left.standing.high < 0
    assert left.chance <= 0.05
    assert left.worse_off > 0.9


def test_copies_weigh_as_people_and_count_once_as_quotations():
    single, copied = crowd([40, 40]), crowd([40, 40], copies=3)
    assert copied.groups["opinion"][0].tolist() == np.repeat(single.groups["opinion"][0], 3).tolist()
    once, thrice = quoting(single, [0, 1, 50]), quoting(copied, [0, 1, 50])
    assert thrice.voices == 3 * once.voices
    assert thrice.groups[0].size == 3 * once.groups[0].size
    assert thrice.standing.value == pytest.approx(once.standing.value)


def test_a_campaign_that_is_quoted_is_wholly_represented():
    rng = np.random.default_rng(3)
    vectors = unit(rng.normal(size=(50, 16)))
    text = np.r_[np.zeros(400, int), np.arange(1, 50)]
    voices = Voices(text, vectors, vectors, {"sent": ((text > 0).astype(int), ["campaign", "alone"])})
    quoted, unquoted = quoting(voices, [0, 1, 2]), quoting(voices, [1, 2, 3])
    assert quoted.groups[0].standing.value == 1.0
    assert unquoted.left_out[0].value == "campaign"


def test_many_small_groups_give_no_false_alarm_by_their_number():
    rng = np.random.default_rng(5)
    alarms = 0
    for seed in range(12):
        voices = crowd([300], seed=seed)
        many = Voices(
            voices.text, voices.whole, voices.cut, {"street": (rng.integers(0, 40, 300), [*"s" * 40])}
        )
        alarms += bool(quoting(many, rng.choice(300, 8, replace=False), seed=seed).left_out)
    assert alarms <= 3


def test_a_voice_that_says_nothing_comparable_is_counted_apart():
    voices = crowd([30, 30])
    voices.whole[5] = 0
    found = quoting(voices, [0, 40])
    assert (found.voices, found.silent) == (60, 1)
    assert sum(g.size for g in found.groups) == 59


def test_nobody_is_represented_by_no_quotation():
    voices = crowd([30, 30])
    found = audit(voices, np.zeros((2, 16), np.float32), k=2, samples=50)
    assert (found.k, found.quoted, found.standing.value, found.worse_off.value) == (2, 0, 0, 1)
    assert not found.passes_overall


def test_the_same_input_gives_the_same_audit():
    voices = crowd([60, 30])
    assert quoting(voices, [0, 1, 70]).to_json() == quoting(voices, [0, 1, 70]).to_json()
    assert quoting(voices, [0, 1, 70], seed=8).to_json() != quoting(voices, [0, 1, 70]).to_json()


def test_measuring_a_part_says_what_error_that_brings():
    voices = crowd([100, 100])
    whole, part = quoting(voices, [0, 1, 150]), quoting(voices, [0, 1, 150], of_voices=2000)
    assert whole.measuring_error == 0
    assert 0 < part.measuring_error < 0.1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 6))
def test_another_quotation_makes_nobody_worse_represented(seed, first, second):
    voices = crowd([12, 7, 5], seed=seed)
    texts = np.random.default_rng(seed).permutation(24).tolist()
    few = audit(voices, voices.cut[texts[:first]], k=first, samples=5)
    more = audit(voices, voices.cut[texts[: first + second]], k=first, samples=5)
    assert more.standing.value >= few.standing.value
    assert all(b.standing.value >= a.standing.value for a, b in zip(few.groups, more.groups, strict=True))
