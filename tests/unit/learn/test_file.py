"""The model's file: it comes back as it was, holds no text, and whatever was done to it is told."""

import hashlib
import io
import zipfile
from dataclasses import replace

import numpy as np
import orjson
import pytest

from veche.core.errors import ModelDamaged, ModelNewer, NoSuchModel, NotAModel, UnsafeLabel
from veche.learn.file import FORMAT, from_bytes, load, save, to_bytes
from veche.learn.model import Model
from veche.learn.train import train

GRAM = 6
LEAST_CHARACTERS = 30


@pytest.fixture(scope="module")
def model(made_history):
    return train(made_history, seed=5)


@pytest.fixture(scope="module")
def data(model):
    return to_bytes(model)


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, *, compression=zipfile.ZIP_STORED, honest=True):
    """Return a file of these members; with `honest` the digests are those of the members."""
    if honest:
        head = orjson.loads(parts["model.json"])
        head["sha256"] = {
            name: hashlib.sha256(part).hexdigest() for name, part in parts.items() if name != "model.json"
        }
        parts = parts | {"model.json": orjson.dumps(head)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.comment = hashlib.sha256(parts["model.json"]).hexdigest().encode()
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def test_a_model_comes_back_as_it_was(model, made_history, tmp_path):
    digest = save(model, tmp_path / "a.model")
    assert digest == hashlib.sha256((tmp_path / "a.model").read_bytes()).hexdigest()
    back = load(tmp_path / "a.model")
    assert back.card == model.card
    assert list(back.facets) == list(model.facets)
    for facet, one in model.facets.items():
        held = back.facets[facet]
        assert held.labels.names == one.labels.names
        assert held.labels.multi == one.labels.multi
        assert (held.seen.chance == one.seen.chance).all()
        np.testing.assert_allclose(
            held.chances(made_history.inputs), one.chances(made_history.inputs), atol=2e-3
        )


def test_what_was_read_is_written_again_byte_for_byte(data, tmp_path):
    assert to_bytes(from_bytes(data, path=tmp_path)) == data


def test_no_six_words_of_a_training_text_can_be_read_from_the_file(data, made_history):
    grams = set()
    for text in made_history.inputs.texts.to_pylist():
        words = text.split()
        found = (" ".join(words[i : i + GRAM]) for i in range(len(words) - GRAM + 1))
        grams.update(gram for gram in found if len(gram) >= LEAST_CHARACTERS)
    assert len(grams) > 500
    for stored in [data, *members(data).values()]:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            shift = stored[1:] if encoding != "utf-8" else b""
            for bytes_ in (stored, shift):
                text = bytes_.decode(encoding, "ignore").casefold()
                assert not any(gram in text for gram in grams)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.5, 0.9, 0.97, 0.98, 0.99, 1.0])
def test_a_changed_byte_is_told_or_nothing_that_is_read(data, share, tmp_path):
    at = int(share * (len(data) - 1))
    changed = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
    try:
        back = from_bytes(changed, path=tmp_path)
    except (ModelDamaged, NotAModel):
        return
    assert share > 0.95  # in the table of contents of the archive a day says nothing
    assert to_bytes(back) == data


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_that_breaks_off_is_told(data, share, tmp_path):
    with pytest.raises((ModelDamaged, NotAModel)):
        from_bytes(data[: int(share * len(data))], path=tmp_path)


def test_something_else_is_no_model(tmp_path):
    for name, content in (("a.txt", b"hello"), ("empty", b""), ("a.zip", packed({"model.json": b"{}"}))):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(NotAModel):
            load(tmp_path / name)
    with pytest.raises(NotAModel):
        load(tmp_path)


def test_a_file_that_is_not_there_is_called_so(tmp_path):
    for name in ("absent", "absent/too"):
        with pytest.raises(NoSuchModel):
            load(tmp_path / name)


def test_a_model_of_a_later_version_says_so(data, tmp_path):
    parts = members(data)
    parts["model.json"] = orjson.dumps(orjson.loads(parts["model.json"]) | {"format": FORMAT + 1})
    with pytest.raises(ModelNewer) as error:
        from_bytes(packed(parts, honest=False), path=tmp_path)
    assert str(FORMAT + 1) in error.value.text()


