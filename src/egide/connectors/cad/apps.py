"""Django's handle on this package."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from egide.access.registries import navigation, neighbours
from egide.connectors.dispatch.receivers import neighbours_in


def _neighbours() -> neighbours.Neighbours:
    return neighbours_in(settings.EGIDE)


class CadConfig(AppConfig):
    """Registers the package under its short name, and its page in the offices'."""

    name = "egide.connectors.cad"
    label = "cad"

    def ready(self) -> None:
        neighbours.register(_neighbours)
        entry = navigation.NavigationEntry
        navigation.register(
            entry(_("Roads outside"), "systems", lambda scope: scope.is_administrator, order=30)
        )
