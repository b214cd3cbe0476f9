"""Where a dispatch system fetches what is due, and says how far it is: an alarm is on somebody's screen there, answered
by a person, a unit on its way.

Signed like what it gets, with the same secret. Whoever cannot sign learns nothing: not even which systems there are.
What it says is shown beside the alarm as its word, and changes nothing in it.
"""

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from egide.alarm import events as a
from egide.boards import telling
from egide.common.clock import SystemClock
from egide.connectors.cad import fetching
from egide.connectors.cad.report import Answer, Feed, message_of
from egide.connectors.dispatch.facts import HEARD
from egide.connectors.dispatch.receivers import Receiver, receivers_of
from egide.connectors.webhooks import Unauthentic, check_call
from egide.events.base import Event
from egide.journal.errors import JournalError
from egide.journal.now.signs import Signs

MOST_BYTES = 4096
MOST_SIGNS = 60
TAKEN = "message.taken"
_WORDS = {"alarm.shown": a.SHOWN_THERE, "alarm.answered": a.ANSWERED}
_UNITS = {
    f"unit.{word.replace('-', '_')}": word
    for word in (a.UNIT_ASSIGNED, a.UNIT_UNDER_WAY, a.UNIT_ARRIVED, a.UNIT_FREE)
}
_NOBODY, _MALFORMED, _UNKNOWN, _AWAY = 401, 422, 404, 503


@require_GET
def feed(request: HttpRequest, name: str) -> HttpResponse:
    """What is due to this system now, as JSON (`Feed`): again and again until it says that it took it.

    401 without a right signature of this system over an empty body, 404 where it is called instead, 503 while the
    journal is away: try again.
    """
    receiver = _signed_by(name, request, b"")
    if receiver is None:
        return HttpResponse(status=_NOBODY)
    if receiver.kind != "feed":
        return HttpResponse(status=_UNKNOWN)
    try:
        due = Feed(tuple(message_of(facts, receiver) for facts in fetching.due_to(receiver)))
    except JournalError:
        return HttpResponse(status=_AWAY)
    _note_heard(receiver, "fetched")
    return HttpResponse(msgspec.json.encode(due), content_type="application/json")


@csrf_exempt  # the signature is the right to answer: no browser and no cookie has a part in it
@require_POST
def answer(request: HttpRequest, name: str) -> HttpResponse:
    """204 when it is noted, also again. 401 without a right signature of this system, 404 for an alarm that it was not
    told of or that ended twelve hours ago and for a message that is not due, 422 for what is no answer, 503 while the
    journal is away: try again.
    """
    body = request.read(MOST_BYTES + 1)
    receiver = _signed_by(name, request, body)
    if receiver is None:
        return HttpResponse(status=_NOBODY)
    try:
        said = msgspec.json.decode(body, type=Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return HttpResponse(status=_MALFORMED)
    event = _event(receiver, said)
    if event is None and not (said.type == TAKEN and receiver.kind == "feed"):
        return HttpResponse(status=_MALFORMED)
    try:
        is_known = _note(receiver, said, event)
    except JournalError:
        return HttpResponse(status=_AWAY)
    if not is_known:
        return HttpResponse(status=_UNKNOWN)
    _note_heard(receiver, said.type)
    return HttpResponse(status=204)


def _event(receiver: Receiver, said: Answer) -> Event | None:
    """What it says as an event of the alarm; None for what is none."""
    if not all(_is_line(text) for text in (said.by, said.reference, said.unit)):
        return None
    if said.type in _WORDS:
        return a.SystemAnswered(receiver.name, _WORDS[said.type], said.by, said.reference)
    if said.type in _UNITS and said.unit.strip():
        return a.SystemSaidUnit(receiver.name, said.unit, _UNITS[said.type])
    return None


def _note(receiver: Receiver, said: Answer, event: Event | None) -> bool:
    """False where it was told of no such alarm, or of no such message."""
    if event is None:
        return fetching.do_note_taken(receiver, said.alarm, said.message)
    found = telling.alarm_told(receiver.name, said.alarm)
    if found is None:
        first = fetching.do_note_raised(receiver, said.alarm)
        if first is None:
            return False
        found = first, receiver.name
    alarm, name = found
    telling.do_note_answer(alarm, msgspec.structs.replace(event, receiver=name))
    return True


def _note_heard(receiver: Receiver, word: str) -> None:
    """For the administrators' page, and for who waits for a system that fetches."""
    Signs(settings.EGIDE, SystemClock()).note_last(f"{HEARD}{receiver.name}", word)


def _signed_by(name: str, request: HttpRequest, body: bytes) -> Receiver | None:
    """The system of this name, if it signed the call within the last minutes; None for everything else."""
    if len(body) > MOST_BYTES:
        return None
    try:
        receiver = next((one for one in receivers_of(settings.EGIDE) if one.name == name), None)
        if receiver is not None and receiver.is_by_hand:
            # It answers by its own road; what is kept of it is a password, and no key.
            return None
        secrets = receiver.secrets() if receiver is not None else []
        number, at, signatures = (
            request.headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature")
        )
        check_call(secrets, number, at, signatures, body, SystemClock().now_us() // 1_000_000)
    except (ValueError, OSError, Unauthentic):
        return None
    return receiver


def _is_line(text: str) -> bool:
    """A few words in one line."""
    return len(text) <= MOST_SIGNS and text.isprintable()
