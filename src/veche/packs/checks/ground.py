"""What every check stands on: the pack, where its entries were written, and the list of problems."""

from dataclasses import dataclass

from veche.packs.model import Pack
from veche.packs.parts import Origins
from veche.packs.problems import Problems


@dataclass(frozen=True)
class Ground:
    """A pack under check. Parts are named as in `Origins`: "topic", "body", "clock" and so on."""

    pack: Pack
    origins: Origins
    problems: Problems

    def place(self, part: str, code: str) -> tuple[str, int]:
        """Return file and line of an entry; a file that begins with "../" is of the pack that is extended."""
        return self.origins.get((part, code), ("pack.toml", 1))

    def place_in(self, part: str, code: str, named: str) -> tuple[str, int]:
        """Return file and line of a code that the condition of an entry names."""
        return self.origins.get((f"{part}:{code}", named), self.place(part, code))

    def unread(self, part: str) -> bool:
        """Whether something keeps the files of a part, as "topics/", from being read whole.

        What seems to be missing from them may stand there.
        """
        return any(p.serious and part in p.file for p in self.problems.found)

    def gap(self, part: str, code: str, message: str, hint: str) -> None:
        """Note that an entry serves people worse than it could."""
        self.problems.add(*self.place(part, code), message, hint, serious=False)

    def fault(self, part: str, code: str, message: str, hint: str) -> None:
        """Note that an entry keeps the pack from loading."""
        self.problems.add(*self.place(part, code), message, hint)
