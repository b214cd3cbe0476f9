"""Django's handle on this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from egide.access.registries import navigation, notices, tasks
from egide.access.rules import Scope


class AccessConfig(AppConfig):
    """Registers the package under its short name, and its entry in the offices' pages."""

    name = "egide.access"
    label = "access"

    def ready(self) -> None:
        # Receivers need the models of allauth, which are loaded by now; to be read is all they ask.
        import egide.access.authority.receivers
        import egide.access.signing_in.receivers  # noqa: F401

        # Somebody's own account comes first.
        from egide.access.accounts import agreeing, emergency_uses
        from egide.access.readings import readings

        for one in (agreeing, emergency_uses, readings):
            tasks.register(one.tasks_of)
            notices.register(one.notices)
        entry = navigation.NavigationEntry
        navigation.register(
            entry(_("What needs me now"), "start", lambda scope: bool(scope.roles), order=0),
            entry(_("Accounts"), "accounts", lambda scope: scope.is_administrator, order=10),
            entry(_("Accounts"), "account-requests", agreeing.is_second_person, order=85),
            entry(_("Emergency accounts"), "emergencies", sees_all_emergencies, order=87),
            entry(_("Who read what"), "readings", lambda scope: scope.is_data_protection_officer, order=10),
            entry(_("Opened for a stated reason"), "exceptional-readings", reviews_readings, order=80),
        )


def sees_all_emergencies(scope: Scope) -> bool:
    """Whether every opening of an emergency account is this person's to know; others are led there by a notice."""
    return scope.is_data_protection_officer or scope.is_administrator


def reviews_readings(scope: Scope) -> bool:
    """Whether this person must take note of files that were opened for a stated reason."""
    return scope.is_data_protection_officer or scope.is_reference_officer
