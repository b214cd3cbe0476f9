"""`egide journal erase`, `hold`, `release`: two people end a file for good, or a court keeps it (safety rule 29)."""

import sys
from collections.abc import Callable
from typing import TypeVar

import click

from egide.common.clock import SystemClock, utc
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.cli.journal import open_journal
from egide.entrypoints.cli.person import as_option, prove
from egide.events.register import CaseErased
from egide.journal.ending import erasing
from egide.journal.ending.erasing import CONFIRM_WITHIN_S, EraseRefused
from egide.journal.engines.chosen import MOVED_KEYS
from egide.journal.errors import JournalUnavailable
from egide.journal.sealing.keys import KeyErased, KeysInUse
from egide.journal.service import Journal

T = TypeVar("T")

reason_option = click.option(
    "--reason", required=True, help=_("why, and whose decision; sealed, and gone with the case's key")
)


@click.command(
    help=_(
        "Ask that CASE be erased; or confirm it, as a second person, within seven days. Then its key is destroyed"
        " for good."
    )
)
@click.argument("case")
@as_option
def erase(case: str, person: str) -> None:
    """Ask that CASE be erased; or confirm it, as a second person, within seven days."""
    found, case = _open(case)
    if erasing.state_of(found, case).erased:
        # After a crash: what was begun is brought to its end. That needs no right, since nothing is left to decide.
        _finish(found, case)
        click.echo(_("This case was erased already; nothing of it is left here."))
        return
    _check_right(case, person)
    exports = erasing.exports_of(found, case)
    kept = None
    if erasing.state_of(found, case).requested_by:
        from egide.evaluation.service import rows_of

        kept = rows_of(case)
    event = _refusable(found, case, lambda: erasing.do_erase(found, case, person, kept))
    if isinstance(event, CaseErased):
        _finish(found, case)
        click.echo(
            _(
                "Erased. Its key is destroyed: nobody can read this case any more, here or in any copy that is sealed."
                " Back-ups made before hold the key, sealed, until they expire (days: {days}); a restore erases it"
                " again."
            ).format(days=Config.from_env().backup_days)
        )
    else:
        until_us = SystemClock().now_us() + CONFIRM_WITHIN_S * 1_000_000
        click.echo(
            _(
                "Asked. Nothing is erased yet: another person with this right must give the same command before {time}."
            ).format(time=utc(until_us).isoformat(sep=" ", timespec="minutes"))
        )
    if exports:
        click.echo(_("These copies outside open by themselves. Have them destroyed by whoever holds them:"))
    for export in exports:
        time = utc(export.at_us).isoformat(sep=" ", timespec="minutes")
        click.echo(f"  {time}  {export.stream}  {export.by}  {export.to}".rstrip())


@click.command(help=_("Keep CASE from being erased, until it is released."))
@click.argument("case")
@as_option
@reason_option
def hold(case: str, person: str, reason: str) -> None:
    """Keep CASE from being erased, until it is released."""
    found, case = _open(case)
    _check_right(case, person)
    _refusable(found, case, lambda: erasing.do_hold(found, case, person, reason))
    click.echo(_("Held. Nothing of this case can be erased until the hold is released."))


@click.command(help=_("End the legal hold of CASE."))
@click.argument("case")
@as_option
@reason_option
def release(case: str, person: str, reason: str) -> None:
    """End the legal hold of CASE."""
    found, case = _open(case)
    _check_right(case, person)
    _refusable(found, case, lambda: erasing.do_release(found, case, person, reason))
    click.echo(_("Released. Erasing takes two people again."))


def _open(name: str) -> tuple[Journal, str]:
    """The journal, and the id of the case that is called `name` (its id or its number)."""
    found = open_journal()
    # Django's packages load only after its settings; the other commands do without them.
    from egide.entrypoints.upgrading.tables import setup

    setup()
    from egide.casework.life.erasing import case_of

    case: str = case_of(name)
    return found, case


def _check_right(case: str, person: str) -> None:
    """Ends with one and the same sentence for a file that does not exist and for one that is not this person's."""
    user = prove(person)
    from egide.access import service as access
    from egide.casework.life.erasing import erasable

    file = erasable(case)
    if file is None or not access.may_erase(user, file.office, file.barred):
        raise click.ClickException(
            _("There is no case {case} that {name} may erase.").format(case=case, name=person)
        )


def _refusable(found: Journal, case: str, act: Callable[[], T]) -> T:
    """Do it, or end with a sentence that says why not, and with the hold that stands."""
    try:
        return act()
    except EraseRefused as error:
        standing = erasing.hold_of(found, erasing.state_of(found, case))
        click.echo(str(error), err=True)
        if standing is not None:
            event, at_us = standing
            time = utc(at_us).isoformat(sep=" ", timespec="minutes")
            click.echo(f"  {time}  {event.by}: {event.reason}", err=True)
        sys.exit(1)
    except KeysInUse as error:
        raise click.ClickException(
            _("The key is destroyed. Give the command once more to clean up.")
        ) from error
    except JournalUnavailable as error:
        raise click.ClickException(str(error)) from error
    except KeyErased as error:
        raise click.ClickException(
            _("This case has no key: there is nothing to hold or to erase.")
        ) from error


def _finish(found: Journal, case: str) -> None:
    """Clean the files of what was deleted in them, and drop the rows of app.db. Safe to repeat."""
    try:
        found.keys.scrub()
    except KeysInUse as error:
        raise click.ClickException(
            _("The key is destroyed. Give the command once more to clean up.")
        ) from error
    # What was put aside when the keys moved into the database would open the case again.
    (Config.from_env().data_dir / MOVED_KEYS).unlink(missing_ok=True)
    from egide.casework.life.erasing import do_drop_rows

    do_drop_rows(case)
