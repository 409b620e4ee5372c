"""What can be wrong on the page of a person's decisions is told with its line and what to do."""

import pytest

from veche.core.errors import (
    MergeInCircle,
    NameTaken,
    OtherRun,
    SignoffError,
    UnknownTheme,
)
from veche.themes.signoff import read_decisions

NAMES = {"t001": "Heating", "t002": "Pits", "t003": "Waste"}


def read(tmp_path, text, run="r1"):
    path = tmp_path / "themes.toml"
    path.write_bytes(text if isinstance(text, bytes) else f'run = "r1"\n{text}\n'.encode())
    return read_decisions(path, names=NAMES, parts={}, run=run, folder=tmp_path)


def refused(tmp_path, text, kind=SignoffError, **options):
    with pytest.raises(kind) as caught:
        read(tmp_path, text, **options)
    error = caught.value
    assert error.code.startswith("VECHE-T00")
    assert error.advice()
    assert str(tmp_path) in error.text() or kind is not SignoffError
    return error


def test_what_is_not_changed_is_no_decision(tmp_path):
    page = '[theme.t001]\nname = "Heating"\ninto = ""\nsplit = []\ndrop = false\npin = false'
    assert not read(tmp_path, page).of("t001")


def test_names_lose_spaces_and_line_breaks_around_words(tmp_path):
    assert read(tmp_path, '[theme.t001]\nname = "  Cold\\n radiators "').of("t001").name == "Cold radiators"


def test_codes_may_stand_in_quotation_marks(tmp_path):
    found = read(tmp_path, '[theme."t001"]\npin = true')
    assert found.of("t001").pin
    assert found.line("t001", "pin") == 3


@pytest.mark.parametrize(
    ("page", "line", "told"),
    [
        ("[theme.t001]\nname = Heating", 3, "cannot be read"),
        ('[theme.t001]\nname = "Heating', 3, "cannot be read"),
        ("[theme.t001]\n[theme.t001]", 3, "twice"),
        ("[theme.t001]\npin = true\npin = false", 4, "twice"),
        ("[theme.t001]\npin = 1", 3, "“pin” does not fit"),
        ('[theme.t001]\ndrop = "true"', 3, "“drop” does not fit"),
        ('[theme.t001]\nsplit = "one"', 3, "“split” does not fit"),
        ("[theme.t001]\n\nsplit = [1]", 4, "“split” does not fit"),
        ('[theme.t001]\nsplit = [" "]', 3, "“split” does not fit"),
        ("[theme.t001]\nname = 5", 3, "“name” does not fit"),
        (f'[theme.t001]\nname = "{"x" * 201}"', 3, "too long"),
        ("[theme.t001]\nmerge = 1", 3, "“merge” is not known"),
        ('[[theme]]\ncode = "t001"', 1, "“theme” is not known"),
        ("theme.t001 = 1", 1, "a theme stands in"),
        ("other = 1", 2, "“other” is not known"),
        ("[theme.t001]\ndrop = true\npin = true", 3, "both dropped and pinned"),
        ('[theme.t001]\ndrop = true\ninto = "t002"', 3, "both merged and dropped"),
        ('[theme.t001]\ninto = "t002"\n[theme.t002]\ndrop = true', 3, "“t002” is dropped"),
        ('[theme.t001]\nsplit = ["a"]\n[theme.t001-1]\nsplit = ["b"]', 5, "cannot be split again"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, page, line, told):
    error = refused(tmp_path, page)
    assert f"line {line}: " in error.text()
    assert told in error.text()


def test_a_misspelt_key_gets_the_right_one(tmp_path):
    assert "name" in refused(tmp_path, '[theme.t001]\nnmae = "A"').advice()


def test_an_unknown_code_gets_near_ones(tmp_path):
    error = refused(tmp_path, "\n[theme.t01]\npin = true", UnknownTheme)
    assert "line 3: there is no theme “t01”" in error.text()
    assert "t001" in error.advice()


def test_an_unknown_target_is_told_at_its_own_line(tmp_path):
    assert "line 3" in refused(tmp_path, '[theme.t001]\ninto = "t009"', UnknownTheme).text()


def test_a_part_is_unknown_until_its_theme_is_split(tmp_path):
    refused(tmp_path, '[theme.t001-1]\nname = "A"', UnknownTheme)
    page = '[theme.t001]\nsplit = ["a b"]\n[theme.t001-1]\nname = "A"\n[theme.t002]\ninto = "t001-1"'
    assert read(tmp_path, page).end_of("t002") == "t001-1"


@pytest.mark.parametrize(
    ("merges", "circle"),
    [
        ({"t001": "t001"}, "t001 → t001"),
        ({"t001": "t002", "t002": "t001"}, "t001 → t002 → t001"),
        ({"t003": "t001", "t001": "t002", "t002": "t001"}, "t001 → t002 → t001"),
    ],
)
def test_themes_cannot_be_merged_in_a_circle(tmp_path, merges, circle):
    page = "\n".join(f'[theme.{code}]\ninto = "{target}"' for code, target in merges.items())
    assert circle in refused(tmp_path, page, MergeInCircle).text()


@pytest.mark.parametrize("name", ["Pits", "pits", " PITS "])
def test_a_name_that_another_theme_has_is_refused(tmp_path, name):
    error = refused(tmp_path, f'[theme.t001]\nname = "{name}"', NameTaken)
    assert "line 3: themes “t001” and “t002”" in error.text()


def test_two_new_names_may_not_be_the_same(tmp_path):
    refused(tmp_path, '[theme.t001]\nname = "A"\n[theme.t003]\nname = "a"', NameTaken)


def test_names_may_be_swapped(tmp_path):
    page = '[theme.t001]\nname = "Pits"\n[theme.t002]\nname = "Heating"'
    assert read(tmp_path, page).of("t001").name == "Pits"


@pytest.mark.parametrize("gone", ["drop = true", 'into = "t003"'])
def test_the_name_of_a_theme_that_is_gone_is_free(tmp_path, gone):
    assert read(tmp_path, f'[theme.t001]\nname = "Pits"\n[theme.t002]\n{gone}').of("t001").name == "Pits"


def test_the_page_of_another_run_is_refused(tmp_path):
    assert "line 1" in refused(tmp_path, "", OtherRun, run="r2").text()
    refused(tmp_path, b"[theme.t001]\npin = true\n", OtherRun)


def test_bytes_that_are_no_text_are_told(tmp_path):
    assert "line 2: this is not UTF-8" in refused(tmp_path, b'run = "r1"\n\xff\xfe').text()


def test_a_page_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SignoffError, match="no such file"):
        read_decisions(tmp_path / "none.toml", names=NAMES, parts={}, run="r1", folder=tmp_path)


def test_windows_line_ends_and_marks_are_read(tmp_path):
    page = '\ufeffrun = "r1"\r\n[theme.t001]\r\npin = true\r\n'.encode()
    assert read(tmp_path, page).of("t001").pin
