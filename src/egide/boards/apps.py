"""Django's handle on this package."""

from django.apps import AppConfig


class BoardsConfig(AppConfig):
    """Registers the package under its short name, and what alarms leave to do."""

    name = "egide.boards"
    label = "response"

    def ready(self) -> None:
        """Called once the registry of models is complete; only then these modules can be read."""
        from egide.access.registries.tasks import register
        from egide.boards.tasks import tasks_of

        register(tasks_of)
