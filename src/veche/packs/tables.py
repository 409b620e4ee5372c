"""Takes typed values out of a TOML table, and notes what is missing, unknown or of the wrong type.

A mistake never stops the reading: the value that was asked for comes back empty and the problem is
noted, so that one check shows everything that is wrong.
"""

import datetime
import math
import re
from typing import Any

from veche.core.i18n import _
from veche.packs.files import TomlFile

#: A code: lower-case Latin words, parted by dots where there is a tree.
CODE = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*")

#: A language tag of BCP 47, as far as packs use them ("ru", "sr-Latn", "pt-BR").
TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Table:
    """One `[[name]]` of a file, or the whole file where `name` is empty."""

    def __init__(self, file: TomlFile, data: Any, *, line: int, languages: tuple[str, ...]) -> None:
        self.file = file
        self.line = line
        self.languages = languages
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        #: Lines of codes inside conditions, for the checks between files.
        self.places: dict[str, int] = {}
        self._known: set[str] = set()
        if not isinstance(data, dict):
            self.problem("", _("A table is expected here."), _("Write it under a header in double brackets."))

    def line_of(self, key: str) -> int:
        """Return the line of `key` ("title" or "title.ru"), that of the header where it is not found."""
        if not key:
            return max(self.line, 1)
        line = self.file.line_of_key(key, self.line)
        return line if line != max(self.line, 1) else self.file.line_of_key(key.split(".")[0], self.line)

    def problem(self, key: str, message: str, hint: str, *, serious: bool = True) -> None:
        """Note a problem at `key`."""
        self.file.problem(self.line_of(key), message, hint, serious=serious)

    def _take(self, key: str, kind: type | tuple[type, ...], *, example: str, required: bool) -> Any:
        self._known.add(key)
        value = self.data.get(key)
        if value is None:
            if required:
                self.problem("", _("“{key}” is missing.").format(key=key), _hint(key, example))
            return None
        if not isinstance(value, kind):
            self.problem(key, _("“{key}” is of the wrong type.").format(key=key), _hint(key, example))
            return None
        return value

    def string(self, key: str, *, default: str | None = None, example: str = '"..."') -> str:
        """Return a string; without a default it must be there."""
        value = self._take(key, str, example=example, required=default is None)
        if default is None and value is not None and not value.strip():
            self.problem(key, _("“{key}” is empty.").format(key=key), _hint(key, example))
        return (default or "") if value is None else value.strip()

    def code(self, key: str = "code", *, default: str | None = None) -> str:
        """Return a code, checked for its form."""
        value = self.string(key, default=default, example='"roads.potholes"')
        if value and not CODE.fullmatch(value):
            self.problem(
                key,
                _("“{value}” is not a code.").format(value=value),
                _("Use lower-case Latin letters, digits, hyphens and dots."),
            )
            return ""
        return value

    def choice(self, key: str, allowed: tuple[str, ...], *, default: str | None = None) -> str:
        """Return one of `allowed`."""
        value = self.string(key, default=default, example=f'"{allowed[0]}"')
        if value and value not in allowed:
            self.problem(
                key,
                _("“{value}” is not a value of “{key}”.").format(value=value, key=key),
                _("Use one of: {allowed}.").format(allowed=", ".join(allowed)),
            )
            return allowed[-1] if default is None else default
        return value

    def day(self, key: str, *, required: bool = False) -> str:
        """Return a date as "2026-01-31", empty where it is not given."""
        value = self._take(key, (str, datetime.date), example="2026-01-31", required=required)
        if value is None or (value == "" and not required):
            return ""
        try:
            return datetime.date.fromisoformat(str(value)).isoformat()
        except ValueError:
            self.problem(key, _("“{key}” is not a date.").format(key=key), _hint(key, "2026-01-31"))
            return ""

    def number(self, key: str) -> float | None:
        """Return a finite number, None where it is not given."""
        value = self._take(key, (int, float), example="1", required=False)
        if value is not None and (isinstance(value, bool) or not math.isfinite(value)):
            self.problem(key, _("“{key}” is of the wrong type.").format(key=key), _hint(key, "1"))
            return None
        return value

    def whole(self, key: str, *, default: int | None = None, least: int = 0, most: int = 1_000_000) -> int:
        """Return a whole number from `least` to `most`; without a default it must be there."""
        value = self._take(key, int, example=str(max(least, 1)), required=default is None)
        if value is None:
            return least if default is None else default
        if isinstance(value, bool) or not least <= value <= most:
            self.problem(
                key,
                _("“{key}” must be a whole number from {least} to {most}.").format(
                    key=key, least=least, most=most
                ),
                _hint(key, str(max(least, 1))),
            )
            return least
        return value

    def mapping(self, key: str, *, required: bool = False) -> dict[str, Any]:
        """Return an inner table as it stands, empty where it is not given."""
        return self._take(key, dict, example="{ ... }", required=required) or {}

    def value(self, key: str) -> Any:
        """Return the value of a key that may be of several types, None where it is not given."""
        self._known.add(key)
        return self.data.get(key)

    def strings(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._take(key, list, example='["...", "..."]', required=required)
        return self._clean(key, value or [])

    def _clean(self, key: str, value: list[Any]) -> tuple[str, ...]:
        if not all(isinstance(v, str) and v.strip() for v in value):
            self.problem(
                key,
                _("“{key}” holds something that is not a text, or an empty one.").format(key=key),
                _hint(key, '["...", "..."]'),
            )
        return tuple(v.strip() for v in value if isinstance(v, str) and v.strip())

    def tables(self, key: str) -> list["Table"]:
        """Return a list of tables, such as `not = [{...}]`."""
        value = self._take(key, list, example="[{ ... }]", required=False) or []
        line = self.line_of(key)
        return [Table(self.file, v, line=line, languages=self.languages) for v in value]

    def text(self, key: str, *, required: bool = False) -> dict[str, str]:
        """Return a text by language, written as `key.ru = "..."`."""
        example = f'"..."  ({key}.{self.languages[0]} = "...")' if self.languages else '"..."'
        value = self._take(key, dict, example=example, required=required) or {}
        found = {}
        for tag, text in value.items():
            if self._language(key, tag):
                if isinstance(text, str) and text.strip():
                    found[tag] = text.strip()
                else:
                    self.problem(
                        key,
                        _("“{key}” is of the wrong type.").format(key=f"{key}.{tag}"),
                        _hint(key, '"..."'),
                    )
        return found

    def phrases(self, key: str) -> dict[str, tuple[str, ...]]:
        """Return lists of phrases by language, written as `key.ru = ["...", "..."]`."""
        value = self._take(key, dict, example='["..."]', required=False) or {}
        found = {}
        for tag, texts in value.items():
            if self._language(key, tag):
                if isinstance(texts, list):
                    found[tag] = self._clean(f"{key}.{tag}", texts)
                else:
                    name = f"{key}.{tag}"
                    self.problem(
                        key, _("“{key}” is of the wrong type.").format(key=name), _hint(name, '["..."]')
                    )
        return found

    def _language(self, key: str, tag: str) -> bool:
        if tag in self.languages:
            return True
        self.problem(
            key,
            _("“{tag}” is not a language of this pack.").format(tag=tag),
            _("Correct it, or add it to “languages” in pack.toml."),
        )
        return False

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.data:
            if key not in self._known:
                self.problem(
                    key,
                    _("“{key}” is not known here.").format(key=key),
                    _("Known are: {known}.").format(known=", ".join(sorted(self._known))),
                )


def _hint(key: str, example: str) -> str:
    return _("Write it like this: {key} = {example}").format(key=key, example=example)


def table_list(
    file: TomlFile, name: str, *, languages: tuple[str, ...], others: tuple[str, ...] = ()
) -> list[Table]:
    """Return the `[[name]]` tables of a file; keys of the file that are not in `others` are problems."""
    top = Table(file, file.data, line=0, languages=languages)
    value = file.data.get(name, [])
    if not isinstance(value, list):
        top.problem(name, _("“{key}” is of the wrong type.").format(key=name), _hint(f"[[{name}]]", "..."))
        value = []
    top._known |= {name, *others}
    top.close()
    return [
        Table(file, v, line=file.line_of_table(name, i), languages=languages) for i, v in enumerate(value)
    ]
