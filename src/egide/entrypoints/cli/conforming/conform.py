"""`egide conform`: somebody's own server, phone, button, dispatch system or reader, held against the contracts."""

import asyncio
import os
import shlex
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import click
import msgspec

from egide.common.clock import SystemClock
from egide.common.text import _
from egide.conform.calls import HttpCaller
from egide.conform.phone.kit import KIT as PHONE_SIDE
from egide.conform.phone.lab import END, ENROL, ENROL_AGAIN, PhoneLab
from egide.conform.phone.pretended import Pretended
from egide.conform.phone.serving import serving
from egide.conform.points import Finding, Report
from egide.conform.receiver.kit import KIT as RECEIVER
from egide.conform.receiver.lab import ReceiverLab, Shown
from egide.conform.server.kit import KIT as PHONE
from egide.conform.server.lab import ServerLab
from egide.conform.telling import encoded, line_of, lines_of
from egide.connectors.webhooks import secrets_in
from egide.entrypoints.cli.refusing import CommandRefused
from egide.protocol.enrolment import Settings

Tell = Callable[[Finding], None]


@click.group(
    help=_(
        "Hold what somebody wrote against the contracts: point by point what was done, expected and came. Ends with 0"
        " where every point holds, with 1 where one deviates, with 2 where not all could be tried."
    )
)
def conform() -> None:
    """What others wrote checks itself."""


json_option = click.option("--json", "as_json", is_flag=True, help=_("One JSON object, for programs."))
alarms_option = click.option(
    "--raise-alarms",
    is_flag=True,
    help=_("Yes, this raises alarms there: nobody acts on them, and nobody in danger depends on it."),
)


@conform.command(help=_("Check the server at URL, as a phone sees it. It raises alarms there."))
@click.argument("url")
@click.option(
    "--code-file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("a file with one one-time code, of a kit that is there to be tried"),
)
@alarms_option
@json_option
def phone(url: str, code_file: Path, raise_alarms: bool, as_json: bool) -> None:
    """Check a server, as a phone sees it."""
    _check_agreed(raise_alarms)
    code = _text_of(code_file)

    async def examine(tell: Tell) -> Report:
        async with HttpCaller(url) as caller:
            return await PHONE.examine(ServerLab(caller, SystemClock(), code), url, tell=tell)

    _conclude(examine, as_json)


@conform.command(
    name="phone-side",
    help=_(
        "Check a phone: a pretended server says on standard error where it listens, and what is to be done with the"
        " phone, step by step."
    ),
)
@click.option("--host", default="127.0.0.1", help=_("the address of this machine on which it listens"))
@click.option(
    "--port",
    "ports",
    multiple=True,
    type=click.IntRange(0, 65_535),
    help=_("one of its two ports; given twice, or else any two that are free"),
)
@click.option(
    "--seen-as",
    multiple=True,
    help=_(
        "how the phone reaches one of them, where a proxy with a certificate stands in between; given twice"
    ),
)
@json_option
def phone_side(host: str, ports: tuple[int, ...], seen_as: tuple[str, ...], as_json: bool) -> None:
    """Check a phone by a pretended server."""
    if len(ports) not in (0, 2) or len(seen_as) not in (0, 2):
        raise CommandRefused(_("There are two addresses: give --port and --seen-as twice, or not at all."))
    one, other = ports or (0, 0)

    async def examine(tell: Tell) -> Report:
        pretended = Pretended(SystemClock(), Settings(position_interval_s=5, heartbeat_interval_s=300))
        async with serving(pretended, host, (one, other), seen_as):
            hands = Hands(pretended)
            return await PHONE_SIDE.examine(PhoneLab(pretended, hands.ask), "phone", tell=tell)

    _conclude(examine, as_json)


class Hands:
    """Says on standard error what a person, or the program that moves the phone, is to do: one JSON object a line. What
    ends the app is answered by a line on standard input, once it is done.
    """

    def __init__(self, pretended: Pretended) -> None:
        self._pretended = pretended

    async def ask(self, what: str) -> None:
        told: dict[str, object] = {"do": what}
        if what in (ENROL, ENROL_AGAIN):
            told |= {"servers": self._pretended.addresses, "code": self._pretended.code}
        click.echo(msgspec.json.encode(told).decode(), err=True)
        if what == END:
            await asyncio.to_thread(sys.stdin.readline)


@conform.command(help=_("Check the dispatch system that is called at URL. It raises alarms there."))
@click.argument("url")
@click.option(
    "--secret-file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("the file with the secret of its calls (whsec_ and base64)"),
)
@click.option(
    "--shown",
    "command",
    default="",
    help=_("a command that prints the numbers of the alarms that it shows, one a line"),
)
@alarms_option
@json_option
def receiver(url: str, secret_file: Path, command: str, raise_alarms: bool, as_json: bool) -> None:
    """Check a dispatch system that is called."""
    _check_agreed(raise_alarms)
    try:
        secret = secrets_in(secret_file)[0]
    except (OSError, ValueError) as error:
        raise CommandRefused(str(error)) from error

    async def examine(tell: Tell) -> Report:
        async with HttpCaller(url) as caller:
            lab = ReceiverLab(caller, SystemClock(), secret, _asking(command) if command else None)
            return await RECEIVER.examine(lab, url, tell=tell)

    _conclude(examine, as_json)


def _check_agreed(raise_alarms: bool) -> None:
    """Nobody rings a control room because he wanted to try something."""
    if not raise_alarms:
        raise CommandRefused(
            _(
                "This raises alarms there. Where nobody acts on them and nobody in danger depends on it, say"
                " --raise-alarms."
            )
        )


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise CommandRefused(f"{path}: {error}") from error


def _asking(command: str) -> Shown:
    """What the command prints, one number a line. Raises OSError where it fails."""

    async def shown() -> list[str]:
        process = await asyncio.create_subprocess_exec(
            *shlex.split(command), stdout=asyncio.subprocess.PIPE, env=os.environ
        )
        printed, _errors = await process.communicate()
        if process.returncode:
            raise OSError(f"{command} ended with {process.returncode}")
        return printed.decode("utf-8", "replace").split()

    return shown


def _conclude(examine: Callable[[Tell], Awaitable[Report]], as_json: bool) -> None:
    """Examine, tell, and end with the code of the report."""

    def tell(finding: Finding) -> None:
        if not as_json:
            click.echo(line_of(finding))

    async def run() -> Report:
        return await examine(tell)

    report = asyncio.run(run())
    if as_json:
        click.echo(encoded(report).decode())
    else:
        for line in lines_of(report):
            click.echo(line)
    sys.exit(report.exit_code)
