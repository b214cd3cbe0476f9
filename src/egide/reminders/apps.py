"""Django's handle on this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from egide.access.registries import navigation


class RemindersConfig(AppConfig):
    """Registers the package under its short name, and its entry in the offices' pages."""

    name = "egide.reminders"
    label = "reminders"

    def ready(self) -> None:
        entry = navigation.NavigationEntry
        navigation.register(
            entry(_("How you are reminded"), "reminders", lambda scope: bool(scope.roles), order=95)
        )
