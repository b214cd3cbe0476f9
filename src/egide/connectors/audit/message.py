"""One event of the journal as a syslog message (RFC 5424). Pure.

No free text leaves: a stated reason or a note may name a person. The message says only that there is one.
"""

import re
from collections.abc import Mapping

from egide.common.clock import utc

# "log audit" of RFC 5424, table 1; severities of table 2.
FACILITY = 13
WARNING, INFORMATIONAL = 4, 6
# The enterprise number that RFC 5612 sets aside for documentation: receivers tell parameters by their names.
SD_ID = "egide@32473"
FREE_TEXT = frozenset({"why", "note"})
# What somebody should look at: a file opened for a stated reason, asked for in vain, a way in that was guessed at, an
# emergency account that was opened or tried.
UNUSUAL = frozenset({"FileAsked", "InvitationSpoiled", "EmergencyOpened", "EmergencyHalfRefused"})
_ESCAPED = re.compile(r'(["\\\]])')


def is_unusual(kind: str, fields: Mapping[str, object]) -> bool:
    """Whether the message is a warning."""
    return kind in UNUSUAL or (kind == "FileOpened" and bool(fields.get("why")))


def message(seq: int, kind: str, at_us: int, host: str, fields: Mapping[str, object]) -> bytes:
    """The whole message, in UTF-8, without framing. `fields` are those of the event; `at_us` is microseconds UTC."""
    severity = WARNING if is_unusual(kind, fields) else INFORMATIONAL
    params = {"seq": seq, **{name: _word(name, value) for name, value in fields.items()}}
    data = "".join(f' {name}="{_escaped(str(value))}"' for name, value in params.items())
    when = utc(at_us).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return f"<{FACILITY * 8 + severity}>1 {when} {host or '-'} egide - {kind[:32]} [{SD_ID}{data}]".encode()


def framed(whole: bytes) -> bytes:
    """With its length before it (RFC 5425, section 4.3)."""
    return b"%d %s" % (len(whole), whole)


def _escaped(value: str) -> str:
    """As the value of a parameter (RFC 5424, section 6.3.3)."""
    return _ESCAPED.sub(r"\\\1", value)


def _word(name: str, value: object) -> object:
    if name in FREE_TEXT:
        return "given" if value else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else value
