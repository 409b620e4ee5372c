"""Composes one sample appeal after another: what is said, how, by whom and where, and what is true of it.

It knows nothing of time, files or tables; a block's numbers go in, rows come out.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import accumulate

from veche.core.appeal import age_group
from veche.packs.sample.material import Campaign, Material, Phrase, Phrases, Situation, Special, Theme, Voice
from veche.packs.sample.places import Spot
from veche.packs.sample.writer import DRAWN, Letter, Writer

_AGE_DECLARED, _SEX_DECLARED, _OWN_OCCUPATION_DECLARED = 0.45, 0.35, 0.25

#: Women write more often.
_WOMEN = 0.62

#: Share of long letters, the chance of each further sentence in them, and how many there may be.
_LONG, _LONG_WORDY, _MOST_SENTENCES = 0.04, 0.95, 24

#: Roles that are one phrase in a frame, or one phrase alone, with the kind of appeal that makes.
_FRAMED = {"life": "request", "false_alarm": "complaint", "deadline": "request"}
_ALONE = {
    "thanks": "thanks",
    "proposal": "proposal",
    "off_topic": "other",
    "empty": "other",
    "spam": "spam",
    "abuse": "other",
    "threat": "threat",
}
_URGENT = {"life": "life", "deadline": "deadline", "false_alarm": "none"}


@dataclass(slots=True)
class Row:
    """One appeal and its truth."""

    spot: Spot
    channel: str
    voice: str
    text: str = ""
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    named: bool = False
    declared: bool = False
    located: tuple[float, float] | None = None
    kind: str = "complaint"
    urgency: str | None = "none"
    language: str = ""
    groups: list[str] = field(default_factory=list)
    age: int | None = None
    sex: str | None = None
    occupation: str | None = None
    author: str = ""
    copy_of: str | None = None
    repeat_of: str | None = None
    theme: str | None = None
    role: str = "ordinary"
    #: Where the problem is, as all sentences of the author say it.
    at: str = ""
    #: Sentences about the topic that the author has used.
    said: list[Phrase] = field(default_factory=list)


class Composer:
    """Composes appeals, as many as its numbers last.

    `topics` are drawn from, each as often as it stands there; `urgencies` are those of all topics.
    """

    def __init__(
        self,
        material: Material,
        situations: Mapping[str, Situation],
        writer: Writer,
        *,
        topics: Sequence[str],
        urgencies: Mapping[str, str],
    ) -> None:
        self._material = material
        self._situations = situations
        self._topics = topics
        self._urgencies = urgencies
        self._writer = writer
        self._draw = writer.draw
        self._kinds = tuple(material.kinds)
        self._kinds_cumulated = _shares(material.kinds.values())
        self._selves = {one.code: one for one in material.selves}
        self._self_codes = tuple(self._selves)
        self._self_cumulated = _shares(one.share for one in material.selves)

    def drawing(self, draw: Iterator[int]) -> "Composer":
        """Return a composer like this one that draws other numbers."""
        other = copy(self)
        other._writer, other._draw = self._writer.drawing(draw), draw
        return other

    def row(self, role: str, *, spot: Spot, channel: str, voice: Voice) -> Row:
        """Compose an appeal of a role, copies excepted."""
        row = Row(spot=spot, channel=channel, voice=voice.code, role=role, language=self._material.language)
        self._declare(row)
        if role in _ALONE:
            self._alone(row, self._special(role), voice)
        elif role in _FRAMED:
            self._framed(row, self._special(role), voice)
        elif role == "other_language":
            self._foreign(row)
        else:
            self._ordinary(row, voice)
        return row

    def theme(self, theme: Theme, *, spot: Spot, channel: str, voice: Voice) -> Row:
        """Compose an appeal about a theme that no topic is made for."""
        row = Row(spot=spot, channel=channel, voice=voice.code, role="theme")
        row.language, row.theme, row.topics = self._material.language, theme.code, [theme.topic]
        self._declare(row)
        row.kind = self._kind()
        self._frame(row, self._core(row, theme.phrases, voice), voice)
        return row

    def campaign(self, campaign: Campaign, *, first: str | None, spot: Spot, channel: str) -> Row:
        """Compose a copy of a campaign's text; `first` is the id of the first one, None for itself."""
        writer, edits = self._writer, self._material.campaign_edits
        row = Row(spot=spot, channel=channel, voice="campaign", role="campaign", copy_of=first)
        row.language, row.kind = self._material.language, campaign.kind
        row.topics = [campaign.topic]
        self._declare(row)
        sentences = list(campaign.sentences)
        if first is not None:
            if writer.chance(0.2):
                del sentences[next(self._draw) % len(sentences)]
            if writer.chance(0.3):
                at = next(self._draw) % len(sentences)
                sentences[at] = writer.slips.slip(sentences[at], self._draw)
            if writer.chance(0.4):
                sentences.insert(0, writer.say(writer.pick(edits["before"]), {})[0])
            if writer.chance(0.4):
                sentences.append(writer.say(writer.pick(edits["after"]), {})[0])
        row.text = " ".join(sentences)
        return row

    def repeat(self, row: Row, *, of: str) -> Row:
        """Return the appeal that the author of `row` (id `of`) sends again, with a word of complaint."""
        writer, repeats = self._writer, self._material.repeats
        again = replace(row, copy_of=of, role="repeat", spans=list(row.spans))
        if writer.chance(0.5):
            before = writer.say(writer.pick(repeats["before"]), {})[0] + " "
            again.text = before + again.text
            shift = len(before)
            again.spans = [(start + shift, end + shift, type_) for start, end, type_ in again.spans]
        else:
            again.text = f"{again.text} {writer.say(writer.pick(repeats['after']), {})[0]}"
        return again

    def again(self, row: Row, *, of: str, channel: str, voice: Voice) -> Row:
        """Return what the author of the ordinary `row` (id `of`) writes later, in other words."""
        later = replace(row, channel=channel, voice=voice.code, text="", spans=[], role="again", repeat_of=of)
        later.said, later.named, later.groups = list(row.said), False, self._declared_groups(row)
        phrases = self._situations[row.topics[0]].phrases
        other = tuple(one for one in phrases if one not in row.said) or phrases
        core = [self._writer.pick(self._material.repeats["again"]), *self._core(later, other, voice)]
        self._frame(later, core, voice, myself=False)
        return later

    # What an appeal is about.

    def _ordinary(self, row: Row, voice: Voice) -> None:
        topic = self._topic()
        row.kind, row.urgency, row.topics = self._kind(), self._urgencies[topic], [topic]
        core = self._core(row, self._situations[topic].phrases, voice)
        if row.role == "two_issues":
            other = self._topic()
            if other != topic:
                row.topics.append(other)
                core.insert(1, self._writer.pick(self._situations[other].phrases))
                if self._urgencies[other] == "life":
                    row.urgency = "life"
        if row.role == "mixed":
            core.append(self._writer.pick(self._material.mixed))
        self._frame(row, core, voice)

    def _framed(self, row: Row, special: Special, voice: Voice) -> None:
        row.kind, row.urgency = _FRAMED[row.role], _URGENT[row.role]
        row.topics = [special.topic] if special.topic else []
        self._frame(row, [special.phrase], voice)

    def _alone(self, row: Row, special: Special, voice: Voice) -> None:
        """Write one phrase, with an opening where it says something.

        Whether a threat against an authority is one to life is left open.
        """
        row.kind = _ALONE[row.role]
        row.urgency = None if row.role == "threat" else "none"
        row.topics = [special.topic] if special.topic else []
        letter = self._writer.letter(voice, row.spot.slots)
        if row.role != "empty" and self._writer.chance(voice.parts["opening"]):
            letter.add(self._writer.pick(voice.openings))
        letter.add(special.phrase)
        if special.topic:
            self._place(row, letter)
        _finish(row, letter)

    def _foreign(self, row: Row) -> None:
        special = self._material.foreign[next(self._draw) % len(self._material.foreign)]
        row.language = special.language
        row.topics = [special.topic] if special.topic else []
        row.text, row.spans = self._writer.say(special.phrase, dict(row.spot.slots))

    def _core(self, row: Row, phrases: Phrases, voice: Voice) -> list[Phrase]:
        """Draw what is said of the topic and how it went on: one sentence at least, many in a long letter.

        At most four sentences are about the topic, or its words would be used up in one appeal.
        """
        draw = self._draw
        long = voice.wordy > 0.4 and next(draw) < _LONG * DRAWN
        wordy = (_LONG_WORDY if long else voice.wordy) * DRAWN
        n = 1
        while n < _MOST_SENTENCES and next(draw) < wordy:
            n += 1
        own = min((n + 1) // 2, 4, len(phrases))
        row.said += (core := self._writer.several(phrases, own))
        return [*core, *self._writer.several(self._consequences(row.topics[0]), n - own)]

    # How it is put together.

    def _frame(self, row: Row, core: Sequence[Phrase], voice: Voice, *, myself: bool = True) -> None:
        writer, parts, draw = self._writer, voice.parts, self._draw
        letter = writer.letter(voice, row.spot.slots, at=row.at)
        if next(draw) < parts["opening"] * DRAWN:
            letter.add(writer.pick(voice.openings))
        if myself and next(draw) < parts["self"] * DRAWN:
            self._myself(row, voice, letter)
        place_first = next(draw) & 1
        if place_first:
            self._place(row, letter)
        for phrase in core:
            letter.add(phrase)
        if not place_first:
            self._place(row, letter)
        if next(draw) < parts["consequence"] * DRAWN:
            letter.add(writer.pick(self._consequences(row.topics[0])))
        if next(draw) < self._material.aside_share * DRAWN:
            letter.add(writer.pick(self._material.asides))
        demands = self._material.demands.get(row.kind)
        if demands and (row.kind != "complaint" or next(draw) < parts["demand"] * DRAWN):
            letter.add(writer.pick(demands))
        if next(draw) < parts["closing"] * DRAWN:
            letter.add(writer.pick(voice.closings))
        if next(draw) < parts["signature"] * DRAWN:
            letter.add(writer.pick(self._signatures(voice)))
        _finish(row, letter)

    def _place(self, row: Row, letter: Letter) -> None:
        """Name the place, with its region where the name is borne by several."""
        voice = self._material.voices[row.voice]
        if not self._writer.chance(voice.parts["place"]):
            return
        whole = row.spot.shared and not row.declared
        phrases = self._material.place["region_phrases" if whole else "phrases"]
        row.named = letter.add(self._writer.pick(phrases))

    def _myself(self, row: Row, voice: Voice, letter: Letter) -> None:
        code = (
            voice.selves[next(self._draw) % len(voice.selves)]
            if voice.selves
            else self._self_codes[bisect_right(self._self_cumulated, self._uniform())]
        )
        one = self._selves[code]
        youngest, oldest = one.ages
        age = youngest + next(self._draw) % (oldest - youngest + 1)
        phrase = self._writer.pick(one.phrases)
        says_age = "age" in phrase[1::2]
        if row.age is not None:
            row.age = age
        row.groups = [*one.groups]
        group = f"age:{age_group(age)}"
        if (says_age or row.age is not None) and group not in row.groups:
            row.groups.append(group)
        row.occupation = None
        if one.occupation and self._writer.chance(_OWN_OCCUPATION_DECLARED):
            row.occupation = one.occupation
        # A phrase may tell the author's sex; what is declared must not deny it.
        row.sex = None
        letter.add(phrase, age=str(age))

    def _declare(self, row: Row) -> None:
        """Draw what the author declares beside the text."""
        draw, place, spot = self._draw, self._material.place, row.spot
        row.author = f"{next(draw):08x}{next(draw):08x}"
        row.declared = next(draw) < place["share_declared"] * DRAWN
        if spot.lat is not None and spot.lon is not None and next(draw) < place["share_coordinates"] * DRAWN:
            north, east = next(draw) % 2001 - 1000, next(draw) % 2001 - 1000
            row.located = (round(spot.lat + north / 50_000, 5), round(spot.lon + east / 50_000, 5))
        if next(draw) < _SEX_DECLARED * DRAWN:
            row.sex = "female" if next(draw) < _WOMEN * DRAWN else "male"
        if next(draw) < _AGE_DECLARED * DRAWN:
            row.age = 18 + (next(draw) % 36 + next(draw) % 37)
        occupations = self._material.occupations
        if next(draw) >= occupations["undeclared"] * DRAWN:
            row.occupation = occupations["others"][next(draw) % len(occupations["others"])]
        row.groups = self._declared_groups(row)

    def _declared_groups(self, row: Row) -> list[str]:
        """Return the groups that age and occupation, as declared beside the text, make."""
        by_age = [f"age:{age_group(row.age)}"] if row.age is not None else []
        groups = self._material.occupations["groups"]
        return [*by_age, groups[row.occupation]] if row.occupation in groups else by_age

    # What is drawn.

    def _topic(self) -> str:
        return self._topics[next(self._draw) % len(self._topics)]

    def _special(self, role: str) -> Special:
        specials = self._material.specials[role]
        return specials[next(self._draw) % len(specials)]

    def _kind(self) -> str:
        return self._kinds[bisect_right(self._kinds_cumulated, self._uniform())]

    def _consequences(self, topic: str) -> Phrases:
        consequences = self._material.consequences
        section = topic.partition(".")[0]
        return consequences[section] if section in consequences else consequences["all"]

    def _signatures(self, voice: Voice) -> Phrases:
        signatures = self._material.signatures
        return signatures[voice.manner] if voice.manner in signatures else signatures["plain"]

    def _uniform(self) -> float:
        return next(self._draw) / DRAWN


def _shares(values: Iterable[float]) -> list[float]:
    shares = [float(v) for v in values]
    return [s / sum(shares) for s in accumulate(shares)]


def _finish(row: Row, letter: Letter) -> None:
    row.text, row.spans = letter.done()
    row.at = letter.at
