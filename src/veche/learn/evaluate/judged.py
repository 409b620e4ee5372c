"""What a model says about appeals that it has not seen, beside what people said of them.

By folds: what is tested is what `train` would have made without the fold, with its calibration and its
promise; copies of an appeal stand in one fold. Or by a model that is finished, on appeals of their own.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from veche.learn.alone import ALONE, Doubts, all_alone
from veche.learn.calibrate import fit_calibration
from veche.learn.copies import same_text, settle
from veche.learn.examples import Examples, Inputs, Labels, LabelSet
from veche.learn.heads import cross_scores
from veche.learn.model import Model
from veche.learn.portrait import portrait
from veche.learn.saying import learn_saying
from veche.learn.spelling import key
from veche.learn.splits import splits
from veche.learn.train import NEAR, seen_of


@dataclass(frozen=True)
class Sayings:
    """What was said, one entry for each appeal, or in a multi facet for each appeal and label that is said or
    has a chance of at least `train.NEAR`: the number of the tested appeal `row` (int64 [m]), the `chance`
    (float32 [m]), whether people said so too (`right`, bool [m]), and whether it is said and a run would ask
    no person about it (`alone`, bool [m])."""

    row: np.ndarray
    chance: np.ndarray
    right: np.ndarray
    alone: np.ndarray


@dataclass(frozen=True)
class Judged:
    """One facet of n tested appeals, all of them labelled.

    `rows` (int64 [n]) are their rows in the examples; `chances` float32 [n, c]; `said` (bool [n, c]) what the
    model says where it has to say something; `copies` as in `Examples`. `learnt` (bool [n]): each of the
    appeal's labels had an example to learn from. `alone` (bool [n]): a run would ask no person about the
    appeal.
    `precision` is the promise; `held` the share of the folds in which it could be made (0 or 1 for a model).
    `part` is the fold of each row (int64 [n]).
    """

    rows: np.ndarray
    labels: Labels
    chances: np.ndarray
    said: np.ndarray
    copies: np.ndarray
    learnt: np.ndarray
    sayings: Sayings
    alone: np.ndarray
    held: float
    precision: float
    part: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def truth(self) -> np.ndarray:
        """Return what people said, bool [n, c]."""
        return self.labels.given.toarray().astype(bool)

    def right(self) -> np.ndarray:
        """Return for each appeal whether all that was said of it is right (bool [n])."""
        return (self.said == self.truth()).all(axis=1)


def by_folds(
    examples: Examples, facet: str, *, folds: int, precision: float, seed: int, threads: int
) -> Judged:
    """Return what `folds` models say, each about the fold that it has not seen.

    A label with examples in one fold only has no example where it is tested; its appeals stay.
    """
    rows = np.flatnonzero(examples.labels[facet].known)
    given = examples.labels[facet].take(rows)
    same = same_text(examples.inputs.texts.take(rows))
    settled, _changed = settle(given, same=same, received=examples.received[rows])
    inputs, copies = examples.inputs.take(rows), examples.copies[rows]
    scores = cross_scores(inputs, settled, copies, folds=folds, seed=seed, threads=threads)
    part = splits(copies, settled, folds, seed)
    chances, said = np.zeros_like(scores), np.zeros(scores.shape, bool)
    sayings, held = [], []
    learnt, alone = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    for fold in np.unique(part):
        new, old = np.flatnonzero(part == fold), np.flatnonzero(part != fold)
        if not len(old):
            continue
        before = given.take(old)
        calibration = fit_calibration(scores[old], before, copies[old])
        chances[new] = calibration.chances(scores[new])
        known = calibration.chances(scores[old])
        said[new] = learn_saying(known, before).said(chances[new])
        seen = seen_of(known, before, copies[old])
        doubts = Doubts(portrait(inputs.take(old)), seen, precision=precision)
        made, alone[new] = _sayings(chances[new], said[new], given.take(new), inputs.take(new), doubts)
        sayings.append(replace(made, row=new[made.row]))
        held.append(doubts.promise.held)
        learnt[new] = _all_learnt(given.take(new), np.asarray(before.given.sum(axis=0)).ravel() > 0)
    return Judged(
        rows=rows,
        labels=given,
        chances=chances,
        said=said,
        copies=copies,
        learnt=learnt,
        sayings=_joined(sayings),
        alone=alone,
        held=float(np.mean(held)) if held else 0.0,
        precision=precision,
        part=part,
    )


def by_model(model: Model, examples: Examples, facet: str, *, precision: float) -> Judged:
    """Return what a finished model says about the examples that are labelled.

    Labels are told apart by meaning and not by spelling; those that the model does not have are kept, and
    what it says of their appeals is wrong.
    """
    own = model.facets[facet]
    rows = np.flatnonzero(examples.labels[facet].known)
    inputs = examples.inputs.take(rows)
    given, n_learnt = _in_words_of(own.labels, examples.labels[facet].take(rows))
    chances = np.zeros((len(rows), len(given.set)), np.float32)
    chances[:, :n_learnt] = own.chances(inputs)
    said = own.saying.said(chances)
    doubts = Doubts(model.card["portrait"], own.seen, precision=precision)
    made, alone = _sayings(chances, said, given, inputs, doubts)
    return Judged(
        rows=rows,
        labels=given,
        chances=chances,
        said=said,
        copies=examples.copies[rows],
        learnt=_all_learnt(given, np.arange(len(given.set)) < n_learnt),
        sayings=made,
        alone=alone,
        held=float(doubts.promise.held),
        precision=precision,
        part=np.zeros(len(rows), np.int64),
    )


def _sayings(
    chances: np.ndarray, said: np.ndarray, given: Labels, inputs: Inputs, doubts: Doubts
) -> tuple[Sayings, np.ndarray]:
    """Return what was said, and which appeals need nobody (bool [n])."""
    near = said | (chances >= NEAR) if given.set.multi else said
    row, label = (found.astype(np.int64) for found in np.nonzero(near))
    chance, stands = chances[row, label], said[row, label]
    code = doubts.codes(doubts.of(inputs), document=row, label=label, chance=chance)
    right = np.asarray(sparse.csr_matrix(given.given)[row, label], bool).ravel()
    alone = all_alone(row[stands], code[stands], n=len(chances))
    return Sayings(row, chance, right, stands & (code == ALONE)), alone


def _all_learnt(given: Labels, learnt: np.ndarray) -> np.ndarray:
    return np.asarray(given.given.astype(np.int32) @ (~learnt).astype(np.int32)).ravel() == 0


def _joined(sayings: list[Sayings]) -> Sayings:
    if not sayings:
        none = np.zeros(0, bool)
        return Sayings(np.zeros(0, np.int64), np.zeros(0, np.float32), none, none)
    parts = [
        np.concatenate([getattr(s, name) for s in sayings]) for name in ("row", "chance", "right", "alone")
    ]
    order = np.argsort(parts[0], kind="stable")
    return Sayings(*(part[order] for part in parts))


def _in_words_of(known: LabelSet, given: Labels) -> tuple[Labels, int]:
    """Return labels by the numbers of `known`, those that it does not have behind it, and its size."""
    number = {key(name): i for i, name in enumerate(known.names)}
    n_learnt, names = len(known), list(known.names)
    moved = np.zeros(len(given.set), np.int64)
    counts: np.ndarray = np.asarray(given.given.sum(axis=0)).ravel()
    for i, name in enumerate(given.set.names):
        if key(name) not in number:
            if not counts[i]:
                moved[i] = -1
                continue
            number[key(name)] = len(names)
            names.append(name)
        moved[i] = number[key(name)]
    row, label = given.given.nonzero()
    entries = (np.ones(len(row), bool), (row, moved[label]))
    matrix = sparse.csr_matrix(entries, shape=(len(given.known), len(names)), dtype=bool)
    more = len(names) - n_learnt
    labels = LabelSet(
        tuple(names),
        known.titles + ("",) * more,
        np.concatenate([known.groups, np.full(more, -1, np.int64)]),
        known.group_names,
        known.multi,
    )
    return Labels(labels, matrix, given.known), n_learnt
