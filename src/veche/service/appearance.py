"""How pages look to one person: light, dark or as the device is; roomy or dense; single keys on or off.

Kept in a cookie of the browser, because it goes with the screen and the eyes in front of it. The server reads
it, so a page is drawn right from the start. Nothing here is personal.
"""

from dataclasses import asdict, dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

COOKIE = "veche_look"
_YEAR = 365 * 24 * 3600

#: What can be chosen of each; the first holds where nothing was chosen.
CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "density": ("roomy", "dense"),
    "keys": ("on", "off"),
}


@dataclass(frozen=True)
class Look:
    """What a person chose; each value is one of `CHOICES`."""

    theme: str = "system"
    density: str = "roomy"
    keys: str = "on"

    def changed(self, given: dict[str, str]) -> "Look":
        """Return the look with what was given and can be chosen."""
        return replace(self, **{k: v for k, v in given.items() if v in CHOICES.get(k, ())})


def look_of(request: HttpRequest) -> Look:
    """Return how pages look to who asks."""
    kept = request.COOKIES.get(COOKIE, "").split(".")
    return Look().changed(dict(zip(CHOICES, kept, strict=False)))


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen, and go back to where it was."""
    chosen = look_of(request).changed({name: request.POST.get(name, "") for name in CHOICES})
    to = request.POST.get("next", "")
    near = url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure())
    response = redirect(to if near else "home")
    response.set_cookie(
        COOKIE, ".".join(asdict(chosen).values()), max_age=_YEAR, secure=request.is_secure(), samesite="Lax"
    )
    return response
