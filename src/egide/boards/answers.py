"""What every view of an alarm answers when there is nothing for this reader, or the journal takes nothing."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from egide.boards.service import NotForYou
from egide.journal.errors import JournalError
from egide.journal.sealing.blobs import NoSuchBlob
from egide.journal.sealing.keys import KeyErased

GONE = (NotForYou, NoSuchBlob, KeyErased)
View = Callable[..., HttpResponseBase]
JOURNAL_DOWN = _("The journal takes nothing at the moment. Act, and try again.")


def answers(view: View) -> View:
    """What is not in the reader's scope, or was erased, does not exist (404); a journal that is down is said (503)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except GONE as error:
            raise Http404 from error
        except JournalError:
            return HttpResponse(JOURNAL_DOWN, status=503, content_type="text/plain; charset=utf-8")

    return guarded
