"""Django's handle on this package."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.fleet"
    label = "fleet"
