"""Addresses of the queue, its cards, and what was decided."""

from django.urls import path

from veche.service.desk.views import cards, checking, decided, deeds, many, ringing

urlpatterns = [
    path("", cards.desk, name="desk"),
    path("checks/", checking.checks, name="checks"),
    path("checks/alone/", checking.alone, name="decided_alone"),
    path("checks/<uuid:sample>/", checking.check, name="check"),
    path("urgent/", ringing.urgent, name="urgent"),
    path("urgent/<uuid:appeal>/take/", ringing.take, name="urgent_take"),
    path("bell/", ringing.bell, name="bell"),
    path("bulk/", many.many, name="bulk"),
    path("decisions/", decided.decisions, name="decisions"),
    path("decisions/<uuid:decision>/undo/", deeds.undo, name="decision_undo"),
    path("<uuid:key>/", cards.card, name="card"),
    path("<uuid:key>/live/", cards.live, name="card_live"),
    path("<uuid:key>/members/", cards.members, name="card_members"),
    path("<uuid:key>/take/", deeds.take, name="card_take"),
    path("<uuid:key>/<slug:name>/", deeds.deed, name="card_deed"),
]
