"""Numbers in the reader's form, and how many urgent appeals ring."""

from typing import Any

from django import template

from veche.service import reader
from veche.service.accounts.access import allowed
from veche.service.accounts.models import User
from veche.service.desk import urgent

register = template.Library()


@register.filter
def number(value: float) -> str:
    """Return a number with thousands as the reader's language parts them."""
    return reader.formats().number(value)


@register.filter
def percent(share: float) -> str:
    """Return a share from 0 to 1 in whole percent."""
    said = reader.formats()
    return f"{said.number(round(share * 100))}{said.space}%"


@register.simple_tag
def ringing(user: Any) -> int | None:
    """Return how many urgent appeals wait for somebody; None for a person who is not one to take them."""
    if not isinstance(user, User) or "finding.decide" not in allowed(user):
        return None
    return urgent.count(user)
