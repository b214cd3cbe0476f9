"""Django's handle on this package."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.imports"
    label = "imports"
