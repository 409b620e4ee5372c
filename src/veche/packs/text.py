"""Texts of a pack by language: `Text` maps a BCP 47 language tag to a text, `Phrases` to several."""

from collections.abc import Mapping

Text = Mapping[str, str]
Phrases = Mapping[str, tuple[str, ...]]


def in_language(text: Text, *languages: str) -> str:
    """Return `text` in the first of `languages` that it has, else in the first that it has; "" for none."""
    return next((text[tag] for tag in languages if text.get(tag)), next(iter(text.values()), ""))
