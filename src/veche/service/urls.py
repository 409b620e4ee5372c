"""Which address leads to which room."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from veche.service.appearance import look
from veche.service.helping import help_page, toured
from veche.service.live import live
from veche.service.ops import views as ops

handler500 = "veche.service.ops.views.fault"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("veche.service.desk.urls")),
    path("", include("veche.service.search.urls")),
    path("", include("veche.service.themes.urls")),
    path("", include("veche.service.board.urls")),
    path("", include("veche.service.accounts.urls")),
    path("", include("veche.service.public.urls")),
    path("api/", include("veche.service.api.urls")),
    path("help/<slug:page>/", help_page, name="help"),
    path("tour/", toured, name="toured"),
    path("live/", live, name="live"),
    path("look/", look, name="look"),
    path("language/", set_language, name="set_language"),
    path("healthz", ops.healthz, name="healthz"),
    path("readyz", ops.readyz, name="readyz"),
    path("metrics", ops.metrics, name="metrics"),
]
