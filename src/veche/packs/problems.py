"""What is wrong with a pack, said so that the person who edits it can mend it.

One list serves both readers: `check` shows all of it, `load_pack` refuses at the first serious entry.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong. `file` is relative to the pack's folder, `line` counts from 1.

    A `serious` problem keeps the pack from loading; the others make it worse than it could be.
    """

    file: str
    line: int
    message: str
    hint: str
    serious: bool = True

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass
class Problems:
    """The problems found so far, in the order in which they were met."""

    found: list[Problem] = field(default_factory=list)

    def add(self, file: str, line: int, message: str, hint: str, *, serious: bool = True) -> None:
        """Note one problem."""
        self.found.append(Problem(file, line, message, hint, serious))

    def first_serious(self) -> Problem | None:
        """Return the first problem that keeps the pack from loading, or None."""
        return next((p for p in self.found if p.serious), None)
