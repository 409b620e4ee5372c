"""Addresses of the board."""

from django.urls import URLPattern, path

from veche.service.board.views import export, mailings, notes, picture, versus

urlpatterns: list[URLPattern] = [
    path("board/", picture.board, name="board"),
    path("board/wall/", picture.wall, name="wall"),
    path("board/data.json", picture.data, name="board_data"),
    path("board/map/<slug:slug>/<slug:within>.json", picture.territories, name="board_map"),
    path("board/export.<str:ending>", export.export, name="board_export"),
    path("board/compare/", versus.compare, name="compare"),
    path("board/annotations/", notes.notes, name="annotations"),
    path("board/annotations/add/", notes.add, name="annotation_add"),
    path("board/annotations/<uuid:key>/", notes.change, name="annotation_change"),
    path("board/annotations/<uuid:key>/remove/", notes.remove, name="annotation_remove"),
    path("board/mailings/", mailings.mailings, name="mailings"),
    path("board/mailings/<slug:slug>/", mailings.add, name="mailing_add"),
    path("board/mailings/<uuid:key>/end/", mailings.end, name="mailing_stop"),
    path("board/mailings/end/<str:token>/", mailings.end_by_reader, name="mailing_end"),
]
