"""What a demo of either kind says of its people, and what it leaves alone."""

import contextlib
import signal
import webbrowser
from pathlib import Path
from typing import Any

import click

from egide.common.text import _
from egide.entrypoints.stack.installation import MARKER, Stack


def check_place(place: Path) -> None:
    """Refuse to write over a directory that no demo has made."""
    if place.exists() and any(place.iterdir()) and not (place / MARKER).exists():
        raise click.ClickException(
            _("{place} holds something else than a demo. Name another directory with --data.").format(
                place=place
            )
        )


def print_accounts(stack: Stack) -> None:
    """Once: passwords are kept nowhere else."""
    click.echo(_("Invented people only. Passwords and addresses are printed once and kept nowhere."))
    click.echo(
        _("Each address opens signed in, as a session of its own. The second factor is waived here alone.")
    )
    for user in stack.demo["users"]:
        click.echo(f"  {user['title']:<42} {user['role']:<18} {user['name']:<20} {user['password']}")
        click.echo(f"    {door(stack, user)}")


def door(stack: Stack, user: dict[str, Any]) -> str:
    """The address that opens signed in as this account."""
    return stack.host(user["name"]) + str(user["door"])


def open_tabs(stack: Stack, *more: str) -> None:
    """One signed-in tab for each role, in the person's own browser, then these addresses."""
    first = {user["role"]: user for user in reversed(stack.demo["users"])}
    for url in (*(door(stack, user) for user in first.values()), *more):
        webbrowser.open_new_tab(url)


def until_interrupted() -> None:
    """Until somebody types Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            signal.pause()
