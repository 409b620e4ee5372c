"""Messages in the reader's language through gettext.

English is written in the code; other languages come from `locale/*/LC_MESSAGES/veche.po`, compiled
when the package is built. One language holds for the whole process: `set_language` picks it once.
"""

import gettext as _gettext
import os
from pathlib import Path

LANGUAGES = ("en", "ru")

_LOCALE = Path(__file__).resolve().parent.parent / "locale"
_current: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"


def language_of_environment() -> str:
    """Return the language that the environment asks for, `en` where it asks for none that we speak."""
    for name in ("VECHE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return value[:2] if value[:2] in LANGUAGES else "en"
    return "en"


def set_language(language: str) -> None:
    """Make `language` (one of `LANGUAGES`) the language of all messages from now on."""
    global _current, _language
    _current = _gettext.translation("veche", _LOCALE, [language], fallback=True)
    _language = language


def language() -> str:
    """Return the language in force."""
    return _language


def _(message: str) -> str:
    """Translate `message`."""
    return _current.gettext(message) if message else message


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate the form that goes with the number `n`."""
    return _current.ngettext(singular, plural, n)
