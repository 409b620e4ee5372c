"""What is withheld cannot be had by subtraction: an attacker with linear programming tries."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from veche.picture.disclosure import THRESHOLD, Rows, protect_line, protect_table


def _range(target: np.ndarray, known: np.ndarray, values: np.ndarray) -> float:
    """Return how far `target @ x` can range over all x >= 0 with `known @ x = values`."""
    ends = []
    for sign in (1, -1):
        found = linprog(sign * target, A_eq=known, b_eq=values, bounds=(0, None), method="highs")
        ends.append(np.inf if found.status == 3 else sign * found.fun)
    return ends[1] - ends[0]


def _margins(shape: tuple[int, int], hidden: np.ndarray) -> list[np.ndarray]:
    """Return the totals of rows, of visible columns, and of all, as rows of a system over the cells."""
    known = []
    for i in range(shape[0]):
        row = np.zeros(shape)
        row[i] = 1
        known.append(row.ravel())
    for j in np.flatnonzero(~hidden):
        column = np.zeros(shape)
        column[:, j] = 1
        known.append(column.ravel())
    known.append(np.ones(shape).ravel())
    return known


def _attack(counts: np.ndarray, hidden: np.ndarray, inside: np.ndarray, withheld: np.ndarray) -> None:
    known = _margins(counts.shape, hidden)
    margins = np.array(known)
    for node, column in np.argwhere(~withheld):
        cell = np.zeros(counts.shape)
        cell[inside[node], column] = 1
        known.append(cell.ravel())
    everything, x = np.array(known), counts.ravel().astype(float)
    totals = inside.astype(int) @ counts
    for node, column in np.argwhere(withheld & (totals > 0) & (totals < THRESHOLD)):
        target = np.zeros(counts.shape)
        target[inside[node], column] = 1
        target = target.ravel()
        width = _range(target, everything, everything @ x)
        if _range(target, margins, margins @ x) > 1e-6:
            assert width > 0.5, (node, column)
        corner = _best_rectangle(counts, inside[node], column)
        if not hidden.any():
            assert width >= min(THRESHOLD, corner) - 1e-6, (node, column)


def _best_rectangle(counts: np.ndarray, rows: np.ndarray, column: int) -> int:
    best = 0
    for a in np.flatnonzero(rows)[:1]:
        for b in np.flatnonzero(~rows):
            for h in range(counts.shape[1]):
                if h != column:
                    up = min(counts[a, h], counts[b, column])
                    best = max(best, up + min(counts[a, column], counts[b, h]))
    return best if rows.sum() == 1 else 0


_cell = st.one_of(st.integers(0, 3), st.integers(0, 9), st.integers(0, 60))


@st.composite
def _tables(draw: st.DrawFn) -> np.ndarray:
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    cells = draw(st.lists(_cell, min_size=rows * columns, max_size=rows * columns))
    return np.array(cells, np.int64).reshape(rows, columns)


@given(st.lists(_cell, min_size=1, max_size=9))
def test_no_small_count_of_a_line_follows_from_the_total(line: list[int]) -> None:
    counts = np.array(line, np.int64)
    withheld = protect_line(counts)
    small = (counts > 0) & (counts < THRESHOLD)
    assert (withheld | ~small).all()
    assert (counts[withheld] > 0).all()
    if small.any() and (counts > 0).sum() >= 2 and counts.sum() >= THRESHOLD:
        assert withheld.sum() >= 2
        assert counts[withheld].sum() >= THRESHOLD


@settings(max_examples=30, deadline=None)
@given(_tables())
def test_no_small_cell_of_a_table_follows_from_its_margins(counts: np.ndarray) -> None:
    withheld = protect_table(counts)
    assert withheld[(counts > 0) & (counts < THRESHOLD)].all()
    _attack(counts, np.zeros(counts.shape[1], bool), np.eye(len(counts), dtype=bool), withheld)


@settings(max_examples=30, deadline=None)
@given(_tables())
def test_columns_whose_total_is_withheld_stay_withheld_in_every_row(counts: np.ndarray) -> None:
    hidden = protect_line(counts.sum(axis=0))
    withheld = protect_table(counts, hidden_columns=hidden)
    assert withheld[:, hidden].all()
    _attack(counts, hidden, np.eye(len(counts), dtype=bool), withheld)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_small_cell_of_a_tree_follows_from_parents_and_children(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, rng.choice([4, 12, 40]), (7, 4))
    # Leaves 0-2 lie under node 7, 3-4 under 8; 7 and 8 lie under 9; 5 and 6 stand alone.
    ancestors = np.array([[0, 7, 9], [1, 7, 9], [2, 7, 9], [3, 8, 9], [4, 8, 9], [5, -1, -1], [6, -1, -1]])
    rows = Rows(ancestors, 10)
    hidden = protect_line(counts.sum(axis=0))
    withheld = protect_table(counts, hidden_columns=hidden, rows=rows)
    _attack(counts, hidden, rows.membership(), withheld)


def test_a_table_without_small_cells_is_published_whole() -> None:
    assert not protect_table(np.full((4, 4), THRESHOLD)).any()


def test_one_small_cell_takes_the_cheapest_rectangle_with_it() -> None:
    counts = np.array([[3, 50, 9], [70, 80, 90], [8, 60, 7]])
    withheld = protect_table(counts)
    assert sorted(map(tuple, np.argwhere(withheld).tolist())) == [(0, 0), (0, 2), (2, 0), (2, 2)]
