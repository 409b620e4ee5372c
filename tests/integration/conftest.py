"""A run of sample appeals that several tests look at, and the `veche` command as people call it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

VECHE = Path(sys.executable).parent / "veche"

#: Three chunks, so that two workers and a resumed run have something to share.
APPEALS = 5_000


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A home of our own, so that the key file of the person who runs the tests is left alone."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def veche(home):
    """Call `veche` with arguments; returns the finished process with its output as text."""

    def call(*arguments, language="en", cwd=None, stdin=None, **environment):
        env = {
            k: v
            for k, v in os.environ.items()
            if k not in ("LC_ALL", "LANG", "VECHE_DEBUG", "VECHE_KEY_FILE")
        }
        env |= {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "VECHE_LANG": language, **environment}
        return subprocess.run(
            [str(VECHE), *map(str, arguments)],
            env=env,
            cwd=cwd,
            capture_output=True,
            input=stdin,
            text=stdin is None or isinstance(stdin, str),
        )

    return call


@pytest.fixture(scope="session")
def sample(tmp_path_factory, veche):
    """Sample appeals and their truth."""
    folder = tmp_path_factory.mktemp("sample")
    made = veche(
        "sample",
        "--n",
        APPEALS,
        "--seed",
        11,
        "--out",
        folder / "appeals.jsonl",
        "--truth",
        folder / "truth.parquet",
    )
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="session")
def result(sample, tmp_path_factory, veche):
    """The output of one undisturbed run over the sample, with two workers."""
    out = tmp_path_factory.mktemp("result") / "out"
    done = veche("run", sample / "appeals.jsonl", "--out", out, "--workers", 2)
    assert done.returncode in (0, 3), done.stderr
    return out
