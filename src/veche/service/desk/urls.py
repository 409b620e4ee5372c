"""Addresses of the desk."""

from django.urls import include, path

from veche.service.desk import imports, operator
from veche.service.desk.views import appeals as views
from veche.service.desk.views import aside

urlpatterns = [
    path("", views.home, name="home"),
    path("appeals/<str:number>/", views.appeal, name="appeal"),
    path("appeals/<str:number>/decide/", views.decided, name="appeal_decide"),
    path("appeals/<str:number>/original/", views.original, name="original"),
    path("appeals/<str:number>/files/<uuid:key>/", views.attachment, name="attachment"),
    path("aside/", aside.aside, name="aside"),
    path("aside/<str:number>/retry/", aside.aside_retry, name="aside_retry"),
    path("desk/", include("veche.service.desk.card_urls")),
    path("operator/", operator.operator, name="operator"),
    path("operator/glance/", operator.glance, name="operator_glance"),
    path("files/", imports.imports, name="imports"),
    path("files/bring/", imports.bring, name="bring_file"),
    path("files/<uuid:key>/", imports.one, name="import"),
    path("files/<uuid:key>/columns/", imports.columns, name="import_columns"),
    path("files/<uuid:key>/confirm/", imports.confirm, name="import_confirm"),
    path("files/<uuid:key>/cancel/", imports.cancel, name="import_cancel"),
]
