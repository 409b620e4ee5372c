"""Addresses of the desk."""

from django.urls import path

from veche.service.desk import views

urlpatterns = [
    path("", views.home, name="home"),
    path("appeals/", views.appeals, name="appeals"),
    path("appeals/<str:number>/", views.appeal, name="appeal"),
    path("appeals/<str:number>/original/", views.original, name="original"),
    path("aside/", views.aside, name="aside"),
    path("aside/<str:number>/retry/", views.aside_retry, name="aside_retry"),
]
