"""Says phrases: fills their slots, writes them in a manner, and remembers where personal data stand.

A writer lives for one block and draws from that block's numbers alone.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from veche.packs.sample.manner import Slips, change, change_in_place
from veche.packs.sample.material import Material, Phrase, Phrases, Voice
from veche.packs.sample.people import Make

#: Numbers that take the same plural in Russian ("5 дней", "20 метров").
_NUMBERS = tuple(str(n) for n in (*range(5, 21), *range(25, 31), *range(35, 41)))

#: Drawn numbers lie from 0 to below this.
DRAWN = 1 << 31


class Said(NamedTuple):
    """A text and its personal data: (start, end, type), in code points."""

    text: str
    spans: list[tuple[int, int, str]]


class Letter:
    """The pieces of one appeal, written one after another in one voice."""

    def __init__(self, writer: "Writer", voice: Voice, slots: Mapping[str, str]) -> None:
        self._writer = writer
        self._slots = slots
        self._change = change(voice.manner)
        self._in_place = change_in_place(voice.manner)
        self._typos = voice.typos
        self._pieces: list[str] = []
        self._spans: list[tuple[int, int, str]] = []
        self._length = 0

    def add(self, phrase: Phrase, *, age: str = "") -> None:
        """Write a phrase; `age` fills its slot of that name."""
        slots = {**self._slots, "age": age} if age else self._slots
        text, spans = self._writer.say(phrase, slots)
        if spans:
            text = self._in_place(text)
            at = self._length
            self._spans += [(at + start, at + end, type_) for start, end, type_ in spans]
        else:
            text = self._change(text)
            if self._writer.chance(self._typos):
                text = self._writer.slips.slip(text, self._writer.draw)
        self._append(text)

    def done(self) -> Said:
        """Return the whole."""
        return Said(" ".join(self._pieces), self._spans)

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text) + 1


class Writer:
    """Draws phrases and fills their slots."""

    def __init__(
        self, material: Material, *, makers: Mapping[str, tuple[str, Make]], draw: Iterator[int], year: int
    ) -> None:
        self.draw = draw
        self.slips = Slips(neighbours=material.neighbours, confused=material.confused)
        self._slots = material.slots
        self._makers = makers
        self._american = material.people["kind"] == "us"
        self._year = year

    def pick(self, phrases: Phrases) -> Phrase:
        """Draw one of several phrases."""
        return phrases[next(self.draw) % len(phrases)]

    def chance(self, share: float) -> bool:
        """Draw whether something of that share happens."""
        return next(self.draw) < share * DRAWN

    def letter(self, voice: Voice, slots: Mapping[str, str]) -> Letter:
        """Begin an appeal; `slots` are those of its place and author."""
        return Letter(self, voice, slots)

    def say(self, phrase: Phrase, slots: Mapping[str, str]) -> Said:
        """Fill the slots of a phrase."""
        if len(phrase) == 1:
            return Said(phrase[0], [])
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
            else:
                parts[i] = self._fill(slot, slots)
        return Said("".join(parts), spans)

    def _fill(self, slot: str, slots: Mapping[str, str]) -> str:
        draw = self.draw
        if slot == "n":
            return _NUMBERS[next(draw) % len(_NUMBERS)]
        if slot == "big":
            return f"{(3 + next(draw) % 400) * 100 + next(draw) % 100}"
        if slot == "date":
            day, month = 1 + next(draw) % 28, 1 + next(draw) % 12
            year = self._year - 1
            return f"{month}/{day}/{year}" if self._american else f"{day:02}.{month:02}.{year}"
        return self.say(self.pick(self._slots[slot]), slots).text
