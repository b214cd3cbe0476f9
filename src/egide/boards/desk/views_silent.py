"""Listening in, and the sound as evidence."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from egide.access.service import ScopedRequest, for_desk
from egide.boards import recordings
from egide.boards.answers import answers
from egide.boards.service import do_decide
from egide.boards.shown.views import sound_zip
from egide.common.sealing import UnsealError


@require_GET
@for_desk
@answers
def sound(request: ScopedRequest, alarm: str, recording: int, after: int) -> HttpResponse:
    """The sound from a piece on; `X-Egide-Next` says where to go on. Empty when there is nothing new. That somebody
    listens is an event before a byte leaves."""
    user = request.scope.user
    try:
        state = do_decide(request.scope, alarm, lambda found: recordings.decide_heard(found, user))
        content, following = recordings.sound_after(state, recording, after)
    except UnsealError as error:
        raise Http404 from error
    response = HttpResponse(content, content_type="audio/webm")
    response["X-Egide-Next"] = str(following)
    return response


@require_GET
@for_desk
@answers
def export(request: ScopedRequest, alarm: str) -> HttpResponse:
    """Everything that was heard, as it was signed, with its hashes. For supervisors; an event before a byte leaves."""
    user = request.scope.user
    if not request.scope.supervisor:
        raise Http404
    try:
        state = do_decide(request.scope, alarm, lambda found: recordings.decide_exported(found, user))
        return sound_zip(alarm, recordings.packed(state))
    except UnsealError as error:
        raise Http404 from error
