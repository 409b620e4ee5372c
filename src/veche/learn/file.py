"""A model as one file: arrays and JSON in a zip archive, each member with its digest; nothing is unpickled.

The file holds what people decided with (their labels) and numbers, never a text of an appeal. It is read as
if a stranger had made it: names, sizes and shapes are checked before a byte is taken for an array.
"""

import hashlib
import io
import math
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from veche.core.errors import (
    ModelDamaged,
    ModelNewer,
    NoSuchModel,
    NotAModel,
    OutputError,
    UnsafeLabel,
)
from veche.core.i18n import _
from veche.core.library_words import reason
from veche.learn.calibrate import Calibration
from veche.learn.card import check_card
from veche.learn.examples import LabelSet
from veche.learn.heads import Head
from veche.learn.model import FacetModel, Model, Seen
from veche.learn.saying import Saying
from veche.learn.spelling import LONGEST_LABEL

#: The format of the file; a later one may hold what this code does not know. Since 2 a model may read when
#: and where an appeal came, of which 1 knew nothing.
FORMAT = 2

#: No model comes near these: 10,000 labels weigh less than a tenth.
MAX_BYTES = 2 << 30
MAX_JSON_BYTES = 64 << 20
MAX_MEMBERS = 2_000
MAX_DIMENSIONS = 3

_MAGIC = "veche model"
_JSON = "model.json"
_PART = re.compile(r"[a-z0-9_]{1,40}")
_MEMBER = re.compile(r"[0-9]{1,3}/(?:head|calibration|seen)/[a-z0-9_]{1,40}\.npy")
_KINDS = "biuf"
# Read as it was written and in no other way: NumPy's own reader takes the header for an expression.
_HEADER = re.compile(
    rb"\{'descr': '([<|][biuf][1248])', 'fortran_order': False, 'shape': \(((?:\d{1,12},? ?)*)\), \} *\n"
)
_HEADER_START = b"\x93NUMPY\x01\x00"
_SEEN = ("chance", "label", "right", "copies")


def save(model: Model, path: Path) -> str:
    """Write a model and return the SHA-256 of the file; equal models give equal bytes.

    Raises:
        UnsafeLabel: a label is as long as a text.
        OutputError: the file cannot be written.
    """
    data = to_bytes(model)
    begun = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        begun.write_bytes(data)
        begun.replace(path)
    except OSError as error:
        raise OutputError(path=path, reason=reason(error)) from None
    finally:
        begun.unlink(missing_ok=True)  # whatever stopped it, Ctrl-C too
    return hashlib.sha256(data).hexdigest()


def load(path: Path) -> Model:
    """Read a model.

    Raises:
        NoSuchModel: there is no such file.
        NotAModel: it is something else.
        ModelNewer: a later version of veche made it.
        ModelDamaged: its bytes are not those that were written.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ModelDamaged(path=path, reason=_("it is too large"))
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise NoSuchModel(path=path) from None
    except OSError:
        raise NotAModel(path=path) from None
    return from_bytes(data, path=path)


def to_bytes(model: Model) -> bytes:
    """Return the file's bytes. Raises `UnsafeLabel`."""
    members: dict[str, bytes] = {}
    facets = []
    for number, (facet, one) in enumerate(model.facets.items()):
        if _too_long(one.labels):
            raise UnsafeLabel(facet=facet, limit=LONGEST_LABEL)
        arrays = {
            "head": one.head.parts(),
            "calibration": one.calibration.parts(),
            "seen": {name: getattr(one.seen, name) for name in _SEEN},
        }
        for group, parts in arrays.items():
            for name, array in parts.items():
                assert _PART.fullmatch(name), name
                members[f"{number}/{group}/{name}.npy"] = _npy(array)
        facets.append(_facet_json(facet, one))
    head = {
        "what": _MAGIC,
        "format": FORMAT,
        "card": model.card,
        "facets": facets,
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(members.items())},
    }
    text = orjson.dumps(head, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY)
    out = io.BytesIO()
    # Members are stored as they are: what is not packed cannot unpack to more than it is.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = hashlib.sha256(text).hexdigest().encode()
        for name, data in [(_JSON, text), *sorted(members.items())]:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def from_bytes(data: bytes, *, path: Path) -> Model:
    """Return the model whose file has these bytes; `path` is named in errors. Raises as `load`."""
    members, comment = _members(data, path)
    head = _head(members.pop(_JSON, b""), comment, path)
    try:
        digests = head["sha256"]
        for name, member in members.items():
            if digests.get(name) != hashlib.sha256(member).hexdigest():
                raise ModelDamaged(path=path, reason=_("a part has another digest than it should have"))
        if digests.keys() != members.keys():
            raise ModelDamaged(path=path, reason=_("parts are missing"))
        arrays = {name: _array(member) for name, member in members.items()}
        facets = {
            str(entry["facet"]): _facet(entry, _parts(arrays, number))
            for number, entry in enumerate(head["facets"])
        }
        if len(facets) != len(head["facets"]):
            raise ValueError("facets")
        check_card(head["card"], {facet: one.labels.names for facet, one in facets.items()})
        return Model(facets, head["card"])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, AssertionError):
        raise ModelDamaged(path=path, reason=_("its parts do not fit together")) from None


def _too_long(labels: LabelSet) -> bool:
    return any(len(text) > LONGEST_LABEL for text in (*labels.names, *labels.titles, *labels.group_names))


