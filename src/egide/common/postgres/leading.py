"""Whether more than one of the machines that an address names takes writes, each in the belief that it leads.

Patroni sees to it that there is one. A machine that somebody started without it, or restored beside the others, takes
what libpq brings it all the same: the first in the address that takes writes is the one that is used.
"""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg

from egide.common.config import Config
from egide.common.postgres.machines import machines_of, name_of
from egide.common.postgres.session import parameters
from egide.common.settings import NotSetUp
from egide.common.text import _

# In a switch that goes wrong two may seem to lead for a moment: who is about to refuse looks again.
TRIES, PAUSE_S = 3, 10.0


def check_one_leads(config: Config) -> None:
    """Raises NotSetUp while more than one machine of an address takes writes."""
    found = that_still_lead(config)
    if found:
        raise NotSetUp(_said(found))


def several_that_lead(config: Config) -> str | None:
    """The sentence that says so, or None. One that does not answer within two seconds takes no writes. Raises
    NotSetUp."""
    found = that_lead(config)
    return _said(found) if found else None


def that_still_lead(config: Config) -> dict[str, list[str]]:
    """The same as `that_lead`, where each of some looks, twenty seconds in all, finds several. Raises NotSetUp."""
    found: dict[str, list[str]] = {}
    for tries in range(TRIES):
        if tries:
            threading.Event().wait(PAUSE_S)
        found = that_lead(config)
        if not found:
            break
    return found


def that_lead(config: Config) -> dict[str, list[str]]:
    """For each setting whose address more than one machine takes writes at: these machines. Raises NotSetUp."""
    found = {}
    for setting, address, password in (
        ("EGIDE_JOURNAL", config.journal, config.journal_password),
        ("EGIDE_RECORDS", config.records, config.records_password),
    ):
        machines = machines_of(parameters(setting, address, password, application="egide", session={}))
        leading = _leading(machines) if address and len(machines) > 1 else []
        if len(leading) > 1:
            found[setting] = leading
    return found


def _said(found: Mapping[str, Sequence[str]]) -> str:
    """Of the first setting: whoever mends that sees whether there is another."""
    setting, machines = next(iter(found.items()))
    text = _(
        "More than one machine of {setting} takes writes ({machines}): what one of them confirms the others"
        " never hear of. Stop PostgreSQL on each that `patronictl list` does not call the leader, before"
        " anything starts."
    )
    return text.format(setting=setting, machines=", ".join(machines))


def _leading(machines: Sequence[Mapping[str, str]]) -> list[str]:
    with ThreadPoolExecutor(len(machines)) as pool:
        leads = list(pool.map(_leads, machines))
    return [name_of(one) for one, is_leading in zip(machines, leads, strict=True) if is_leading]


def _leads(machine: Mapping[str, str]) -> bool:
    """By what is asked of every session: read-write."""
    try:
        psycopg.connect(**machine, autocommit=True).close()  # type: ignore[arg-type]
    except psycopg.Error:
        return False
    return True
