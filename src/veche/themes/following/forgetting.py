"""Forgets texts that have to be erased: their hashes, vectors and words, and names made of them alone.

What counts many people stays: sizes, and the words of the time before the stream, which are numbers of
texts and no texts. Backups and reports are the business of who calls this.
"""

from pathlib import Path

import numpy as np

from veche.themes.following import store
from veche.themes.following.memory import Memory
from veche.themes.following.stream import Follower


def forget(folder: Path, texts: np.ndarray) -> int:
    """Forget texts in what lies in `folder` of a run or a stream; return in how many places one was.

    `texts` are uint64 hashes of the normal forms of the masked texts, as in `content_hash`.

    Raises:
        UsageError: the state is damaged or of another version.
        OutputError: it cannot be written.
    """
    found = 0
    memory = Memory.read(folder)
    if memory is not None and (held := int(np.isin(memory.texts, texts).sum())):
        memory.without(texts).write(folder)
        found += held
    follower = store.load(folder, texts_of=lambda ids: [""] * len(ids))
    if follower is not None and (held := forget_in(follower, texts)):
        store.save(follower, folder)
        found += held
    return found


def forget_in(follower: Follower, texts: np.ndarray) -> int:
    """Forget texts in a follower that goes on; return in how many places one was.

    Nothing new is told of them, and a campaign of such a text is followed no more.
    """
    recent = follower.recent
    known = np.isin(follower.texts, texts)
    follower.texts, follower.text_theme = follower.texts[~known], follower.text_theme[~known]
    held = [h for h in np.unique(texts).tolist() if h in follower.row_of]
    rows = np.array([follower.row_of.pop(h) - recent.dropped for h in held], np.int64)
    for row in rows.tolist():
        _forget_campaign(follower, recent.terms.take(np.array([row])).flat)
    if len(rows):
        recent.forget(rows)
    return int(known.sum()) + len(rows)


def _forget_campaign(follower: Follower, terms: np.ndarray) -> None:
    for number, one in list(follower.found.items()):
        if one.kind == "campaign" and np.array_equal(one.text, terms):
            del follower.found[number]
        elif np.array_equal(one.text, terms):
            one.text = terms[:0]
