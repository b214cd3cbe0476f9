"""Saying anew who one is, before one's way in changes, for people who have neither a password nor a factor here.

allauth takes them for freshly proven (`account.internal.flows.reauthentication`): it knows no way back to a provider.
So whoever found the screen of a linked person could add a passkey of their own.
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from egide.access.models import User
from egide.access.signing_in.sessions import AUTHORITY
from egide.outbox.service import clock

View = Callable[..., HttpResponseBase]


def proven_lately(view: View) -> View:
    """Lead a linked person who can prove nothing here to the provider, unless they have just come from there."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if _must_prove(request):
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{query}")
        return view(request, *args, **kwargs)

    return guarded


def _must_prove(request: HttpRequest) -> bool:
    user = request.user
    if not isinstance(user, User) or get_reauthentication_flows(user) or not user.is_linked():
        return False
    proofs = [
        one["at"] for one in get_authentication_records(request, user) if one.get("method") == AUTHORITY
    ]
    return not proofs or clock().now_us() / 1e6 - max(proofs) >= REAUTHENTICATION_TIMEOUT