def _facet_json(facet: str, one: FacetModel) -> dict[str, Any]:
    labels = one.labels
    return {
        "facet": facet,
        "labels": {
            "names": list(labels.names),
            "titles": list(labels.titles),
            "groups": labels.groups.tolist(),
            "group_names": list(labels.group_names),
            "multi": labels.multi,
        },
        "head": one.head.settings(),
        "calibration": one.calibration.settings(),
        "saying": one.saying.settings(),
    }


def _npy(array: np.ndarray) -> bytes:
    plain = np.ascontiguousarray(array)
    assert plain.dtype.kind in _KINDS, plain.dtype
    assert plain.ndim <= MAX_DIMENSIONS, plain.shape
    out = io.BytesIO()
    np.lib.format.write_array(out, plain.astype(plain.dtype.newbyteorder("<")), (1, 0), allow_pickle=False)
    return out.getvalue()


def _members(data: bytes, path: Path) -> tuple[dict[str, bytes], bytes]:
    """Return the members by name, checked before they are read, and the comment of the archive."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        if _MAGIC.encode() in data[:1000]:
            raise ModelDamaged(path=path, reason=_("it breaks off")) from None
        raise NotAModel(path=path) from None
    with archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        if _JSON not in names:
            raise NotAModel(path=path)
        # Members that lie over one another would be more than the file.
        large = sum(entry.file_size for entry in entries) > len(data)
        if len(entries) > MAX_MEMBERS or len(set(names)) < len(names) or large:
            raise ModelDamaged(path=path, reason=_("it has more parts than it should have"))
        for entry in entries:
            limit = MAX_JSON_BYTES if entry.filename == _JSON else len(data)
            named = entry.filename == _JSON or _MEMBER.fullmatch(entry.filename)
            packed = entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1
            if not named or packed or entry.file_size > limit or entry.file_size != entry.compress_size:
                raise ModelDamaged(path=path, reason=_("it has parts that do not belong to it"))
        try:
            return {name: archive.read(name) for name in names}, archive.comment
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError):
            raise ModelDamaged(path=path, reason=_("a part cannot be read")) from None


def _head(text: bytes, comment: bytes, path: Path) -> dict[str, Any]:
    try:
        head = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ModelDamaged(path=path, reason=_("a part cannot be read")) from None
    if not isinstance(head, dict) or head.get("what") != _MAGIC:
        raise NotAModel(path=path)
    found = head.get("format")
    if type(found) is not int or found < 1:
        raise ModelDamaged(path=path, reason=_("a part cannot be read"))
    if found > FORMAT:
        raise ModelNewer(path=path, found=found, known=FORMAT)
    if comment != hashlib.sha256(text).hexdigest().encode():
        raise ModelDamaged(path=path, reason=_("a part has another digest than it should have"))
    return head


def _array(member: bytes) -> np.ndarray:
    """Return the array of an .npy member whose header says neither more nor less than there is."""
    start = len(_HEADER_START) + 2
    at = start + int.from_bytes(member[start - 2 : start], "little")
    said = _HEADER.fullmatch(member[start:at])
    if not member.startswith(_HEADER_START) or said is None:
        raise ValueError("header")
    dtype = np.dtype(said[1].decode())
    shape = tuple(int(length) for length in re.findall(rb"\d+", said[2]))
    count = math.prod(shape)
    if len(shape) > MAX_DIMENSIONS or count * dtype.itemsize != len(member) - at:
        raise ValueError("shape")
    array = np.frombuffer(member, dtype, count, at).reshape(shape).copy()
    if dtype.kind == "f" and np.isnan(array).any():
        raise ValueError("not a number")
    return array


def _parts(arrays: Mapping[str, np.ndarray], number: int) -> dict[str, dict[str, np.ndarray]]:
    parts: dict[str, dict[str, np.ndarray]] = {"head": {}, "calibration": {}, "seen": {}}
    for name, array in arrays.items():
        owner, group, part = name.removesuffix(".npy").split("/")
        if int(owner) == number:
            parts[group][part] = array
    return parts


def _facet(entry: Mapping[str, Any], parts: Mapping[str, dict[str, np.ndarray]]) -> FacetModel:
    said = entry["labels"]
    groups = np.array(said["groups"], np.int64).reshape(-1)
    labels = LabelSet(
        tuple(map(str, said["names"])),
        tuple(map(str, said["titles"])),
        groups,
        tuple(map(str, said["group_names"])),
        bool(said["multi"]),
    )
    if _too_long(labels):
        raise ValueError("label")
    n, seen = len(labels.names), Seen(**{name: parts["seen"][name] for name in _SEEN})
    if len(labels.titles) != n or len(groups) != n or len(set(labels.names)) != n:
        raise ValueError("labels")
    if n and (groups.min() < -1 or groups.max() >= len(labels.group_names)):
        raise ValueError("groups")
    m = len(seen.chance)
    if any(getattr(seen, name).shape != (m,) for name in _SEEN):
        raise ValueError("seen")
    if m and (seen.label.min() < 0 or seen.label.max() >= n or not np.isfinite(seen.chance).all()):
        raise ValueError("seen")
    head = Head.of(parts["head"], entry["head"])
    calibration = Calibration.of(parts["calibration"], entry["calibration"])
    return FacetModel(labels, head, calibration, Saying.of(entry["saying"]), seen)
