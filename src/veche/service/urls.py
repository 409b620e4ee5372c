"""Which address leads to which room."""

from django.urls import URLPattern, URLResolver, include, path

from veche.service.ops import views as ops

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("veche.service.api.urls")),
    path("healthz", ops.healthz, name="healthz"),
    path("readyz", ops.readyz, name="readyz"),
    path("metrics", ops.metrics, name="metrics"),
]
