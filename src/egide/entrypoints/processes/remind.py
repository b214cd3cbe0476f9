"""Reminds everybody who is due, once, in a process of its own: nothing that belongs to an alarm waits for it."""

import logging
import os

import click

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.connectors.base import RoadError, Subscription, WakeError
from egide.connectors.calling import word_of
from egide.connectors.mail.road import usable_mail_server_of
from egide.entrypoints.serving.lines import prepare
from egide.entrypoints.serving.options import config_option
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import Signs

log = logging.getLogger("egide.reminders")

# Whatever belongs to an alarm goes first. Not the lowest priority: beside busy processes that is a hundredth of a core,
# and what is urgent would come minutes late.
_NICENESS = 10
# A telephone that is off in the morning reminds its owner when it comes back.
_KEPT_S = 6 * 3600


@click.command()
@config_option()
def main() -> None:
    """Send the lists that are due, and what is urgent and was not told yet."""
    prepare()
    os.nice(_NICENESS)
    config, clock = Config.from_env(), SystemClock()
    signs = Signs(config, clock)
    outcomes = Outcomes(signs, clock)
    # Django's packages load only after its settings.
    from egide.entrypoints.upgrading.tables import setup

    setup()
    from egide.boards.waking import devices
    from egide.boards.waking.devices import Device
    from egide.connectors.wakers import usable_waker_of
    from egide.reminders import telling
    from egide.reminders.telling import Letter, NotSent, Roads

    waker = usable_waker_of(config)
    server = usable_mail_server_of(config)

    def mail(letter: Letter) -> None:
        assert server is not None
        try:
            server.send(letter.to, letter.subject, letter.text, letter.id)
        except RoadError as error:
            # Without its words: a server that refuses repeats the address.
            outcomes.failed("mail", "out", word_of(error.__cause__))
            log.warning("the mail server did not take a reminder (%s)", type(error.__cause__).__name__)
            raise NotSent("mail") from error
        outcomes.worked("mail", "out")

    def wake(device: Device, what: str) -> None:
        assert waker is not None
        try:
            waker.wake(Subscription(device.endpoint, device.p256dh, device.auth), what, _KEPT_S)
        except WakeError as error:
            outcomes.failed("webpush", "out", error.why)
            if error.is_gone:
                devices.do_forget([device.id])
            raise NotSent("wake") from error
        outcomes.worked("webpush", "out")

    roads = Roads(mail if server else None, wake if waker else None)
    counted = {"sent": 0, "failed": 0}
    for account in telling.accounts():
        try:
            tally = telling.do_remind(account, roads)
        except Exception:
            # One that fails keeps nobody else waiting. Without the words of the error: they may hold an address.
            log.error("an account could not be reminded, will try again")
            counted["failed"] += 1
            continue
        counted["sent"] += tally.sent
        counted["failed"] += tally.failed
    telling.do_forget_old()
    outcomes.do_keep()
    for result, number in counted.items():
        if number:
            signs.count(f"reminders {result}", number)


if __name__ == "__main__":
    main()
