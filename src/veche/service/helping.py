"""Help beside the page, from `docs/help` in the reader's language, and the tour for newcomers.

A page of help is Markdown that also stands in the documentation. HTML in it is shown as it is written; a link
to a neighbour (`desk.md`) leads to that page of help.
"""

from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_POST
from markdown_it import MarkdownIt

from veche.service import reader
from veche.service.accounts.models import User

_PACKAGE = Path(__file__).resolve().parents[1]
#: In the wheel, and in a checkout.
_HOMES = (_PACKAGE / "_help", _PACKAGE.parents[1] / "docs" / "help")

#: Which page of help belongs to which page, by the name of its address.
PAGES = {
    "desk": "desk",
    "card": "desk",
    "decisions": "desk",
    "urgent": "desk",
    "bulk": "bulk",
    "checks": "checks",
    "decided_alone": "checks",
    "appeals": "appeals",
    "appeal": "appeal",
    "original": "appeal",
    "themes": "themes",
    "theme": "themes",
    "board": "board",
    "compare": "board",
    "annotations": "board",
    "mailings": "board",
    "wall": "wall",
    "operator": "operator",
    "imports": "files",
    "import": "files",
    "aside": "files",
    "people": "people",
    "people_of": "people",
    "channels": "people",
    "channels_of": "people",
    "me": "account",
    "password": "account",
    "account_reauthenticate": "account",
    "mfa_index": "account",
    "mfa_activate_totp": "account",
    "mfa_deactivate_totp": "account",
    "mfa_view_recovery_codes": "account",
    "mfa_generate_recovery_codes": "account",
    "mfa_reauthenticate": "account",
}
#: Pages that open a room: on these a newcomer is offered the tour.
_ENTRANCES = frozenset({"desk", "appeals", "themes", "board", "operator", "imports", "people_of"})


def help_of(request: HttpRequest) -> str:
    """Return the name of the page of help for the page that is asked for; "" where there is none."""
    match = request.resolver_match
    return PAGES.get(match.url_name or "", "") if match else ""


def offers_tour(request: HttpRequest) -> bool:
    """Tell whether this page offers the tour: to newcomers, and to whoever asks for it."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or request.resolver_match is None:
        return False
    newcomer = not user.toured and request.resolver_match.url_name in _ENTRANCES
    return newcomer or "tour" in request.GET


@login_required
@require_GET
def help_page(request: HttpRequest, page: str) -> HttpResponse:
    """Show a page of help: beside the content where a script asks for it, else as a page of its own."""
    text = words(page, reader.language())
    if text is None:
        raise Http404
    beside = bool(request.headers.get("HX-Request"))
    title = strip_tags(text.partition("</h1>")[0]).strip()
    context = {"text": text, "help_title": title, "page": page}
    return render(request, "help_beside.html" if beside else "help.html", context)


@require_POST
@login_required
def toured(request: HttpRequest) -> HttpResponse:
    """Keep that a person has seen the tour, or does not want to."""
    assert isinstance(request.user, User)
    User.objects.filter(pk=request.user.pk).update(toured=True)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    to = request.POST.get("next", "")
    near = url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure())
    return redirect(to if near else "home")


@cache
def words(page: str, language: str) -> SafeString | None:
    """Return a page of help as HTML, in English where the language has none; nothing where there is none."""
    if page not in PAGES.values():
        return None
    for home in _HOMES:
        for path in (home / language / f"{page}.md", home / f"{page}.md"):
            if path.is_file():
                return _html(path.read_text(encoding="utf-8"))
    return None


def _html(markdown: str) -> SafeString:
    """The pages are our own, and HTML in them is escaped all the same."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    for token in (inner for outer in tokens for inner in outer.children or ()):
        href = str(token.attrGet("href") or "")
        if token.type == "link_open" and href.endswith(".md") and "/" not in href:
            token.attrSet("href", reverse("help", args=[href.removesuffix(".md")]))
    return mark_safe(parser.renderer.render(tokens, parser.options, {}))
