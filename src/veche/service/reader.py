"""The language of whoever reads what is being made: words, numbers and dates are for them."""

from django.utils.translation import get_language

from veche.core import formats as known
from veche.core.formats import Formats


def language() -> str:
    """Return the code of the language, `ru` or `en`."""
    return (get_language() or "en")[:2]


def formats() -> Formats:
    """Return how numbers and dates are written in it."""
    return known.formats(language())
