"""Where a dispatch system says that an alarm is on somebody's screen there, or answered by a person.

Signed like what it gets, with the same secret. Whoever cannot sign learns nothing: not even which systems there are.
What it says is shown beside the alarm as its word, and changes nothing in it.
"""

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from egide.alarm.events import ANSWERED, SHOWN_THERE, SystemAnswered
from egide.boards import telling
from egide.common.clock import SystemClock
from egide.connectors.cad.receivers import Receiver, receivers_of
from egide.connectors.cad.report import Answer
from egide.connectors.webhooks import Unauthentic, check_call
from egide.journal.errors import JournalError

MOST_BYTES = 4096
MOST_SIGNS = 60
WORDS = {"alarm.shown": SHOWN_THERE, "alarm.answered": ANSWERED}
_NOBODY, _MALFORMED, _UNKNOWN, _AWAY = 401, 422, 404, 503


@csrf_exempt  # the signature is the right to answer: no browser and no cookie has a part in it
@require_POST
def answer(request: HttpRequest, name: str) -> HttpResponse:
    """204 when it is noted, also again. 401 without a right signature of this system, 404 for an alarm that it was not
    told of or that ended twelve hours ago, 422 for what is no answer, 503 while the journal is away: try again.
    """
    body = request.read(MOST_BYTES + 1)
    receiver = _signed_by(name, request, body)
    if receiver is None:
        return HttpResponse(status=_NOBODY)
    try:
        said = msgspec.json.decode(body, type=Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return HttpResponse(status=_MALFORMED)
    if said.type not in WORDS or not (_is_line(said.by) and _is_line(said.reference)):
        return HttpResponse(status=_MALFORMED)
    try:
        alarm = telling.alarm_told(receiver.name, said.alarm)
        if alarm is None:
            return HttpResponse(status=_UNKNOWN)
        telling.do_note_answer(
            alarm, SystemAnswered(receiver.name, WORDS[said.type], said.by, said.reference)
        )
    except JournalError:
        return HttpResponse(status=_AWAY)
    return HttpResponse(status=204)


def _signed_by(name: str, request: HttpRequest, body: bytes) -> Receiver | None:
    """The system of this name, if it signed the call within the last minutes; None for everything else."""
    if len(body) > MOST_BYTES:
        return None
    try:
        receiver = next((one for one in receivers_of(settings.EGIDE) if one.name == name), None)
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
