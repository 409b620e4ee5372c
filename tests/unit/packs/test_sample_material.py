"""The phrases that sample appeals are made of: enough for every topic, and none of the pack's own."""

import re
from collections.abc import Iterator

import pyarrow as pa
import pytest

from veche.core.text import Texts, fold
from veche.packs import Cue, Pack, load_pack
from veche.packs.sample import topics_unsaid
from veche.packs.sample.material import Material, Phrase, read_material
from veche.packs.sample.people import makers
from veche.stages.cues import CueMatcher

#: A run of so many words that also stands in an example of the pack is taken from it.
RUN = 5


@pytest.fixture(scope="module", params=["ru", "boston"])
def pack(request: pytest.FixtureRequest) -> Pack:
    return load_pack(request.param)


@pytest.fixture(scope="module")
def material(pack: Pack) -> Material:
    return read_material(pack.path)


def said(material: Material) -> Iterator[tuple[str, Phrase]]:
    """All phrases that belong to a topic."""
    for situation in material.situations:
        yield from ((situation.topic, one) for one in situation.phrases)
    specials = (one for group in material.specials.values() for one in group)
    for special in (*specials, *material.foreign):
        if special.topic:
            yield special.topic, special.phrase
    for theme in material.themes:
        yield from ((theme.topic, one) for one in theme.phrases)
    for campaign in material.campaigns:
        yield from ((campaign.topic, (sentence,)) for sentence in campaign.sentences)


def runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", fold(text))
    return (tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))


def test_every_topic_that_appeals_are_about_has_at_least_eight_phrases(
    pack: Pack, material: Material
) -> None:
    assert topics_unsaid(pack) == []
    few = {s.topic: len(set(s.phrases)) for s in material.situations if len(set(s.phrases)) < 8}
    assert few == {}


def test_every_phrase_points_to_a_topic_that_has_none_below(pack: Pack, material: Material) -> None:
    above = {topic.parent for topic in pack.topics.values()}
    assert {topic for topic, _phrase in said(material)} <= set(pack.topics) - above


def test_no_phrase_holds_a_keyword_of_its_topic(pack: Pack, material: Material) -> None:
    phrases = list(said(material))
    codes = list(pack.topics)
    matcher = CueMatcher([Cue(code, pack.topics[code].keywords) for code in codes])
    hits = matcher.find(Texts(pa.array([" · ".join(one[::2]) for _topic, one in phrases])))
    taken = [
        (codes[cue], "{}".join(phrases[row][1][::2]))
        for row, cue in zip(hits.row.tolist(), hits.cue.tolist(), strict=True)
        if codes[cue] == phrases[row][0]  # the words of its group nobody who writes of it can avoid
    ]
    assert taken == []
    assert len(hits.row) > 0


def test_no_phrase_shares_five_words_in_a_row_with_an_example(pack: Pack, material: Material) -> None:
    cues = (*pack.kinds, *pack.urgencies, *pack.groups)
    examples = [one.examples for one in (*pack.topics.values(), *cues)]
    theirs = {run for group in examples for texts in group.values() for text in texts for run in runs(text)}
    taken = [
        "{}".join(one[::2])
        for _topic, one in said(material)
        if any(run in theirs for part in one[::2] for run in runs(part))
    ]
    assert taken == []
    assert theirs


def test_danger_to_life_is_told_in_forty_ways_and_as_many_only_sound_so(
    pack: Pack, material: Material
) -> None:
    urgent = {one.phrase for one in material.specials["life"]}
    for situation in material.situations:
        if pack.topics[situation.topic].urgency == "life":
            urgent |= set(situation.phrases)
    assert len(urgent) >= 40
    assert len({one.phrase for one in material.specials["false_alarm"]}) >= 40


def test_there_are_twenty_eight_channels_and_every_voice_is_heard_in_some(material: Material) -> None:
    assert len(material.channels) == 28
    assert {voice for channel in material.channels for voice in channel.voices} == set(material.voices)


def test_every_slot_of_a_phrase_can_be_filled(material: Material) -> None:
    made = {"n", "big", "date", "place", "in_place", "from_place", "region"}
    slots = {slot for _topic, one in said(material) for slot in one[1::2]}
    assert slots <= made | set(makers(material.people)) | set(material.slots)
