"""What an administrator does with accounts: invite, give and take posts, end sessions, close. Each is an event.

An administrator sees no file and no alarm, and cannot change their own account: nobody gives themselves anything.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.db import transaction

from egide.access.models import Invitation, User
from egide.access.rules import ADMINISTRATOR, HELD_ALONE, Post, is_complete
from egide.access.sessions import do_end_all
from egide.common.ticket import account_stream
from egide.events.accounts import AccountClosed, AccountInvited, InvitationAccepted, PostsChanged
from egide.outbox.service import clock, offer

INVITED_S = 72 * 3600
TOKEN_BYTES = 24
NAME = re.compile(r"[a-z0-9][a-z0-9-]{2,59}")


class CannotDo(Exception):
    """What was asked for is not allowed; `why` is a code that `account_views` has words for."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def check_posts(posts: Iterable[Post]) -> list[Post]:
    """The posts, sorted. Raises CannotDo: incomplete ones, and roles that nobody may hold beside another."""
    held = sorted(set(posts), key=lambda post: (post.role, post.place))
    if not all(map(is_complete, held)):
        raise CannotDo("place")
    roles = {post.role for post in held}
    if len(roles) > 1 and roles & HELD_ALONE:
        raise CannotDo("alone")
    return held


@transaction.atomic
def do_invite(by: str, name: str, title: str, language: str, posts: Iterable[Post]) -> tuple[User, str]:
    """A new account and the secret of its one-time link, which is kept nowhere. Raises CannotDo."""
    if not NAME.fullmatch(name):
        raise CannotDo("name")
    # "invite" is an address beside the accounts' own.
    if name == "invite" or User.objects.filter(name=name).exists():
        raise CannotDo("taken")
    held = check_posts(posts)
    user = User.objects.create(name=name, title=title, language=language)
    for post in held:
        user.memberships.create(role=post.role, place=post.place)
    return user, _invite(user, by, held)


@transaction.atomic
def do_invite_again(by: str, user: User) -> str:
    """A new start for somebody who lost password or second factor: both are gone, sessions end, a new link is made."""
    check_other(by, user)
    if not user.is_active:
        raise CannotDo("closed")
    _forget_secrets(user)
    do_end_all(user, by)
    return _invite(user, by, user.posts())


def _invite(user: User, by: str, posts: Iterable[Post]) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at_us = clock().now_us() + INVITED_S * 1_000_000
    user.invitations.all().delete()
    user.invitations.create(token_hash=_hash(token), expires_at_us=expires_at_us)
    User.objects.filter(pk=user.pk).update(invited_until_us=expires_at_us)
    offer(AccountInvited(user=user.name, by=by, posts=_texts(posts)), account_stream(user.name))
    return token


def invitation(token: str) -> Invitation | None:
    """The invitation behind a link, while it is open."""
    found = Invitation.objects.filter(token_hash=_hash(token)).select_related("user").first()
    if found is None or found.expires_at_us <= clock().now_us() or not found.user.is_active:
        return None
    return found


@transaction.atomic
def do_accept(accepted: Invitation, password: str) -> User:
    """Set the person's password and use the link up; a second factor is what they set up next."""
    user = accepted.user
    user.set_password(password)
    user.save(update_fields=["password"])
    accepted.delete()
    offer(InvitationAccepted(user=user.name), account_stream(user.name))
    return user


@transaction.atomic
def do_set_posts(by: str, user: User, posts: Iterable[Post]) -> None:
    """Give `user` exactly these posts. Raises CannotDo. Live streams end and are asked for again."""
    check_other(by, user)
    if not user.is_active:
        raise CannotDo("closed")
    held = check_posts(posts)
    user.memberships.all().delete()
    for post in held:
        user.memberships.create(role=post.role, place=post.place)
    offer(PostsChanged(user=user.name, by=by, posts=_texts(held)), account_stream(user.name))


@transaction.atomic
def do_end_sessions(by: str, user: User) -> None:
    """End every session of somebody at once."""
    do_end_all(user, by)


@transaction.atomic
def do_close(by: str, user: User) -> None:
    """Somebody leaves: posts, sessions, password, second factors and invitations are gone at once. Raises CannotDo.

    The account's row stays, so that what the person did keeps its name.
    """
    check_other(by, user)
    user.memberships.all().delete()
    user.invitations.all().delete()
    _forget_secrets(user)
    User.objects.filter(pk=user.pk).update(is_active=False, invited_until_us=0)
    do_end_all(user, by, AccountClosed(user=user.name, by=by))


def has_administrator() -> bool:
    """Whether somebody administers accounts here: an administrator who has signed in once, or whose link is open."""
    found = User.objects.filter(is_active=True, memberships__role=ADMINISTRATOR)
    return any(user.has_usable_password() or user.invited_until_us > clock().now_us() for user in found)


def check_other(by: str, user: User) -> None:
    """Raise CannotDo when somebody would change their own account."""
    if user.name == by:
        raise CannotDo("own")


def _forget_secrets(user: User) -> None:
    Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])


def _hash(token: str) -> str:
    return hashlib.sha256(b"egide-invitation-1\0" + token.encode()).hexdigest()


def _texts(posts: Iterable[Post]) -> tuple[str, ...]:
    return tuple(f"{post.role} {post.place}".strip() for post in posts)
