"""A model: per facet a head that scores, a calibration that makes chances of scores, and what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from veche.learn.calibrate import Calibration
from veche.learn.examples import Inputs, LabelSet
from veche.learn.heads import Head
from veche.learn.saying import Saying


@dataclass(frozen=True)
class Seen:
    """What the facet's model said, out of fold, about the m labelled appeals it was made from.

    Numbers alone: `chance` is the calibrated probability of the first label (float32 [m]), `label` its number
    (int32 [m]), `right` whether people said so too (bool [m]), `copies` as in `Examples` (int64 [m]). In a
    multi facet there is one row for each appeal and label that was near enough to be said. The threshold of
    any promise is chosen from these.
    """

    chance: np.ndarray
    label: np.ndarray
    right: np.ndarray
    copies: np.ndarray


@dataclass(frozen=True)
class FacetModel:
    """What was learnt of one facet: `saying` tells which labels are said at which chances."""

    labels: LabelSet
    head: Head
    calibration: Calibration
    saying: Saying
    seen: Seen

    def chances(self, inputs: Inputs) -> np.ndarray:
        """Return calibrated probabilities, float32 [n, c]; rows sum to 1 unless the facet is multi."""
        return self.calibration.chances(self.head.scores(inputs))


@dataclass(frozen=True)
class Model:
    """Facet models by facet, and the card: all that is said about the model as JSON (version, pack, seed,
    what it learnt from with its days and fingerprint, its portrait, figures by facet); no text of an appeal,
    and nothing that differs from one making to the next."""

    facets: Mapping[str, FacetModel]
    card: Mapping[str, Any]
