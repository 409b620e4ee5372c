import os

import numpy as np
import pytest

from veche.stages.remembered import cache_folder, remembered

TEXTS = ["The lamp is dark.", "No hot water."]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VECHE_HOME", str(tmp_path))
    return tmp_path / "cache"


@pytest.fixture
def make():
    """Makes vectors, others each time, and counts how often it was asked."""

    def call():
        call.times += 1
        return np.full((2, 512), call.times, np.float32)

    call.times = 0
    return call


def test_vectors_are_made_once_for_the_same_texts(make):
    first = remembered(TEXTS, make)
    assert np.array_equal(remembered(TEXTS, make), first)
    assert make.times == 1


def test_other_texts_have_other_vectors(make):
    remembered(TEXTS, make)
    remembered([TEXTS[0] + TEXTS[1], ""], make)
    assert make.times == 2


@pytest.mark.parametrize("broken", [b"", b"no array at all", None])
def test_a_file_that_cannot_be_read_is_made_anew(make, cache, broken):
    remembered(TEXTS, make)
    (file,) = cache.rglob("*.npy")
    if broken is None:
        np.save(file, np.zeros((1, 512), np.float32))
    else:
        file.write_bytes(broken)
    assert remembered(TEXTS, make)[0, 0] == 2
    assert remembered(TEXTS, make)[0, 0] == 2


def test_where_nothing_can_be_written_vectors_are_made_each_time(make, cache):
    cache.parent.mkdir(exist_ok=True)
    cache.write_text("a file where the folder would be")
    remembered(TEXTS, make)
    remembered(TEXTS, make)
    assert make.times == 2


def test_the_cache_of_a_run_lies_in_the_cache_folder_of_its_user(monkeypatch, tmp_path):
    monkeypatch.delenv("VECHE_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own" / "veche"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "veche"
