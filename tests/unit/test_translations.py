"""Every message of the product speaks Russian as well as English, the words of click among them."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from types import ModuleType

import click
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from click.testing import CliRunner

from veche.cli import click_words
from veche.cli.app import make_app
from veche.core import errors, i18n

_ROOT = Path(__file__).resolve().parents[2]
_PO = _ROOT / "src" / "veche" / "locale" / "ru" / "LC_MESSAGES" / "veche.po"

#: A placeholder that a translation leaves out, and why: all numbers that we ask for are whole ones,
#: and what click would put in ("integer range") is English.
_LEFT_OUT = {"{value!r} is not a valid {number_type}.": {"number_type"}}

#: What click calls the values of options whose kind nobody worded; it asks no catalogue for these.
_UNWORDED = ("TEXT", "INTEGER", "PATH", "FILE", "DIRECTORY", "BOOLEAN", "OPTIONS", "COMMAND", "ARGS")


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", _ROOT / "tools" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def said() -> Catalog:
    """All messages in the code and the templates."""
    return _tool().extract()


@pytest.fixture(scope="module")
def russian() -> Catalog:
    with _PO.open("rb") as f:
        return read_po(f, locale="ru", abort_invalid=True)


@pytest.fixture
def in_russian() -> Iterator[None]:
    i18n.set_language("ru")
    yield
    i18n.set_language("en")


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _names(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def test_every_message_is_translated(said: Catalog, russian: Catalog) -> None:
    messages = [m.id for m in said if m.id]
    assert len(messages) > 500
    assert [m for m in messages if m not in russian] == []
    assert [m.id for m in russian if m.id and not all(_forms(m))] == []


def test_nothing_is_translated_that_nobody_says(said: Catalog, russian: Catalog) -> None:
    assert [m.id for m in russian if m.id and m.id not in said] == []
    assert list(russian.obsolete) == []


def test_no_translation_is_a_guess(russian: Catalog) -> None:
    assert [m.id for m in russian if m.id and m.fuzzy] == []


def test_a_number_has_its_three_forms(russian: Catalog) -> None:
    counted = [m for m in russian if m.pluralizable]
    assert len(counted) > 10
    assert [m.id for m in counted if len(_forms(m)) != 3] == []


def test_translations_are_filled_with_the_same_facts(russian: Catalog) -> None:
    for message in russian:
        if message.id:
            allowed = [_names(text) - _LEFT_OUT.get(text, set()) for text in _ids(message)]
            for form in _forms(message):
                assert _names(form) in allowed, message.id


def test_translations_begin_and_end_as_the_message_does(russian: Catalog) -> None:
    """A blank or a line break that is lost glues words together when messages are joined."""
    for message in russian:
        if message.id:
            edges = [(t[: len(t) - len(t.lstrip())], t[len(t.rstrip()) :]) for t in _ids(message)]
            for form in _forms(message):
                assert (form[: len(form) - len(form.lstrip())], form[len(form.rstrip()) :]) in edges, form


def test_russian_is_set_in_russian_marks(russian: Catalog) -> None:
    for message in russian:
        for form in _forms(message) if message.id else ():
            assert not re.search("[“”„]", form), form
            assert " - " not in re.sub("или - для|указать - для", "", form), form


def test_the_words_of_click_are_those_that_click_says() -> None:
    found = extract_from_dir(Path(click.__file__).parent, method_map=[("**.py", "python")])
    spoken = {message for _file, _line, message, _comments, _context in found}
    assert set(click_words.WORDS) <= spoken
    assert set(click_words.PLURALS) <= spoken


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["run", "--help"],
        ["report", "--help"],
        ["original", "--help"],
        ["pack", "--help"],
        ["pack", "check", "--help"],
        ["sample", "--help"],
        ["completion", "--help"],
        ["run"],
        ["run", "x"],
        ["run", "x", "--out", "y", "--limit", "0"],
        ["run", "x", "--out", "y", "--limit", "--seed"],
        ["run", "x", "--out", "y", "--masks", "--json"],
        ["run", "--limit"],
        ["--no-such-option"],
        ["report"],
        ["report", "a", "b", "c"],
        ["completion", "tcsh"],
        ["original", "no-such-folder", "1", "--reason", "x"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("in_russian")
def test_the_command_line_speaks_no_english(arguments: list[str], russian: Catalog) -> None:
    result = CliRunner().invoke(make_app(), arguments)
    # Names of options and of files may be English words.
    shown = " ".join(re.sub(r"--[\w-]+|\w+\.\w+", "", result.output).split())
    assert re.search("[а-яё]{4}", shown)
    assert [piece for piece in _english(russian) if piece in shown] == []
    assert [word for word in _UNWORDED if re.search(rf"\b{word}\b", shown)] == []


def _english(russian: Catalog) -> set[str]:
    """Return the fixed pieces of all English messages but those that a Russian one has too ("Open311")."""
    messages = [message for message in russian if message.id]
    theirs = " ".join(form for message in messages for form in _forms(message))
    pieces = {
        piece.strip() for m in messages for text in _ids(m) for piece in re.split(r"{.*?}|\s{2,}", text)
    }
    return {piece for piece in pieces if re.search("[A-Za-z]{5}", piece) and piece not in theirs}


def test_a_command_that_does_not_exist_is_named_in_russian() -> None:
    """In a process of its own, as a user starts it."""
    code = "from veche.cli import main; main(['fly'])"
    environment = {"VECHE_LANG": "ru", "PYTHONUTF8": "1", "LANG": "C.UTF-8", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 2
    assert "Нет команды «fly»." in done.stderr
    assert "Справка: veche --help" in done.stderr


@pytest.mark.usefixtures("in_russian")
def test_errors_speak_russian_with_russian_numbers() -> None:
    assert errors.RecordTooLong(limit=4194304).text() == "Запись длиннее 4\u202f194\u202f304 байт."
    assert errors.SourceDamaged(source="a.csv", row=12345).text().count("12345") == 1


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_error_can_be_shown(language: str) -> None:
    """The hint needs no fact that the message does not give, unless the raiser gives it for the hint."""
    i18n.set_language(language)
    try:
        for kind in _kinds(errors.VecheError):
            facts = dict.fromkeys(_names(kind.message) | _names(kind.hint), 7)
            error = kind(**facts)
            assert error.text()
            assert bool(error.advice()) == bool(kind.hint)
    finally:
        i18n.set_language("en")


def _kinds(kind: type[errors.VecheError]) -> Iterator[type[errors.VecheError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def test_the_language_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VECHE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert i18n.language_of_environment() == "en"
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    assert i18n.language_of_environment() == "ru"
    monkeypatch.setenv("VECHE_LANG", "en")
    assert i18n.language_of_environment() == "en"
    monkeypatch.setenv("VECHE_LANG", "fr")
    assert i18n.language_of_environment() == "en"
