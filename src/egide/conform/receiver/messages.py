"""What a dispatch system is told in an examination: messages of contracts/cad/message.schema.json, with CAP 1.2 inside.

They are made here and not by what Egide sends with: two writers of one contract see each other's faults.
"""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from egide.common.clock import Clock, utc

RAISED, MOVED, CLOSED, TEST = "alarm.raised", "alarm.moved", "alarm.closed", "test"
# The middle of a lake in Finland: who looks at it sees that nobody has to go there.
LAT, LON, RADIUS_M = 62.5, 28.0, 50
_CAP_KINDS = {MOVED: "Update", CLOSED: "Cancel"}


def new_number() -> str:
    """Of a message or an alarm."""
    return secrets.token_hex(16)


class Alarm:
    """An invented alarm, and what is said of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.number = new_number()
        self.raised_at = self._time()
        self._first = new_number()

    def _time(self) -> str:
        return utc(self._clock.now_us()).isoformat(timespec="seconds")

    def said(self, kind: str, **more: Any) -> dict[str, Any]:
        """One message with every field. What is None in `more` under a name with UNSET is left out."""
        number = self._first if kind == RAISED else new_number()
        link = f"https://desk.example.invalid/desk/from/{self.number}"
        told = {
            "type": kind,
            "id": number,
            "alarm": self.number,
            "at": self._time(),
            "raised_at": self.raised_at,
            "test": kind == TEST,
            "category": "protection-alarm",
            "circle": {"lat": LAT, "lon": LON, "radius_m": RADIUS_M, "taken_at": self._time()},
            "weapon": False,
            "link": link,
        } | more
        told = {name: value for name, value in told.items() if value is not msgspec.UNSET}
        return told | {"cap": self._cap(told)}

    def _cap(self, told: dict[str, Any]) -> str:
        """The same in CAP 1.2 (OASIS, CAP-v1.2)."""
        kind = _CAP_KINDS.get(told["type"], "Alert")
        over = kind == "Cancel"
        lines = {
            "identifier": told["id"],
            "sender": "egide",
            "sent": told["at"],
            "status": "Test" if told["test"] else "Actual",
            "msgType": kind,
            "scope": "Private",
            "addresses": self.number,
        }
        if kind != "Alert":
            lines["references"] = f"egide,{self._first},{self.raised_at}"
        lines["incidents"] = self.number
        info = {
            "category": "Security",
            "event": "Protection alarm",
            "responseType": "AllClear" if over else "Execute",
            "urgency": "Past" if over else "Immediate",
            "severity": "Severe",
            "certainty": "Observed",
        }
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">{_tags(lines)}<info>{_tags(info)}</info></alert>'
        )


def _tags(lines: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in lines.items())


def encoded(told: dict[str, Any]) -> bytes:
    return json.dumps(told).encode()


def signature(secret: bytes, call: str, at_s: int, body: bytes) -> str:
    """`v1,` and base64 of HMAC-SHA256 over id, time and body with points between them (Standard Webhooks 1.0.0)."""
    signed = f"{call}.{at_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
