"""`veche themes` as people call it, in English and in Russian, and the pages that tell of it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.integration.test_how_to import HOW_TO, assert_shown, environment, steps

__all__ = ["environment"]


@pytest.fixture
def folder(result, tmp_path):
    """A copy of the finished run, to be decided about."""
    return shutil.copytree(result, tmp_path / "out")


def change(page: Path, sections: str) -> None:
    """Write the keys of `sections` over those of the same themes on the page, as a person would."""
    text = page.read_text("utf-8")
    code = ""
    for line in sections.splitlines():
        if header := re.match(r"\[theme\.(.+)\]", line):
            code = header[1]
        elif " = " in line:
            key = line.split(" = ")[0]
            start = text.index(f"[theme.{code}]")
            before, rest = text[:start], text[start:]
            text = before + re.sub(
                rf"^{key} = .*$", lambda _m, new=line: new, rest, count=1, flags=re.MULTILINE
            )
    page.write_text(text, "utf-8")


def test_every_theme_and_what_is_rare_is_listed(folder, veche):
    digests = json.loads((folder / "digests.json").read_text("utf-8"))
    listed = veche("themes", "list", folder).stdout.splitlines()
    assert len(listed) == len(digests["themes"]) + 2
    assert "rare and singular" in listed[-1]
    assert json.loads(veche("themes", "list", folder, "--json").stdout) == digests


def test_a_theme_is_shown_with_its_quotations_in_russian(folder, veche):
    theme = json.loads((folder / "digests.json").read_text("utf-8"))["themes"][0]
    shown = veche("themes", "show", folder, "t001", language="ru").stdout
    assert shown.startswith(f"t001  {theme['name']}\n")
    for quotation in theme["quotations"]:
        assert quotation["appeal_id"] in shown


def test_a_theme_that_is_not_there_gets_near_ones(folder, veche):
    done = veche("themes", "show", folder, "t0001")
    assert done.returncode == 2
    assert "t001" in done.stderr


@pytest.mark.parametrize("command", ["list", "show", "edit", "apply"])
def test_a_folder_without_a_run_is_told(command, tmp_path, veche):
    more = {"show": ["t001"], "apply": ["--by", "Anna"]}.get(command, [])
    done = veche("themes", command, tmp_path, *more)
    assert (done.returncode, done.stdout) == (2, "")
    assert "VECHE-T002" in done.stderr


def test_an_editor_edits_applies_and_sees_it_everywhere(folder, veche):
    assert veche("themes", "edit", folder).returncode == 0
    change(folder / "themes.toml", '[theme.t001]\nname = "Свет и вода"\n[theme.t003]\ninto = "t002"')
    done = veche("themes", "apply", folder, "--by", "Анна", language="ru")
    assert done.returncode == 0, done.stderr
    assert "Свет и вода" in (folder / "report.html").read_text("utf-8")
    assert "Свет и вода" in veche("themes", "list", folder).stdout
    picture = pq.read_table(folder / "picture.parquet")["theme"].to_pylist()
    assert "t002" in picture
    assert "t003" not in picture
    audit = json.loads((folder / "audit.json").read_text())["representation"]["groups"]
    spoken = {group["value"] for group in audit if group["dimension"] == "theme"}
    spoken |= {quotation["theme"] for quotation in json.loads((folder / "digest.json").read_text())}
    spoken |= {*pq.read_table(folder / "alerts.parquet")["theme"].to_pylist()}
    assert "t002" in spoken
    assert "t003" not in spoken
    assert "Свет и вода" in (folder / "audit.html").read_text("utf-8")


def test_what_was_decided_holds_in_another_run(folder, result, tmp_path, veche):
    veche("themes", "edit", folder)
    change(folder / "themes.toml", '[theme.t001]\nname = "Свет и вода"\n[theme.t002]\ndrop = true')
    assert veche("themes", "apply", folder, "--by", "Анна").returncode == 0
    later = shutil.copytree(result, tmp_path / "later")
    done = veche("themes", "apply", later, "--from", folder, "--by", "Анна")
    assert done.returncode == 0, done.stderr
    assert "set aside" in veche("themes", "list", later).stdout
    assert "A person set" in (later / "report.html").read_text("utf-8")
    for name in ("themes.parquet", "digests.json"):
        assert (later / name).read_bytes() == (folder / name).read_bytes()


def test_who_signed_stands_in_the_folder_and_nowhere_else(folder, veche):
    veche("themes", "edit", folder)
    done = veche("themes", "apply", folder, "--by", "Анна Редактор")
    assert "Анна" not in done.stdout + done.stderr
    holding = [
        p.relative_to(folder)
        for p in folder.rglob("*")
        if p.is_file() and "Анна Редактор".encode() in p.read_bytes()
    ]
    assert holding == [Path("signed/1.json")]


def test_a_mistake_is_told_with_its_line_and_nothing_is_written(folder, veche):
    veche("themes", "edit", folder)
    change(folder / "themes.toml", '[theme.t002]\ninto = "t002"')
    before = (folder / "digests.json").read_bytes()
    done = veche("themes", "apply", folder, "--by", "Anna")
    assert done.returncode == 2
    assert re.search(r"themes\.toml, line \d+: .*t002 → t002.*\[VECHE-T004\]", done.stderr)
    assert (folder / "digests.json").read_bytes() == before
    assert not (folder / "signed").exists()


def test_a_page_is_never_replaced_by_one_that_forgets(folder, veche):
    veche("themes", "edit", folder)
    broken = (folder / "themes.toml").read_text("utf-8") + "\n[theme.t001"
    (folder / "themes.toml").write_text(broken, "utf-8")
    assert veche("themes", "edit", folder).returncode == 2
    assert (folder / "themes.toml").read_text("utf-8") == broken


@pytest.mark.parametrize("name", ["read-the-themes.md", "sign-off-themes.md"])
def test_the_page_does_what_it_says(name, tmp_path, environment):
    for what, text in steps((HOW_TO / name).read_text("utf-8")):
        if not what.startswith("$ "):
            change(tmp_path / what, text)
            continue
        done = subprocess.run(
            what[2:], shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode in (0, 3), f"{what}\n{done.stdout}{done.stderr}"
        assert_shown(re.sub(r" \.\.\.", "\n...\n", text), done.stdout)
