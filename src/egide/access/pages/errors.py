"""Error pages in the reader's language; none of them repeats anything of the request."""

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _page(request, 400, _("This request cannot be understood"), _("Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _page(request, 403, _("This is not allowed"), _("Sign in again, then try once more."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same for what does not exist and for what this reader may not see."""
    return _page(
        request, 404, _("There is nothing here"), _("The page does not exist, or it is not for you.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    hint = _("Try again. If it stays, tell your supervisor; alarms still reach the journal.")
    return _page(request, 500, _("Something went wrong here"), hint)


def too_many(request: HttpRequest) -> HttpResponse:
    """429: too many tries at a password, so that a further one is not looked at."""
    page = _page(request, 429, _("Too many tries"), _("Wait five minutes, then try once more."))
    page["Retry-After"] = "300"
    return _unlogged(page)


def busy(request: HttpRequest) -> HttpResponse:
    """503: too many people are signing in at this moment."""
    page = _page(request, 503, _("Many people are signing in"), _("Go back and try again in a moment."))
    page["Retry-After"] = "1"
    return _unlogged(page)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that does not come from our own page, or from one that is too old."""
    return _page(request, 403, _("This page is too old"), _("Load the page again, then try once more."))


def _page(request: HttpRequest, status: int, title: str, hint: str) -> HttpResponse:
    return HttpResponse(_rendered(get_language(), status, title, hint), status=status)


@lru_cache(maxsize=256)
def _rendered(_language: str, status: int, title: str, hint: str) -> str:
    """Made once for each language: a caller who is refused again and again costs little (safety rule 42)."""
    return render_to_string("access/error.html", {"status": status, "title": title, "hint": hint})


def _unlogged(page: HttpResponse) -> HttpResponse:
    """A flood of these would fill the disk. The mark is the one by which Django itself writes each only once."""
    page._has_been_logged = True  # type: ignore[attr-defined]
    return page
