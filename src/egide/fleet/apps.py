"""Django's handle on this package; what other packages show of it is registered here."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from egide.access.registries import finding, navigation, tasks
from egide.access.rules import ADMINISTRATOR, COORDINATOR, REFERENCE_OFFICER, STEERING, ZONE_OFFICER


class FleetConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.fleet"
    label = "fleet"

    def ready(self) -> None:
        # These modules need the models, which exist only now.
        from egide.casework import service as files
        from egide.fleet import following
        from egide.fleet.pages import tasks as own

        files.when_grant_changes(following.follow_grant)
        files.when_danger_changes(following.follow_danger)
        files.when_file_moves(following.follow_move)
        tasks.register(own.tasks_of)
        finding.register(own.find_kits)
        officers, stock = {ZONE_OFFICER, REFERENCE_OFFICER}, {COORDINATOR, STEERING}
        fleet = stock | {ADMINISTRATOR, REFERENCE_OFFICER}
        navigation.register(
            navigation.NavigationEntry(
                _("Kits"), "kits", lambda scope: bool(scope.roles & officers), order=20
            ),
            navigation.NavigationEntry(
                _("All kits"), "fleet", lambda scope: bool(scope.roles & fleet), order=34
            ),
            navigation.NavigationEntry(
                _("Stock"), "stock", lambda scope: bool(scope.roles & stock), order=35
            ),
        )
