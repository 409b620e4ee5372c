"""Says phrases: fills their slots, writes them in a manner, and remembers where personal data stand.

A writer lives for one block and draws from that block's numbers alone.
"""

from collections.abc import Iterator, Mapping
from copy import copy
from math import gcd

from veche.packs.sample.manner import Slips, change, change_in_place, dialect
from veche.packs.sample.material import Material, Phrase, Phrases, Voice
from veche.packs.sample.people import Make

#: Numbers that take the same plural in Russian ("5 дней", "20 метров").
_NUMBERS = tuple(str(n) for n in (*range(5, 21), *range(25, 31), *range(35, 41)))

#: What sums end with, for the same plural ("5 рублей").
_SUMS = tuple(n for n in range(100) if n % 10 in (0, 5, 6, 7, 8, 9) or n in range(11, 15))

#: The most characters of an appeal but for its last marks.
LONGEST = 1900

#: Drawn numbers lie from 0 to below this.
DRAWN = 1 << 31


#: A text and its personal data: (start, end, type), in code points.
Said = tuple[str, list[tuple[int, int, str]]]


class Letter:
    """The pieces of one appeal, written one after another in one voice.

    A piece that would make it longer than `LONGEST` is left out.
    """

    def __init__(self, writer: "Writer", voice: Voice, slots: Mapping[str, str], *, at: str) -> None:
        self._writer = writer
        self._slots = {**slots, "at": at} if at else {**slots}
        self._dialect = writer.dialect if writer.chance(voice.dialect) else None
        self._change = change(voice.manner)
        self._in_place = change_in_place(voice.manner)
        self._typos = voice.typos * DRAWN
        self._pieces: list[str] = []
        self._spans: list[tuple[int, int, str]] = []
        self._length = 0

    def add(self, phrase: Phrase, *, age: str = "") -> bool:
        """Write a phrase, and return whether there was room for it; `age` fills its slot of that name."""
        if age:
            self._slots["age"] = age
        text, spans = self._writer.say(phrase, self._slots)
        if self._length + len(text) > LONGEST:
            return False
        if spans:
            text = self._in_place(text)
            at = self._length
            self._spans += [(at + start, at + end, type_) for start, end, type_ in spans]
        else:
            if self._dialect:
                text = self._dialect(text)
            text = self._change(text)
            draw = self._writer.draw
            if next(draw) < self._typos:
                text = self._writer.slips.slip(text, draw)
        self._pieces.append(text)
        self._length += len(text) + 1
        return True

    @property
    def at(self) -> str:
        """Where the problem is, as the letter says; "" where it has not said."""
        return self._slots.get("at", "")

    def done(self) -> Said:
        """Return the whole."""
        return " ".join(self._pieces), self._spans


class Writer:
    """Draws phrases and fills their slots; problems lie at so many `addresses`, drawn beforehand."""

    def __init__(
        self,
        material: Material,
        *,
        makers: Mapping[str, tuple[str, Make]],
        draw: Iterator[int],
        year: int,
        addresses: int,
    ) -> None:
        self.draw = draw
        self.slips = Slips(neighbours=material.neighbours, confused=material.confused)
        self.dialect = dialect(material.dialect)
        self._slots = material.slots
        self._makers = makers
        self._american = material.people["kind"] == "us"
        self._year = year
        pick, say = self.pick, self.say
        self._addresses = tuple(say(pick(self._slots["at"]), {})[0] for _i in range(addresses))

    def drawing(self, draw: Iterator[int]) -> "Writer":
        """Return a writer like this one that draws other numbers."""
        other = copy(self)
        other.draw = draw
        return other

    def pick(self, phrases: Phrases) -> Phrase:
        """Draw one of several phrases."""
        return phrases[next(self.draw) % len(phrases)]

    def chance(self, share: float) -> bool:
        """Draw whether something of that share happens."""
        return next(self.draw) < share * DRAWN

    def several(self, phrases: Phrases, n: int) -> list[Phrase]:
        """Draw `n` phrases, each at most once."""
        size = len(phrases)
        if n == 1:
            return [phrases[next(self.draw) % size]]
        # A step that shares no divisor with the size comes by every phrase once.
        first, step = next(self.draw), 1 + next(self.draw) % size
        while gcd(step, size) > 1:
            step += 1
        return [phrases[(first + i * step) % size] for i in range(min(n, size))]

    def letter(self, voice: Voice, slots: Mapping[str, str], *, at: str = "") -> Letter:
        """Begin an appeal; `slots` are those of its place, `at` says where the problem is ("" for drawn)."""
        return Letter(self, voice, slots, at=at)

    def say(self, phrase: Phrase, slots: dict[str, str]) -> Said:
        """Fill the slots of a phrase; the place of the problem, once drawn, is kept in `slots`."""
        if len(phrase) == 1:
            return phrase[0], []
        parts = list(phrase)
        spans: list[tuple[int, int, str]] = []
        for i in range(1, len(parts), 2):
            slot = parts[i]
            if slot in slots:
                parts[i] = slots[slot]
            elif slot in self._makers:
                type_, make = self._makers[slot]
                parts[i] = made = make(self.draw)
                start = sum(map(len, parts[:i]))
                spans.append((start, start + len(made), type_))
            elif slot == "at":
                parts[i] = slots["at"] = self._addresses[next(self.draw) % len(self._addresses)]
            else:
                parts[i] = self._fill(slot, slots)
        return "".join(parts), spans

    def _fill(self, slot: str, slots: dict[str, str]) -> str:
        draw = self.draw
        if slot == "n":
            return _NUMBERS[next(draw) % len(_NUMBERS)]
        if slot == "big":
            return f"{(3 + next(draw) % 400) * 100 + _SUMS[next(draw) % len(_SUMS)]}"
        if slot == "date":
            day, month = 1 + next(draw) % 28, 1 + next(draw) % 12
            year = self._year - 1
            return f"{month}/{day}/{year}" if self._american else f"{day:02}.{month:02}.{year}"
        return self.say(self.pick(self._slots[slot]), slots)[0]
