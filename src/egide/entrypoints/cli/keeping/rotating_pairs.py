"""`egide keys rotate` for keys that lie in a file of their own: the one that follows stands behind the present one
there until every process that is handed the file knows both.
"""

import os
from pathlib import Path

import click

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.files import mark_of_key, replace_secret, secret_pair
from egide.common.text import _
from egide.common.ticket import KEY_BYTES, KEY_FILE
from egide.entrypoints.cli.keeping.rotating import finish_option, in_a_sentence, installation
from egide.entrypoints.doctor import kept
from egide.intake import receipt_keys
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.signs import Signs
from egide.journal.proof import checkpoints
from egide.journal.queries.watched import watched_kits, watched_phones
from egide.journal.service import Journal

_STALE_S = 30


@click.command(
    help=_(
        "Sign checkpoints with a new key, which the present one hands on to: who knows either can check all of them."
    )
)
@finish_option
def checkpoint(finish: bool) -> None:
    """Sign checkpoints with a new key, which the present one hands on to."""
    config = installation()
    path = config.data_dir / checkpoints.KEY_FILE
    with in_a_sentence():
        if not finish:
            begin(path, 32)
            _present, following = checkpoints.signing_keys(config)
            assert following is not None
            text = _("The new public key, for the paper of the second authority: {key}")
            click.echo(text.format(key=bytes(following.verify_key).hex()))
            say_next("systemctl restart egide-watch", "egide keys rotate checkpoint --finish")
            return
        present, following = checkpoints.signing_keys(config)
        if following is None:
            raise click.ClickException(nothing_waits())
        if not checkpoints.is_handed_on(config, present, following):
            text = _("watch has not signed that the new key follows: {restart}")
            raise click.ClickException(text.format(restart="systemctl restart egide-watch"))
        replace_secret(path, bytes(following))
        click.echo(_("The old key is gone, and signs nothing that would be believed."))


@click.command(
    help=_("Seal the tickets of live events with a new key; boards that are open notice nothing."),
)
@finish_option
def ticket(finish: bool) -> None:
    """Seal the tickets of live events with a new key."""
    config = installation()
    path = config.data_dir / KEY_FILE
    with in_a_sentence():
        if not finish:
            begin(path, KEY_BYTES)
            say_next("systemctl restart egide-live", "egide keys rotate ticket --finish")
            return
        _present, following = secret_pair(path, KEY_BYTES)
        if following is None:
            raise click.ClickException(nothing_waits())
        check_known(config, "live", mark_of_key(following), "systemctl restart egide-live")
        replace_secret(path, following)
        click.echo(
            _(
                "New tickets are sealed with the new key, those of before end within five minutes. Then live forgets"
                " the old key: {restart}"
            ).format(restart="systemctl restart egide-live")
        )


@click.command(
    help=_(
        "Sign receipts with a new key. Phones learn it ahead by their next reply; the second step waits until all that"
        " are out were heard, and a back-up holds the key."
    ),
)
@finish_option
@click.option(
    "--now", is_flag=True, help=_("do not wait for phones: they ask for the new key when they come back")
)
def receipt(finish: bool, now: bool) -> None:
    """Sign receipts with a new key, which phones learn ahead."""
    config = installation()
    path, restart = config.data_dir / receipt_keys.KEY_FILE, "systemctl restart egide-intake egide-sms"
    with in_a_sentence():
        if not finish:
            begin(path, receipt_keys.KEY_BYTES)
        link = receipt_keys.link_of(config)
        if not link:
            raise click.ClickException(nothing_waits())
        # Before the one in force goes: who was away could not follow any more.
        receipt_keys.do_keep(config, link)
        if not finish:
            say_next(restart, "egide keys rotate receipt --finish")
            return
        check_known(config, "intake", mark_of_key(link.encode()), restart)
        since_us = path.stat().st_mtime_ns // 1000
        _check_backed_up(config, since_us)
        if not now:
            _check_heard(config, since_us)
        _present, following = secret_pair(path, receipt_keys.KEY_BYTES)
        assert following is not None
        replace_secret(path, following)
        say_next(restart, "egide backup")


def _check_backed_up(config: Config, since_us: int) -> None:
    """A restore that brings the old key alone would give receipts that no phone believes."""
    age_s = kept.age_s(config, SystemClock().now_us())
    if age_s is not None and age_s > (SystemClock().now_us() - since_us) / 1_000_000:
        raise click.ClickException(_("No back-up holds the new key yet: egide backup"))


def _check_heard(config: Config, since_us: int) -> None:
    journal, heartbeats = Journal.open(config, SystemClock()), Heartbeats(config)
    # Of several phones of a kit the one that enrolled last counts.
    phones = {one.kit: one.device for one in watched_phones(journal, watched_kits(journal))}
    heard = (heartbeats.find(device) for device in phones.values() if device is not None)
    silent = sum(one is None or one.at_s < since_us // 1_000_000 for one in heard)
    if silent:
        text = _(
            "Phones that were not heard since the new key was announced: {count}. Wait for them, or give --now: they"
            " ask for it when they come back."
        )
        raise click.ClickException(text.format(count=silent))


def begin(path: Path, size: int) -> None:
    """Put a new key behind the present one, durable. Raises OSError, ValueError."""
    present, following = secret_pair(path, size)
    if following is not None:
        text = _("A new key waits already: give the command with --finish.")
        raise click.ClickException(text)
    replace_secret(path, present + os.urandom(size))


def check_known(config: Config, process: str, mark: str, restart: str) -> None:
    """Every process of this name that is there says that it knows the new key."""
    clock = SystemClock()
    beats = Signs(config, clock).beats().values()
    there = [
        beat
        for beat in beats
        if beat.name.split()[0] == process and clock.now_us() - beat.at_us < _STALE_S * 1_000_000
    ]
    late = [beat.name for beat in there if beat.note != mark]
    if late:
        raise click.ClickException(
            _("Not every process knows the new key ({names}): {restart}").format(
                names=", ".join(late), restart=restart
            )
        )


def say_next(*commands: str) -> None:
    """What has to be given next, in its order."""
    click.echo(_("Next: {commands}").format(commands=" && ".join(commands)))


def nothing_waits() -> str:
    """There is no second step without the first."""
    return _("No new key waits here: give the command without --finish first.")
