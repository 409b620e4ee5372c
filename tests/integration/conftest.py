"""A run of sample appeals that several tests look at, and the `veche` command as people call it.

What is made once is shared by all processes that run tests side by side: the first that needs it makes it.
"""

import fcntl
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from veche.cli import main
from veche.core.i18n import language as language_in_force
from veche.core.i18n import set_language
from veche.core.keys import load_key

VECHE = Path(sys.executable).parent / "veche"

#: Two parts, so that two workers and a resumed run have something to share.
APPEALS = 4_400

#: What the environment of the person who runs the tests may say, and the tests must not hear.
_UNHEARD = ("LC_ALL", "LANG", "VECHE_DEBUG", "VECHE_KEY_FILE")


def once(factory, name, make):
    """Return the folder `name` that `make` fills; only the first of all test processes makes it."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, whole = base / name, base / f"{name}.whole"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A home of our own, so that the key file of the person who runs the tests is left alone."""
    return once(tmp_path_factory, "home", lambda folder: load_key(folder / "data" / "veche" / "key"))


def _own(home, language):
    return {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "VECHE_LANG": language}


@pytest.fixture(scope="session")
def command(home):
    """Call `veche` in a process of its own; returns it finished, with its output as text."""

    def call(*arguments, language="en", cwd=None, stdin=None, **environment):
        env = {k: v for k, v in os.environ.items() if k not in _UNHEARD} | _own(home, language) | environment
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
def veche(home):
    """Call `veche` like `command`, but in this process, which has its libraries loaded already."""

    def call(*arguments, language="en", cwd=None, stdin="", **environment):
        before = language_in_force()
        streams = {name: io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for name in ("stdout", "stderr")}
        with pytest.MonkeyPatch.context() as patch:
            for name in _UNHEARD:
                patch.delenv(name, raising=False)
            for name, value in (_own(home, language) | {"LANGUAGE": language} | environment).items():
                patch.setenv(name, value)
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
            patch.chdir(cwd or Path.cwd())
            with pytest.raises(SystemExit) as ended:
                main([str(a) for a in arguments])
            set_language(before)
        told = {}
        for name, stream in streams.items():
            stream.flush()
            told[name] = stream.buffer.getvalue().decode()
        return subprocess.CompletedProcess(arguments, ended.value.code, **told)

    return call


@pytest.fixture(scope="session")
def sample(tmp_path_factory, command):
    """Sample appeals and their truth."""

    def make(folder):
        to = ("--out", folder / "appeals.jsonl", "--truth", folder / "truth.parquet")
        made = command("sample", "--n", APPEALS, "--seed", 11, *to)
        assert made.returncode == 0, made.stderr

    return once(tmp_path_factory, "sample", make)


@pytest.fixture(scope="session")
def result(sample, tmp_path_factory, command):
    """The output of one undisturbed run over the sample, with two workers."""

    def make(folder):
        done = command("run", sample / "appeals.jsonl", "--out", folder / "out", "--workers", 2)
        assert done.returncode in (0, 3), done.stderr

    return once(tmp_path_factory, "result", make) / "out"
