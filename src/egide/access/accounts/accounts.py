"""What an administrator does with accounts: ask for one, give and take posts, end sessions, close. Each is an event.

An administrator sees no file and no alarm, and makes nobody a reader alone: a second person agrees (`agreeing`), and no
link is shown to an administrator (safety rule 41, decision 0028). Nobody changes their own account.
"""

import re
import secrets
from collections.abc import Collection, Iterable

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from egide.access.accounts.emergency import do_end_use, do_void_halves, may_hold
from egide.access.accounts.invitations import do_invite, hash_of_code
from egide.access.models import AccountRequest, User
from egide.access.rules import EMERGENCY_ROLES, HELD_ALONE, Post, is_complete
from egide.access.signing_in.sessions import do_end_all
from egide.common.ticket import account_stream
from egide.events.accounts import AccountAsked, AccountClosed, PostsChanged
from egide.outbox.service import clock, offer

NAME = re.compile(r"[a-z0-9][a-z0-9-]{2,59}")
# Who asks on the command line, before anybody is there.
INSTALLATION = "installation"
# Addresses beside the accounts' own.
RESERVED = frozenset({"emergency", "invite", "requests"})
# Crockford's base 32: no letter that is taken for a digit. 12 signs are 60 bits, for a link of three days.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_SIGNS, _GROUP = 12, 4


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
def do_make_account(name: str, title: str, language: str, *, is_emergency: bool = False) -> User:
    """An account without a post and without a way in. Raises CannotDo."""
    if not NAME.fullmatch(name):
        raise CannotDo("name")
    if name in RESERVED or User.objects.filter(name=name).exists():
        raise CannotDo("taken")
    user = User(name=name, title=title, language=language, is_emergency=is_emergency)
    user.set_unusable_password()
    user.save(force_insert=True)
    return user


@transaction.atomic
def do_ask_invitation(by: str, name: str, title: str, language: str, post: Post) -> tuple[User, str]:
    """A new account that waits for a second person, and the code that goes with its link. Raises CannotDo."""
    held = check_posts([post])
    user = do_make_account(name, title, language)
    code = _new_code()
    _ask(by, user, AccountRequest.INVITATION, held, code)
    return user, code


@transaction.atomic
def do_ask_renewal(by: str, user: User) -> str:
    """Ask for a new start for somebody who lost password or second factor; gives the code. Raises CannotDo.

    Nothing changes before a second person agrees, and the person may refuse it while one of their sessions lives.
    """
    _check_may_change(by, user)
    if user.is_emergency:
        raise CannotDo("emergency")
    if user.requests.filter(kind=AccountRequest.INVITATION, state=AccountRequest.OPEN).exists():
        raise CannotDo("asked")
    code = _new_code()
    _ask(by, user, AccountRequest.RENEWAL, user.posts(), code)
    return code


@transaction.atomic
def do_ask_emergency(
    by: str, name: str, title: str, language: str, post: Post, holders: Collection[str]
) -> User:
    """A new emergency account that waits for a second person; `holders` would keep its halves. Raises CannotDo."""
    held = check_posts([post])
    if post.role not in EMERGENCY_ROLES:
        raise CannotDo("emergency-role")
    _check_holders(holders)
    user = do_make_account(name, title, language, is_emergency=True)
    _ask(by, user, AccountRequest.EMERGENCY, held, holders=holders)
    return user


@transaction.atomic
def do_ask_holders(by: str, user: User, holders: Collection[str]) -> None:
    """Ask for two people with new halves of an emergency account; nothing changes before the yes. Raises CannotDo."""
    _check_may_change(by, user)
    if not user.is_emergency or not user.posts():
        raise CannotDo("emergency")
    _check_holders(holders)
    _ask(by, user, AccountRequest.EMERGENCY, user.posts(), holders=holders)


@transaction.atomic
def do_ask_post(by: str, user: User, post: Post) -> None:
    """Ask for one more post. Raises CannotDo."""
    _check_may_change(by, user)
    if user.is_emergency:
        raise CannotDo("emergency")
    held = user.posts()
    open_ones = user.requests.filter(state=AccountRequest.OPEN).exclude(kind=AccountRequest.RENEWAL)
    wanted = [one for request in open_ones for one in request.wanted()]
    # If two are asked for one after the other, both would be given.
    check_posts([*held, *wanted, post])
    if post in held:
        raise CannotDo("held")
    if post in wanted:
        raise CannotDo("asked")
    _ask(by, user, AccountRequest.POST, [post])


