"""Prose stands on quotations or is not shown."""

import pytest

from veche.themes.writer import Flaw, Ground, QuotationsAsTheyAre, Sentence, flaws, written

GROUND = [
    Ground("a1", "The bus has been late for 3 weeks.", "complaint"),
    Ground("a2", "The new drivers are kind.", "praise"),
]


class Fixed:
    """A writer that always says the same."""

    def __init__(self, *sentences):
        self.sentences = list(sentences)

    def write(self, name, ground, *, language):
        assert (name, ground, language) == ("Buses", GROUND, "en")
        return self.sentences


def test_without_a_writer_the_quotations_stand_as_they_are():
    prose = QuotationsAsTheyAre().write("Buses", GROUND, language="en")
    assert [s.text for s in prose] == [g.text for g in GROUND]
    assert flaws(prose, GROUND) == []


@pytest.mark.parametrize(
    ("sentence", "kind", "detail"),
    [
        (Sentence("Buses are late.", ()), "nothing", "Buses are late."),
        (Sentence("Buses are late.", ("a9",)), "unknown", "a9"),
        (Sentence("One says “buses never come”.", ("a1",)), "not_said", "buses never come"),
        (Sentence("Buses are late for 5 weeks.", ("a1",)), "number", "5"),
        (Sentence("The drivers are «kind».", ("a1",)), "not_said", "kind"),
    ],
)
def test_what_does_not_stand_on_its_quotations_is_named(sentence, kind, detail):
    assert flaws([sentence], GROUND) == [Flaw(0, kind, detail)]


def test_prose_that_quotes_rightly_is_shown():
    sentence = Sentence("Buses are late “for 3 weeks”, but the drivers are «kind».", ("a1", "a2"))
    assert written(Fixed(sentence), "Buses", GROUND, language="en") == ([sentence], [])


def test_refused_prose_gives_way_to_the_quotations_and_says_why():
    prose, wrong = written(Fixed(Sentence("All is well.", ())), "Buses", GROUND, language="en")
    assert [s.text for s in prose] == [g.text for g in GROUND]
    assert [flaw.kind for flaw in wrong] == ["nothing"]
