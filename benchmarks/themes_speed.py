"""Time and memory of finding, naming and quoting themes, against BERTopic until it fails or 30 minutes pass.

    benchmarks/themes_speed.py FOLDER

finds the themes of the run in FOLDER and nothing else: the benchmark measures that command.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from measure import Measured, measure, print_table
from themes_data import Texts, append_part, boston, write_run
from themes_peers import bertopic

from veche.packs.loader import load_pack
from veche.themes import discover

SIZES = (10_000, 100_000, 304_304, 1_000_000)
BERTOPIC_SECONDS = 30 * 60

#: At 100,000 at least so many times faster; a million within these bounds.
TIMES_FASTER = 10
MILLION_SECONDS, MILLION_MIB = 600, 4096

#: Noise that makes copies of a vector distinct, per number of it; neighbours lie ten times as far.
_NOISE = 0.004
_PART_ROWS = 4096


def measure_speed() -> dict[str, Any]:
    """Print and return seconds and peak memory by number of appeals."""
    data = boston()
    rows, peer_gave_up = [], False
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            _write(Path(folder), data, size)
            ours = measure([sys.executable, __file__, folder])
        if ours.status:
            raise SystemExit(f"{size} appeals: finding themes ended with status {ours.status}")
        row = {"appeals": size, "Veche s": ours.seconds, "Veche MiB": ours.peak_mib}
        if not peer_gave_up:
            peer = _peer(data, size)
            peer_gave_up = peer.status != 0
            row |= {"BERTopic s": peer.seconds, "BERTopic MiB": peer.peak_mib}
            row["times faster"] = peer.seconds / ours.seconds
            row["BERTopic ended"] = "yes" if peer.status == 0 else "no"
        else:
            row |= {"BERTopic s": "", "BERTopic MiB": "", "times faster": "", "BERTopic ended": "not tried"}
        rows.append(row)
        print_table(rows[-1:])
    print_table(rows)
    bounds = f"{MILLION_SECONDS} s and {MILLION_MIB} MiB"
    print(f"at least {TIMES_FASTER} times faster at 100,000; a million within {bounds}")
    return {"rows": rows}


def _peer(data: Texts, size: int) -> Measured:
    places = np.arange(size) % len(data)
    vectors = np.concatenate([v for _, _, v in _parts(data, size)])
    texts = [data.texts[i] for i in places]
    return bertopic(texts, vectors, seed=None, reassign=False, limit_seconds=BERTOPIC_SECONDS)[0]


def _write(work: Path, data: Texts, size: int) -> None:
    write_run(work, [], data.vectors[:0])
    for number, (at, texts, vectors) in enumerate(_parts(data, size)):
        append_part(work, number, at, texts=texts, vectors=vectors)


def _parts(data: Texts, size: int) -> Iterator[tuple[int, list[str], np.ndarray]]:
    """Yield the first row, the texts and the vectors of each part; past the end rows come again, changed."""
    for at in range(0, size, _PART_ROWS):
        places = np.arange(at, min(at + _PART_ROWS, size))
        again = places // len(data)
        texts = [
            data.texts[i % len(data)] + f" {r}" * bool(r)
            for i, r in zip(places.tolist(), again.tolist(), strict=True)
        ]
        vectors = data.vectors[places % len(data)].astype(np.float32)
        random = np.random.default_rng(at)
        vectors += (again > 0)[:, None] * random.normal(0, _NOISE, vectors.shape).astype(np.float32)
        yield at, texts, vectors.astype(np.float16)


def main() -> None:
    """Find the themes of one run."""
    pack = load_pack("boston")
    discover(Path(sys.argv[1]), repeats=pa.table({}), pack=pack, seed=0, threads=os.cpu_count() or 1)


if __name__ == "__main__":
    main()
