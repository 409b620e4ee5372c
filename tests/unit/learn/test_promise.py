"""A promise is kept on what nobody has seen, as often as it says."""

from itertools import pairwise

import numpy as np
import pytest
from crepes import ConformalClassifier
from hypothesis import given, settings
from hypothesis import strategies as st
from mapie.risk_control import BinaryClassificationController
from scipy.stats import binomtest
from sklearn.base import BaseEstimator, ClassifierMixin

from veche.learn.model import Seen
from veche.learn.promise import LEAST_EXAMPLES, keep_promise, luck


def seen_of(chance, right, label=None, copies=None):
    n = len(chance)
    return Seen(
        np.asarray(chance, np.float32),
        np.zeros(n, np.int32) if label is None else np.asarray(label, np.int32),
        np.asarray(right, bool),
        np.arange(n) if copies is None else np.asarray(copies, np.int64),
    )


def drawn(rng, n, *, low=0.5, over=0.0, labels=1):
    """Return what a model saw whose chances are true but for `over`, by which they are too high."""
    chance = low + (1 - low) * rng.beta(2, 1, n)
    return seen_of(chance, rng.random(n) < chance - over, rng.integers(0, labels, n))


def longest_run(seen, precision, *, risk):
    """Return the lowest threshold of those the contract names, one after another from the surest quarter."""
    order = np.argsort(-seen.chance)
    n = len(order)
    best = np.inf
    for begin, share in ((0.25, 0.75), (0.6, 0.25)):
        for percent in range(round(100 * begin), 101):
            cut = seen.chance[order[int(np.ceil(percent * n / 100)) - 1]]
            decided = seen.chance >= cut
            wrong = int((~seen.right[decided]).sum())
            if luck(np.array([decided.sum()]), np.array([wrong]), precision)[0] > risk * share:
                break
            best = min(best, float(cut))
    return best


def test_the_threshold_is_the_lowest_before_the_first_that_fails():
    for seed in range(8):
        seen = drawn(np.random.default_rng(seed), 1500)
        found = keep_promise(seen, precision=0.9).threshold
        assert found == longest_run(seen, 0.9, risk=0.05)


def test_luck_is_the_bound_of_clopper_and_pearson_where_much_is_to_come():
    """A promise passes where the one-sided exact interval of the library lies wholly above it."""
    for wrong in range(0, 40):
        lower = binomtest(600 - wrong, 600, alternative="greater").proportion_ci(0.95, "exact").low
        passes = luck(np.array([600]), np.array([wrong]), 0.95, ahead=1000.0)[0] <= 0.05
        assert passes == (lower >= 0.95)


def test_what_comes_next_needs_more_than_the_long_run():
    counts, wrong = np.array([600]), np.array([20])
    assert luck(counts, wrong, 0.95, ahead=1000.0)[0] < 0.05 < luck(counts, wrong, 0.95, ahead=0.1)[0]


class Told(ClassifierMixin, BaseEstimator):
    """A classifier that was told the chances beforehand."""

    classes_ = np.array([0, 1])
    is_fitted_ = True

    def fit(self, x, y=None):
        del x, y
        return self

    def predict_proba(self, x):
        return np.stack([1 - x[:, 0], x[:, 0]], axis=1)

    def predict(self, x):
        return (x[:, 0] >= 0.5).astype(int)


@pytest.mark.filterwarnings("ignore:Fixed sequence testing requires a monotonic risk")
def test_mapie_bounds_the_same_thresholds():
    """Learn then Test of MAPIE bounds by Hoeffding and Bentkus: at most e times the exact binomial tail."""
    seen = drawn(np.random.default_rng(9), 4000)
    surest = np.sort(seen.chance)[::-1]
    grid = surest[np.ceil(np.arange(0.25, 1.0, 0.01) * 4000).astype(int) - 1].astype(float)
    for precision in (0.85, 0.9):
        theirs = BinaryClassificationController(
            Told().predict_proba,
            "precision",
            target_level=precision,
            confidence_level=1 - 0.75 * 0.05,
            list_predict_params=grid,
            fwer_method="fixed_sequence",
        )
        theirs.calibrate(seen.chance[:, None].astype(float), seen.right.astype(int))
        decided = seen.chance >= grid[:, None]
        ours = luck(decided.sum(axis=1), (decided & ~seen.right).sum(axis=1), precision, ahead=1000.0)
        bound = np.ravel(theirs.p_values)
        assert (ours <= 1.1 * bound + 1e-9).all()
        assert (bound <= np.e * ours + 1e-3).all()
        promise = keep_promise(seen, precision=precision, ahead=1000.0)
        lowest = float(np.min(np.asarray(theirs.valid_predict_params, float)))
        assert promise.threshold == pytest.approx(lowest, abs=0.01)


def test_crepes_counts_the_same_wrong_decisions():
    """The conformal p-value of the threshold, among what was wrong, is the share that is decided alone."""
    seen = drawn(np.random.default_rng(10), 6000, labels=3)
    groups = np.arange(3)
    promise = keep_promise(seen, precision=0.9, groups=groups)
    wrong = ~seen.right
    classifier = ConformalClassifier().fit(seen.chance[wrong].astype(float), bins=seen.label[wrong])
    p_values = classifier.predict_p(promise.thresholds[:3, None], bins=groups, smoothing=False)
    decided = promise.decides(seen.chance, seen.label)
    expected = np.bincount(seen.label[wrong & decided], minlength=3)
    found = p_values.ravel() * (np.bincount(seen.label[wrong], minlength=3) + 1) - 1
    assert np.isfinite(promise.thresholds[:3]).all()
    assert found == pytest.approx(expected)
    assert promise.achieved == pytest.approx(1 - found.sum() / promise.tested)


