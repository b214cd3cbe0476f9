"""Django's handle on this package."""

from django.apps import AppConfig


class RolloutConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.rollout"
    label = "rollout"
