"""Django's handle on this package."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.desk"
    label = "desk"
