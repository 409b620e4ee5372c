"""Streams of invented texts to follow."""

import numpy as np
import pyarrow as pa

from veche.themes.following import Chunk, Follower
from veche.themes.following.memory import Memory, strings

WORDS = np.array([f"{a}{b}{c}" for a in "бвгдж" for b in ("ело", "ира", "уна", "акс") for c in "клмнпрстфх"])
NEW = "Гремит воздушная турбина за школой, просим проверить"


def chatter(count, *, seed):
    """Distinct texts of twelve random words."""
    random = np.random.default_rng(seed)
    return [" ".join(WORDS[random.integers(0, len(WORDS), 12)]) for _ in range(count)]


def new_theme(count, *, seed):
    return [f"{text} {NEW}" for text in chatter(count, seed=seed)]


class Texts:
    """The texts of a stream by id, and chunks of it."""

    def __init__(self):
        self.by_id = {}

    def of(self, ids):
        return [self.by_id.get(i, "") for i in ids]

    def chunk(self, texts, *, vectors=None, **columns):
        ids = [f"a{len(self.by_id) + i:06d}" for i in range(len(texts))]
        self.by_id.update(zip(ids, texts, strict=True))
        if vectors is None:
            vectors = np.random.default_rng(len(self.by_id)).normal(size=(len(texts), 16))
        return Chunk(ids, pa.array(texts, pa.string()), vectors, **columns)


def follower(texts, memory=None, history=4000):
    out = Follower(memory, texts_of=texts.of, language="ru", dimensions=16)
    out.add_history(pa.array(chatter(history, seed=99)))
    return out


def mixed(seed, *, quiet=190, new=4):
    lines = chatter(quiet, seed=seed) + new_theme(new, seed=1000 + seed)
    return [lines[i] for i in np.random.default_rng(seed).permutation(len(lines))]


def known_theme():
    means = np.zeros((1, 16), np.float32)
    means[0, 0] = 1
    return Memory(
        codes=strings(["t001"]),
        names=strings(["One"]),
        sizes=np.array([50], np.int64),
        means=means,
        thresholds=np.array([0.6], np.float32),
        centre=np.zeros(16, np.float32),
        texts=np.zeros(0, np.uint64),
        text_theme=np.zeros(0, np.int32),
        next_number=2,
    )
