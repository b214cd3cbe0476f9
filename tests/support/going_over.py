"""An installation goes over into PostgreSQL by the commands of the guide (docs/operations/postgresql.md)."""

from dataclasses import replace

from egide.common.config import Config
from tests.support.commands import start
from tests.support.postgres import USER, Server

COMMANDS = ("journal prepare", "records prepare", "journal move", "records move")


def go_over_into(server: Server, config: Config) -> Config:
    """The settings with which its processes sign in to a database of its own, where journal, keys and records are
    now."""
    database = server.another()
    owner, processes = (server.address(database, user) for user in (USER, "processes"))
    for command in COMMANDS:
        done = start(replace(config, journal=owner, records=owner), *command.split())
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    return replace(config, journal=processes, records=processes)
