"""What leaves the house of an alarm: a paper, and the events themselves, which anybody can verify without this system.

For the criminal file, which the perpetrator may read one day (safety rule 28), the paper says nothing of where she was,
and the events go without the key that opens them: they prove that nothing was changed or left out, and tell nothing.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from hashlib import sha256
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from egide.access.rules import MAGISTRATE, REFERENCE_OFFICER, Scope
from egide.access.templatetags.units import clock_time, day, duration, moment
from egide.alarm import events as a
from egide.alarm.events.elsewhere import number_for
from egide.alarm.table import TELLING
from egide.boards.recordings import recordings_of
from egide.boards.register import files
from egide.boards.register.eido import Incident, object_of
from egide.boards.register.files import Frame
from egide.boards.register.pages import Opened
from egide.boards.service import last_position
from egide.boards.shown.alarm import ShownAlarm, shown_of
from egide.boards.shown.timeline import TimelineLine, timeline_of
from egide.boards.telling import has_weapon
from egide.events.casework import DocumentMade
from egide.events.register import JournalExported
from egide.geography.pidf import Circle
from egide.journal.ending.erasing import EXPORTS_STREAM
from egide.journal.proof.export import FORMAT, Header, write_export
from egide.journal.service import Entry, Stored
from egide.outbox.days import day_of
from egide.outbox.service import clock, journal, keys
from egide.rollout.service import office_names, zone_names

DOCUMENT, INCIDENT, PAPER, EVENTS = "alarm", "incident", "alarm.pdf", "alarm.jsonl"
Row = tuple[str, str]
_E7 = 1e7

# What the criminal file tells of an alarm, by kind; with what stands beside it where that says nothing of places, of
# daily life, or of how she and her team are reached.
_TOLD = {
    kind.__name__
    for kind in (
        a.AlarmAcknowledged,
        a.HandoverOffered,
        a.HandoverAccepted,
        a.ZoneConfirmed,
        a.NoPatrolFree,
        a.TeamDelayed,
        a.StepUndone,
        a.TeamReported,
        a.TextAsked,
        a.SoundHeard,
        a.SoundExported,
        a.SoundKept,
        a.SoundExpired,
        a.AlarmClosed,
    )
} | TELLING.keys()
_NAMED = {
    kind.__name__
    for kind in (
        a.PressReceived,
        a.PressedAgain,
        a.CancelReceived,
        a.TextReceived,
        a.AudioReceived,
        a.AlarmRouted,
        a.TeamNamed,
        a.HelpNeeded,
        a.HelpSeen,
    )
}
_COORDINATES = re.compile(r"-?\d{1,2}\.\d{3,},? ?-?\d{1,3}\.\d{3,}")


def may_take(scope: Scope, alarm: Opened) -> bool:
    """Magistrates of the office, and reference officers of the zone, that have the file."""
    units = alarm.line.units
    return scope.holds(MAGISTRATE, units.office) or scope.holds(REFERENCE_OFFICER, units.zone)


def do_take(scope: Scope, alarm: Opened, *, criminal: bool) -> bytes:
    """A ZIP file with the paper and the events. That somebody took it is two events before a byte leaves. Raises
    NoSuchFile, KeyErased, JournalError."""
    state = alarm.state
    rows = journal().stream(f"alarm:{state.alarm}")
    frame = files.frame_of(state.case)
    with override(frame.language):
        data = _data(scope, alarm, frame, rows, criminal=criminal)
    paper = files.printed(data, _joined(frame.secrets, _COORDINATES) if criminal else frame.hidden)
    to = "criminal file, without the key" if criminal else ""
    _do_record(scope, state.case, frame, rows, DOCUMENT, paper, to)
    return _packed(paper, rows, with_key=not criminal)


def do_take_incident(scope: Scope, alarm: Opened) -> bytes:
    """The alarm as an incident for other systems (EIDO, JSON), with what the paper for police and prosecutor's office
    tells. It is recorded as that is. Raises NoSuchFile, KeyErased, JournalError."""
    state = alarm.state
    rows = journal().stream(f"alarm:{state.alarm}")
    frame = files.frame_of(state.case)
    with override(frame.language):
        incident = object_of(_incident(alarm, frame))
    content = msgspec.json.format(msgspec.json.encode(files.blackened(incident, frame.hidden)), indent=2)
    _do_record(scope, state.case, frame, rows, INCIDENT, content, "incident for other systems")
    return content


def _incident(alarm: Opened, frame: Frame) -> Incident:
    state = alarm.state
    (shown,) = shown_of([state])
    position, lines = last_position(state), timeline_of(state.alarm)
    domain = urlsplit(settings.EGIDE.page("/")).hostname or "egide"
    trail = state.press.trail
    at_us = trail[-1].taken_at_us if trail else state.received_at_us
    return Incident(
        number=number_for("eido", state.alarm),
        file=frame.number,
        agency=f"{alarm.line.centre.lower()}.{domain}" if alarm.line.centre else domain,
        domain=domain,
        person=frame.person,
        at_us=lines[-1].at_us if lines else state.received_at_us,
        outcome=shown.closing.outcome,
        circle=Circle(position.lat_e7 / _E7, position.lon_e7 / _E7, position.accuracy_m, at_us)
        if position
        else None,
        weapon=_("The file names a weapon.") if has_weapon(state.case) else "",
        notes=[(line.at_us, " · ".join(filter(None, (line.word, line.who, *line.details)))) for line in lines]
        + [(report.at_us, f"{report.outcome}: {report.text}") for report in shown.reports],
    )


def _do_record(
    scope: Scope, case: str, frame: Frame, rows: Sequence[Stored], document: str, content: bytes, to: str
) -> None:
    """Before a byte leaves: that it was made, and that a copy is outside, which an erasing does not reach."""
    made = DocumentMade(
        case=case,
        user=scope.user,
        document=document,
        language=frame.language,
        sha256=sha256(content).hexdigest(),
    )
    taken = JournalExported(stream=rows[0].stream, last_seq=rows[-1].seq, by=scope.user, to=to)
    entry = Entry(stream=f"case:{case}", event=made, case=case)
    journal().append([entry, Entry(stream=EXPORTS_STREAM, event=taken)])


def _joined(*patterns: re.Pattern[str] | None) -> re.Pattern[str]:
    return re.compile("|".join(one.pattern for one in patterns if one), re.IGNORECASE)


def _packed(paper: bytes, rows: Sequence[Stored], *, with_key: bool) -> bytes:
    stream = rows[0].stream
    key = keys().stream_key(rows[0].key, stream).raw if with_key else b""
    events, packed = io.BytesIO(), io.BytesIO()
    write_export(Header(FORMAT, clock().now_us(), stream, key), rows, events)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(PAPER, paper)
        archive.writestr(EVENTS, events.getvalue())
    return packed.getvalue()


def _data(
    scope: Scope, alarm: Opened, frame: Frame, rows: Sequence[Stored], *, criminal: bool
) -> dict[str, object]:
    (shown,) = shown_of([alarm.state])
    lines = timeline_of(alarm.state.alarm)
    title = _("Report on an alarm")
    return {
        "title": title,
        "language": frame.language,
        "authority": _authority(scope, alarm),
        "number": frame.number,
        "day": day(day_of(clock().now_us())),
        "marks": [
            _("Version for the criminal file") if criminal else _("For police and prosecutor’s office")
        ],
        "sections": [
            _section(_("Protected person"), [(_("Name"), frame.person)]),
            _section(_("Alarm"), _about(alarm, shown)),
            _section(_("What happened"), _happened(lines, criminal=criminal)),
            _section(_("Report of the team"), _reports(shown)),
            _section(_("Sound"), _sound(alarm)),
            _section(_("How this can be verified"), [], _verified(rows)),
        ],
        "footer": f"Egide · {frame.number} · {title}",
        "signatures": [],
    }


def _section(heading: str, rows: Iterable[Row], paragraphs: Iterable[str] = ()) -> dict[str, object]:
    return {
        "heading": heading,
        "rows": [row for row in rows if row[1]],
        "paragraphs": list(paragraphs),
    }


def _authority(scope: Scope, alarm: Opened) -> str:
    units = alarm.line.units
    if scope.holds(MAGISTRATE, units.office):
        return office_names(units.office)[units.office]
    return zone_names(units.zone)[units.zone]


def _about(alarm: Opened, shown: ShownAlarm) -> list[Row]:
    line, state = alarm.line, alarm.state

    def after(at_us: int) -> str:
        return duration((at_us - line.received_at_us) / 1e6) if at_us else ""

    return [
        (_("Received"), moment(line.received_at_us)),
        (_("Presses"), str(line.presses)),
        (_("Dispatch centre"), shown.units.centre(line.centre)),
        (_("Police zone"), shown.units.zone(line.zone)),
        (_("Reference"), ", ".join(line.references)),
        (_("Team"), ", ".join(line.teams)),
        (_("Taken after"), after(line.taken_at_us)),
        (_("On the spot after"), after(line.there_at_us)),
        (_("Closed"), moment(line.closed_at_us) if line.closed_at_us else _("Not closed yet")),
        (_("Outcome"), shown.closing.outcome),
        (_("Reason"), state.closing.reason),
    ]


def _happened(lines: Iterable[TimelineLine], *, criminal: bool) -> list[Row]:
    told = [line for line in lines if not criminal or line.kind in _TOLD or line.kind in _NAMED]
    return [
        (f"{line.day} {clock_time(line.at_us)}".strip(), _words(line, criminal=criminal)) for line in told
    ]


def _words(line: TimelineLine, *, criminal: bool) -> str:
    """For the criminal file no position, and of messages the kind alone, but for an answer: it is her word."""
    details = line.told if criminal else line.details
    if criminal and line.kind not in _TOLD:
        details = details[-1:] if line.kind == a.TextReceived.__name__ else ()
    count = f"×{line.count}" if line.count > 1 else ""
    undone = _("undone by %(by)s") % {"by": line.undone_by} if line.undone_by else ""
    return " · ".join(filter(None, (f"{line.word} {count}".strip(), line.who, *details, undone)))


def _reports(shown: ShownAlarm) -> list[Row]:
    return [
        (report.by, f"{report.outcome} · {moment(report.at_us)}\n{report.text}") for report in shown.reports
    ]


def _sound(alarm: Opened) -> list[Row]:
    pieces = alarm.state.talk.sounds
    if not pieces:
        return []
    number = len(recordings_of(alarm.state))
    words = ngettext("%(n)s recording", "%(n)s recordings", number) % {"n": number}
    return [(words, f"SHA-256 {piece.digest}") for piece in pieces]


def _verified(rows: Sequence[Stored]) -> list[str]:
    return [
        _(
            "The file %(file)s beside this paper holds the %(n)s events of the alarm as they were kept, each with the"
            " hash of the one before. Whoever has it can verify that none was changed, added or left out."
        )
        % {"file": EVENTS, "n": len(rows)},
        f"SHA-256 {rows[-1].hash.hex()}",
    ]
