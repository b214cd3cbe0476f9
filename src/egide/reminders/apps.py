"""Django's handle on this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from egide.access.registries import navigation
from egide.access.rules import Scope


class RemindersConfig(AppConfig):
    """Registers the package under its short name, and its page beside one's own account."""

    name = "egide.reminders"
    label = "reminders"

    def ready(self) -> None:
        entry = navigation.NavigationEntry
        navigation.register_own(entry(_("How you are reminded"), "reminders", is_somebodys))


def is_somebodys(scope: Scope) -> bool:
    """Whether the account belongs to one person: an emergency account is opened by two each time."""
    return bool(scope.roles) and not scope.behind
