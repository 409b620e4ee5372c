"""The base of all errors, and how they are worded; the errors themselves stand in `veche.core.errors`."""

from veche.core.formats import formats
from veche.core.i18n import _, language


class VecheError(Exception):
    """The base of all our errors.

    `code` is stable, `hint` says what to do, `retry` whether the same call can go through later.
    Texts are templates in English, translated when shown; `facts` fill them.
    """

    code = "VECHE-0000"
    message = "Something went wrong."
    hint = ""
    retry = False
    exit_status = 1

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.text())

    def text(self) -> str:
        """Return the message in the language in force."""
        return _(self.message).format(**_shown(self.facts))

    def advice(self) -> str:
        """Return the hint in the language in force, empty where there is none."""
        return _(self.hint).format(**_shown(self.facts)) if self.hint else ""

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.facts))


#: Facts that count something; other whole numbers (lines, rows) name a place and are left as they are.
_COUNTS = ("cells", "columns", "limit")


def _shown(facts: dict[str, object]) -> dict[str, object]:
    number = formats(language()).number
    return {k: number(v) if k in _COUNTS and isinstance(v, int) else v for k, v in facts.items()}


def _rebuild(cls: type[VecheError], facts: dict[str, object]) -> VecheError:
    return cls(**facts)


def N_(message: str) -> str:
    """Mark a message for translation without translating it yet."""
    return message


class UsageError(VecheError):
    """The command was called with something that does not fit."""

    code = "VECHE-U001"
    message = N_("{problem}")
    exit_status = 2
