"""Django's handle on this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from egide.access import navigation


class AccessConfig(AppConfig):
    """Registers the package under its short name, and its entry in the offices' pages."""

    name = "egide.access"
    label = "access"

    def ready(self) -> None:
        navigation.register(
            navigation.Entry(_("What needs me now"), "start", lambda scope: bool(scope.roles), order=0)
        )
