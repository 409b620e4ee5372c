"""The certificate of an erasure: what was destroyed, when, by whom, and where the ledger says so.

It names the person by their number here and by nothing else: who asked to be erased is not named in writing.
"""

from collections.abc import Mapping
from typing import Any

from veche.core.errors import N_
from veche.core.formats import formats
from veche.core.i18n import LANGUAGES, _, speaking
from veche.service.vault.models import Erasure

#: What was destroyed, in the order in which it is listed.
_DESTROYED = {
    "keys": N_("key of the person"),
    "originals": N_("sealed originals"),
    "texts": N_("masked texts with their search entries and vectors"),
    "attachments": N_("attached files"),
    "findings": N_("findings that pointed into texts (places, topics and other codes stay as counts)"),
    "reasons": N_("reasons given for looking at the originals"),
    "pending": N_("places in the queue of appeals to be understood"),
    "appeals": N_("appeals stripped of all this; their numbers stay"),
}
_KINDS = {"export": N_("export"), "model": N_("model"), "themes": N_("themes")}


def as_json(erasure: Erasure) -> dict[str, Any]:
    """Return the certificate as values of JSON."""
    return {
        "certificate": str(erasure.pk),
        "authority": erasure.tenant.name,
        "person": str(erasure.person),
        "at": erasure.at.isoformat(timespec="seconds"),
        "by": erasure.by.name if erasure.by else None,
        "reason": erasure.reason,
        "destroyed": erasure.destroyed,
        "to_renew": erasure.renew,
        "ledger": {"seq": erasure.ledger_seq, "hash": erasure.ledger_hash},
    }


def as_pages(erasure: Erasure) -> dict[str, str]:
    """Return the certificate as plain text in each of our languages."""
    return {language: _page(erasure, language) for language in LANGUAGES}


def _page(erasure: Erasure, language: str) -> str:
    with speaking(language):
        lines = [
            _("Certificate of erasure {id}").format(id=erasure.pk),
            "",
            _("Authority: {name}").format(name=erasure.tenant.name),
            _("Person, by their number here: {id}").format(id=erasure.person),
            _("Erased: {when} (UTC)").format(when=f"{erasure.at:%Y-%m-%d %H:%M:%S}"),
            _("By: {name}").format(name=erasure.by.name if erasure.by else _("repeated on restored data")),
        ]
        if erasure.reason:
            lines.append(_("Reason: {reason}").format(reason=erasure.reason))
        lines += ["", _("Destroyed:"), *_counts(erasure.destroyed, language), ""]
        lines += _renewals(erasure.renew)
        lines += [
            "",
            _("Backups made before still hold it, sealed. When one is restored, the erasure is repeated."),
            _("Entry of the ledger: {seq}, {hash}").format(seq=erasure.ledger_seq, hash=erasure.ledger_hash),
        ]
        return "\n".join(lines) + "\n"


def _counts(destroyed: Mapping[str, int], language: str) -> list[str]:
    number = formats(language).number
    return [f"  {number(destroyed[k])}  {_(words)}" for k, words in _DESTROYED.items() if destroyed.get(k)]


def _renewals(renew: list[dict[str, str]]) -> list[str]:
    if not renew:
        return [_("Nothing that was made of the texts has to be made anew.")]
    rows = [f"  {_(_KINDS.get(r['kind'], r['kind']))}: {r['title']}, {r['made_at'][:10]}" for r in renew]
    return [_("To be made anew, because the texts may have gone into it:"), *rows]
