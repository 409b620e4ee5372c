"""Paths through the trees of a pack."""

from dataclasses import dataclass

from veche.packs.text import in_language
from veche.packs.tree import leaves, path_of


@dataclass(frozen=True)
class Twig:
    parent: str


NODES = {"roads": Twig(""), "roads.pits": Twig("roads"), "water": Twig(""), "a": Twig("b"), "b": Twig("a")}


def test_a_path_goes_from_the_node_to_the_root():
    assert list(path_of("roads.pits", NODES)) == ["roads.pits", "roads"]


def test_an_unknown_code_has_no_path():
    assert list(path_of("nowhere", NODES)) == []


def test_a_tree_that_bites_its_own_tail_has_an_end():
    assert list(path_of("a", NODES)) == ["a", "b"]


def test_leaves_are_the_nodes_that_nothing_lies_below():
    assert leaves(NODES) == ["roads.pits", "water"]


def test_a_text_comes_in_the_first_language_that_it_has():
    text = {"kk": "жол", "ru": "дорога"}
    assert in_language(text, "en", "ru") == "дорога"
    assert in_language(text, "en") == "жол"
    assert in_language({}, "en") == ""
