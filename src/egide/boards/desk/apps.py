"""Django's handle on this package."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out


class DeskConfig(AppConfig):
    """Registers the package under its short name; a person who signs out hands back their alarms."""

    name = "egide.boards.desk"
    label = "desk"

    def ready(self) -> None:
        # It needs the models, which exist only now.
        from egide.boards.desk.leaving import hand_back

        user_logged_out.connect(hand_back, dispatch_uid="egide.boards.desk")
