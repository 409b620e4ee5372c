"""Which texts belong to their group, and which groups are more than a search finds in anything.

Both are judged on the vectors as they were, before texts were drawn together. A text belongs if it is
closer to the group's texts, on average, than 87 in a hundred random pairs are; if not, it goes to the
group that it is closest to, or is left as rare if it belongs to none.
"""

import numpy as np

from veche.themes.batches import Blocks
from veche.themes.clusters import mean_rows, nearest

#: Share of random pairs that are less alike than a text and the theme that it belongs to. With 0.85 texts
#: made up to fit nowhere stay in themes, with 0.90 one in eight real comments is left out.
BELONG_ABOVE = 0.87

#: Where a number of themes is asked for they may be broader; then the bar for belonging is lowered until
#: no more than this share of the texts is rare.
MOST_RARE = 0.08

#: Groups and texts with an average cosine over this are alike, whatever the random pairs are: where
#: there are only two or three themes, many random pairs lie within one of them. Below `UNLIKE` they
#: are not, even where most pairs have nothing in common at all.
ALIKE = 0.25
UNLIKE = 0.05

#: A group stands if it is this much tighter than the tightest group of its size that a search among as
#: many texts without structure would find. On random vectors the largest ratio seen was 1.11, on five
#: real sets the smallest 1.8.
TIGHTER = 1.15

#: Pairs drawn to learn how alike random pairs are.
PAIRS = 50_000


def random_cosines(features: np.ndarray, seed: int) -> np.ndarray:
    """Return cosines of random pairs of rows, at least one of them (of a row alone: 0)."""
    a, b = np.random.default_rng(seed + 2).integers(0, len(features), (2, PAIRS))
    apart = a != b
    cosines = np.einsum("ij,ij->i", features[a[apart]], features[b[apart]])
    return cosines if len(cosines) else np.zeros(1, np.float32)


def alike(cosines: np.ndarray, quantile: float) -> float:
    """Return the cosine from which on two things are alike, given those of random pairs."""
    return float(np.clip(np.quantile(cosines, quantile), UNLIKE, ALIKE))


def members(
    features: np.ndarray, label: np.ndarray, cosines: np.ndarray, *, all_but_few: bool, blocks: Blocks
) -> np.ndarray:
    """Return `label` (int32 [rows], -1 for none) where rows that do not belong to their group have moved to
    the group that they are closest to, or are -1 where they do not belong there either.

    `cosines` are those of random pairs; with `all_but_few` at most `MOST_RARE` of the rows are left out.
    """
    n_groups = int(label.max(initial=-1)) + 1
    placed = np.flatnonzero(label >= 0)
    if len(placed) == 0:
        return label
    means = mean_rows(features, label, n_groups, blocks=blocks)
    # A row's product with the mean is its average cosine with the group's rows.
    average = np.einsum("ij,ij->i", features[placed], means[label[placed]])
    least = alike(cosines, BELONG_ABOVE)
    if all_but_few:
        least = min(least, float(np.quantile(average, MOST_RARE)))
    astray = placed[average < least]
    closest, average = nearest(features[astray], means, blocks=blocks)
    out = label.copy()
    out[astray] = np.where(average < least, -1, closest)
    return out


def tight_only(features: np.ndarray, label: np.ndarray, cosines: np.ndarray, *, blocks: Blocks) -> np.ndarray:
    """Return `label` without the groups that a search would also find where there is no structure.

    The average of the s(s-1)/2 cosines of s unrelated texts spreads by `spread` / sqrt(s(s-1)/2); the
    largest over all (n over s) choices stays below about 2 `spread` sqrt(ln(e n / s) / s) (union bound).
    """
    n_groups = int(label.max(initial=-1)) + 1
    if n_groups == 0:
        return label
    size = np.bincount(label[label >= 0], minlength=n_groups)
    means = mean_rows(features, label, n_groups, blocks=blocks)
    within = (size * (means.astype(np.float64) ** 2).sum(axis=1) - 1) / np.maximum(size - 1, 1)
    by_chance = 2 * _noise(cosines) * np.sqrt(np.log(np.e * len(features) / size) / size)
    keep = np.flatnonzero(within >= TIGHTER * by_chance)
    number = np.full(n_groups + 1, -1, np.int32)
    number[keep] = np.arange(len(keep))
    return number[label]


def _noise(cosines: np.ndarray) -> float:
    """The spread of cosines without the pairs that are alike: one deviation on the lower side."""
    middle, low = np.quantile(cosines, [0.5, 0.16])
    return float(middle - low)
