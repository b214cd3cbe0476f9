"""Where a routing proxy asks by LoST whose a place is (RFC 5222, section 14: a POST over HTTP).

The zones are public, the addresses of control rooms are not: whoever cannot show a password learns nothing. What is
asked is in no log and in no address.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from egide.common.clock import SystemClock
from egide.connectors.ng112 import lost
from egide.connectors.ng112.directory import Zones, answer, directory_of, may_ask
from egide.connectors.ng112.plain_xml import MOST_BYTES
from egide.journal.now.outcomes import ANSWERED, Outcomes
from egide.journal.now.signs import Signs

_NOBODY, _TOO_LONG, _AWAY = 401, 413, 503


def answer_lost(request: HttpRequest, zones: Callable[[], Zones]) -> HttpResponse:
    """200 for every answer of LoST, errors included. 401 without a right password, and where nobody has one; 413 for
    more than 16 KiB, 503 where the settings cannot be used.
    """
    body = request.read(MOST_BYTES + 1)
    try:
        directory = directory_of(settings.EGIDE)
        may = directory is not None and may_ask(directory, request.headers.get("Authorization", ""))
    except (OSError, ValueError):
        return HttpResponse(status=_AWAY)
    if directory is None or not may:
        return HttpResponse(
            status=_NOBODY, headers={"WWW-Authenticate": 'Basic realm="lost", charset="UTF-8"'}
        )
    if len(body) > MOST_BYTES:
        return HttpResponse(status=_TOO_LONG)
    clock = SystemClock()
    said = answer(body, directory, zones(), clock.now_us())
    # Those who may ask, and nobody else, cost us this note.
    outcomes = Outcomes(Signs(settings.EGIDE, clock), clock)
    outcomes.worked("ng112", "answered", ANSWERED)
    outcomes.do_keep()
    return HttpResponse(said, content_type=f"{lost.TYPE};charset=utf-8")
