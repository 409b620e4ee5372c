"""Composes one sample appeal after another: what is said, how, by whom and where, and what is true of it.

It knows nothing of time, files or tables; a block's numbers go in, rows come out.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from veche.core.appeal import age_group
from veche.packs.sample.material import Campaign, Material, Phrase, Phrases, Situation, Special, Theme, Voice
from veche.packs.sample.places import Spot
from veche.packs.sample.writer import DRAWN, Letter, Writer

_AGE_DECLARED, _SEX_DECLARED, _OWN_OCCUPATION_DECLARED = 0.45, 0.35, 0.25

#: How often a person says the same thing twice, in other words.
_SAID_TWICE = 0.4

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
    body: str | None = None
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
    theme: str | None = None
    role: str = "ordinary"


class Composer:
    """Composes the appeals of one block."""

    def __init__(self, material: Material, situations: Sequence[Situation], writer: Writer) -> None:
        self._material = material
        self._situations = situations
        self._writer = writer
        self._draw = writer.draw
        self._kinds = tuple(material.kinds)
        self._kinds_cumulated = _shares(material.kinds.values())
        self._selves = {one.code: one for one in material.selves}
        self._self_codes = tuple(self._selves)
        self._self_cumulated = _shares(one.share for one in material.selves)

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
        row.language, row.theme, row.topics, row.body = (
            self._material.language,
            theme.code,
            [theme.topic],
            theme.body,
        )
        self._declare(row)
        row.kind = self._kind()
        self._frame(row, [self._writer.pick(theme.phrases)], voice)
        return row

    def campaign(self, campaign: Campaign, *, first: str | None, spot: Spot, channel: str) -> Row:
        """Compose a copy of a campaign's text; `first` is the id of the first one, None for itself."""
        writer, edits = self._writer, self._material.campaign_edits
        row = Row(spot=spot, channel=channel, voice="campaign", role="campaign", copy_of=first)
        row.language, row.kind = self._material.language, campaign.kind
        row.topics, row.body = [campaign.topic], campaign.body
        self._declare(row)
        sentences = list(campaign.sentences)
        if first is not None:
            if writer.chance(0.2):
                del sentences[next(self._draw) % len(sentences)]
            if writer.chance(0.3):
                at = next(self._draw) % len(sentences)
                sentences[at] = writer.slips.slip(sentences[at], self._draw)
            if writer.chance(0.4):
                sentences.insert(0, writer.say(writer.pick(edits["before"]), {}).text)
            if writer.chance(0.4):
                sentences.append(writer.say(writer.pick(edits["after"]), {}).text)
        row.text = " ".join(sentences)
        return row

    def repeat(self, row: Row, *, of: str) -> Row:
        """Return the appeal that the author of `row` (id `of`) sends again, with a word of complaint."""
        writer, repeats = self._writer, self._material.repeats
        again = replace(row, copy_of=of, role="repeat", spans=list(row.spans))
        if writer.chance(0.5):
            before = writer.say(writer.pick(repeats["before"]), {}).text + " "
            again.text = before + again.text
            shift = len(before)
            again.spans = [(start + shift, end + shift, type_) for start, end, type_ in again.spans]
        else:
            again.text = f"{again.text} {writer.say(writer.pick(repeats['after']), {}).text}"
        return again

    # What an appeal is about.

    def _ordinary(self, row: Row, voice: Voice) -> None:
        situation = self._situation()
        row.kind, row.urgency, row.body = self._kind(), situation.urgency, situation.body
        row.topics = [situation.topic]
        core = [self._writer.pick(situation.phrases)]
        if len(situation.phrases) > 1 and self._writer.chance(_SAID_TWICE):
            again = self._writer.pick(situation.phrases)
            core += [again] if again is not core[0] else []
        if row.role == "two_issues":
            other = self._situation()
            if other.topic != situation.topic:
                row.topics.append(other.topic)
                core.append(self._writer.pick(other.phrases))
                row.urgency = "life" if "life" in (situation.urgency, other.urgency) else "none"
        if row.role == "mixed":
            core.append(self._writer.pick(self._material.mixed))
        self._frame(row, core, voice)

    def _framed(self, row: Row, special: Special, voice: Voice) -> None:
        row.kind, row.urgency, row.body = _FRAMED[row.role], _URGENT[row.role], special.body
        row.topics = [special.topic] if special.topic else []
        self._frame(row, [special.phrase], voice)

    def _alone(self, row: Row, special: Special, voice: Voice) -> None:
        """Write one phrase, with an opening where it says something.

        Whether a threat against an authority is one to life is left open.
        """
        row.kind, row.body = _ALONE[row.role], special.body
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
        row.language, row.body = special.language, special.body
        row.topics = [special.topic] if special.topic else []
        row.text, row.spans = self._writer.say(special.phrase, row.spot.slots)

    # How it is put together.

    def _frame(self, row: Row, core: Sequence[Phrase], voice: Voice) -> None:
        writer, parts = self._writer, voice.parts
        letter = writer.letter(voice, row.spot.slots)
        if writer.chance(parts["opening"]):
            letter.add(writer.pick(voice.openings))
        if writer.chance(parts["self"]):
            self._myself(row, voice, letter)
        place_first = writer.chance(0.5)
        if place_first:
            self._place(row, letter)
        for phrase in core:
            letter.add(phrase)
        if not place_first:
            self._place(row, letter)
        if writer.chance(parts["consequence"]):
            letter.add(writer.pick(self._consequences(row.topics[0])))
        if writer.chance(self._material.aside_share):
            letter.add(writer.pick(self._material.asides))
        if row.kind in self._material.demands and (row.kind != "complaint" or writer.chance(parts["demand"])):
            letter.add(writer.pick(self._material.demands[row.kind]))
        if writer.chance(parts["closing"]):
            letter.add(writer.pick(voice.closings))
        if writer.chance(parts["signature"]):
            letter.add(writer.pick(self._signatures(voice)))
        _finish(row, letter)

    def _place(self, row: Row, letter: Letter) -> None:
        """Name the place, with its region where the name is borne by several."""
        voice = self._material.voices[row.voice]
        if not self._writer.chance(voice.parts["place"]):
            return
        row.named = True
        whole = row.spot.shared and not row.declared
        letter.add(self._writer.pick(self._material.place["region_phrases" if whole else "phrases"]))

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
        writer, draw, place = self._writer, self._draw, self._material.place
        row.author = f"{next(draw):08x}{next(draw):08x}"
        row.declared = writer.chance(place["share_declared"])
        if (
            row.spot.lat is not None
            and row.spot.lon is not None
            and writer.chance(place["share_coordinates"])
        ):
            jitter = [(next(draw) % 2001 - 1000) / 50_000 for _i in range(2)]
            row.located = (round(row.spot.lat + jitter[0], 5), round(row.spot.lon + jitter[1], 5))
        if writer.chance(_SEX_DECLARED):
            row.sex = "female" if writer.chance(0.62) else "male"
        if writer.chance(_AGE_DECLARED):
            row.age = 18 + (next(draw) % 36 + next(draw) % 37)
            row.groups.append(f"age:{age_group(row.age)}")
        occupations = self._material.occupations
        if not writer.chance(occupations["undeclared"]):
            row.occupation = occupations["others"][next(draw) % len(occupations["others"])]
            if row.occupation in occupations["groups"]:
                row.groups.append(occupations["groups"][row.occupation])

    # What is drawn.

    def _situation(self) -> Situation:
        return self._situations[next(self._draw) % len(self._situations)]

    def _special(self, role: str) -> Special:
        specials = self._material.specials[role]
        return specials[next(self._draw) % len(specials)]

    def _kind(self) -> str:
        return self._kinds[bisect_right(self._kinds_cumulated, self._uniform())]

    def _consequences(self, topic: str) -> Phrases:
        section = topic.partition(".")[0]
        consequences = self._material.consequences
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
