"""Django's handle on this package."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from egide.access import navigation


class AccessConfig(AppConfig):
    """Registers the package under its short name, and its entry in the offices' pages."""

    name = "egide.access"
    label = "access"

    def ready(self) -> None:
        # Receivers need the models of allauth, which are loaded by now.
        import_module("egide.access.receivers")
        navigation.register(
            navigation.Entry(_("What needs me now"), "start", lambda scope: bool(scope.roles), order=0)
        )
