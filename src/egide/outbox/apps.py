"""Django's handle on this package, and the home of the process's one journal and key store."""

from functools import cached_property

from django.apps import AppConfig
from django.conf import settings

from egide.common.clock import Clock, SystemClock
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.service import Journal, KeyStore


class OutboxConfig(AppConfig):
    """Registers the package; opens the journal when somebody first asks. Both are safe to share between threads."""

    name = "egide.outbox"
    label = "outbox"

    @cached_property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def keys(self) -> KeyStore:
        return KeyStore.open(settings.EGIDE)

    @cached_property
    def journal(self) -> Journal:
        return Journal.open(settings.EGIDE, self.clock, keys=self.keys)

    @cached_property
    def heartbeats(self) -> Heartbeats:
        return Heartbeats(settings.EGIDE)
