"""Django's handle on this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShiftsConfig(AppConfig):
    """Registers the package under its short name, and its entry in the offices' pages."""

    name = "egide.boards.shifts"
    label = "shifts"

    def ready(self) -> None:
        from egide.access.registries import navigation

        entry = navigation.NavigationEntry
        navigation.register(entry(_("Change of shift"), "shift", lambda scope: scope.has_desk, order=4))
