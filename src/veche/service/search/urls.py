"""Addresses of search."""

from django.urls import URLPattern, path

from veche.service.search import views

urlpatterns: list[URLPattern] = [
    path("appeals/", views.appeals, name="appeals"),
    path("appeals.csv", views.taken_out, name="appeals_csv"),
    path("searches/", views.keep, name="search_keep"),
    path("searches/<uuid:key>/", views.kept, name="search_kept"),
    path("searches/<uuid:key>/drop/", views.drop, name="search_drop"),
]
