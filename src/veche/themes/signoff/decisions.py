"""What a person decided about the themes of a run, read from `themes.toml` and checked.

The file speaks of the themes as the machine found them, and all of it holds at once: an example parts
a theme first, then themes are merged, then some are set aside. So it can be followed again and again
with the same outcome, and a line that is taken out is a decision taken back.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from veche.core.errors import MergeInCircle, NameTaken, OtherRun, SignoffError, UnknownTheme
from veche.core.i18n import _

#: The name of the file in the folder of a run.
PAGE = "themes.toml"

#: Bytes; the page of a thousand themes takes about one megabyte.
LARGEST = 16 << 20

#: At most so many examples part one theme, and each is at most so long (code points).
MOST_EXAMPLES = 20
LONGEST_EXAMPLE = 4_000
LONGEST_NAME = 200

_KINDS: dict[str, type] = {"name": str, "into": str, "split": list, "drop": bool, "pin": bool, "note": str}

_HEADER = re.compile(r"""^\s*\[\s*theme\s*\.\s*["']?(?P<code>[^"'\]]*?)["']?\s*\]""")
_KEY = re.compile(r"""^\s*["']?(?P<key>[\w-]+)["']?\s*=""")


@dataclass(frozen=True)
class Decision:
    """What was decided about one theme; all empty where nothing was.

    `name` is the person's; `into` is the theme that this one joins; `split` holds sentences or ids of
    appeals, each of which parts a theme of its own from this one; `note` is the person's own remark.
    """

    name: str = ""
    into: str = ""
    split: tuple[str, ...] = ()
    drop: bool = False
    pin: bool = False
    note: str = ""

    def __bool__(self) -> bool:
        return self != Decision()


@dataclass(frozen=True)
class Decisions:
    """The decisions by code of the theme, and where each was read: `lines` by (code, key)."""

    themes: Mapping[str, Decision]
    file: str = PAGE
    folder: str = ""
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def of(self, code: str) -> Decision:
        """Return what was decided about a theme."""
        return self.themes.get(code, Decision())

    def line(self, code: str, key: str = "") -> int:
        """Return the line of a key, else of the theme, else 1."""
        return self.lines.get((code, key)) or self.lines.get((code, "")) or 1

    def at(self, code: str, key: str = "") -> dict[str, Any]:
        """Return the facts that an error names the place by."""
        return {"file": self.file, "line": self.line(code, key)}

    def end_of(self, code: str) -> str:
        """Return the theme that the appeals of `code` end in after all merges."""
        while self.of(code).into:
            code = self.of(code).into
        return code


def part_code(code: str, number: int) -> str:
    """Return the code of what example `number` (from 1) parts from theme `code`."""
    return f"{code}-{number}"


def read_decisions(
    path: Path, *, names: Mapping[str, str], parts: Mapping[str, str], run: str, folder: Path
) -> Decisions:
    """Read the decisions in the file at `path` about a run whose themes are `names` (name by code).

    `parts` are the names that were made for parts of them, `run` is the run's mark, `folder` where it lies.

    Raises:
        SignoffError: the file cannot be read or does not hold together; the error names the line.
    """
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _broken_toml(path, text, str(error)) from None
    lines = _lines(text)
    _check_head(data, path=path, run=run, folder=folder, lines=lines)
    themes = data.get("theme", {})
    made = {**parts, **names}
    read = {c: _decision(path, c, keys, lines, machine_name=made.get(c, "")) for c, keys in themes.items()}
    # The section of a part may stay behind when its split is taken back.
    read = {code: decision for code, decision in read.items() if decision or code not in parts}
    found = Decisions(read, file=str(path), folder=str(folder), lines=lines)
    check(found, names)
    return found


def check(decisions: Decisions, names: Mapping[str, str]) -> None:
    """Check that the decisions fit the themes `names` and one another.

    Raises:
        SignoffError: they do not.
    """
    known = {*names, *_parts(decisions)}
    for code, decision in decisions.themes.items():
        _check_known(decisions, code, key="", theme=code, known=known)
        if decision.into:
            _check_known(decisions, code, key="into", theme=decision.into, known=known)
            _check_merge(decisions, code)
        if decision.split and code not in names:
            raise SignoffError(
                **decisions.at(code, "split"),
                problem=_("a part of a theme cannot be split again."),
                advice=_("Give the theme it came from one more example instead."),
            )
        if decision.drop and decision.pin:
            raise SignoffError(
                **decisions.at(code, "drop"),
                problem=_("theme “{theme}” is both dropped and pinned.").format(theme=code),
                advice=_("Leave one of the two false."),
            )
    _check_names(decisions, names)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError:
        raise SignoffError(
            file=path,
            line=1,
            problem=_("there is no such file, or it cannot be read."),
            advice=_("Write it with: veche themes edit {path}").format(path=path.parent),
        ) from None
    if len(data) > LARGEST:
        problem = _("the file is too large.")
        raise SignoffError(file=path, line=1, problem=problem, advice=_("Name the file that edit wrote."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        advice = _("Save the file as UTF-8.")
        raise SignoffError(
            file=path, line=line, problem=_("this is not UTF-8 text."), advice=advice
        ) from None


def _broken_toml(path: Path, text: str, told: str) -> SignoffError:
    place = re.search(r"\(at line (\d+)", told)
    line = int(place[1]) if place else text.count("\n") + 1
    if "Cannot declare" in told or "Cannot overwrite" in told:
        problem = _("this stands in the file twice.")
    else:
        problem = _("this cannot be read: a quotation mark, a comma or a bracket may be missing.")
    advice = _("Texts stand in quotation marks, lists in [ ], choices are true or false.")
    return SignoffError(file=path, line=line, problem=problem, advice=advice)


def _lines(text: str) -> dict[tuple[str, str], int]:
    """Where each theme and each of its keys stands; keys above all themes belong to the code ""."""
    found: dict[tuple[str, str], int] = {}
    code = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            code = header["code"].strip()
            found.setdefault((code, ""), number)
        elif key := _KEY.match(line):
            found.setdefault((code, key["key"]), number)
    return found


def _check_head(
    data: dict[str, Any], *, path: Path, run: str, folder: Path, lines: Mapping[tuple[str, str], int]
) -> None:
    for key, value in data.items():
        if key not in ("run", "theme") or (key == "theme" and not isinstance(value, dict)):
            raise SignoffError(
                file=path,
                line=lines.get(("", key), 1),
                problem=_("“{key}” is not known here.").format(key=key),
                advice=_("Decisions stand below a line such as [theme.t001]."),
            )
    if data.get("run") != run:
        raise OtherRun(file=path, line=lines.get(("", "run"), 1), path=folder)


def _decision(
    path: Path, code: str, keys: Any, lines: Mapping[tuple[str, str], int], *, machine_name: str
) -> Decision:
    def wrong(key: str, problem: str, advice: str) -> SignoffError:
        line = lines.get((code, key)) or lines.get((code, "")) or 1
        return SignoffError(file=path, line=line, problem=problem, advice=advice)

    if not isinstance(keys, dict):
        raise wrong(
            "", _("a theme stands in a line such as [theme.t001]."), _("Put its keys below that line.")
        )
    for key, value in keys.items():
        if key not in _KINDS:
            near = ", ".join(difflib.get_close_matches(key, _KINDS, 1) or _KINDS)
            problem = _("“{key}” is not known here.").format(key=key)
            raise wrong(key, problem, _("Perhaps you mean: {near}.").format(near=near))
        if type(value) is not _KINDS[key]:
            raise wrong(key, _("the value of “{key}” does not fit.").format(key=key), _fitting(key))
    split = keys.get("split", [])
    good = all(isinstance(e, str) and e.strip() and len(e) <= LONGEST_EXAMPLE for e in split)
    if not good or len(split) > MOST_EXAMPLES:
        raise wrong("split", _("the value of “{key}” does not fit.").format(key="split"), _fitting("split"))
    name = " ".join(keys.get("name", "").split())
    if len(name) > LONGEST_NAME:
        raise wrong("name", _("the name is too long."), _("A name is at most 200 characters long."))
    return Decision(
        name="" if name == machine_name else name,
        into=keys.get("into", "").strip(),
        split=tuple(e.strip() for e in split),
        drop=keys.get("drop", False),
        pin=keys.get("pin", False),
        note=keys.get("note", ""),
    )


def _fitting(key: str) -> str:
    if key == "split":
        return _('Write up to 20 sentences or ids of appeals: split = ["The radiators are cold."]')
    if _KINDS[key] is bool:
        return _("Write {key} = true or {key} = false, without quotation marks.").format(key=key)
    return _("Write a text in quotation marks: {key} = “…”").format(key=key).replace("“…”", '"…"')


def _parts(decisions: Decisions) -> Iterator[str]:
    for code, decision in decisions.themes.items():
        yield from (part_code(code, number + 1) for number in range(len(decision.split)))


def _check_known(decisions: Decisions, code: str, *, key: str, theme: str, known: set[str]) -> None:
    if theme not in known:
        near = ", ".join(difflib.get_close_matches(theme, sorted(known), 3, 0.5)) or "–"
        at = decisions.at(code, key)
        raise UnknownTheme(**at, theme=theme, near=near, path=decisions.folder or ".")


def _check_merge(decisions: Decisions, code: str) -> None:
    if decisions.of(code).drop:
        raise SignoffError(
            **decisions.at(code, "drop"),
            problem=_("theme “{theme}” is both merged and dropped.").format(theme=code),
            advice=_("Leave “into” empty, or drop = false."),
        )
    way = [code]
    while target := decisions.of(way[-1]).into:
        way.append(target)
        if target in way[:-1]:
            circle = " → ".join(way[way.index(target) :])
            raise MergeInCircle(**decisions.at(code, "into"), circle=circle)
    if decisions.of(way[-1]).drop:
        raise SignoffError(
            **decisions.at(code, "into"),
            problem=_("theme “{theme}” is dropped, so nothing can join it.").format(theme=way[-1]),
            advice=_("Drop this theme too, or merge it into another one."),
        )


def _check_names(decisions: Decisions, names: Mapping[str, str]) -> None:
    """No two themes that are shown have one name; what the machine named alike is left alone."""
    taken: dict[str, str] = {}
    shown = [
        c for c in {**names, **decisions.themes} if not decisions.of(c).into and not decisions.of(c).drop
    ]
    for code in sorted(shown, key=lambda c: bool(decisions.of(c).name)):
        name = decisions.of(code).name or names.get(code, "")
        other = taken.setdefault(name.casefold(), code)
        if name and other != code and decisions.of(code).name:
            raise NameTaken(**decisions.at(code, "name"), theme=code, other=other)
