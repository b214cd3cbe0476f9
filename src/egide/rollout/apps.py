"""Django's handle on this package; what the offices' pages show of it is registered here."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from egide.access.registries import navigation, places, tasks
from egide.access.rules import COORDINATOR, STEERING


class RolloutConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.rollout"
    label = "rollout"

    def ready(self) -> None:
        # The module needs the models, which exist only now.
        from egide.rollout.pages.tasks import tasks_of
        from egide.rollout.pages.views_duties import READERS as RINGING
        from egide.rollout.pages.views_patrols import READERS as OFFICERS
        from egide.rollout.pages.views_telephones import READERS
        from egide.rollout.service import places_of

        tasks.register(tasks_of)
        places.register(places_of)
        navigation.register(
            navigation.NavigationEntry(
                _("Roll-out"), "rollout", lambda scope: bool(scope.roles & {COORDINATOR, STEERING}), order=30
            ),
            navigation.NavigationEntry(
                _("Patrols"), "patrols", lambda scope: bool(scope.roles & set(OFFICERS)), order=74
            ),
            navigation.NavigationEntry(
                _("Duty rosters"), "duties", lambda scope: bool(scope.roles & set(RINGING)), order=76
            ),
            navigation.NavigationEntry(
                _("Telephone numbers"), "telephones", lambda scope: bool(scope.roles & set(READERS)), order=75
            ),
        )
