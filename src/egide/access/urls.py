"""Addresses of this package, and the kind of address part that the packages above share."""

from django.urls import path, register_converter
from django.views.i18n import set_language

from egide.access import views


class AlarmId:
    """An alarm's id in an address: device, dash, counter."""

    regex = r"[0-9a-f]{16}-[0-9]{1,10}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(AlarmId, "alarm")

urlpatterns = [
    path("", views.home, name="home"),
    path("start", views.start, name="start"),
    path("search", views.search, name="search"),
    path("session", views.session, name="session"),
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("account", views.account, name="account"),
    path("live-ticket", views.live_ticket, name="live-ticket"),
    path("language", set_language, name="set_language"),
    path("healthz", views.healthz, name="healthz"),
]
