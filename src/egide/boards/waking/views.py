"""What every page says of waking: the key to wake by, the script that is woken, what could not be kept."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from egide.alarm.rules import Refused
from egide.boards.shown.words import said
from egide.common.vapid import public_key


def waking_key() -> str:
    """The key of the sender that may wake a browser; empty where nobody is woken."""
    return public_key(settings.EGIDE)


def script(request: HttpRequest) -> HttpResponse:
    """The service worker of a page, in the language of its reader: all that it ever says is the same sentence."""
    context = {"title": _("Look at the page"), "text": _("There is something new.")}
    response = render(request, "boards/wake.js", context, content_type="text/javascript; charset=utf-8")
    patch_cache_control(response, no_cache=True)
    return response


def not_kept(refused: Refused) -> JsonResponse:
    """Why this browser is not woken."""
    return JsonResponse({"said": said(refused)}, status=422)
