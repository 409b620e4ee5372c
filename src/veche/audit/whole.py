"""The whole audit of a digest file against the appeals of a run: reading, ground, measure, disclosure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from veche.audit import align, digest, folder
from veche.audit.align import Grounded
from veche.audit.compare import audit_texts, panel
from veche.audit.judge import Audit
from veche.audit.measure import SAMPLES
from veche.core.errors import UsageError
from veche.core.i18n import _

#: Version of the JSON that an audit is written as.
VERSION = 1

#: A language is worth a warning from this share of the voices on.
LANGUAGE_SHARE = 0.01


@dataclass(frozen=True)
class Whole:
    """An audit with the ground of each sentence. `withheld` counts, per dimension, the groups that are too
    small to be shown. `languages` are the shares of the voices by language, the largest first; `appeals`
    counts all appeals, `empty` those with nothing to represent."""

    audit: Audit
    sentences: list[Grounded]
    withheld: Mapping[str, int]
    languages: list[tuple[str, float]]
    appeals: int
    empty: int

    def count(self, kind: str) -> int:
        """Return how many sentences have this ground."""
        return sum(s.ground == kind for s in self.sentences)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {
            "version": VERSION,
            "appeals": self.appeals,
            "without_text": self.empty,
            "languages": {tag: round(share, 6) for tag, share in self.languages},
            "representation": self.audit.to_json(),
            "groups_withheld": dict(self.withheld),
            "sentences": [
                {
                    "text": s.text,
                    "ground": s.ground,
                    "appeal_id": s.appeal_id,
                    "held": round(s.held, 4),
                    "named_wrongly": s.named_wrongly,
                }
                for s in self.sentences
            ],
        }


def audit_file(
    path: Path,
    appeals_folder: Path,
    *,
    columns: Mapping[str, str],
    protect: Callable[[np.ndarray], np.ndarray],
    regions: Mapping[str, str] | None = None,
    plain: Callable[[Sequence[str]], list[str]] = list,
    seed: int = 7,
    samples: int = SAMPLES,
) -> Whole:
    """Audit the digest in `path` against the appeals of a run.

    `protect` returns which counts of people (int [values of a dimension]) must not be published.
    `columns` and `regions` as in `folder.read`. `plain` takes the labels of web forms out of texts, which
    say nothing about the person who filled the form in. `samples` is the number of random samples.

    Raises:
        UsageError: the digest or the folder cannot be audited; the message says why.
    """
    quotations = digest.read(path)
    appeals = folder.read(appeals_folder, columns=columns, regions=regions)
    voices = appeals.voices()
    k = len({" ".join(q.text.casefold().split()) for q in quotations})
    distinct = len(np.unique(appeals.text[voices]))
    if k >= distinct:
        raise UsageError(
            problem=_(
                "The digest has {k} different quotations, but there are only {n} different appeals:"
                " nothing is left to represent."
            ).format(k=k, n=distinct)
        )
    sentences = align.ground(quotations, appeals)
    grounded = [s.text for s in sentences if s.ground != align.NO_GROUND]
    measured = voices[panel(len(voices), k=k, seed=seed)]
    groups = {name: (code[measured], values) for name, (code, values) in appeals.groups.items()}
    found = audit_texts(
        plain(appeals.texts(measured)),
        grounded,
        groups=groups,
        text=appeals.text[measured],
        k=k,
        of_voices=len(voices),
        seed=seed,
        samples=samples,
    )
    counts = {name: _people(appeals, voices, name) for name in appeals.groups}
    shown, withheld = _protected(found, counts, protect)
    return Whole(
        audit=shown,
        sentences=sentences,
        withheld=withheld,
        languages=_shares(appeals, voices, "language"),
        appeals=len(appeals),
        empty=int((~appeals.speaks).sum()),
    )


def _people(appeals: folder.Appeals, voices: np.ndarray, name: str) -> dict[str, int]:
    """How many different people each value of a dimension has among all voices."""
    code, values = appeals.groups[name]
    pairs = np.unique(np.stack([code[voices], appeals.person[voices]]), axis=1)[0]
    counts = np.bincount(pairs[pairs >= 0], minlength=len(values))
    return dict(zip(values, counts.tolist(), strict=True))


def _protected(
    found: Audit, counts: Mapping[str, dict[str, int]], protect: Callable[[np.ndarray], np.ndarray]
) -> tuple[Audit, dict[str, int]]:
    """Leave out the groups that may not be published, with as many partners as hide them."""
    hidden: set[tuple[str, str]] = set()
    withheld: dict[str, int] = {}
    for name, of_value in counts.items():
        secret = protect(np.array(list(of_value.values()), np.int64))
        names = [value for value, is_secret in zip(of_value, secret.tolist(), strict=True) if is_secret]
        hidden.update((name, value) for value in names)
        if names:
            withheld[name] = len(names)
    groups = [g for g in found.groups if (g.dimension, g.value) not in hidden]
    return replace(found, groups=groups), withheld


def _shares(appeals: folder.Appeals, voices: np.ndarray, name: str) -> list[tuple[str, float]]:
    if name not in appeals.groups:
        return []
    code, values = appeals.groups[name]
    counts = np.bincount(code[voices][code[voices] >= 0], minlength=len(values))
    found = [(values[i], float(counts[i] / max(1, len(voices)))) for i in np.flatnonzero(counts).tolist()]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))
