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
MAX_BYTES = {".toml": 4 << 20, ".csv": 64 << 20, ".tsv": 128 << 20, ".txt": 8 << 20, ".geojson": 64 << 20}


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
        self.lines = self.text.splitlines()
        self.data: dict[str, Any] = {}
        try:
            self.data = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            line = int(at[1]) if at else max(len(self.lines), 1)
            self.problem(
                line,
                _("This is not valid TOML: {reason}.").format(reason=_(str(error).split(" (at")[0])),
                _("Look for a missing quotation mark, bracket or comma on this line or before it."),
            )

    def line_of_table(self, name: str, index: int) -> int:
        """Return the line of the `index`-th header `[[name]]`, 1 where there is none."""
        header = re.compile(rf"\s*\[\[\s*{re.escape(name)}\s*\]\]")
        seen = (number for number, line in enumerate(self.lines, 1) if header.match(line))
        return next((number for i, number in enumerate(seen) if i == index), 1)

    def line_of_key(self, key: str, start: int = 0) -> int:
        """Return the line of `key` in the table whose header is at line `start` (0: the file's top)."""
        wanted = re.compile(rf'\s*"?{re.escape(key)}"?\s*[.=]|\s*\[\s*{re.escape(key)}\s*\]')
        for number, line in enumerate(self.lines[start:], start + 1):
            if wanted.match(line):
                return number
            if start and line.lstrip().startswith("[["):
                break
        return max(start, 1)
