"""Addresses of accounts. Of django-allauth only what is used here: nobody signs up or resets by mail."""

from allauth.account import views as account
from allauth.socialaccount import views as identity
from django.urls import include, path

from veche.service.accounts.views import channels, me, people

urlpatterns = [
    path("account/", me.me, name="me"),
    path("account/password/", me.password, name="password"),
    path("account/sessions/end/", me.end_other_sessions, name="end_other_sessions"),
    path("account/sessions/<int:key>/end/", me.end_session, name="end_session"),
    path("account/link/<uuid:who>/<str:token>/", me.link, name="link"),
    path("account/lost-password/", me.lost_password, name="account_reset_password"),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("account/identity/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("account/identity/cancelled/", identity.login_cancelled, name="socialaccount_login_cancelled"),
    path("account/identity/error/", identity.login_error, name="socialaccount_login_error"),
    path("people/", people.people, name="people"),
    path("people/roles/<uuid:key>/end/", people.end_role, name="end_role"),
    path("people/roles/<uuid:key>/let-in/", people.let_in, name="let_in"),
    path("people/roles/<uuid:key>/second-factor/", people.drop_second_factor, name="drop_second_factor"),
    path("people/roles/<uuid:key>/sign-out/", people.sign_out, name="sign_out"),
    path("people/<slug:slug>/", people.people_of, name="people_of"),
    path("people/<slug:slug>/grant/", people.grant, name="grant"),
    path("channels/", channels.channels, name="channels"),
    path("channels/<slug:slug>/", channels.channels_at, name="channels_of"),
    path("channels/<slug:slug>/open/", channels.open_channel, name="open_channel"),
    path("channels/<uuid:key>/switch/", channels.switch_channel, name="switch_channel"),
    path("channels/<uuid:key>/tokens/", channels.make_token, name="make_token"),
    path("tokens/<uuid:key>/revoke/", channels.revoke_token, name="revoke_token"),
]
