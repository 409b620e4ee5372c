"""An authority's labels are mapped to the pack's by a file that a person confirms."""

import pytest
from tests.unit.learn.conftest import labels_of

from veche.core.errors import LabelsFileBroken, LabelsNotConfirmed, UsageError
from veche.learn.foreign import read_mapping, suggest, write_mapping


@pytest.fixture(scope="module")
def suggestions(boston):
    title = next(t for t in boston.topics.values() if t.parent).title["en"]
    labels = labels_of([[0], [1], [1], [2]], [title.upper(), "Potholes in the street", "Zxqv 77"])
    return suggest(labels, facet="topic", pack=boston)


@pytest.fixture
def file(suggestions, boston, tmp_path):
    write_mapping(tmp_path / "map.toml", {"topic": suggestions}, pack=boston)
    return tmp_path / "map.toml"


def confirm(file, *changes):
    text = file.read_text("utf-8").replace("confirmed = false", "confirmed = true")
    for old, new in changes:
        before, found, after = text.rpartition(old)  # the remark at the top says some of it too
        assert found
        text = before + new + after
    file.write_text(text, "utf-8")


def test_a_label_that_is_a_title_of_the_pack_is_surely_that_topic(suggestions, boston):
    same = next(s for s in suggestions if s.label.isupper())
    assert boston.topics[same.code].title["en"].upper() == same.label
    assert same.sure == 1


def test_suggestions_come_with_the_most_usual_label_first_and_near_codes(suggestions, boston):
    first = suggestions[0]
    assert (first.label, first.appeals) == ("Potholes in the street", 2)
    assert "pothole" in first.code
    assert 0.5 <= first.sure <= 1
    assert len(first.others) == 3
    assert set(first.others) <= set(boston.topics)


def test_a_label_like_nothing_in_the_pack_stays_its_own(suggestions):
    assert next(s for s in suggestions if s.label == "Zxqv 77").code == ""


def test_nothing_is_followed_before_a_person_confirmed_it(file, boston):
    with pytest.raises(LabelsNotConfirmed):
        read_mapping(file, pack=boston, facets=["topic"])


def test_a_confirmed_file_is_followed_by_any_spelling_of_the_label(file, suggestions, boston):
    confirm(file)
    codes = read_mapping(file, pack=boston, facets=["topic"])["topic"]
    assert codes["potholes in the street"] == suggestions[0].code
    assert "zxqv 77" not in codes


def test_what_a_person_wrote_holds(file, suggestions, boston):
    other = suggestions[0].others[0]
    label = f'label = "{suggestions[0].label}"\ncode = '
    confirm(file, (f'{label}"{suggestions[0].code}"', f'{label}"{other}"'))
    assert read_mapping(file, pack=boston, facets=["topic"])["topic"]["potholes in the street"] == other


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('code = ""', 'code = "no.such"', "no.such"),
        ('label = "Zxqv 77"', "label = 3", "label"),
        ("confirmed = true", "confirmed = true\ntopic = 3", ""),
        ("confirmed = true", "confirmed = true =", ""),
    ],
)
def test_a_file_that_cannot_be_followed_says_why(file, boston, old, new, told):
    confirm(file)
    confirm(file, (old, new))
    with pytest.raises(LabelsFileBroken) as error:
        read_mapping(file, pack=boston, facets=["topic"])
    assert told in error.value.text()


def test_a_facet_that_the_pack_does_not_have_cannot_be_mapped_to_it(boston):
    with pytest.raises(UsageError, match="topic"):
        suggest(labels_of([[0], [1]], ["a", "b"]), facet="mood", pack=boston)
