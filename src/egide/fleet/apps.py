"""Django's handle on this package; what other packages show of it is registered here."""

from importlib import import_module

from django.apps import AppConfig


class FleetConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.fleet"
    label = "fleet"

    def ready(self) -> None:
        # These modules need the models, which exist only now.
        service = import_module("egide.fleet.service")
        import_module("egide.casework.service").when_grant_changes(service.follow_grant)