def _ask(
    by: str, user: User, kind: str, posts: Iterable[Post], code: str = "", holders: Iterable[str] = ()
) -> None:
    posts = list(posts)
    if kind != AccountRequest.POST:
        # Only the last code counts.
        user.requests.filter(kind=kind, state=AccountRequest.OPEN).update(state=AccountRequest.WITHDRAWN)
    user.requests.create(
        kind=kind,
        posts="\n".join(texts_of(posts)),
        holders="\n".join(holders),
        by=by,
        at_us=clock().now_us(),
        code_hash=hash_of_code(code) if code else "",
    )
    event = AccountAsked(user=user.name, by=by, what=kind, posts=texts_of(posts))
    offer(event, account_stream(user.name))


@transaction.atomic
def do_keep_posts(by: str, user: User, kept: Iterable[Post]) -> None:
    """Take away every post but these, at once. Raises CannotDo. Live streams end and are asked for again."""
    _check_may_change(by, user)
    kept = set(kept)
    gone = [post for post in user.posts() if post not in kept]
    for post in gone:
        user.memberships.filter(role=post.role, place=post.place).delete()
    if gone:
        offer(PostsChanged(user=user.name, by=by, posts=texts_of(user.posts())), account_stream(user.name))


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
    do_end_use(user, by)
    do_void_halves(user)
    user.memberships.all().delete()
    user.invitations.all().delete()
    user.requests.filter(state=AccountRequest.OPEN).update(state=AccountRequest.WITHDRAWN)
    do_forget_secrets(user)
    User.objects.filter(pk=user.pk).update(is_active=False, invited_until_us=0)
    do_end_all(user, by, AccountClosed(user=user.name, by=by))


@transaction.atomic
def do_begin(name: str, title: str, role: str, language: str = "en") -> str:
    """The first account of a role of the whole country, to which nobody could agree; its link. Raises CannotDo."""
    user = do_make_account(name, title, language)
    user.memberships.create(role=role)
    return do_invite(user, INSTALLATION, [role])


@transaction.atomic
def do_begin_anew(name: str, title: str, role: str, language: str) -> str:
    """The same where a link was lost before anybody used it: it is void, and whoever else it was for is closed.

    Raises CannotDo: also "held", when somebody with the role has signed in.
    """
    holders = User.objects.filter(is_active=True, memberships__role=role)
    if any(user.has_usable_password() for user in holders):
        raise CannotDo("held")
    for other in holders.exclude(name=name):
        do_close(INSTALLATION, other)
    user = holders.filter(name=name).first()
    return do_begin(name, title, role, language) if user is None else do_invite(user, INSTALLATION, [role])


def has_somebody(role: str) -> bool:
    """Whether somebody does the work of `role` here: has signed in once, or has an open link."""
    found = User.objects.filter(is_active=True, memberships__role=role)
    return any(user.has_way_in() or user.invited_until_us > clock().now_us() for user in found)


def check_other(by: str, user: User) -> None:
    """Raise CannotDo when somebody would change their own account."""
    if user.name == by:
        raise CannotDo("own")


def do_forget_secrets(user: User) -> None:
    """Password, second factors and the link with a person of the authority's provider are gone."""
    SocialAccount.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])


def texts_of(posts: Iterable[Post]) -> tuple[str, ...]:
    """Posts as events and requests hold them."""
    return tuple(f"{post.role} {post.place}".strip() for post in posts)


def _check_may_change(by: str, user: User) -> None:
    check_other(by, user)
    if not user.is_active:
        raise CannotDo("closed")


def _check_holders(holders: Collection[str]) -> None:
    if not may_hold(holders):
        raise CannotDo("holders")


def _new_code() -> str:
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_CODE_SIGNS))
    return "-".join(signs[at : at + _GROUP] for at in range(0, _CODE_SIGNS, _GROUP))
