"""The queue of cards and the card that is open: what waits, what is proposed, how sure, and why."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from veche.service.accounts.access import allowed
from veche.service.accounts.models import User
from veche.service.desk import draft, queue
from veche.service.desk.asked import Asked
from veche.service.desk.at_desk import at_the_desk, card_address, who
from veche.service.desk.cards import CardLine, CardShown
from veche.service.desk.choices import options, question, title_of, under
from veche.service.desk.handling import colleagues
from veche.service.desk.marks import Piece, in_masked, pieces
from veche.service.desk.models import Card, CardState, Decision
from veche.service.desk.said import last_of, said
from veche.service.search.filters import sure_of
from veche.service.search.wording import SURE_WORDS

#: Members that come at a time when a person wants to see more, and the most that one page shows.
MORE, MOST_MEMBERS = 100, 2_000


@at_the_desk()
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Show what waits for a decision, and the first card of it."""
    user = who(request)
    asked = Asked(request.GET, user)
    lines = _lines(user, asked)
    context = _queue(user, asked, lines) | {"at": "queue"}
    if lines:
        context |= _card(request, user, asked, lines, queue.card(user, lines[0].id))
    return render(request, "desk/queue.html", context)


@at_the_desk("appeal.list")
@require_GET
def card(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one card beside the queue."""
    user = who(request)
    asked = Asked(request.GET, user)
    shown = queue.card(user, key)
    lines = _lines(user, asked)
    context = _queue(user, asked, lines) | {"at": "card"} | _card(request, user, asked, lines, shown)
    return render(request, "desk/queue.html", context)


@at_the_desk("appeal.list")
@require_GET
def members(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show more members of a card, after those that stand on the page."""
    user = who(request)
    if not request.headers.get("HX-Request"):
        return redirect("card", key)
    after = _whole_number(request.GET.get("after", ""), most=MOST_MEMBERS)
    odd = bool(request.GET.get("odd"))
    found = queue.more_members(user, key, odd=odd, after=after, most=MORE)
    context = {
        "members": found,
        "more": _more(key, after + len(found), odd=odd) if len(found) == MORE else "",
        "card": {"may_decide": "finding.decide" in allowed(user)},
        "draft": draft.Draft(),
    }
    return render(request, "desk/members.html", context)


@at_the_desk("appeal.list", part=True)
@require_GET
def live(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say what others did with a card since it was opened, or who has it in hand."""
    user = who(request)
    asked = Asked(request.GET, user)
    line = queue.card(user, key, most=1).line
    seen = _whole_number(request.GET.get("version", ""), most=2**31 - 1)
    return render(request, "desk/card_live.html", _happened(line, seen) | {"asked": asked})


def _lines(user: User, asked: Asked) -> list[CardLine]:
    return [] if asked.errors else queue.next_cards(user, asked.wanted)


def _queue(user: User, asked: Asked, lines: list[CardLine]) -> dict[str, Any]:
    waiting = queue.waiting(user)
    return {
        "asked": asked,
        "lines": lines,
        "waiting": waiting,
        "fields": list(asked.fields({line.proposal for line in lines}, queue.parts_of(lines))),
        "several": len(asked.tenants) > 1,
        "facets": len({line.facet for line in lines}) > 1,
        "more_wait": not asked and waiting.cards > len(lines),
        "may_decide": bool(asked.tenants),
        "last": last_of(user),
    }


def _card(
    request: HttpRequest, user: User, asked: Asked, lines: list[CardLine], shown: CardShown
) -> dict[str, Any]:
    line = shown.line
    before, after = _neighbours(lines, line.id)
    context: dict[str, Any] = {
        "card": line,
        "title": line.proposal_words or _("Without a proposal"),
        "next_card": after.id if after else "",
        "next_url": card_address(after.id, asked.query) if after else "",
        "previous_url": card_address(before.id, asked.query) if before else "",
    }
    if line.state != CardState.OPEN:
        return context | {"closed": _closing(user, line)}
    pack = _pack(line.id)
    kept = draft.take_up(request, line.id)
    odd, usual = shown.members[: shown.exceptions_shown], shown.members[shown.exceptions_shown :]
    return (
        context
        | {
            "options": [_option(pack, line, n) for n in range(len(line.best))],
            "sure_sentence": _sure(line.confidence) if line.proposal else "",
            "pieces": _pieces(shown),
            "marked": bool(shown.evidence),
            "sample": next(iter(usual), None),
            "sample_language": shown.sample.language if shown.sample else "",
            "exceptions": odd,
            "exceptions_in_all": shown.exceptions,
            "more_exceptions": _more(line.id, len(odd), odd=True) if shown.exceptions > len(odd) else "",
            "others": usual[1:],
            "more": _more(line.id, len(usual)) if line.size - shown.exceptions > len(usual) else "",
            "opinions": shown.opinions,
            "question": question(line.facet),
            "choices": options(pack, line.facet),
            "mergeable": [other for other in lines if _can_join(other, line)],
            "colleagues": colleagues(user, line.id) if line.may_decide else [],
            "draft": kept,
            "draft_words": title_of(pack, line.facet, kept.value) if kept.value else "",
        }
        | _happened(line, line.version)
    )


def _can_join(other: CardLine, line: CardLine) -> bool:
    return other.id != line.id and (other.tenant, other.facet) == (line.tenant, line.facet)


def _pack(key: UUID) -> str:
    return Card.objects.values_list("tenant__pack", flat=True).get(pk=key)


def _option(pack: str, line: CardLine, n: int) -> dict[str, Any]:
    one = line.best[n]
    return {
        "value": one.value,
        "words": one.words,
        "under": under(pack, line.facet, one.value),
        "percent": round(one.confidence * 100),
        "proposed": one.value == line.proposal,
    }


def _sure(confidence: float) -> str:
    words = {"sure": SURE_WORDS[sure_of(confidence)], "n": round(confidence * 100)}
    return _("%(sure)s: of 100 appeals like these about %(n)s belong there.") % words


def _pieces(shown: CardShown) -> list[Piece]:
    if shown.text is None:
        return []
    spans = in_masked(shown.evidence, shown.text.masks)
    return list(pieces(shown.text.text, shown.text.masks, {shown.line.facet: spans}))


def _neighbours(lines: list[CardLine], key: UUID) -> tuple[CardLine | None, CardLine | None]:
    """Return the cards before and after one in the queue; after one that stands there no more, the first."""
    at = next((n for n, line in enumerate(lines) if line.id == key), None)
    if at is None:
        return None, lines[0] if lines else None
    return lines[at - 1] if at else None, lines[at + 1] if at + 1 < len(lines) else None


def _more(key: UUID, after: int, *, odd: bool = False) -> str:
    address = f"{reverse('card_members', args=[key])}?after={after}{'&odd=1' if odd else ''}"
    return address if after < MOST_MEMBERS else ""


def _happened(line: CardLine, seen: int) -> dict[str, Any]:
    """Return what a reader who saw the version `seen` of a card should know of others."""
    closed, stale = line.state != CardState.OPEN, line.version != seen
    acts = Decision.objects.filter(card=line.id, undone_at=None).select_related("by", "tenant", "undone_by")
    latest = acts.order_by("-at").first() if closed or stale else None
    return {
        "live_card": line,
        "gone": closed,
        "stale": stale and not closed,
        "latest": latest,
        "taken": line.taken_by if line.taken_by and not line.taken_by_me else "",
    }


def _closing(user: User, line: CardLine) -> list[Any]:
    """Return what was decided on a card that is closed, the latest first."""
    found = Decision.objects.filter(card=line.id).select_related("by", "tenant", "undone_by")
    return said(user, found.order_by("-at")[:5])


def _whole_number(typed: str, *, most: int) -> int:
    return min(int(typed), most) if typed.isascii() and typed.isdecimal() and len(typed) < 12 else 0
