"""Django's handle on this package."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.casework"
    label = "casework"
