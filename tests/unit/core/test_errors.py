"""Errors: one code each, a message and a hint in both languages, safe to send between processes."""

import inspect
import pickle

import pytest

from veche.core import errors
from veche.core.errors import VecheError

ALL = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, VecheError)]


def test_every_error_has_a_code_of_its_own():
    codes = [c.code for c in ALL]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("error", ALL, ids=lambda c: c.__name__)
def test_an_error_stands_in_the_tree_and_says_what_it_means(error):
    assert error.__doc__
    assert error.code.startswith("VECHE-")
    assert error is VecheError or error.__name__ in errors.__doc__


def test_an_error_comes_through_a_worker_unchanged():
    error = errors.MissingColumn(source="a.csv", column="Текст", field="text", columns="x, y")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.text(), copy.advice(), copy.code) == (error.text(), error.advice(), error.code)


def test_a_message_names_the_thing_and_the_hint_says_what_to_do():
    error = errors.OutputNotEmpty(path="out")
    assert "out" in error.text()
    assert "--resume" in error.advice()
