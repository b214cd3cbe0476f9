"""Django's handle on this package."""

from importlib import import_module

from django.apps import AppConfig


class ResponseConfig(AppConfig):
    """Registers the package under its short name, and what alarms leave to do."""

    name = "egide.response"
    label = "response"

    def ready(self) -> None:
        """Called once the registry of models is complete; only then these modules can be read."""
        import_module("egide.access.tasks").register(import_module("egide.response.tasks").tasks_of)
