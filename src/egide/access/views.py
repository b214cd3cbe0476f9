"""Sign-in, sign-out, the live ticket, and the way to each role's own page."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.context import SEARCHING_ROLES
from egide.access.finding import find
from egide.access.models import User
from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER, Scope
from egide.access.service import ScopedRequest, check_password, for_anybody, for_roles, scope_of
from egide.access.service import live_ticket as make_live_ticket
from egide.access.tasks import tasks_of
from egide.common import ticket
from egide.outbox.service import clock


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to the page of their role."""
    if not request.user.is_authenticated:
        return redirect("sign-in")
    return redirect(home_of(scope_of(request.user)))


def home_of(scope: Scope) -> str:
    """The name of the page where this person's work begins."""
    if scope.has_desk:
        return "desk"
    if ZONE_OFFICER in scope.roles and REFERENCE_OFFICER not in scope.roles:
        return "zone"
    return "start" if scope.roles else "account"


@require_GET
@for_anybody
def start(request: ScopedRequest) -> HttpResponse:
    """What needs this reader now, most urgent first by what people answered."""
    return render(request, "access/start.html", {"scope": request.scope, "tasks": tasks_of(request.scope)})


@require_http_methods(["GET", "POST"])
@for_roles(*SEARCHING_ROLES)
def search(request: ScopedRequest) -> HttpResponse:
    """Finds within the reader's scope. Asked by POST: a name must not stand in an address."""
    text = request.POST.get("text", "")
    context = {"scope": request.scope, "searched": text, "found": find(request.scope, text) if text else []}
    return render(request, "access/search.html", context)


@require_GET
def session(request: HttpRequest) -> HttpResponse:
    """Whether the session lives (401 when not), with the token that the forms of an open page need now."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    return JsonResponse({"token": get_token(request)})


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. A failure says the same whether the name exists, the password is wrong or one must wait."""
    name, error = "", ""
    if request.method == "POST":
        name = request.POST.get("name", "").strip()[:60]
        user = check_password(request, name, request.POST.get("password", "")[:200], clock())
        if user:
            return _signed_in(request, user)
        error = _("Name and password do not fit. After several tries, wait five minutes.")
    context = {"name": name, "error": error, "next": request.GET.get("next", ""), "demo": settings.EGIDE.demo}
    return render(request, "access/sign_in.html", context, status=422 if error else 200)


def _signed_in(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    response = redirect(target)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        _set_cookie(response, settings.LANGUAGE_COOKIE_NAME, user.language, max_age_s=None)
    _set_ticket(response, user)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and the right to listen."""
    logout(request)
    response = redirect("sign-in")
    response.delete_cookie(ticket.COOKIE)
    return response


@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Who is signed in, in which role and for which area."""
    return render(request, "access/account.html", {"scope": scope_of(request.user)})


@require_POST
def live_ticket(request: HttpRequest) -> HttpResponse:
    """Renew the ticket for the live stream; the page asks every four minutes."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    response = HttpResponse(status=204)
    _set_ticket(response, request.user)
    return response


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when this process answers and its database can be read."""
    User.objects.exists()
    return HttpResponse("ok\n", content_type="text/plain")


def _set_ticket(response: HttpResponse, user: object) -> None:
    """Set the ticket's cookie; a scope that sees nothing gets none."""
    scope = scope_of(user)
    if scope.centres or scope.zones:
        _set_cookie(response, ticket.COOKIE, make_live_ticket(scope, clock()), max_age_s=ticket.LIFETIME_S)


def _set_cookie(response: HttpResponse, name: str, value: str, max_age_s: int | None) -> None:
    response.set_cookie(
        name, value, max_age=max_age_s, secure=not settings.EGIDE.demo, httponly=True, samesite="Strict"
    )
