"""What the public pages share: the language of the address, the links, the times, the answer."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from veche.core.i18n import speaking
from veche.service.accounts.models import Tenant
from veche.service.public.light import pack_of

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]

_LANGUAGES = dict(settings.LANGUAGES)


def public(view: View[Rest]) -> Callable[..., HttpResponse]:
    """Let a view speak the language that its address begins with.

    Forms of these pages need no cookie: what they change is opened by the secret they carry, never by who is
    signed in, so another site cannot use anybody's browser for it.
    """

    @csrf_exempt
    @wraps(view)
    def around(request: HttpRequest, *args: Any, lang: str | None = None, **kwargs: Any) -> HttpResponse:
        if lang is None:
            return view(request, *args, **kwargs)
        if lang not in _LANGUAGES:
            raise Http404
        translation.activate(lang)
        with speaking(lang):
            return view(request, *args, **kwargs)

    return around


def link(request: HttpRequest, name: str, **names: str) -> str:
    """Return the address of a public page in the language of the page that is asked for."""
    lang = _lang(request)
    return reverse(f"public:{name}", kwargs={**names, **({"lang": lang} if lang else {})})


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    tenant: Tenant | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return a page, with the clocks of an authority's country where it is one authority's."""
    match = request.resolver_match
    names = {k: v for k, v in (match.kwargs if match else {}).items() if k != "lang"}
    here = match.view_name if match else "public:choose"
    languages = [
        (code, name, reverse(here, kwargs={**names, "lang": code}))
        for code, name in _LANGUAGES.items()
        if code != translation.get_language()
    ]
    around = {
        "tenant": tenant,
        "languages": languages,
        "write_url": link(request, "write", slug=tenant.slug) if tenant else link(request, "choose"),
        "find_url": link(request, "find"),
    }
    with timezone.override(zone_of(tenant) if tenant else timezone.get_current_timezone()):
        return render(request, f"public/{template}.html", {**around, **context}, status=status)


def zone_of(tenant: Tenant) -> str:
    """Return the time zone of the territory that an authority governs, of one above it, or of the pack."""
    pack = pack_of(tenant.pack)
    if pack is None:
        return "UTC"
    node = pack.territories.get(tenant.territory)
    while node is not None:
        if node.timezone:
            return node.timezone
        node = pack.territories.get(node.parent)
    return pack.timezone or "UTC"


def _lang(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.kwargs.get("lang") or "") if match else ""
