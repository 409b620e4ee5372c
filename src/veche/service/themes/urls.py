"""Addresses of themes."""

from django.urls import path

from veche.service.themes import views

urlpatterns = [
    path("themes/", views.themes, name="themes"),
    path("themes/work/", views.work, name="themes_work"),
    path("themes/find/", views.find, name="themes_find"),
    path("themes/cancel/", views.cancel, name="themes_cancel"),
    path("themes/<uuid:key>/", views.theme, name="theme"),
    path("themes/<uuid:key>/<slug:act>/", views.decide, name="theme_decide"),
    path("themes/decisions/<uuid:key>/undo/", views.undo, name="theme_undo"),
]