def test_of_500_histories_no_more_than_promised_disappoint():
    """With chances that say too much, the next appeals are right as promised in 19 of 20 histories."""
    rng = np.random.default_rng(11)
    broken = broken_long = decided_any = 0
    for _ in range(500):
        seen = drawn(rng, 2000, over=0.04)
        promise = keep_promise(seen, precision=0.85)
        following = drawn(rng, 500, over=0.04)
        decided = promise.decides(following.chance, following.label)
        decided_any += promise.held
        broken += bool(decided.any()) and following.right[decided].mean() < 0.85
        if promise.held:
            ever = 0.5 + 0.5 * np.random.default_rng(1).beta(2, 1, 50_000)
            broken_long += (ever[ever >= promise.threshold] - 0.04).mean() < 0.85
    assert decided_any > 400
    assert broken_long <= 25
    assert broken <= 25


def test_copies_are_one_observation():
    rng = np.random.default_rng(12)
    seen = drawn(rng, 60, low=0.97)
    rows = np.repeat(np.arange(60), 20)
    many = seen_of(seen.chance[rows], seen.right[rows], copies=rows)
    assert not keep_promise(many, precision=0.9).held
    alone = seen_of(seen.chance[rows], seen.right[rows])
    assert keep_promise(alone, precision=0.9).held


def test_copies_change_no_threshold():
    seen = drawn(np.random.default_rng(13), 1000)
    rows = np.concatenate([np.arange(1000), np.full(300, 17)])
    many = seen_of(seen.chance[rows], seen.right[rows], copies=rows)
    assert keep_promise(many, precision=0.85).threshold == keep_promise(seen, precision=0.85).threshold


def test_with_few_or_poor_examples_nothing_is_decided_alone():
    rng = np.random.default_rng(14)
    empty = seen_of([], [])
    for seen in (empty, drawn(rng, 40, low=0.99), drawn(rng, 2000, low=0.2, over=0.3)):
        promise = keep_promise(seen, precision=0.95)
        assert not promise.held
        assert promise.coverage == 0
        assert not promise.decides(np.ones(3, np.float32), np.arange(3)).any()
        assert "people decide everything" in promise.told()


def test_a_group_with_enough_examples_has_its_own_threshold():
    rng = np.random.default_rng(15)
    good, poor = drawn(rng, LEAST_EXAMPLES, low=0.9), drawn(rng, LEAST_EXAMPLES, low=0.4)
    few = drawn(rng, 200, low=0.8)
    seen = seen_of(
        *(np.concatenate([getattr(s, name) for s in (good, poor, few)]) for name in ("chance", "right")),
        label=np.repeat([0, 1, 2], [LEAST_EXAMPLES, LEAST_EXAMPLES, 200]),
    )
    promise = keep_promise(seen, precision=0.85, groups=np.array([0, 1, -1]))
    decided = promise.decides(seen.chance, seen.label)
    assert decided[:LEAST_EXAMPLES].all()
    assert 0 < decided[LEAST_EXAMPLES : 2 * LEAST_EXAMPLES].mean() < 0.7
    assert promise.thresholds[2] == promise.threshold
    assert promise.threshold == keep_promise(few, precision=0.85).threshold


def test_a_label_that_is_clearly_worse_goes_to_people():
    rng = np.random.default_rng(16)
    good, bad = drawn(rng, 3000, low=0.9), drawn(rng, 100, low=0.9, over=0.5)
    seen = seen_of(
        *(np.concatenate([getattr(s, name) for s in (good, bad)]) for name in ("chance", "right")),
        label=np.repeat([0, 1], [3000, 100]),
    )
    promise = keep_promise(seen, precision=0.9)
    assert promise.decides(np.float32([0.99]), np.array([0])).all()
    assert not promise.decides(np.float32([0.99, 1.0]), np.array([1, 1])).any()
    assert promise.decides(np.float32([0.99]), np.array([7])).all()  # a label never said before


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(0, 900),
    st.lists(st.floats(0.5, 0.995), min_size=2, max_size=5),
    st.booleans(),
)
def test_a_higher_precision_never_has_a_lower_threshold(seed, n, precisions, grouped):
    seen = drawn(np.random.default_rng(seed), n, low=0.6, labels=2)
    groups = np.array([0, 1]) if grouped else None
    promises = [keep_promise(seen, precision=p, groups=groups) for p in sorted(precisions)]
    for less, more in pairwise(promises):
        assert less.threshold <= more.threshold
        assert not (more.decides(seen.chance, seen.label) & ~less.decides(seen.chance, seen.label)).any()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 500))
def test_the_order_of_what_was_seen_changes_nothing(seed, n):
    rng = np.random.default_rng(seed)
    drew = drawn(rng, n, labels=3)
    seen = seen_of(np.round(drew.chance, 1), drew.right, drew.label, rng.integers(0, n, n))
    mixed = rng.permutation(n)
    again = Seen(seen.chance[mixed], seen.label[mixed], seen.right[mixed], seen.copies[mixed])
    one, other = (keep_promise(s, precision=0.7) for s in (seen, again))
    assert (one.thresholds == other.thresholds).all()
    assert one.achieved == pytest.approx(other.achieved)
    assert one.coverage == other.coverage


def test_the_promise_is_told_to_people():
    promise = keep_promise(drawn(np.random.default_rng(17), 3000, low=0.9), precision=0.9)
    assert promise.told().startswith("With 95 % confidence at least 90 % of what is decided")


@pytest.mark.parametrize("precision", [0, 1, 1.5, -0.1])
def test_no_share_beyond_what_can_be_is_promised(precision):
    with pytest.raises(ValueError, match="between 0 and 1"):
        keep_promise(seen_of([0.9], [True]), precision=precision)
