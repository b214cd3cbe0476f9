"""Addresses of this package, and the kind of address part that the packages above share.

By names that begin with `account_` and `mfa_` allauth finds its pages; its other pages have no address.
"""

from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, register_converter
from django.views.i18n import set_language

from egide.access.authority.proving import View, proven_lately
from egide.access.pages import (
    account_views,
    authority_views,
    emergency_views,
    palette,
    reading_views,
    request_views,
    street_map,
    views,
)
from egide.access.signing_in.guards import for_anybody, with_own_way_in


class AlarmId:
    """An alarm's id in an address: device, dash, counter."""

    regex = r"[0-9a-f]{16}-[0-9]{1,10}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def _changes_way_in(view: View) -> View:
    return for_anybody(with_own_way_in(proven_lately(view)))


register_converter(AlarmId, "alarm")

urlpatterns = [
    path("", views.home, name="home"),
    path("start", views.start, name="start"),
    path("open-alarms", views.open_alarms, name="open-alarms"),
    path("search", views.search, name="search"),
    path("palette", palette.found, name="palette"),
    path("session", views.session, name="session"),
    path("live-ticket", views.live_ticket, name="live-ticket"),
    path("language", set_language, name="set_language"),
    path("healthz", views.healthz, name="healthz"),
    path("map/<slug:kind>.pmtiles", street_map.pieces, name="street-map"),
    # Who read what.
    path("readings", reading_views.log, name="readings"),
    path("readings/exceptional", reading_views.exceptional, name="exceptional-readings"),
    path("readings/exceptional/<int:seq>", reading_views.note, name="note-reading"),
    # Emergency accounts, for whoever keeps a half, is told or answers.
    path("emergency", emergency_views.page, name="emergencies"),
    path("emergency/halves/<int:number>", emergency_views.take, name="emergency-take"),
    path("emergency/<int:number>/end", emergency_views.end, name="emergency-end"),
    path("emergency/<int:number>/note", emergency_views.note, name="emergency-note"),
    # Accounts, for the administrator.
    path("accounts", account_views.accounts, name="accounts"),
    path("accounts/invite", account_views.invite, name="invite"),
    # Accounts, for the second person.
    path("accounts/requests", request_views.requests, name="account-requests"),
    path("accounts/requests/<int:number>/agree", request_views.agree, name="account-request-agree"),
    path("accounts/requests/<int:number>/refuse", request_views.refuse, name="account-request-refuse"),
    path("accounts/requests/<int:number>/note", request_views.note, name="account-request-note"),
    path("accounts/emergency", account_views.emergency, name="emergency-account"),
    path("accounts/<slug:name>", account_views.one, name="one-account"),
    path("accounts/<slug:name>/posts", account_views.posts, name="account-posts"),
    path("accounts/<slug:name>/end-sessions", account_views.end_sessions, name="account-end-sessions"),
    path("accounts/<slug:name>/new-link", account_views.new_link, name="account-new-link"),
    path("accounts/<slug:name>/holders", account_views.holders, name="account-holders"),
    path("accounts/<slug:name>/close", account_views.close, name="account-close"),
    path("invitation/<str:token>", account_views.accept, name="invitation"),
    # Who are you?
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-in", views.sign_in, name="account_login"),
    path("sign-in/code", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/authority", authority_views.begin, name="authority-sign-in"),
    path("sign-in/authority/link", authority_views.link, name="authority-link"),
    path("sign-in/authority/back", authority_views.back, name="authority-back"),
    path("sign-in/authority/ended", authority_views.ended, name="authority-ended"),
    path("sign-in/emergency", emergency_views.sign_in, name="emergency-sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("demo/<str:token>", views.demo_door, name="demo-door"),
    path("again", authority_views.again, name="account_reauthenticate"),
    path("again/authority", authority_views.say_again, name="authority-again"),
    path("again/code", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("again/passkey", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    # One's own account.
    path("account", views.account, name="account"),
    path("account", views.account, name="mfa_index"),
    path("account", views.account, name="mfa_list_webauthn"),
    path("account/second-factor", views.second_factor, name="second-factor"),
    path("account/end-sessions", views.end_sessions, name="end-sessions"),
    path("account/refuse-new-start", request_views.refuse_own, name="refuse-new-start"),
    path("account/password", _changes_way_in(views.ChangePassword.as_view()), name="password"),
    path("account/passkeys/add", _changes_way_in(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path(
        "account/passkeys/<int:pk>/remove", _changes_way_in(views.remove_passkey), name="mfa_remove_webauthn"
    ),
    path("account/app/add", _changes_way_in(app.activate_totp), name="mfa_activate_totp"),
    path("account/app/remove", _changes_way_in(app.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "account/recovery-codes", _changes_way_in(codes.view_recovery_codes), name="mfa_view_recovery_codes"
    ),
    path(
        "account/recovery-codes/new",
        _changes_way_in(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
]
