"""Sign-in, sign-out, the live ticket, and the way to each role's own page."""

from allauth.account.utils import perform_login
from allauth.decorators import rate_limit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.authority import provider
from egide.access.authority.sessions import way_out
from egide.access.models import EmergencyHalf, User
from egide.access.pages import errors
from egide.access.pages.context import SEARCHING_ROLES, open_alarms_of
from egide.access.pages.passwords import name_new_password
from egide.access.registries.finding import find
from egide.access.registries.navigation import beginnings_for, own_for
from egide.access.registries.tasks import tasks_of
from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER, Scope
from egide.access.service import ScopedRequest, check_password, for_a_shift, for_anybody, for_roles, scope_of
from egide.access.signing_in import sessions
from egide.access.signing_in.doors import user_behind
from egide.access.signing_in.guessing import may_try


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
    context = {
        "scope": request.scope,
        "tasks": tasks_of(request.scope),
        "beginnings": beginnings_for(request.scope),
        "own": own_for(request.scope),
    }
    return render(request, "access/start.html", context)


@require_GET
@for_a_shift
def open_alarms(request: ScopedRequest) -> HttpResponse:
    """The lines of the red strip, for pages that are open: `on` names the page that shows its own alarms by itself,
    `about` the alarm that a page is about.

    Also for somebody who is idle: it names nobody, and an alarm must show on a page that lies open (safety rule 43).
    """
    context: dict[str, object] = {name: request.GET.get(name, "") for name in ("on", "about")}
    # Every page that is open asks for it: nothing else of what stands around a page is made.
    return render(request, "access/strip_lines.html", context | {"office": open_alarms_of(request.scope)})


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
    if not request.user.is_authenticated or sessions.is_idle(request):
        return HttpResponse(status=401)
    return JsonResponse({"token": get_token(request)})


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. A failure says the same whether the name exists, the password is wrong or one must wait."""
    name, error = "", ""
    if request.method == "POST":
        name = request.POST.get("name", "").strip()[:60]
        if not may_try(request):
            return errors.too_many(request)
        user = check_password(request, name, request.POST.get("password", "")[:200])
        if user and sessions.may_sign_in(user):
            answer: HttpResponse = perform_login(request, user, redirect_url=_target(request))
            return answer
        error = _("Name and password do not match. After several tries, wait five minutes.")
    elif request.user.is_authenticated:
        return redirect("home")
    context = {
        "name": name,
        "error": error,
        "next": request.GET.get("next", ""),
        "authority": provider.is_set_up(),
        "has_emergency": EmergencyHalf.objects.exclude(secret_hash="").exists(),
    }
    return render(request, "access/sign_in.html", context, status=422 if error else 200)


def _target(request: HttpRequest) -> str:
    """The page of this site where somebody wanted to go, else the start page."""
    target = request.POST.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else "/"


@require_GET
def demo_door(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in to an account of the demo by the address that `egide demo` printed; elsewhere there is no such page."""
    user = user_behind(token) if settings.EGIDE.demo else None
    if user is None:
        raise Http404
    if request.user == user:
        return redirect("home")
    answer: HttpResponse = perform_login(request, user, redirect_url=reverse("home"))
    return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and the right to listen; open live streams of this session end too.

    Whoever came by the authority's provider goes on to its page for signing out: the next person at this machine must
    not come in as them.
    """
    onwards = way_out(request)
    context = {"redirect_to": onwards}
    response = (
        render(request, "socialaccount/login_redirect.html", context) if onwards else redirect("sign-in")
    )
    sessions.end(request, response)
    return response


@require_GET
@for_anybody
def account(request: ScopedRequest) -> HttpResponse:
    """Who is signed in, with which posts, and how they sign in."""
    assert isinstance(request.user, User)
    factors = Authenticator.objects.filter(user=request.user).order_by("created_at")
    context = {
        "scope": request.scope,
        "own": own_for(request.scope),
        "passkeys": [factor for factor in factors if factor.type == Authenticator.Type.WEBAUTHN],
        "has_app": any(factor.type == Authenticator.Type.TOTP for factor in factors),
        "has_codes": any(factor.type == Authenticator.Type.RECOVERY_CODES for factor in factors),
    }
    return render(request, "access/account.html", context)


@require_GET
@for_anybody
def second_factor(request: ScopedRequest) -> HttpResponse:
    """The first thing after the password: choose a passkey or an authenticator app."""
    return render(request, "access/second_factor.html", {"scope": request.scope})


@require_POST
@for_anybody
def end_sessions(request: ScopedRequest) -> HttpResponse:
    """End every session of one's own account, this one too: for a lost telephone or an unlocked screen."""
    assert isinstance(request.user, User)
    sessions.do_end_all(request.user, by=request.user.name)
    response = redirect("sign-in")
    sessions.end(request, response)
    return response


def remove_passkey(request: ScopedRequest, pk: int) -> HttpResponseBase:
    """Remove a passkey; outside the demo never the last second factor."""
    passkey = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN, pk=pk).first()
    if passkey is None:
        raise Http404
    adapter = get_adapter()
    if not adapter.can_delete_authenticator(passkey):
        messages.error(request, adapter.error_messages["cannot_delete_authenticator"])
        return redirect("account")
    answer: HttpResponseBase = remove_webauthn(request, pk=pk)
    return answer


@method_decorator(rate_limit(action="change_password"), name="dispatch")
class ChangePassword(PasswordChangeView):
    """A new password for somebody who knows the old one; tries are limited, and other sessions of the account end."""

    template_name = "access/password.html"
    success_url = reverse_lazy("account")

    def get_form(self, form_class: type[PasswordChangeForm] | None = None) -> PasswordChangeForm:
        form: PasswordChangeForm = super().get_form(form_class)
        form.fields["old_password"].label = _("Present password")
        name_new_password(form)
        return form

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, _("Your password is changed."))
        return super().form_valid(form)

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
def live_ticket(request: HttpRequest) -> HttpResponse:
    """Renew the ticket for the live stream; the page asks every four minutes."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    response = HttpResponse(status=204)
    sessions.give_ticket(request, response)
    return response


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when this process answers and its database can be read."""
    User.objects.exists()
    return HttpResponse("ok\n", content_type="text/plain")
