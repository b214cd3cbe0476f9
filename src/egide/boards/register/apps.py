"""Django's handle on this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegisterConfig(AppConfig):
    """Registers the package under its short name, and its entry in the offices' pages."""

    name = "egide.boards.register"
    label = "register"

    def ready(self) -> None:
        # The tables exist only now.
        from egide.access.registries import finding, navigation
        from egide.access.rules import FILE_ROLES
        from egide.boards.register.finding import find_said

        finding.register(find_said)
        entry = navigation.NavigationEntry
        navigation.register(
            entry(_("Register of alarms"), "register", lambda scope: bool(scope.roles & FILE_ROLES), order=12)
        )
