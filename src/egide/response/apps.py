"""Django's handle on this package."""

from django.apps import AppConfig


class ResponseConfig(AppConfig):
    """Registers the package under its short name."""

    name = "egide.response"
    label = "response"
