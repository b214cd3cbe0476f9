"""What follows when the provider has said who somebody is: an account opens, is linked, goes on, or one sentence."""

import logging
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from egide.access.authority import provider
from egide.access.authority.asking import AGAIN, LINK, SIGN_IN, Provider, found_of, our_provider
from egide.access.authority.linking import LinkedElsewhere, do_accept_linked, linked_user, open_invitation
from egide.access.authority.marks import mark_of
from egide.access.authority.sessions import keep_id_token
from egide.access.models import EmergencyHalf, User
from egide.access.signing_in.sessions import AUTHORITY, may_sign_in

_log = logging.getLogger(__name__)


class AuthorityAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """allauth's steps, each decided here: no account is made, and none is found by a name or an address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Provider:
        return our_provider(request)

    def get_requests_session(self) -> provider.Calls:
        return provider.session()

    def on_authentication_error(
        self,
        request: HttpRequest,
        asked: Provider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("sign-in")))
        if isinstance(exception, provider.NoAnswer):
            raise ImmediateHttpResponse(away(request, "it does not answer"))
        raise ImmediateHttpResponse(failed(request, type(exception).__name__ if exception else "state"))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The token is believed: go on by what the person was sent there for."""
        steps = {SIGN_IN: _sign_in, AGAIN: _say_again, LINK: _link}
        raise ImmediateHttpResponse(steps[sociallogin.state["data"]["purpose"]](request, sociallogin))


def away(request: HttpRequest, why: str) -> HttpResponse:
    """The provider cannot be asked."""
    _log.warning("the authority's provider is away: %s", why)
    return _refused(
        request,
        _("The sign-in with work accounts does not answer. Use your password, or try again later."),
        503,
        has_emergency=EmergencyHalf.objects.exclude(secret_hash="").exists(),
    )


def failed(request: HttpRequest, why: str) -> HttpResponse:
    """What came back is not believed."""
    _log.warning("an answer of the authority's provider was refused: %s", why)
    return _refused(request, _("The sign-in with your work account did not succeed. Begin again."), 403)


def unknown(request: HttpRequest) -> HttpResponse:
    """Nobody here is linked with this person of the provider, the account is closed, or it lacks a second factor."""
    return _refused(request, _("This work account opens nothing here. Ask an administrator."), 403)


def _refused(request: HttpRequest, sentence: str, status: int, **more: bool) -> HttpResponse:
    return render(request, "access/authority_refused.html", {"sentence": sentence, **more}, status=status)


def _sign_in(request: HttpRequest, login: SocialLogin) -> HttpResponse:
    user = linked_user(found_of(login).sub)
    if user is None or not (found_of(login).has_second_factor or may_sign_in(user)):
        return unknown(request)
    return _let_in(request, user, login)


def _say_again(request: HttpRequest, login: SocialLogin) -> HttpResponse:
    """Somebody who was idle has proven anew who they are: the same person, or nothing is renewed."""
    user = linked_user(found_of(login).sub)
    if user is None or user != request.user:
        return unknown(request)
    record_authentication(request, user, AUTHORITY, reauthenticated=True)
    return HttpResponseRedirect(login.state.get("next") or reverse("home"))


def _link(request: HttpRequest, login: SocialLogin) -> HttpResponse:
    """Somebody whose two halves fitted has shown who they are there: from now on that opens the account."""
    invited = open_invitation(login.state["data"]["invitation"])
    if invited is None:
        return failed(request, "invitation")
    try:
        user = do_accept_linked(invited, found_of(login).sub)
    except LinkedElsewhere:
        return _refused(
            request, _("This work account opens another account already. Ask an administrator."), 403
        )
    return _let_in(request, user, login)


def _let_in(request: HttpRequest, user: User, login: SocialLogin) -> HttpResponse:
    found = found_of(login)
    if request.user.is_authenticated and request.user != user:
        # Another person's session ends here with all that it holds.
        logout(request)
    keep_id_token(request, login.id_token)
    # Its own second factor is asked for by the next stage, unless the provider's counts.
    record_authentication(
        request,
        user,
        AUTHORITY,
        second_factor=found.has_second_factor,
        sid=mark_of(found.sid) if found.sid else None,
        reauthenticated=True,
    )
    answer: HttpResponse = perform_login(
        request, user, redirect_url=login.state.get("next") or reverse("home")
    )
    return answer
