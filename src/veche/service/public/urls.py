"""Addresses of the public pages, each with or without a language before it."""

from django.urls import URLPattern, URLResolver, path

from veche.service.public import track, write

app_name = "public"

_PAGES = (
    ("write/", write.choose, "choose"),
    ("write/<slug:slug>/", write.write, "write"),
    ("track/", track.find, "find"),
    ("track/<str:number>/<str:secret>/", track.follow, "follow"),
    ("track/<str:number>/<str:secret>/sent/", track.sent, "sent"),
    ("track/<str:number>/<str:secret>/withdraw/", track.take_back, "withdraw"),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path(prefix + route, view, name=name) for route, view, name in _PAGES for prefix in ("", "<str:lang>/")
]
