"""Reads the TOML parts of a pack: topics, bodies, cues and recognisers, each by code.

What one file says is checked here; what must hold between files is in `veche.packs.checks`.
"""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from veche.core.i18n import _
from veche.core.text import fold
from veche.packs.files import TomlFile, inside
from veche.packs.model import BODY_LEVELS, KINDS, MASK_TYPES, URGENCIES, Body, Cue, Pair, Recogniser, Topic
from veche.packs.patterns import fault_of
from veche.packs.problems import Problems
from veche.packs.tables import CODE, Table, table_list

#: Where each part was written, for the checks: (part, code) -> (file, line). Codes that a part's condition
#: names stand under ("part:code", the code named).
Origins = dict[tuple[str, str], tuple[str, int]]

T = TypeVar("T")


class Parts:
    """Reads the parts of one pack folder and remembers where each entry was written."""

    def __init__(self, folder: Path, *, languages: tuple[str, ...], problems: Problems) -> None:
        self.folder = folder
        self.languages = languages
        self.problems = problems
        self.origins: Origins = {}

    def topics(self) -> dict[str, Topic]:
        """Return the topics of all files in `topics/`, in the order of the files' names."""
        found: dict[str, Topic] = {}
        for path in sorted((self.folder / "topics").glob("*.toml")):
            found |= self.entries(path, "topic", _topic, key=lambda t: t.code, seen=found)
        return found

    def bodies(self) -> dict[str, Body]:
        """Return the bodies of `bodies.toml`."""
        return self.entries(self.folder / "bodies.toml", "body", _body, key=lambda b: b.code)

    def kinds(self) -> dict[str, Cue]:
        """Return the cues of `kinds.toml` by value."""
        return self.entries(self.folder / "kinds.toml", "kind", _kind, key=lambda c: c.value)

    def urgencies(self) -> dict[str, Cue]:
        """Return the cues of `urgency.toml` by value."""
        path = self.folder / "urgency.toml"
        return self.entries(path, "urgency", _urgency, key=lambda c: c.value, others=("negations",))

    def negations(self) -> dict[str, tuple[str, ...]]:
        """Return the negations of `urgency.toml` by language, folded."""
        path = self.folder / "urgency.toml"
        if not path.exists():
            return {}
        file = TomlFile(self.folder, path, self.problems)
        top = Table(file, file.data, line=0, languages=self.languages)
        return _folded(top.phrases("negations"))

    def groups(self) -> dict[str, Cue]:
        """Return the cues of `groups.toml` by "family:value"."""
        path = self.folder / "groups.toml"
        return self.entries(path, "group", _group, key=lambda c: f"{c.family}:{c.value}")

    def recognisers(self) -> dict[str, Recogniser]:
        """Return the recognisers of `masks.toml` by type."""
        return self.entries(self.folder / "masks.toml", "recogniser", _recogniser, key=lambda r: r.type)

    def name_lists(self) -> dict[str, frozenset[str]]:
        """Return the lists of `names/`, folded, by the name of their file."""
        found = {}
        for path in sorted((self.folder / "names").glob("*.txt")):
            lines = inside(self.folder, path).read_text("utf-8").splitlines()
            names = (fold(line.split("#")[0].strip()) for line in lines)
            found[path.stem] = frozenset(name for name in names if name)
        return found

    def entries(
        self,
        path: Path,
        name: str,
        make: Callable[[Table], T],
        *,
        key: Callable[[T], str],
        seen: Mapping[str, T] | None = None,
        others: tuple[str, ...] = (),
    ) -> dict[str, T]:
        """Return what `make` reads from each `[[name]]` of a file, by `key`; nothing where there is no file.

        Codes that the file or `seen` has already are problems.
        """
        found: dict[str, T] = {}
        if not path.exists():
            return found
        file = TomlFile(self.folder, path, self.problems)
        for table in table_list(file, name, languages=self.languages, others=others):
            item = make(table)
            table.close()
            self.keep(table, name, key(item), item, found, seen=seen)
        return found

    def keep(
        self,
        table: Table,
        name: str,
        code: str,
        item: T,
        found: dict[str, T],
        *,
        seen: Mapping[str, T] | None = None,
    ) -> None:
        """Put `item` into `found` and remember where it was written, unless its code is taken."""
        if code in found or code in (seen or {}):
            table.problem(
                "code",
                _("The code “{code}” is used twice.").format(code=code),
                _("Give each its own code."),
            )
        elif code:
            found[code] = item
            self.origins[name, code] = (table.file.name, max(table.line, 1))
            for target, line in table.places.items():
                self.origins[f"{name}:{code}", target] = (table.file.name, line)


def _topic(table: Table) -> Topic:
    code = table.code()
    above = code.rpartition(".")[0]
    return Topic(
        code=code,
        parent=table.string("parent", default=above),
        title=table.text("title", required=True),
        description=table.text("description"),
        examples=table.phrases("examples"),
        keywords=_folded(table.phrases("keywords")),
        not_=_neighbours(table),
        urgency=table.choice("urgency", URGENCIES, default="none"),
        kind=table.choice("kind", KINDS, default="complaint"),
    )


def _neighbours(table: Table) -> tuple[tuple[str, str], ...]:
    found = []
    for entry in table.tables("not"):
        code = entry.code("topic")
        means = entry.text("means")
        entry.close()
        found.append((code, means.get(table.languages[0], "") if table.languages else ""))
    return tuple(found)


def _body(table: Table) -> Body:
    return Body(
        code=table.code(),
        title=table.text("title", required=True),
        level=table.choice("level", BODY_LEVELS),
        topics=_codes(table, "topics"),
        oversees=_codes(table, "oversees"),
        contact=table.string("contact", default=""),
        territory=table.string("territory", default=""),
        parent=table.string("parent", default=""),
        valid_from=table.day("valid_from"),
        valid_to=table.day("valid_to"),
    )


def _codes(table: Table, key: str) -> tuple[str, ...]:
    codes = table.strings(key)
    for code in codes:
        if not CODE.fullmatch(code):
            table.problem(
                key,
                _("“{value}” is not a code.").format(value=code),
                _("Use lower-case Latin letters, digits, hyphens and dots."),
            )
    return codes


def _cue(table: Table, *, value: str, family: str = "") -> Cue:
    return Cue(
        value=value,
        phrases=_folded(table.phrases("phrases")),
        not_=_folded(table.phrases("not")),
        examples=table.phrases("examples"),
        family=family,
    )


def _kind(table: Table) -> Cue:
    return _cue(table, value=table.choice("value", KINDS))


def _urgency(table: Table) -> Cue:
    pairs = []
    for entry in table.tables("pair"):
        pairs.append(Pair(_folded(entry.phrases("one")), _folded(entry.phrases("other"))))
        entry.close()
    cue = _cue(table, value=table.choice("value", URGENCIES))
    return dataclasses.replace(cue, pairs=tuple(pairs))


def _group(table: Table) -> Cue:
    return _cue(table, value=table.string("value"), family=table.code("family"))


def _recogniser(table: Table) -> Recogniser:
    kind = table.choice("type", MASK_TYPES)
    patterns = table.strings("patterns", required=table.data.get("type") == "custom")
    for pattern in patterns:
        fault = fault_of(pattern)
        if fault:
            table.problem("patterns", *fault)
    return Recogniser(type=kind, label=table.text("label", required=True), patterns=patterns)


def _folded(phrases: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {tag: tuple(dict.fromkeys(fold(p) for p in several)) for tag, several in phrases.items()}
