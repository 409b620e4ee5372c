"""Labels of web forms inside texts ("Make of the car: ..."): the form's words, not the citizen's.

A label is a short beginning of a text, a line or a cell ("|") that ends in a colon or a question mark
and stands word for word in many texts. Names and quotations are made of what follows it.
"""

import re
from collections import Counter
from collections.abc import Iterable

#: A label stands in this many of the texts looked at, and in this share of them.
LEAST_TEXTS = 20
LEAST_SHARE = 0.002

_LABEL = re.compile(r"(?:^|(?<=[|\n]))[ \t]*([^|\n:?]{3,80}[:?])(?=\s|$)")


def find_labels(texts: Iterable[str]) -> frozenset[str]:
    """Return the labels of forms in `texts`."""
    counts: Counter[str] = Counter()
    n = 0
    for text in texts:
        n += 1
        counts.update(set(_LABEL.findall(text)))
    least = max(LEAST_TEXTS, LEAST_SHARE * n)
    return frozenset(label for label, count in counts.items() if count >= least)


def without_labels(text: str, labels: frozenset[str]) -> str:
    """Return `text` with each of `labels` gone; the bar or line break before it stays."""
    if not labels or not (":" in text or "?" in text):
        return text
    return _LABEL.sub(lambda found: "" if found.group(1) in labels else found.group(), text)
