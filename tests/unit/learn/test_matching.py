"""The same matter told again: what lies near, what is learnt from marked pairs, what is proposed."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.learn.features import words_of
from veche.learn.matching import LEAST_OF_KIND, Matcher, fit_matcher
from veche.learn.matching_facts import facts_of, holdings
from veche.learn.matching_near import MOST_CANDIDATES, NEAR_METRES, NEAR_SECONDS, Told, candidates
from veche.learn.matching_traits import steps, traits_of

CARS = ("red Volvo", "green Lada", "white Ford", "black Fiat", "yellow Skoda", "brown Seat")
START = np.datetime64("2024-05-01T08:00:00", "s")


def told(rows: list[tuple[str, float, float]], *, kind: list[str | None] | None = None) -> Told:
    """Appeals from (text, metres to the north, hours after the start)."""
    return Told(
        pa.array([text for text, _, _ in rows], pa.string()),
        np.zeros((len(rows), 2), np.float32),
        pa.array(kind or ["car"] * len(rows), pa.string()),
        START + np.array([int(hours * 3600) for _, _, hours in rows], "timedelta64[s]"),
        np.array([55.0 + metres / 111_320 for _, metres, _ in rows]),
        np.full(len(rows), 37.0),
    )


def streets(n: int) -> tuple[Told, np.ndarray]:
    """Return `n` streets with reports of two cars each and a second report of the older; and those marked."""
    rows, marked = [], []
    for street in range(n):
        mine, other = CARS[street % 6], CARS[(street + 1 + street // 6 % 5) % 6]
        at, hour = street * 5_000.0, street * 0.1
        rows += [(f"an old {mine} stands here", at, hour), (f"a {other} has no plates", at + 50, hour + 5)]
        rows += [(f"that {mine} is still here", at + 20, hour + 9)]
        marked.append((3 * street + 2, 3 * street))
    return told(rows), np.array(marked)


def fitted(known: Told, marked: np.ndarray) -> Matcher:
    pairs = candidates(known, marked[:, 0])
    meant = np.isin(pairs.later * len(known) + pairs.earlier, marked[:, 0] * len(known) + marked[:, 1])
    return fit_matcher(known, pairs, traits_of(known, pairs), meant=meant)


places = st.lists(
    st.tuples(
        st.integers(0, 9), st.integers(0, 1_500), st.integers(0, 2_000), st.sampled_from(["a", "b", None])
    ),
    max_size=30,
)


@settings(deadline=None)
@given(places)
def test_candidates_are_all_that_lie_near_and_no_others(rows: list[tuple[int, int, int, str | None]]) -> None:
    known = told([("x", metres, hours) for _, metres, hours, _ in rows], kind=[row[3] for row in rows])
    known.lon[:] = [37.0 + row[0] * 0.002 for row in rows]
    found = candidates(known, np.arange(len(rows)))
    seconds, kinds = known.seconds(), known.kind.to_pylist()
    expected = [
        (i, j)
        for i in range(len(rows))
        for j in range(len(rows))
        if kinds[i] is not None
        and kinds[i] == kinds[j]
        and known.metres(np.array([i]), np.array([j]))[0] <= NEAR_METRES
        and 0 <= seconds[i] - seconds[j] <= NEAR_SECONDS
        and (seconds[j] < seconds[i] or j < i)
    ]
    assert sorted(zip(found.later.tolist(), found.earlier.tolist(), strict=True)) == expected


def test_an_appeal_without_place_time_or_kind_has_no_candidates() -> None:
    known = told([("x", 0, h) for h in range(4)], kind=["car", "car", "car", None])
    known.lat[0] = np.nan
    known.received[1] = np.datetime64("NaT")
    assert len(candidates(known, np.arange(4))) == 0


def test_of_a_thousand_reports_of_one_spot_the_nearest_are_looked_at() -> None:
    known = told([("x", 0, h / 10) for h in range(1_000)])
    found = candidates(known, np.array([999]))
    assert found.earlier.tolist() == list(range(999 - MOST_CANDIDATES, 999))


def test_what_comes_later_is_no_candidate() -> None:
    known = told([("x", 0, 5), ("x", 0, 1)])
    found = candidates(known, np.arange(2))
    assert (found.later.tolist(), found.earlier.tolist()) == ([0], [1])


def test_a_matter_is_found_again_by_what_was_learnt_elsewhere() -> None:
    known, marked = streets(120)
    matcher = fitted(known, marked[: LEAST_OF_KIND + 10])
    best = matcher.propose(known, marked[LEAST_OF_KIND + 10 :, 0]).best()
    assert matcher.kinds == ("car",)
    assert (best.pairs.earlier == marked[LEAST_OF_KIND + 10 :, 1]).mean() > 0.95
    assert best.share.min() > 0.5


def test_shares_of_one_appeal_sum_to_one() -> None:
    known, marked = streets(30)
    found = fitted(known, marked).propose(known, np.arange(len(known)))
    totals = np.bincount(found.pairs.later, found.share)
    assert np.allclose(totals[totals > 0], 1, atol=1e-5)


def test_a_kept_matcher_proposes_the_same() -> None:
    known, marked = streets(30)
    matcher = fitted(known, marked)
    again = Matcher.of(matcher.parts(), matcher.settings())
    rows = np.arange(len(known))
    assert again.propose(known, rows).share.tobytes() == matcher.propose(known, rows).share.tobytes()


def test_a_matcher_of_another_version_is_refused() -> None:
    matcher = fitted(*streets(30))
    with pytest.raises(ValueError, match="matcher"):
        Matcher.of(matcher.parts(), matcher.settings() | {"version": 0})


def test_what_is_learnt_twice_is_the_same_to_the_bit() -> None:
    known, marked = streets(60)
    assert fitted(known, marked).weights.tobytes() == fitted(known, marked).weights.tobytes()


def test_only_a_closing_before_the_later_appeal_counts() -> None:
    known, marked = streets(1)
    pairs = candidates(known, marked[:, 0])
    later = known.received[2]
    closed = {}
    for name, when in (("before", later - 60), ("after", later + 60), ("never", np.datetime64("NaT"))):
        one = Told(
            known.texts,
            known.vectors,
            known.kind,
            known.received,
            known.lat,
            known.lon,
            np.array([when, "NaT", "NaT"], "datetime64[s]"),
        )
        closed[name] = traits_of(one, pairs)
    assert np.array_equal(closed["after"], closed["never"])
    assert not np.array_equal(closed["before"], closed["never"])


def test_nothing_near_gives_nothing() -> None:
    known, marked = streets(30)
    matcher = fitted(known, marked)
    found = matcher.propose(told([("a", 0, 0), ("b", 9_000, 1)]), np.arange(2))
    assert len(found.pairs) == len(found.share) == len(found.best().share) == 0


def test_a_form_and_a_sentence_agree_on_a_colour() -> None:
    forms = ["Color of the car: BLUE | Wheels: 3", "Color of the car: RED | Wheels: 4"] * 9
    rows = [(form, 0.0, float(hour)) for hour, form in enumerate(forms)]
    known = told([*rows, ("a blue one", 0.0, 50.0)])
    pairs = candidates(known, np.array([18]))
    words = words_of(known.texts)
    facts = facts_of(known.texts, words, holdings(words))
    assert len(pairs) == 18
    same = (facts.chosen[[18]] @ facts.chosen.T).toarray().ravel()[:18]
    asked = (facts.asked[[18]] @ facts.asked.T).toarray().ravel()[:18]
    assert same.tolist() == [1.0, 0.0] * 9
    assert asked.tolist() == [1.0] * 18
    assert facts.laid_out.tolist() == [True] * 18 + [False]


@settings(deadline=None)
@given(st.lists(st.floats(-10, 400), min_size=1))
def test_steps_share_out_one(values: list[float]) -> None:
    assert np.allclose(steps(np.array(values), (0.0, 1.0, 40.0, 300.0)).sum(axis=1), 1)
