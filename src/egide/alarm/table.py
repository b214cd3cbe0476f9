"""The one table of an alarm (decision 0035): its steps, and what people can say of it, one row each.

Ladder, buttons, keys, addresses, taps, words and the evaluation's times are read from here. Pure: texts are English
message ids, which the pages translate. The rows stand by subject in `table_steps`, `table_lead`, `table_team`,
`table_silent` and `table_closing`.
"""

from collections.abc import Mapping

from egide.alarm import rules
from egide.alarm.leading import check_centre_leads, check_zone_leads
from egide.alarm.rows import DESK, ZONE, Command, Given, NotShown, Speaker, check_typed
from egide.alarm.state import AlarmState
from egide.alarm.table_closing import CLOSING, UNDO
from egide.alarm.table_lead import LEAD, TAKING
from egide.alarm.table_silent import SILENT
from egide.alarm.table_steps import ROWS, SAID, STEP, STEPS, TELLING, WAY, promise_of
from egide.alarm.table_team import CORRECT, HELP, SENDING, TAKEN, correctable
from egide.events.base import Event

__all__ = [
    "COMMAND",
    "COMMANDS",
    "CORRECT",
    "HELP",
    "ROWS",
    "SAID",
    "STEP",
    "STEPS",
    "TAKEN",
    "TELLING",
    "WAY",
    "commands_of",
    "correctable",
    "decide",
    "is_shown",
    "promise_of",
]

# In the order of the way.
COMMANDS = (*TAKING, *SENDING, *LEAD, *SILENT, *CLOSING, UNDO)
COMMAND: Mapping[str, Command] = {row.name: row for row in COMMANDS}


def commands_of(page: str) -> tuple[Command, ...]:
    """What can be said on a page, in the order of the way."""
    return tuple(row for row in COMMANDS if page in row.pages)


def is_shown(row: Command, state: AlarmState, who: Speaker) -> bool:
    """Whether there is such a command for this reader at all."""
    return row.shown is None or row.shown(state, who)


def decide(state: AlarmState, name: str, given: Given) -> list[Event]:
    """What a command makes of the alarm.

    Raises NotShown where there is no such command for this speaker. Raises Refused: "closed", "other-centre-leads",
    "zone-first" or "other-leads" for a speaker who may not say it now, "no-time", "empty", "too-long" or what the field
    names for what was typed, and what the command itself raises.
    """
    row, who = COMMAND[name], given.speaker
    if not is_shown(row, state, who):
        raise NotShown(name)
    if rules.is_known(state, given.tap):
        return []
    if row.while_open:
        rules.check_open(state)
    if who.page in row.leads and who.page == DESK:
        check_centre_leads(state, who.centres)
    if who.page in row.leads and who.page == ZONE:
        check_zone_leads(state, who.zone)
    if row.check:
        row.check(state, given)
    for asked in row.asks:
        check_typed(asked, given.fields.get(asked.name, ""))
    return row.decide(state, given)
