"""An authority's own labels and the pack's: which is likely which, for a person to confirm in a file.

Suggestions go by the likeness of titles, in words and in sense. A person looks through the file, mends it
and confirms it; what is left without a code stays the authority's own label.
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import sparse

from veche.core.errors import LabelsFileBroken, LabelsNotConfirmed, OutputError, UsageError
from veche.core.i18n import _
from veche.core.library_words import reason
from veche.learn.examples import Labels
from veche.learn.labels import nodes_of
from veche.learn.spelling import key
from veche.packs.making.toml_text import table
from veche.packs.model import Pack, Topic
from veche.packs.text import in_language
from veche.stages.repeats import normal_form
from veche.stages.vectors import encode

#: A likeness below this is no suggestion; the nearest are named all the same.
LEAST = 0.5

#: Nearest codes that are named beside the suggestion.
_OTHERS = 3

#: Share of the sense in a likeness; the rest is of the letters.
_SENSE = 0.5

#: Bytes; a thousand labels take about 200,000.
LARGEST = 8 << 20

_SEQUENCE = 4


@dataclass(frozen=True)
class Suggestion:
    """What a label may be called in the pack: `code` ("" for nothing near), `sure` from 0 to 1, the nearest
    `others`, and the number of `appeals` that have the label."""

    label: str
    appeals: int
    code: str
    sure: float
    others: tuple[str, ...]


def suggest(labels: Labels, *, facet: str, pack: Pack) -> list[Suggestion]:
    """Return a suggestion for each label, those with the most appeals first.

    Raises:
        UsageError: the pack knows no such facet.
    """
    nodes = nodes_of(pack, facet)
    if not nodes:
        known = ", ".join(name for name in ("topic", "body", "place") if nodes_of(pack, name))
        problem = _("The pack has no “{facet}” to map labels to. It has: {known}.")
        raise UsageError(problem=problem.format(facet=facet, known=known))
    codes = list(nodes)
    names = list(labels.set.names)
    titles = [(i, text) for i, code in enumerate(codes) for text in _titles(nodes[code])]
    owner = np.array([i for i, _text in titles], np.int64)
    likeness = _likeness([_last(name) for name in names], [text for _i, text in titles])
    by_code = np.full((len(names), len(codes)), -1.0)
    for column, code in enumerate(owner.tolist()):
        np.maximum(by_code[:, code], likeness[:, column], out=by_code[:, code])
    exact = {code: i for i, code in enumerate(codes)}
    for row, name in enumerate(names):
        if name in exact:
            by_code[row, exact[name]] = 1.0
    counts = np.asarray(labels.given.sum(axis=0)).ravel()
    made = [_suggestion(name, int(counts[i]), by_code[i], codes) for i, name in enumerate(names)]
    return sorted(made, key=lambda s: (-s.appeals, s.label))


def write_mapping(path: Path, suggestions: Mapping[str, Sequence[Suggestion]], *, pack: Pack) -> None:
    """Write the file that a person confirms. Raises `OutputError`."""
    lines = [
        "# " + _("Which of your labels is which of the pack. Mend what is wrong: write another code, or"),
        "# " + _('code = "" where the label stays your own. Then write confirmed = true.'),
        "confirmed = false",
        table("", {"pack": pack.code}),
    ]
    for facet, entries in suggestions.items():
        nodes = nodes_of(pack, facet)
        for entry in entries:
            lines.append(table(f"[[{facet}]]", {"label": entry.label}) + _line("code", entry.code))
            title = in_language(nodes[entry.code].title, *pack.languages) if entry.code else ""
            said = {"sure": round(entry.sure, 2), "title": title, "appeals": entry.appeals}
            lines.append(table("", said | {"others": list(entry.others)}))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(_packed(lines)), encoding="utf-8")
    except OSError as error:
        raise OutputError(path=path, reason=reason(error)) from None


def read_mapping(path: Path, *, pack: Pack, facets: Collection[str]) -> dict[str, dict[str, str]]:
    """Return, by facet, the code of the pack for the `spelling.key` of each label that has one.

    Raises:
        LabelsNotConfirmed: the file does not say confirmed = true.
        LabelsFileBroken: it cannot be read, or names what is not there.
    """
    said = _read(path)
    if said.get("confirmed") is not True:
        raise LabelsNotConfirmed(file=path)
    return {facet: _facet(path, said.get(facet, []), facet, pack) for facet in facets}


def _facet(path: Path, entries: Any, facet: str, pack: Pack) -> dict[str, str]:
    if not isinstance(entries, list):
        raise LabelsFileBroken(
            file=path, problem=_("[[{facet}]] is not a list of labels").format(facet=facet)
        )
    nodes, codes = nodes_of(pack, facet), {}
    for entry in entries:
        label = entry.get("label") if isinstance(entry, dict) else None
        code = entry.get("code", "") if isinstance(entry, dict) else None
        if not isinstance(label, str) or not isinstance(code, str):
            problem = _('an entry of [[{facet}]] has no label = "..." or a code that is no text')
            raise LabelsFileBroken(file=path, problem=problem.format(facet=facet))
        if code and code not in nodes:
            problem = _("the pack has no {facet} “{code}” (label “{label}”)")
            raise LabelsFileBroken(file=path, problem=problem.format(facet=facet, code=code, label=label))
        if code:
            codes[key(label)] = code
    return codes


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST:
            raise LabelsFileBroken(file=path, problem=_("it is too large"))
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise LabelsFileBroken(file=path, problem=reason(error)) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LabelsFileBroken(file=path, problem=str(error)) from None


def _titles(node: Any) -> list[str]:
    texts = [text.replace("{", " ").replace("}", " ") for text in node.title.values()]
    if isinstance(node, Topic):
        texts += [text for text in node.description.values() if text]
    return texts or [node.code]


def _last(label: str) -> str:
    """Return the last level of a path, which says what the label is about."""
    return label.rpartition(">")[2].strip() or label


def _suggestion(label: str, appeals: int, likeness: np.ndarray, codes: list[str]) -> Suggestion:
    order = np.argsort(-likeness, kind="stable")[: _OTHERS + 1].tolist()
    best, sure = order[0], float(likeness[order[0]])
    near = sure >= LEAST
    others = tuple(codes[i] for i in (order[1:] if near else order[:_OTHERS]))
    return Suggestion(label, appeals, codes[best] if near else "", max(0.0, sure), others)


def _likeness(ours: Sequence[str], theirs: Sequence[str]) -> np.ndarray:
    """Return how alike titles are in sense and in letters (float64 [ours, theirs], 1 for the same)."""
    a, b = _normal(ours), _normal(theirs)
    sense = np.clip(encode(list(ours)) @ encode(list(theirs)).T, 0, 1).astype(np.float64)
    sets_a, sets_b = [_sequences(text) for text in a], [_sequences(text) for text in b]
    numbers: dict[str, int] = {}
    for found in (*sets_a, *sets_b):
        for sequence in sorted(found):
            numbers.setdefault(sequence, len(numbers))
    rows_a, rows_b = _matrix(sets_a, numbers), _matrix(sets_b, numbers)
    shared = np.asarray((rows_a @ rows_b.T).todense(), np.float64)
    total = np.add.outer([len(s) for s in sets_a], [len(s) for s in sets_b])
    letters = 2 * shared / np.maximum(total, 1)
    same = np.array([[x == y for y in b] for x in a], bool)
    return np.where(same, 1.0, _SENSE * sense + (1 - _SENSE) * letters)


def _normal(texts: Sequence[str]) -> list[str]:
    return normal_form(pa.array(list(texts), pa.string())).to_pylist()


def _sequences(text: str) -> set[str]:
    """Return the letter sequences within words, which the endings of words change little."""
    found = set()
    for word in text.split():
        padded = f" {word} "
        found.update(padded[i : i + _SEQUENCE] for i in range(max(1, len(padded) - _SEQUENCE + 1)))
    return found


def _matrix(sets: Sequence[set[str]], numbers: Mapping[str, int]) -> Any:
    counts = [len(found) for found in sets]
    columns = [numbers[sequence] for found in sets for sequence in sorted(found)]
    bounds = np.concatenate([[0], np.cumsum(counts)])
    return sparse.csr_matrix((np.ones(len(columns)), columns, bounds), shape=(len(sets), len(numbers)))


def _line(name: str, value: str) -> str:
    return table("", {name: value}) if value else f'{name} = ""\n'


def _packed(blocks: Sequence[str]) -> list[str]:
    """Return the blocks as lines, the entries with an empty line before each."""
    lines: list[str] = []
    for block in blocks:
        if block.startswith("[["):
            lines.append("")
        lines += block.rstrip("\n").split("\n")
    return [*lines, ""]
