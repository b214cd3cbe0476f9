"""The limits of supervision that hold now, for pages and tasks."""

from django.conf import settings

from egide.fleet.supervision.rules import Settings
from egide.fleet.supervision.watch_limits import Limits, limits_of
from egide.fleet.supervision.watch_settings import settings_of
from egide.outbox.service import journal


def installed_limits() -> Settings:
    """Those of the installation, before anybody set others. Raises NotSetUp."""
    return settings_of(settings.EGIDE)


def limits_now() -> Limits:
    """The limits in force, and who set them."""
    return limits_of(journal(), installed_limits())
