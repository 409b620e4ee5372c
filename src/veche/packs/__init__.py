"""Packs: what a country or a city knows, loaded from folders that a non-programmer edits."""

from veche.packs.loader import available_packs, check, find_pack, load_pack
from veche.packs.model import Body, Cue, Pack, Recogniser, Source, Territory, Topic
from veche.packs.problems import Problem
from veche.packs.showing.describe import describe

__all__ = [
    "Body",
    "Cue",
    "Pack",
    "Problem",
    "Recogniser",
    "Source",
    "Territory",
    "Topic",
    "available_packs",
    "check",
    "describe",
    "find_pack",
    "load_pack",
]