def test_a_part_with_another_digest_is_told(data, tmp_path):
    parts = members(data)
    name = next(n for n in parts if n.endswith("chance.npy"))
    parts[name] = parts[name][:-1] + bytes([parts[name][-1] ^ 1])
    with pytest.raises(ModelDamaged, match="digest"):
        from_bytes(packed(parts, honest=False), path=tmp_path)


def npy(array, *, pickled=False):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, (1, 0), allow_pickle=pickled)
    return out.getvalue()


def lying(shape):
    """Return an .npy that says to hold far more than it does."""
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return out.getvalue() + bytes(16)


@pytest.mark.parametrize(
    "part",
    [
        npy(np.array([{"a": 1}], object), pickled=True),
        npy(np.array([1.0, np.nan], np.float32)),
        npy(np.array(["text"])),
        lying((1 << 40,)),
        lying((1 << 31, 1 << 31, 1 << 31)),
        lying((-4,)),
        b"\x93NUMPY\x01\x00",
        b"",
    ],
    ids=["pickle", "not a number", "text", "huge", "overflow", "negative", "cut", "empty"],
)
def test_an_array_that_is_none_is_refused(data, part, tmp_path):
    parts = members(data)
    parts["0/seen/chance.npy"] = part
    with pytest.raises(ModelDamaged):
        from_bytes(packed(parts), path=tmp_path)


def test_packed_and_foreign_members_are_refused(data, tmp_path):
    parts = members(data)
    with pytest.raises(ModelDamaged):  # what is packed may unpack to anything
        from_bytes(packed(parts, compression=zipfile.ZIP_DEFLATED), path=tmp_path)
    for name in ("../a.npy", "0/head/../../a.npy", "run.py", "0/head/A.npy"):
        with pytest.raises(ModelDamaged):
            from_bytes(packed(parts | {name: npy(np.zeros(1))}), path=tmp_path)
    del parts["0/seen/chance.npy"]
    with pytest.raises(ModelDamaged):
        from_bytes(packed(parts), path=tmp_path)


def test_labels_that_do_not_fit_the_arrays_are_refused(data, tmp_path):
    parts = members(data)
    head = orjson.loads(parts["model.json"])
    head["facets"][0]["labels"]["names"].pop()
    parts["model.json"] = orjson.dumps(head)
    with pytest.raises(ModelDamaged):
        from_bytes(packed(parts), path=tmp_path)


def short(card):
    card["portrait"]["known_words"] = "AA=="


def elsewhere(card):
    card["pack"]["code"] = "/home/anybody/pack"


def other_labels(card):
    card["facets"]["topic"]["labels"] = {"Roads": 3}


def no_day(card):
    card["data"]["first"] = "yesterday"


@pytest.mark.parametrize("change", [dict.clear, short, elsewhere, other_labels, no_day])
def test_a_card_that_a_stranger_wrote_is_refused(data, change, tmp_path):
    parts = members(data)
    head = orjson.loads(parts["model.json"])
    change(head["card"])
    with pytest.raises(ModelDamaged):
        from_bytes(packed(parts | {"model.json": orjson.dumps(head)}), path=tmp_path)


@pytest.mark.parametrize("said", ["((((((((", "{'descr': '<f4', 'shape': __import__('os')}", "[" * 90])
def test_the_header_of_an_array_is_never_an_expression(data, said, tmp_path):
    text = said.encode().ljust(117) + b"\n"
    part = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
    with pytest.raises(ModelDamaged):
        from_bytes(packed(members(data) | {"0/seen/chance.npy": part}), path=tmp_path)


def test_a_label_as_long_as_a_text_is_not_written(model, tmp_path):
    topic = model.facets["topic"]
    names = ("they wrote " * 30, *topic.labels.names[1:])
    bad = Model({"topic": replace(topic, labels=replace(topic.labels, names=names))}, model.card)
    with pytest.raises(UnsafeLabel):
        save(bad, tmp_path / "a.model")
    assert not list(tmp_path.iterdir())
