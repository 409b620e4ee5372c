"""Themes followed over time: from run to run, from chunk to chunk, and against what is usual.

`remember` and `changes_between` keep a theme's code and name from one run to the next, `Follower` takes
appeals as they arrive and says what is new, `alerts` says what comes much more often than expected,
`forget` erases texts from what is kept of them.
Finding themes in a batch is the business of `veche.themes.discovery`.
"""

from veche.themes.following.bursts import Alert, Cells, alerts
from veche.themes.following.chunk import Chunk, News, Step
from veche.themes.following.forgetting import forget, forget_in
from veche.themes.following.identity import CHANGES, Changes, changes_between, with_kept_codes
from veche.themes.following.memory import Memory, remember
from veche.themes.following.store import load, save
from veche.themes.following.stream import Follower

__all__ = [
    "CHANGES",
    "Alert",
    "Cells",
    "Changes",
    "Chunk",
    "Follower",
    "Memory",
    "News",
    "Step",
    "alerts",
    "changes_between",
    "forget",
    "forget_in",
    "load",
    "remember",
    "save",
    "with_kept_codes",
]
