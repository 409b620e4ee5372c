"""What a check of an export can find, and how it is told to a person."""

from dataclasses import dataclass
from enum import StrEnum

from veche.core.i18n import _


class Flaw(StrEnum):
    """What was done to the ledger, as far as it can be told."""

    CHANGED = "changed"
    #: Whole, but not what was signed: changed and computed anew.
    REWRITTEN = "rewritten"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    DUPLICATED = "duplicated"
    CUT_OFF = "cut off"
    BAD_SIGNATURE = "bad signature"
    UNKNOWN_KEY = "unknown key"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first place that is not as it was written.

    `line` counts from 1, in the export, or in the file of heads where `in_heads`. The entries it is
    about are `first` to `last`; 0 where it is about the header or a seal.
    """

    flaw: Flaw
    line: int
    first: int = 0
    last: int = 0
    in_heads: bool = False

    def problem(self) -> str:
        """Return what is wrong, in a sentence in the language in force."""
        return _problems()[self.flaw, bool(self.first)].format(entries=self._entries())

    def advice(self) -> str:
        """Return what the auditor can do."""
        if self.flaw is Flaw.UNKNOWN_KEY:
            return _("Ask for the public key that signed it, from somebody other than who sent the export.")
        if self.flaw is Flaw.CUT_OFF:
            return _(
                "Ask for a new export. If it ends here too, entries were removed or a backup was restored."
            )
        return _("Everything before this place is whole. Ask for a new export, and compare the two here.")

    def _entries(self) -> str:
        if self.last > self.first:
            return _("entries {first} to {last}").format(first=self.first, last=self.last)
        return _("entry {seq}").format(seq=self.first)


def _problems() -> dict[tuple[Flaw, bool], str]:
    signature = _("bad signature: this was not signed with the key that it names.")
    key = _("unknown key: this was signed with a key that is not among those given.")
    rewritten = _("changed: {entries} do not lead to what was signed.")
    return {
        (Flaw.CHANGED, True): _("changed: {entries} is not as it was written."),
        (Flaw.CHANGED, False): _("changed: this line is not as it was written."),
        (Flaw.REWRITTEN, True): rewritten,
        (Flaw.REWRITTEN, False): rewritten,
        (Flaw.REMOVED, True): _("removed: {entries} should stand here."),
        (Flaw.REMOVED, False): _("removed: a line that should stand here is missing."),
        (Flaw.INSERTED, True): _("inserted: {entries} does not belong here."),
        (Flaw.INSERTED, False): _("inserted: this line does not belong here."),
        (Flaw.REORDERED, True): _("reordered: {entries} stands in another place than it was written at."),
        (Flaw.DUPLICATED, True): _("duplicated: {entries} stands here a second time."),
        (Flaw.CUT_OFF, True): _("cut off: {entries} and all that followed are missing."),
        (Flaw.CUT_OFF, False): _("cut off: the export ends here without its closing statement."),
        (Flaw.BAD_SIGNATURE, False): signature,
        (Flaw.UNKNOWN_KEY, False): key,
    }
