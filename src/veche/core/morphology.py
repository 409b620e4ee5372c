"""Russian morphology: the one analyser of a process, since its dictionary takes a second and 15 MB to load.

Source: pymorphy3 with the OpenCorpora dictionary. What its readings mean is left to those who ask.
"""

from functools import cache
from typing import Any


@cache
def russian() -> Any:
    """Return the analyser (`pymorphy3.MorphAnalyzer`); loaded when it is first asked for."""
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang="ru")
