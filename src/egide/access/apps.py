"""Django's handle on this package."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.access"
    label = "access"
