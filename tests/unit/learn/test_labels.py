"""Labels as spreadsheets have them: spellings, levels, several to a cell, one column for each."""

import numpy as np
import pytest

from veche.core.errors import NoLabelColumn, NoLabels, OneClass, OwnLabels, UsageError
from veche.learn.labels import check_learnable, find_labels, make_labels
from veche.learn.wanted import Wanted, resolve, wanted_of


def nobody(strings):
    return np.zeros(len(strings), bool)


@pytest.fixture
def made(boston, cells):
    def make(wanted, *columns, names=None, personal=nobody, mapping=None):
        names = names or [f"c{i}" for i in range(len(columns))]
        found = find_labels(wanted, cells(*columns), names)
        return make_labels(wanted, found, columns=names, pack=boston, personal=personal, mapping=mapping)

    return make


def said(labels, row):
    return {labels.set.names[i] for i in labels.given[[row]].nonzero()[1]}


def test_two_spellings_of_a_label_are_one_and_the_usual_one_stays(made, wanted):
    labels, notes = made(wanted(), ["ЖКХ", "жкх ", "ЖКХ", "Дороги.", "Дороги", "дороги", "Дороги"])
    assert labels.set.names == ("Дороги", "ЖКХ")
    assert dict(notes.spellings) == {"Дороги": ("Дороги.", "дороги"), "ЖКХ": ("жкх",)}
    assert labels.single().tolist() == [1, 1, 1, 0, 0, 0, 0]


def test_an_empty_label_is_an_appeal_without_a_label(made, wanted):
    labels, notes = made(wanted(), ["Roads", "", "  ", None, "Water"])
    assert labels.known.tolist() == [True, False, False, False, True]
    assert (notes.labelled, notes.unlabelled) == (2, 3)


def test_a_label_with_one_example_is_kept_and_told(made, wanted):
    labels, notes = made(wanted(), ["Roads", "Roads", "Water"])
    assert "Water" in labels.set.names
    assert notes.lonely == ("Water",)


def test_a_column_without_labels_is_refused(made, wanted):
    with pytest.raises(NoLabels):
        made(wanted(), ["", None, " "])


def test_one_label_alone_teaches_nothing(made, wanted):
    labels, _notes = made(wanted(), ["ЖКХ", "жкх ", None])
    with pytest.raises(OneClass):
        check_learnable("topic", labels)


def test_a_column_of_texts_is_no_column_of_labels(made, wanted):
    labels, _notes = made(wanted(), [f"My street {i} is dark" for i in range(60)] + ["Roads"] * 50)
    with pytest.raises(OwnLabels):
        check_learnable("topic", labels)


def test_rare_labels_beside_frequent_ones_are_labels(made, wanted):
    labels, _notes = made(wanted(), [f"Rare {i}" for i in range(60)] + ["Roads", "Water"] * 40)
    check_learnable("topic", labels)


def test_levels_come_from_a_path_only_where_they_were_asked_for(made, wanted):
    cells = ["Housing > Water", "housing>Heat", "Roads"]
    plain, _ = made(wanted(), cells)
    assert plain.set.group_names == ()
    levelled, _ = made(wanted(path=">"), cells)
    assert levelled.set.names == ("housing > Heat", "Housing > Water", "Roads")
    groups = [levelled.set.group_names[i].casefold() for i in levelled.set.groups]
    assert groups == ["housing", "housing", "roads"]


def test_columns_joined_with_a_plus_are_levels_from_the_top(made, wanted):
    labels, _ = made(wanted("Area+Topic"), ["Housing", "Housing", "Roads"], ["Water", "Heat", None])
    assert labels.set.names == ("Housing > Heat", "Housing > Water", "Roads")


def test_a_cell_may_hold_several_labels(made, wanted):
    labels, notes = made(
        wanted(multi=True), ["Roads; Water", "water|Light", '["Roads", "Light"]', "", "x\ny"]
    )
    assert said(labels, 0) == {"Roads", "Water"}
    assert said(labels, 1) == {"Water", "Light"}
    assert said(labels, 2) == {"Roads", "Light"}
    assert said(labels, 4) == {"x", "y"}
    assert notes.unlabelled == 1


