"""Which of our sessions began by which session of the provider, and how both end together.

A session that ends there ends here at once, with its live streams (OpenID Connect Back-Channel Logout 1.0); one that
ends here leads to the provider's own page for signing out (RP-Initiated Logout 1.0).
"""

from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from egide.access.authority import provider
from egide.access.authority.linking import linked_user
from egide.access.authority.marks import mark_of
from egide.access.authority.tokens import EndedThere
from egide.access.models import AuthoritySession, User
from egide.access.signing_in.session_store import stored_key
from egide.access.signing_in.sessions import AUTHORITY, SHIFT_S, do_end_all
from egide.common.encoding import from_base64url, to_base64url
from egide.common.sealing import UnsealError
from egide.common.ticket import session_stream
from egide.events.accounts import SignedOut
from egide.journal.sealing.keys import SYSTEM
from egide.outbox.service import clock, keys, offer

# Who ended sessions, where the name of an account would stand; none has a colon.
BY_PROVIDER = "openid:provider"
_ID_TOKEN, _LABEL = "egide.id_token", b"egide-id-token-1"


def keep_id_token(request: HttpRequest, text: str) -> None:
    """Keep what the provider wants to see at the end of its session; sealed, because it says who somebody is there."""
    request.session[_ID_TOKEN] = to_base64url(keys().record_key(SYSTEM).seal(text.encode(), _LABEL))


def note_session(request: HttpRequest, user: User) -> None:
    """Remember by which session of the provider this one began, if by any."""
    records = [one for one in get_authentication_records(request, user) if one.get("method") == AUTHORITY]
    if not records or not records[-1].get("sid"):
        return
    now_us, key = clock().now_us(), request.session.session_key or ""
    with transaction.atomic():
        AuthoritySession.objects.filter(began_us__lt=now_us - 2 * SHIFT_S * 1_000_000).delete()
        AuthoritySession.objects.create(
            user=user,
            sid=records[-1]["sid"],
            session=stored_key(key),
            stream=session_stream(key),
            began_us=now_us,
        )


@transaction.atomic
def do_end(ended: EndedThere) -> None:
    """End here what ended there: the sessions that began by it, or all of the person where it names none we know.

    An operator who signs out of an office's machine keeps the desk in another room.
    """
    known = AuthoritySession.objects.filter(sid=mark_of(ended.sid)) if ended.sid else None
    if known and known.exists():
        for one in known.select_related("user"):
            Session.objects.filter(session_key=one.session).delete()
            offer(SignedOut(user=one.user.name), one.stream)
        return
    user = linked_user(ended.sub) if ended.sub else None
    if user is not None:
        do_end_all(user, BY_PROVIDER)


def way_out(request: HttpRequest) -> str:
    """Where the provider ends its own session, for somebody who signed in there; "" where it offers that nowhere.

    Asks nobody: signing out must not wait.
    """
    kept = request.session.get(_ID_TOKEN)
    address = provider.known_metadata().get("end_session_endpoint")
    if not kept or not isinstance(address, str) or not address.startswith("https://"):
        return ""
    try:
        hint = keys().record_key(SYSTEM).unseal(from_base64url(kept), _LABEL).decode()
    except (UnsealError, ValueError):
        return ""
    asked = {
        "id_token_hint": hint,
        "client_id": settings.EGIDE.signin_client,
        "post_logout_redirect_uri": request.build_absolute_uri(reverse("sign-in")),
    }
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
