"""Django's handle on this package: its templates and files are found."""

from django.apps import AppConfig


class TeamConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.boards.team"
    label = "team"
