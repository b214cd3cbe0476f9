"""Histories of alarms, step by step, and what the folded tables hold after them."""

from typing import Any

from egide.alarm import events as a
from egide.events.base import Event
from egide.events.register import GrantChanged, KitReturned
from egide.journal.schema import FOLDED_TABLES
from egide.journal.service import Entry, Journal
from tests.support.installation import NOW_S, Installation, Phone

OTHERS = ("press", "routed", "again", "conflict", "position", "grant", "returned")
ACTS: dict[str, Event] = {
    "shown": a.ShownOnBoard(user="op", centre="mons"),
    "acknowledged": a.AlarmAcknowledged(user="op"),
    "zone": a.ZoneConfirmed(user="op", zone="5399", reference="Insp. 21"),
    "no patrol": a.NoPatrolFree(user="op", zone="5399"),
    "team": a.TeamNamed(user="op", zone="5399", call_sign="M 12"),
    "under way": a.TeamUnderWay(by="op"),
    "on site": a.TeamOnSite(by="op"),
    "missed": a.StepMissed(step="acknowledged", rung=3, action="neighbour", due_at_us=0, centre="liege"),
    "noted": a.NoteAdded(user="op", text="-"),
    "closed": a.AlarmClosed(user="op", outcome="arrest", reason="-"),
}
STEPS = (*ACTS, *OTHERS)


def tables(journal: Journal) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every folded table."""
    return {
        table: sorted(journal.connection.execute(f"SELECT * FROM {table}"), key=repr)
        for table in FOLDED_TABLES
    }


def take(installation: Installation, phone: Phone, step: str, zone: int) -> None:
    """One step of a history; what needs an alarm and finds none does nothing."""
    if step == "grant":
        installation.append(f"kit:{phone.kit}", GrantChanged(kit=phone.kit, grant_ends_at_s=NOW_S + zone))
    elif step == "returned":
        installation.append(f"kit:{phone.kit}", KitReturned(kit=phone.kit))
    elif step == "press":
        installation.open_alarm(phone)
    elif phone.counter:
        act_on(installation, phone, step, zone)


def act_on(installation: Installation, phone: Phone, step: str, zone: int) -> None:
    row = installation.journal.connection.execute(
        "SELECT alarm FROM alarm WHERE device = ? ORDER BY opened_seq DESC LIMIT 1", (phone.device,)
    ).fetchone()
    if row is None:
        return
    types = {"again": a.PressedAgain, "conflict": a.PressConflicted, "position": a.PositionReceived}
    if step in types:
        event: Any = installation.phone_event(types[step], phone)
        installation.journal.append([Entry(stream=f"alarm:{row[0]}", event=event, case=phone.case)])
    elif step == "routed":
        installation.route(row[0], zone=f"53{zone}", centre=("mons", "gent", "liege")[zone % 3])
    else:
        installation.act(row[0], ACTS[step])
