"""Django's handle on this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BoardsConfig(AppConfig):
    """Registers the package under its short name, and what alarms leave to do."""

    name = "egide.boards"
    label = "response"

    def ready(self) -> None:
        """Called once the registry of models is complete; only then these modules can be read."""
        from egide.access.registries import finding, navigation, strips, tasks
        from egide.boards import concerning
        from egide.boards.finding import find_alarms
        from egide.boards.tasks import tasks_of

        tasks.register(tasks_of)
        tasks.register(concerning.tasks_of)
        finding.register(find_alarms, first=True)
        strips.register(concerning.strips_of)
        entry = navigation.NavigationEntry
        navigation.register(
            entry(_("Desk"), "desk", lambda scope: scope.has_desk, order=1),
            entry(_("Overview"), "desk-overview", lambda scope: scope.supervisor, order=2),
            entry(_("Alarms of the zone"), "zone", lambda scope: scope.has_zone_page, order=3),
        )
