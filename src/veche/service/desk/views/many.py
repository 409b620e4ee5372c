"""Many appeals decided at once: what it would do is told before, and it can be taken back after.

Chosen appeals come as ids, all of a list as its address; what is decided is what was previewed, or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from veche.core.errors import DeskError
from veche.picture.words import label
from veche.service import reader
from veche.service.accounts.models import User
from veche.service.desk import bulk, words
from veche.service.desk.at_desk import at_the_desk, who
from veche.service.desk.choices import options, question
from veche.service.desk.models import Changed
from veche.service.desk.reach import deciding_on
from veche.service.desk.rows import lines
from veche.service.desk.said import sentence
from veche.service.desk.values import COLUMN
from veche.service.inbox.models import Appeal
from veche.service.search.filters import Filters
from veche.service.search.found import latest, look

#: Appeals that a preview quotes.
QUOTED = 5

#: Characters of the address of a list.
_MOST_QUERY = 10_000


@dataclass(frozen=True)
class Form:
    """What a person asks for: which appeals, and what is to be decided of them."""

    scope: str
    query: str
    ids: tuple[UUID, ...]
    facet: str
    value: str
    #: What those show now that are to be left out, and whether what people decided is.
    out: tuple[str, ...]
    spare: bool

    @classmethod
    def read(cls, post: QueryDict) -> "Form":
        """Return what a form says; what is no id or no facet is left out."""
        facet = post.get("facet", "topic")
        return cls(
            scope="all" if post.get("scope") == "all" else "chosen",
            query=post.get("query", "")[:_MOST_QUERY],
            ids=tuple(dict.fromkeys(key for key in map(_id, post.getlist("ids")) if key)),
            facet=facet if facet in COLUMN else "topic",
            value=post.get("value", ""),
            out=tuple(post.getlist("out")),
            spare=bool(post.get("spare")),
        )

    @property
    def back(self) -> str:
        """The address of the list that the person came from."""
        return reverse("appeals") + (f"?{self.query}" if self.query else "")


@at_the_desk()
def many(request: HttpRequest) -> HttpResponse:
    """Ask what is to be decided of many appeals, tell what it would do, and do it once it is confirmed."""
    user, form = who(request), Form.read(request.POST)
    if request.method != "POST":
        return redirect("appeals")
    found = _found(user, form)
    if not found:
        return redirect(form.back)
    chosen = _left(found, form)
    try:
        if request.POST.get("confirm") and chosen:
            return _confirmed(request, user, form, chosen)
        previewed = (
            bulk.preview(user, chosen, form.value, facet=form.facet) if form.value and chosen else None
        )
    except DeskError as error:
        messages.error(request, f"{error.text()} {error.advice()}")
        previewed = None
    return render(request, "desk/bulk.html", _context(user, form, found, chosen, previewed))


def _confirmed(request: HttpRequest, user: User, form: Form, chosen: Sequence[UUID]) -> HttpResponse:
    digest = request.POST["confirm"]
    with transaction.atomic():
        decision = bulk.decide_many(user, chosen, form.value, facet=form.facet, digest=digest)
    messages.success(request, sentence(decision))
    return redirect("decisions")


def _found(user: User, form: Form) -> list[UUID]:
    """Return the appeals that were asked about, of those that the person may see."""
    if form.scope == "chosen":
        return list(form.ids)
    found = look(user, Filters.read(QueryDict(form.query), user))
    return latest(found.cube, found.rows.nonzero()[0], bulk.MOST + 1)


def _left(found: Sequence[UUID], form: Form) -> list[UUID]:
    """Return the appeals without those that are to be left out."""
    if not form.out and not form.spare:
        return list(found)
    left = Appeal.objects.filter(pk__in=list(found))
    if form.out:
        left = left.exclude(**{f"{COLUMN[form.facet]}__in": form.out})
    if form.spare:
        by_people = Changed.objects.filter(appeal__in=list(found), facet=form.facet, chosen=True)
        left = left.exclude(pk__in=by_people.values("appeal"))
    return list(left.values_list("pk", flat=True))


def _context(
    user: User, form: Form, found: list[UUID], chosen: list[UUID], previewed: bulk.Preview | None
) -> dict[str, Any]:
    first = Appeal.objects.filter(pk__in=found[:1]).select_related("tenant").first()
    pack = first.tenant.pack if first else ""
    some = deciding_on(user).filter(pk__in=chosen[:QUOTED])
    return {
        "form": form,
        "asked": len(found),
        "chosen": len(chosen),
        "preview": previewed,
        "moves": [(value, _said(pack, form.facet, value), n) for value, n in previewed.moves]
        if previewed
        else [],
        "out": [(value, _said(pack, form.facet, value)) for value in form.out],
        "bodies": [(_said(pack, "body", value), n) for value, n in previewed.bodies] if previewed else [],
        "value_words": _said(pack, form.facet, form.value) if form.value else "",
        "facets": [(facet, label("facet", facet)) for facet in COLUMN],
        "question": question(form.facet),
        "choices": options(pack, form.facet) if pack else "",
        "lines": lines(some),
        "may_decide": True,
    }


def _said(pack: str, facet: str, value: str) -> str:
    return words.value(pack, facet, value, reader.language()) if value else ""


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
