"""Sessions: how long they last, what they need, and how they end; each beginning and end is an event."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from egide.access.models import User
from egide.access.scope import live_ticket, scope_of
from egide.access.signing_in import guessing
from egide.common import ticket
from egide.events.accounts import SessionsEnded, SignedIn, SignedOut
from egide.events.base import Event
from egide.outbox.service import clock, offer

# One long shift; and how long pages with files stay open without being used.
SHIFT_S = 12 * 3600
IDLE_S = 30 * 60
# The last use is written at most this often: each writing costs a commit.
NOTED_EVERY_S = 60

# What allauth calls a step at the authority's provider, in the records of a session.
AUTHORITY = "socialaccount"
# What we call the two halves of an emergency account there.
EMERGENCY = "emergency"

_BEGAN, _USED, _FACTOR, _UNTIL = "egide.began_s", "egide.used_s", "egide.second_factor", "egide.until_s"


def begin(request: HttpRequest, user: User, method: str) -> None:
    """Note the beginning of a session that has just been signed in."""
    now_s = _now_s()
    request.session[_BEGAN] = request.session[_USED] = now_s
    with transaction.atomic():
        offer(SignedIn(user=user.name, method=method), ticket.account_stream(user.name))


def greet(request: HttpRequest, response: HttpResponse) -> None:
    """Give a browser that has just signed in the person's language and the right to listen."""
    assert isinstance(request.user, User)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        set_cookie(response, settings.LANGUAGE_COOKIE_NAME, request.user.language, max_age_s=None)
    set_cookie(
        response, settings.EGIDE.cookie(guessing.COOKIE), guessing.mark_of_browser(request), guessing.KNOWN_S
    )
    give_ticket(request, response)


def give_ticket(request: HttpRequest, response: HttpResponse) -> None:
    """Set the ticket's cookie; a scope that sees no alarm gets none."""
    scope = scope_of(request.user)
    if scope.centres or scope.zones:
        text = live_ticket(scope, clock(), request.session.session_key or "")
        set_cookie(response, settings.EGIDE.cookie(ticket.COOKIE), text, max_age_s=ticket.LIFETIME_S)


def set_cookie(response: HttpResponse, name: str, value: str, max_age_s: int | None) -> None:
    """A cookie that no script reads and no other site sends."""
    response.set_cookie(
        name, value, max_age=max_age_s, secure=not settings.EGIDE.demo, httponly=True, samesite="Strict"
    )


def is_over(request: HttpRequest) -> bool:
    """Whether the session is longer than a shift."""
    return lasts_s(request) == 0


def lasts_s(request: HttpRequest) -> int:
    """How long the session still lasts at most, in seconds."""
    ends_s = int(request.session.get(_BEGAN, 0)) + SHIFT_S
    return max(0, min(ends_s, int(request.session.get(_UNTIL, ends_s))) - _now_s())


def end_at(request: HttpRequest, until_us: int) -> None:
    """The session of an emergency account: it ends with the account's time, and the two halves were its factors."""
    request.session[_UNTIL] = until_us // 1_000_000
    request.session[_FACTOR] = True


def is_idle(request: HttpRequest) -> bool:
    """Whether pages with files must ask who is there again."""
    return _now_s() - int(request.session.get(_USED, 0)) >= IDLE_S


def note_use(request: HttpRequest) -> None:
    """Remember that the person did something now."""
    now_s = _now_s()
    if now_s - int(request.session.get(_USED, 0)) >= NOTED_EVERY_S:
        request.session[_USED] = now_s


def renew(request: HttpRequest) -> None:
    """The person has just said again who they are."""
    request.session[_USED] = _now_s()


def note_second_factor(request: HttpRequest) -> None:
    """The authority's provider has asked for one that counts."""
    request.session[_FACTOR] = True


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether this account must set up a second factor before anything else; never in the demo."""
    if settings.EGIDE.demo or request.session.get(_FACTOR):
        return False
    assert isinstance(request.user, User)
    if not has_second_factor(request.user):
        return True
    request.session[_FACTOR] = True
    return False


def may_sign_in(user: User) -> bool:
    """Whether a right password is enough to go on: outside the demo only with a second factor or while invited."""
    return bool(settings.EGIDE.demo) or has_second_factor(user) or user.invited_until_us > clock().now_us()


def has_second_factor(user: User) -> bool:
    """Whether a passkey or an authenticator app stands beside the password."""
    factors = Authenticator.objects.filter(user=user)
    return bool(factors.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def end(request: HttpRequest, response: HttpResponse) -> None:
    """End this session and its live streams."""
    if isinstance(request.user, User):
        session_key = request.session.session_key or ""
        with transaction.atomic():
            offer(SignedOut(user=request.user.name), ticket.session_stream(session_key))
    logout(request)
    response.delete_cookie(settings.EGIDE.cookie(ticket.COOKIE))
    # Pages are not kept by browsers anyway. Storage stays: it holds taps and answers that are still to be sent.
    response["Clear-Site-Data"] = '"cache"'


@transaction.atomic
def do_end_all(user: User, by: str, event: Event | None = None) -> None:
    """End every session of `user` everywhere, live streams too; `event` says why, when it is not only that."""
    User.objects.filter(pk=user.pk).update(sessions_epoch=F("sessions_epoch") + 1)
    offer(event or SessionsEnded(user=user.name, by=by), ticket.account_stream(user.name))


def _now_s() -> int:
    return clock().now_us() // 1_000_000
