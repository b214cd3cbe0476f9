"""Django's handle on this package; what the offices' pages show of it is registered here."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from egide.access.registries import navigation, tasks
from egide.access.rules import FIGURE_ROLES, REFERENCE_OFFICER, SUPERVISOR, ZONE_OFFICER


class EvaluationConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.evaluation"
    label = "evaluation"

    def ready(self) -> None:
        # The module needs the models, which exist only now.
        from egide.evaluation.surveys.tasks import tasks_of

        tasks.register(tasks_of)
        navigation.register(
            navigation.NavigationEntry(
                _("Surveys"),
                "surveys",
                lambda scope: bool(scope.roles & {ZONE_OFFICER, REFERENCE_OFFICER}),
                order=40,
            ),
            navigation.NavigationEntry(
                _("Figures"),
                "figures-own",
                lambda scope: bool(scope.roles & {SUPERVISOR, REFERENCE_OFFICER}),
                order=45,
            ),
            navigation.NavigationEntry(
                _("Figures"), "figures", lambda scope: bool(scope.roles & set(FIGURE_ROLES)), order=20
            ),
        )
