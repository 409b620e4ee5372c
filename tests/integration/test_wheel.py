"""The wheel: it holds all that a run needs, and runs away from the checkout."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_packs_translations_and_charts(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "veche/_packs/ru/pack.toml" in names
    assert "veche/_packs/boston/pack.toml" in names
    assert "veche/_help/ru/desk.md" in names
    assert "veche/locale/ru/LC_MESSAGES/veche.mo" in names
    assert "veche/picture/assets/echarts.min.js" in names
    served = {name.rpartition("/")[2] for name in names if name.startswith("veche/service/static/vendor/")}
    assert served == {"echarts.min.js", "leaflet.js", "leaflet.css"}
    assert any(n.endswith("licenses/NOTICE") for n in names)


def test_the_wheel_runs_on_its_own(wheel, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    python = tmp_path / "env" / "bin" / "python"
    site = Path(
        subprocess.check_output(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
        ).strip()
    )
    with zipfile.ZipFile(wheel) as z:
        z.extractall(site)
    # Dependencies as the tests have them; a path file is not followed from there to the checkout.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "VECHE_LANG": "en"}
    where = subprocess.check_output(
        [python, "-c", "import veche; print(veche.__file__)"], text=True, cwd=tmp_path, env=environment
    )
    assert where.startswith(str(tmp_path))

    def veche(*arguments):
        code = "from veche.cli import main; main()"
        return subprocess.run(
            [python, "-c", code, *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )

    made = veche("sample", "--n", 200, "--out", "a.jsonl")
    assert made.returncode == 0, made.stderr
    done = veche("run", "a.jsonl", "--out", "out", "--workers", 1)
    assert done.returncode in (0, 3), done.stderr
    assert (tmp_path / "out" / "report.html").exists()
