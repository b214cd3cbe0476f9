"""Django's handle on this package; what other packages show of it is registered here."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.evaluation"
    label = "evaluation"
