"""What watch asks every so often, each in a thread with its own patience: an answer may take seconds, and the look at
alarms waits for none."""

import logging
import threading
from collections.abc import Callable, Mapping

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.entrypoints.doctor.outside import WRONG_DAYS, UntrustedCertificate, days_left, secure_addresses
from egide.entrypoints.watch.rules import CERTIFICATE, LEADERS

log = logging.getLogger("egide.watch")

# Two that lead for this long do little harm beside those that do it for a night; asking costs each machine a session.
LEADERS_EVERY_S = 20.0
# A certificate ends on a day.
CERTIFICATES_EVERY_S = 3600.0
# What is wrong is looked at again sooner: boards must not say for an hour what was mended a minute ago.
WRONG_EVERY_S = 20.0
Wrong = Mapping[str, str]


class Round(threading.Thread):
    """Asks every `every_s` seconds what is wrong, which it is given as it was told last; `wrong` is read from any
    thread. What cannot be asked stays as it was."""

    def __init__(
        self, name: str, ask: Callable[[Wrong], Wrong], every_s: float, stopped: threading.Event
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._ask = ask
        self._every_s = every_s
        self._stopped = stopped
        self.wrong: Wrong = {}

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.wrong = self._ask(self.wrong)
            except (NotSetUp, OSError) as error:
                log.warning("%s: %s", self.name, error)
            self._stopped.wait(min(self._every_s, WRONG_EVERY_S) if self.wrong else self._every_s)


def rounds_of(config: Config, clock: Clock, stopped: threading.Event) -> list[Round]:
    """Those that this installation needs: public names with TLS, an address of a database."""
    rounds = []
    if secure_addresses(config):
        rounds.append(
            Round(
                "certificates", lambda told: certificates(config, clock, told), CERTIFICATES_EVERY_S, stopped
            )
        )
    if config.journal or config.records:
        rounds.append(Round("leaders", lambda _told: leaders(config), LEADERS_EVERY_S, stopped))
    return rounds


def leaders(config: Config) -> dict[str, str]:
    """Machines of the database that take writes, where more than one has done so for twenty seconds. Raises
    NotSetUp."""
    # Its driver is loaded where the settings name a database.
    from egide.common.postgres.leading import that_still_lead

    found = that_still_lead(config)
    machines = dict.fromkeys(machine for leading in found.values() for machine in leading)
    return {LEADERS: ", ".join(machines)} if machines else {}


def certificates(config: Config, clock: Clock, told: Wrong) -> dict[str, str]:
    """Public names whose certificate ends within days, or is refused already. Of one that does not answer nothing is
    known: probes say that it is away."""
    found = {}
    for host, port in secure_addresses(config):
        part = f"{CERTIFICATE}:{host}"
        try:
            days = days_left(host, port, clock)
        except UntrustedCertificate as refused:
            found[part] = str(refused)
        except OSError as error:
            log.info("%s: %s", part, error)
            if part in told:
                found[part] = told[part]
        else:
            if days < WRONG_DAYS:
                found[part] = f"days: {days}"
    return found
