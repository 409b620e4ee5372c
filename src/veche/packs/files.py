"""Reads the files of a pack: inside its folder only, within limits of size, with line numbers.

The standard TOML reader forgets where things stood, so the lines are found again by a search for the
headers of tables and the names of keys.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from veche.core.errors import OversizedPack, UnsafePack
from veche.core.i18n import _
from veche.packs.problems import Problems

#: Bytes. The largest file of a nation's pack (its forms of place names) takes about one megabyte.
MAX_BYTES = {
    ".toml": 4 << 20,
    ".md": 1 << 20,
    ".csv": 64 << 20,
    ".tsv": 128 << 20,
    ".txt": 8 << 20,
    ".geojson": 64 << 20,
}


_FENCE = "+++"


def inside(folder: Path, file: Path) -> Path:
    """Return `file` once it is sure that it lies in `folder` and is not too large.

    Raises:
        UnsafePack: a link or a ".." leads out of the folder.
        OversizedPack: the file is larger than `MAX_BYTES` allows for its kind.
    """
    name = file.name if not file.is_relative_to(folder) else file.relative_to(folder).as_posix()
    if not file.resolve().is_relative_to(folder.resolve()):
        raise UnsafePack(pack=folder.name, file=name)
    limit = MAX_BYTES.get(file.suffix, 1 << 20)
    if file.stat().st_size > limit:
        raise OversizedPack(pack=folder.name, file=name, limit=limit)
    return file


class File:
    """One text file of a pack and the problems that are found in it."""

    def __init__(self, folder: Path, path: Path, problems: Problems) -> None:
        self.folder = folder
        self.name = path.relative_to(folder).as_posix()
        self.problems = problems
        self.text = ""
        data = inside(folder, path).read_bytes()
        try:
            self.text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self.problem(line, _("This is not UTF-8 text."), _("Save the file as UTF-8."))

    def problem(self, line: int, message: str, hint: str, *, serious: bool = True) -> None:
        """Note a problem at `line` of this file."""
        self.problems.add(self.name, line, message, hint, serious=serious)


class TomlFile(File):
    """A TOML file: its data, and where tables and keys stand."""

    def __init__(self, folder: Path, path: Path, problems: Problems) -> None:
        super().__init__(folder, path, problems)
        toml = self._toml()
        self.lines = toml.splitlines()
        self.data: dict[str, Any] = {}
        try:
            self.data = tomllib.loads(toml)
        except RecursionError:
            self.problem(1, _("This nests too deep to be read."), _("Take out brackets within brackets."))
        except ValueError as error:  # TOMLDecodeError is one; so is a number of thousands of digits
            at = re.search(r"at line (\d+)", str(error))
            line = int(at[1]) if at else max(len(self.lines), 1)
            self.problem(
                line,
                _("This is not valid TOML: {reason}.").format(reason=_(str(error).split(" (at")[0])),
                _("Look for a missing quotation mark, bracket or comma on this line or before it."),
            )

    def _toml(self) -> str:
        return self.text

    def line_of_table(self, name: str, index: int, start: int = 0) -> int:
        """Return the line of the `index`-th header `[[name]]` below line `start`; without one, that line."""
        header = re.compile(rf"\s*\[\[\s*{re.escape(name)}\s*\]\]")
        below = enumerate(self.lines[start:], start + 1)
        seen = (number for number, line in below if header.match(line))
        return next((number for i, number in enumerate(seen) if i == index), max(start, 1))

    def line_of_key(self, key: str, start: int = 0) -> int:
        """Return the line of `key` in the table whose header is at line `start` (0: the file's top)."""
        wanted = re.compile(rf'\s*"?{re.escape(key)}"?\s*[.=]|\s*\[\s*([\w-]+\.)*{re.escape(key)}\s*[.\]]')
        for number, line in enumerate(self.lines[start:], start + 1):
            if wanted.match(line):
                return number
            if start and line.lstrip().startswith("[["):
                break
        return max(start, 1)


class MarkdownFile(TomlFile):
    """A Markdown file with a TOML head between two lines of `+++`; lines count from the file's top."""

    def __init__(self, folder: Path, path: Path, problems: Problems) -> None:
        self.body: list[tuple[int, str]] = []
        super().__init__(folder, path, problems)

    def _toml(self) -> str:
        lines = [line.rstrip("\r") for line in self.text.split("\n")]
        fences = [number for number, line in enumerate(lines) if line.rstrip() == _FENCE][:2]
        if len(fences) < 2 or any(line.strip() for line in lines[: fences[0]]):
            self.problem(
                1,
                _("The file has no head between two lines of +++."),
                _("Begin with a line +++, then code and title, then a line +++, then the text."),
            )
            return ""
        top, end = fences
        self.body = list(enumerate(lines[end + 1 :], end + 2))
        return "\n" * (top + 1) + "\n".join(lines[top + 1 : end])
