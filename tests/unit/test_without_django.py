"""The command line and all that it runs do without the packages of the live service."""

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"

#: Lets nobody find the packages that only the live service needs.
BLOCK = """
import importlib.machinery, sys
class Blind(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.split(".")[0] in ("django", "psycopg", "ninja", "allauth", "procrastinate", "gunicorn"):
            return None
        return super().find_spec(name, path, target)
sys.meta_path[:] = [Blind if f is importlib.machinery.PathFinder else f for f in sys.meta_path]
"""


def python(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", BLOCK + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(SOURCE), "PATH": "/usr/bin:/bin", "VECHE_LANG": "en"},
    )


def test_every_module_but_those_of_the_service_loads_without_django():
    modules = [
        ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((SOURCE / "veche").rglob("*.py"))
        if "service" not in path.relative_to(SOURCE).parts[:2] and "_packs" not in path.parts
    ]
    assert len(modules) > 300
    loaded = python("import importlib\nfor name in sys.argv[1:]: importlib.import_module(name)", *modules)
    assert loaded.returncode == 0, loaded.stderr


def test_the_command_line_answers_without_django_and_says_what_the_service_lacks(tmp_path):
    say = "from veche.cli import main; main()"
    assert python(say, "--help").returncode == 0
    told = python(say, "up", "--data", tmp_path / "data")
    assert told.returncode == 1
    assert "VECHE-V" in told.stderr
    assert "Traceback" not in told.stderr
