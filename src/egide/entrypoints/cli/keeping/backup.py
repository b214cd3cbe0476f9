"""`egide backup`: a back-up that this machine cannot read, made while everything runs."""

import json

import click

from egide.common.clock import SystemClock, utc
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.backup.making import BackupRefused, do_backup


@click.command(
    help=_(
        "Make a back-up of this installation while it runs, sealed to EGIDE_BACKUP_RECIPIENT, in EGIDE_BACKUP_TO; then"
        " remove back-ups that have expired. The master key is in none."
    )
)
@click.option("--json", "as_json", is_flag=True, help=_("print JSON"))
def backup(as_json: bool) -> None:
    """Make a back-up of this installation while it runs."""
    try:
        made = do_backup(Config.from_env(), SystemClock())
    except BackupRefused as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(
            json.dumps(
                {
                    "file": str(made.file),
                    "bytes": made.size_bytes,
                    "at_us": made.manifest.at_us,
                    "head": made.manifest.head,
                    "gone": list(made.gone),
                }
            )
        )
        return
    click.echo(
        _("Backed up to {file}: everything up to event {head} ({time}).").format(
            file=made.file,
            head=made.manifest.head,
            time=utc(made.manifest.at_us).isoformat(sep=" ", timespec="seconds"),
        )
    )
    for name in made.gone:
        click.echo(_("Expired and removed: {file}").format(file=name))
