"""Signing in with the authority's accounts: the way to its provider and back, saying again who one is, and its word
that a session ended. Without a provider in the settings none of these addresses exists."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from allauth.account import views as account
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.authority import asking, provider
from egide.access.authority.adapter import away, failed
from egide.access.authority.sessions import do_end
from egide.access.authority.tokens import Unbelievable, check_logout_token
from egide.access.models import User
from egide.access.pages import errors
from egide.access.signing_in import guessing

View = Callable[..., HttpResponseBase]
# Between the two halves and the way back from the provider: the invitation whose code fitted.
LINKING = "egide.linking"


def _with_provider(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not provider.is_set_up():
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except provider.ProviderAway as error:
            return away(request, str(error))
        except OAuth2Error:
            return failed(request, "iss of the answer")

    return guarded


@require_GET
@_with_provider
def begin(request: HttpRequest) -> HttpResponseBase:
    """To the provider, then to where somebody wanted to go."""
    if request.user.is_authenticated:
        return redirect("home")
    return _send(request, asking.SIGN_IN)


@require_GET
@_with_provider
def link(request: HttpRequest) -> HttpResponseBase:
    """To the provider, to link the account of an invitation whose two halves fitted in this browser."""
    number = request.session.get(LINKING)
    if number is None:
        raise Http404
    return _send(request, asking.LINK, invitation=number)


@require_GET
@_with_provider
def back(request: HttpRequest) -> HttpResponseBase:
    """From the provider. The first call may come without our cookies, which no other site sends: then a page of ours
    calls again (SameSite=Strict)."""
    return asking.take_back(request)


@require_http_methods(["GET", "POST"])
def again(request: HttpRequest) -> HttpResponseBase:
    """Somebody was idle: with the account of the authority they say there who they are, else by password or code; an
    emergency account by its two halves."""
    user = request.user
    if isinstance(user, User) and user.is_emergency:
        return redirect(f"{reverse('emergency-sign-in')}?{urlencode({'next': _target(request)})}")
    if (
        not provider.is_set_up()
        or not isinstance(user, User)
        or user.has_usable_password()
        or not user.is_linked()
    ):
        answer: HttpResponseBase = account.reauthenticate(request)
        return answer
    has_own = Authenticator.objects.filter(user=user).exists()
    context = {"next": _target(request), "has_own": has_own}
    return render(request, "access/authority_again.html", context)


@require_GET
@_with_provider
def say_again(request: HttpRequest) -> HttpResponseBase:
    """To the provider, which asks anew; this is no use of the session yet."""
    if not request.user.is_authenticated:
        return redirect_to_login(_target(request))
    return _send(request, asking.AGAIN)


@csrf_exempt
@require_POST
def ended(request: HttpRequest) -> HttpResponse:
    """The provider says that a session ended there (Back-Channel Logout 1.0, sections 2.5 to 2.8)."""
    if not provider.is_set_up():
        raise Http404
    try:
        do_end(check_logout_token(request.POST.get("logout_token", "")))
    except (Unbelievable, provider.ProviderAway) as error:
        failed_why = {"error": "invalid_request", "error_description": f"not believed: {error}"}
        return JsonResponse(failed_why, status=400)
    return HttpResponse(status=200)


def _send(request: HttpRequest, purpose: str, **kept: object) -> HttpResponseBase:
    key = guessing.browser_of(request) or guessing.address_of(request)
    if ratelimit.consume_or_429(request, action="authority", key=key, limit_get=True):
        return errors.too_many(request)
    return asking.send(request, purpose, _target(request), **kept)


def _target(request: HttpRequest) -> str:
    target = request.GET.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else reverse("home")
