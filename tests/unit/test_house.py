"""The house rules that a machine can check."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "src").rglob("*.py"))


def name(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_public_name_has_a_docstring(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                    inherited = inner.name in ("open", "format_commands", "list_commands", "render")
                    assert ast.get_docstring(inner) or inherited, f"{node.name}.{inner.name}"


@pytest.mark.parametrize("path", [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))], ids=name)
def test_no_file_is_over_600_lines(path):
    assert path.read_text(encoding="utf-8").count("\n") <= 600


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=name)
def test_every_dependency_is_pinned_with_its_hash_and_without_an_address(path):
    text = path.read_text()
    assert "://" not in text
    assert "index-url" not in text
    for line in re.findall(r"^[a-z0-9].*$", text, re.MULTILINE):
        assert "==" in line
        assert line.endswith("\\")


def test_the_lock_of_the_chart_library_holds_no_address_but_a_hash():
    text = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert '"integrity"' in text


def test_the_reference_pages_are_what_the_code_says():
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "tools" / "make_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for file, page in module.PAGES.items():
        assert (module.REFERENCE / file).read_text(encoding="utf-8") == page(), (
            f"run `make reference` ({file})"
        )


def test_the_rooms_below_the_service_import_without_a_web_framework():
    code = "import sys, veche.run, veche.cli.app; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
