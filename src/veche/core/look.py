"""How our pages look and what they call things, so that a room can make a page without knowing the others."""

from collections.abc import Callable
from dataclasses import dataclass

from veche.core.formats import Formats


@dataclass(frozen=True)
class Look:
    """How a page looks and what it calls things: the style sheet of our pages, the content-security policy
    that allows a style sheet, number formats, and names for values of a dimension (None for no name)."""

    style: str
    policy: Callable[[str], str]
    formats: Formats
    label: Callable[[str, str], str | None]