def test_a_column_of_0_and_1_for_each_label(made, wanted):
    names = ["Staff", "Waiting", "Food"]
    labels, notes = made(
        wanted("Staff:Food", multi=True),
        ["1.0", "", "", "0"],
        ["1", "", "", "0"],
        ["", "да", "", "0"],
        names=names,
    )
    assert said(labels, 0) == {"Staff", "Waiting"}
    assert said(labels, 1) == {"Food"}
    assert labels.known.tolist() == [True, True, False, True]  # all 0 is looked at and found to have none
    assert said(labels, 3) == set()
    assert notes.unlabelled == 1


def test_several_columns_may_hold_one_label_each(made, wanted):
    labels, _ = made(wanted("A+B", multi=True), ["Roads", "Water", None], ["Light", None, "Water"])
    assert [said(labels, row) for row in range(3)] == [{"Roads", "Light"}, {"Water"}, {"Water"}]


def test_a_label_as_long_as_a_text_is_left_out(made, wanted):
    labels, notes = made(wanted(), ["Roads", "Water", "they wrote a lot " * 20])
    assert labels.set.names == ("Roads", "Water")
    assert notes.too_long == 1
    assert labels.known.tolist() == [True, True, False]


def test_a_label_with_personal_data_is_left_out(made, wanted):
    labels, notes = made(
        wanted(), ["Roads", "Water", "Ann Lee"], personal=lambda s: np.array([x == "Ann Lee" for x in s])
    )
    assert "Ann Lee" not in labels.set.names
    assert notes.personal == 1


def test_labels_that_are_topics_of_the_pack_take_its_titles_and_tree(made, wanted, boston):
    codes = [code for code, topic in boston.topics.items() if topic.parent][:2]
    labels, _ = made(wanted(), [*codes, codes[0]])
    assert set(labels.set.names) == set(codes)
    assert all(labels.set.titles)
    assert set(labels.set.group_names) <= set(boston.topics)


def test_labels_that_are_mapped_to_one_code_become_one(made, wanted, boston):
    code = next(iter(boston.topics))
    labels, notes = made(
        wanted(), ["Roads", "roads and holes", "Own"], mapping={"roads": code, "roads and holes": code}
    )
    assert set(labels.set.names) == {code, "Own"}
    assert notes.unmapped == ("Own",)
    assert notes.mapped == {"roads": code, "roads and holes": code}


def test_ten_thousand_classes_are_taken(made, wanted):
    labels, _ = made(wanted(), [f"class {i % 10_000}" for i in range(20_000)])
    assert len(labels.set) == 10_000
    assert labels.given.nnz == 20_000


SHEET = [("a.csv", ["Comment", "Staff", "Theme 1", "Theme 2", "a:b", "Food"])]


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ("staff ", ("Staff",)),
        ("Staff:Theme 2", ("Staff", "Theme 1", "Theme 2")),
        ("Food:Theme 2", ("Theme 2", "a:b", "Food")),
        ("Theme *", ("Theme 1", "Theme 2")),
        ("a:b", ("a:b",)),
        ("Staff+Food", ("Staff", "Food")),
    ],
)
def test_columns_are_named_as_a_person_sees_them(columns, found):
    assert resolve(Wanted("theme", columns, multi=True), SHEET) == found


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(NoLabelColumn) as error:
        resolve(Wanted("topic", "Topc"), SHEET)
    assert "Topc" in error.value.text()
    assert "Theme 1" in error.value.text()


def test_the_last_of_a_hundred_columns_is_named_too():
    sheet = [("wide.xlsx", ["Text", *(f"Question {i}" for i in range(100)), "Topic"])]
    with pytest.raises(NoLabelColumn) as error:
        resolve(Wanted("topic", "Topc"), sheet)
    assert error.value.text().endswith(", Question 99, Topic.")


def test_many_columns_need_multi():
    with pytest.raises(UsageError, match="--multi"):
        resolve(Wanted("theme", "Theme *"), SHEET)


def test_multi_of_a_facet_without_a_label_is_refused():
    with pytest.raises(UsageError, match="--multi"):
        wanted_of({"topic": "Topic"}, multi=["theme"])
