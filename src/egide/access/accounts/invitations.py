"""A way in for a person: a link on paper from one person, a code from another. Neither opens anything alone.

Both halves together set a password, once ("split knowledge" in NIST SP 800-57, part 1).
"""

import hashlib
import secrets
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare

from egide.access.models import Invitation, User
from egide.common.ticket import account_stream
from egide.events.accounts import AccountInvited, InvitationAccepted, InvitationSpoiled
from egide.outbox.service import clock, offer

INVITED_S = 72 * 3600
WRONG_CODES = 5
_TOKEN_BYTES = 24
_MENDED = str.maketrans("OIL", "011")


@transaction.atomic
def do_invite(user: User, by: str, posts: Iterable[str], code_hash: str = "") -> str:
    """The secret of a new one-time link, which is kept nowhere. `posts` ("role place") are for the journal."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at_us = clock().now_us() + INVITED_S * 1_000_000
    user.invitations.all().delete()
    user.invitations.create(token_hash=_hash(token), code_hash=code_hash, expires_at_us=expires_at_us)
    User.objects.filter(pk=user.pk).update(invited_until_us=expires_at_us)
    offer(AccountInvited(user=user.name, by=by, posts=tuple(posts)), account_stream(user.name))
    return token


def invitation(token: str) -> Invitation | None:
    """The invitation behind a link, while it is open."""
    found = Invitation.objects.filter(token_hash=_hash(token)).select_related("user").first()
    if found is None or found.expires_at_us <= clock().now_us() or not found.user.is_active:
        return None
    return found


@transaction.atomic
def do_try_code(invited: Invitation, code: str) -> bool:
    """Whether this is the other half. A few wrong ones, and the link is void."""
    if not invited.code_hash or constant_time_compare(invited.code_hash, hash_of_code(code)):
        return True
    Invitation.objects.filter(pk=invited.pk).update(failures=F("failures") + 1)
    if Invitation.objects.filter(pk=invited.pk, failures__gte=WRONG_CODES).delete()[0]:
        offer(InvitationSpoiled(user=invited.user.name), account_stream(invited.user.name))
    return False


def do_accept(accepted: Invitation, password: str) -> User:
    """Set the person's password and use the link up; a second factor is what they set up next."""
    user = accepted.user
    # Slow on purpose, and slower on a busy machine: nobody else's write waits for it.
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        do_use_up(accepted)
    return user


def do_use_up(accepted: Invitation) -> None:
    """The link opens nothing any more: the person is in."""
    accepted.delete()
    offer(InvitationAccepted(user=accepted.user.name), account_stream(accepted.user.name))


def hash_of_code(code: str) -> str:
    """What is kept of a code; written with or without dashes, small or large, O for 0 and I or L for 1."""
    plain = "".join(sign for sign in code.upper().translate(_MENDED) if sign.isalnum())
    return hashlib.sha256(b"egide-invitation-code-1\0" + plain.encode()).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(b"egide-invitation-1\0" + token.encode()).hexdigest()
