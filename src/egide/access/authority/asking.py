"""Sending somebody to the provider and taking them back: allauth's OpenID Connect, held to more than it asks by itself.

PKCE, state and nonce for each question; the token is believed by its signature, though it came over TLS; no claim but
the subject is asked for, and none is kept.
"""

import secrets
from typing import Any

from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from egide.access.authority import provider
from egide.access.authority.linking import PROVIDER
from egide.access.authority.marks import mark_of
from egide.access.authority.tokens import SignedInThere, Unbelievable, check_id_token
from egide.outbox.service import clock

SIGN_IN, LINK, AGAIN = "sign-in", "link", "again"


class Questions(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """What is asked of the provider, and what comes of its answers. `state` is what was kept with the question."""

    state: dict[str, Any]

    @property
    def openid_config(self) -> dict[str, Any]:
        return provider.metadata()

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return str(request.build_absolute_uri(reverse("authority-back")))

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **answers: Any
    ) -> SocialLogin:
        """Who the person is there. Raises OAuth2Error for a token that is not believed, ProviderAway."""
        kept = self.state["data"]
        try:
            found = check_id_token(
                str(answers["response"].get("id_token", "")), kept["nonce"], kept["since_s"]
            )
        except Unbelievable as error:
            raise OAuth2Error(str(error)) from error
        login = self.get_provider().sociallogin_from_response(request, {"sub": mark_of(found.sub)})
        login.found, login.id_token = found, answers["response"]["id_token"]
        return login


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """The provider of the settings; what stands in the database counts for nothing."""

    oauth2_adapter_class = Questions

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing of what the provider knows of a person is kept."""
        return {}


class Back(OAuth2CallbackView):  # type: ignore[misc]
    """The way back from the provider."""

    def _get_state(self, request: HttpRequest, asked: Provider) -> tuple[dict[str, Any] | None, Any]:
        state, response = super()._get_state(request, asked)
        if state is not None:
            self.adapter.state = state
            # A code of another provider is not shown to ours (RFC 9207, section 2.4).
            if request.GET.get("iss", provider.issuer()) != provider.issuer():
                raise OAuth2Error("iss of the answer")
        return state, response


def our_provider(request: HttpRequest) -> Provider:
    """The provider of the settings, for one request."""
    app = SocialApp(
        provider="openid_connect",
        provider_id=PROVIDER,
        name=PROVIDER,
        client_id=settings.EGIDE.signin_client,
        secret=settings.EGIDE.signin_secret,
        settings={
            "server_url": settings.EGIDE.signin_issuer,
            "oauth_pkce_enabled": True,
            "scope": ["openid"],
        },
    )
    return Provider(request, app=app)


def send(request: HttpRequest, purpose: str, target: str = "", **kept: object) -> HttpResponseBase:
    """Lead somebody to the provider; `kept` comes back with them. Raises ProviderAway.

    Who says again who they are, or links an account, is asked for it even with a session there.
    """
    now_s = clock().now_us() // 1_000_000
    nonce, anew = secrets.token_urlsafe(24), purpose != SIGN_IN
    more = {"nonce": nonce}
    if anew:
        more |= {"prompt": "login", "max_age": "0"}
    if settings.EGIDE.signin_factors:
        more["acr_values"] = " ".join(settings.EGIDE.signin_factors)
    data = {"purpose": purpose, "nonce": nonce, "since_s": now_s if anew else None, **kept}
    answer: HttpResponseBase = our_provider(request).redirect(
        request, process="login", next_url=target or None, data=data, auth_params=more
    )
    return answer


def take_back(request: HttpRequest) -> HttpResponseBase:
    """What comes of the provider's answer: always decided by `AuthorityAdapter`. Raises ProviderAway, OAuth2Error."""
    answer: HttpResponseBase = Back.adapter_view(Questions(request, PROVIDER))(request)
    return answer


def found_of(login: SocialLogin) -> SignedInThere:
    """What the believed token said."""
    found: SignedInThere = login.found
    return found
