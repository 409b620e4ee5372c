"""Appeals that come later join the open cards."""

import numpy as np
from tests.unit.learn.test_cards import waiting_of

from veche.learn.cards import deal
from veche.learn.cards_joined import join


def _open(cards):
    return {"centres": np.stack([card.centre for card in cards]), "values": [card.value for card in cards]}


def test_who_says_what_a_card_is_about_joins_it():
    cards = deal(waiting_of([0] * 6 + [1] * 4))
    about = [0 if 0 in card.members else 1 for card in cards]
    joined = join(waiting_of([1, 0, 1]), **_open(cards))
    assert [about[card] for card in joined.tolist()] == [1, 0, 1]


def test_who_says_something_else_or_is_proposed_something_else_joins_none():
    cards = deal(waiting_of([0] * 6))
    later = waiting_of([0, 5, None], values=["water", "roads", "roads"])
    assert join(later, **_open(cards)).tolist() == [-1, -1, -1]


def test_copies_join_together():
    cards = deal(waiting_of([0] * 6))
    later = waiting_of([0, 7], values=["roads", "water"], same=[3, 3])
    assert join(later, **_open(cards)).tolist() == [0, 0]


def test_where_no_card_is_open_none_is_joined():
    assert join(waiting_of([0, 1]), centres=np.zeros((0, 64), np.float16), values=[]).tolist() == [-1, -1]
    assert join(waiting_of([]), **_open(deal(waiting_of([0])))).tolist() == []
