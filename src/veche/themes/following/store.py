"""A follower on disk: `follower.npz` (arrays) and `follower.json`, which hold no word of any text.

Vectors and hashes of masked texts are there, so the files are kept like the appeals themselves.
"""

import zipfile
from pathlib import Path

import numpy as np
import orjson

from veche.core.errors import OutputError, UsageError
from veche.core.i18n import _
from veche.core.library_words import reason
from veche.themes.following.recent import Recent
from veche.themes.following.stream import Follower, Found, TextsOf

_ARRAYS, _WORDS = "follower.npz", "follower.json"
_VERSION = 1
_OWN = ("centre", "centroids", "thresholds", "texts", "text_theme")


def save(follower: Follower, folder: Path) -> None:
    """Write the state of `follower` to `folder`; what lay there is replaced once all is written.

    Raises:
        OutputError: the files cannot be written.
    """
    words = {
        "version": _VERSION,
        "language": follower.language,
        "codes": follower.codes,
        "next_number": follower.next_number,
        "territories": follower.territories,
        "ids": follower.recent.ids,
        "dropped": follower.recent.dropped,
        "found": [
            {"theme": number, "kind": one.kind, "markers": one.markers.tolist(), "text": one.text.tolist()}
            for number, one in follower.found.items()
        ],
    }
    arrays = {name: getattr(follower, name) for name in _OWN}
    begun = [folder / f"{name}.part" for name in (_ARRAYS, _WORDS)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with begun[0].open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays, **follower.recent.arrays())
        begun[1].write_bytes(orjson.dumps(words))
        for path, name in zip(begun, (_ARRAYS, _WORDS), strict=True):
            path.replace(folder / name)
    except OSError as error:
        raise OutputError(path=folder, reason=reason(error)) from error


def load(folder: Path, *, texts_of: TextsOf) -> Follower | None:
    """Return the follower that was saved in `folder`, None where there is none.

    Raises:
        UsageError: its files are damaged, do not belong together, or are of another version.
    """
    if not (folder / _WORDS).is_file():
        return None
    try:
        words = orjson.loads((folder / _WORDS).read_bytes())
        with np.load(folder / _ARRAYS, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        if words["version"] != _VERSION or len(words["ids"]) != len(arrays["vector"]):
            raise ValueError("version")
        out = Follower(
            None, texts_of=texts_of, language=words["language"], dimensions=arrays["centroids"].shape[1]
        )
        for name in _OWN:
            setattr(out, name, arrays[name])
        out.codes, out.next_number = words["codes"], words["next_number"]
        out.territories = words["territories"]
        out.found = {
            one["theme"]: Found(
                one["kind"], np.array(one["markers"], np.int64), np.array(one["text"], np.int32)
            )
            for one in words["found"]
        }
        out.recent = Recent.of(arrays, ids=words["ids"], dropped=words["dropped"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        problem = _("{path} holds no state of followed themes; remove it to begin anew.")
        raise UsageError(problem=problem.format(path=folder)) from error
    hashes = out.recent.column("text_hash").tolist()
    out.row_of = {text: out.recent.dropped + row for row, text in enumerate(hashes) if text}
    return out
