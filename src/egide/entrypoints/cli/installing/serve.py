"""`egide serve`: every process of an installation as children of one command, for a try; systemd's units run them for
real.
"""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click

from egide.common.addresses import check_served
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.cli.installing.places import is_unfinished
from egide.entrypoints.cli.refusing import CommandRefused
from egide.entrypoints.processes.ready import check_one_leads
from egide.entrypoints.serving.lines import when_told_to_end
from egide.entrypoints.serving.options import PLACES
from egide.entrypoints.stack.children import Child, ChildFailed, open_listener, stop_all
from egide.entrypoints.stack.keeping import Keeper

HOST = "127.0.0.1"
# In the order in which they start: whoever receives is the first.
ORDER = ("intake", "web", "live", "sms", "worker", "watch", "metrics")


@click.command(
    help=_(
        "Run every process of the installation on this machine, for a try: behind a proxy, on 127.0.0.1. Ctrl-C ends"
        " all."
    )
)
@click.option(
    "--port",
    type=click.IntRange(0, 65530),
    help=_("first of six ports: pages, live, intake, -, sms, metrics; 0: any that are free [EGIDE_PORT]"),
)
@click.option("--metrics", "with_metrics", is_flag=True, help=_("also what Prometheus asks"))
def serve(port: int | None, with_metrics: bool) -> None:
    """Run every process of the installation on this machine, for a try."""
    config = Config.from_env()
    check_installed(config)
    check_served(config)
    check_one_leads(config)
    wanted = [name for name in ORDER if _is_wanted(name, config, with_metrics)]
    stopped = threading.Event()
    when_told_to_end(stopped.set, signal.SIGHUP)
    with listening(wanted, config.port if port is None else port) as listeners:
        children: dict[str, Child] = {}
        click.echo(_("Starting …"), err=True)
        try:
            for name in wanted:
                # What it inherits names the file of settings: no setting, and so no secret, is handed on.
                children[name] = Child(f"egide.entrypoints.{name}", [], {}, listeners.get(name))
            _wait_for(children, stopped)
            if not stopped.is_set():
                _tell(config, children, listeners)
                Keeper(children, _tell_end).keep_until(stopped)
        finally:
            stop_all(list(children.values()))
    click.echo(_("All processes have ended."), err=True)


def check_installed(config: Config) -> None:
    """Raises CommandRefused where `egide init` has made nothing, or not everything."""
    if is_unfinished(config.data_dir):
        raise CommandRefused(_("`egide init` was ended before it was done: give it again, it goes on."))
    if not config.is_made:
        text = _("There is no installation in {place}: `egide init` makes one.")
        raise CommandRefused(text.format(place=config.data_dir))


@contextmanager
def listening(names: list[str], port: int) -> Iterator[dict[str, socket.socket]]:
    """A socket on this machine alone for each that serves. Raises CommandRefused where a port is taken."""
    with ExitStack() as opened:
        listeners = {}
        for name in (name for name in names if name in PLACES):
            number = port + PLACES[name] if port else 0
            try:
                listeners[name] = opened.enter_context(open_listener(number, HOST))
            except OSError as error:
                text = _(
                    "Port {port} for {name} is not free ({why}): does it run already? Name others with --port."
                )
                raise CommandRefused(text.format(port=number, name=name, why=error.strerror)) from error
        yield listeners


def _is_wanted(name: str, config: Config, with_metrics: bool) -> bool:
    return {"sms": bool(config.sms_secrets), "metrics": with_metrics}.get(name, True)


def _wait_for(children: dict[str, Child], stopped: threading.Event) -> None:
    """Until all are ready; one that cannot start is no installation. Raises CommandRefused: it said why itself."""
    for name, child in children.items():
        while not stopped.is_set():
            try:
                child.wait_for("ready", timeout_s=0.2)
                break
            except ChildFailed as error:
                if child.process.poll() is not None:
                    text = _("{name} does not start ({why}); nothing else runs either.")
                    raise CommandRefused(text.format(name=name, why=error)) from error


def _tell(config: Config, children: dict[str, Child], listeners: dict[str, socket.socket]) -> None:
    reached = {"web": config.page("/"), "live": config.live_url, "intake": ", ".join(config.intake_urls)}
    for name, child in children.items():
        where = "{}:{}".format(*listeners[name].getsockname()) if name in listeners else "-"
        click.echo(f"{name:<8} {child.process.pid:>8}  {where:<16} {reached.get(name, '')}".rstrip())
    click.echo(
        _("Data: {data}. How each process is: egide status. Ctrl-C ends all.").format(data=config.data_dir)
    )


def _tell_end(name: str, code: int, pause_s: float) -> None:
    text = _("{name} ended with {code} and starts again in {seconds} s.")
    click.echo(text.format(name=name, code=code, seconds=f"{pause_s:g}"), err=True)
