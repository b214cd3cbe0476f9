"""What a second person says about accounts, and who is notified of it (safety rule 41).

The head of the place or the data-protection officer agrees; the other of the two takes note afterwards. The
person of an account may refuse that somebody begins anew with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from egide.access.accounts.accounts import do_forget_secrets, texts_of
from egide.access.accounts.colleagues import named, post_words
from egide.access.accounts.emergency import do_name_holders
from egide.access.accounts.invitations import do_invite
from egide.access.models import AccountRequest, Membership
from egide.access.registries.notices import Notice
from egide.access.registries.tasks import Task
from egide.access.rules import ANSWERS_FOR, Post, Scope, answers_for, may_agree
from egide.access.signing_in.sessions import do_end_all
from egide.common.ticket import account_stream
from egide.events.accounts import AccountAnswered, AccountNoted, PostsChanged
from egide.outbox.service import clock, offer

SHOWN = 50
INVITATION, POST, RENEWAL, EMERGENCY = AccountRequest.KINDS
OPEN, AGREED, REFUSED, WITHDRAWN = AccountRequest.STATES


@dataclass(frozen=True)
class ShownRequest:
    """A request as its reader sees it: `posts` and `holders` in words, and what the reader may do with it."""

    request: AccountRequest
    posts: tuple[str, ...]
    holders: tuple[str, ...]
    may_decide: bool
    may_note: bool


def is_second_person(scope: Scope) -> bool:
    """Whether accounts are ever this person's to agree to."""
    return scope.is_data_protection_officer or bool(scope.roles.intersection(ANSWERS_FOR.values()))


def requests_for(scope: Scope) -> list[ShownRequest]:
    """What waits for this person, then what was settled and concerns them, newest first."""
    decided = AccountRequest.objects.filter(state__in=(AGREED, REFUSED)).exclude(**{_side(scope): ""})
    concerned = (one for one in decided.select_related("user")[: SHOWN * 4] if _concerns(scope, one))
    return [_shown(scope, one) for one in (*_waiting(scope), *islice(concerned, SHOWN))]


def notices(scope: Scope) -> Iterator[Notice]:
    """On every page: a new start that was asked for the reader's own account, and how many wait for their word."""
    if own := _renewal_of(scope):
        told = _("Somebody asked for a new start of your account.")
        hint = _("Asked by %(who)s. If you did not lose your password or second factor, refuse it.")
        yield Notice(f"{told} {hint % {'who': own.by}}", reverse("refuse-new-start"), button=_("Refuse"))
    if number := len(_waiting(scope)):
        text = ngettext("%(n)s account waits for your answer", "%(n)s accounts wait for your answer", number)
        yield Notice(text % {"n": number}, reverse("account-requests"))


def tasks_of(scope: Scope) -> Iterator[Task]:
    """One line for each request that waits for this person, and for each change they have to take note of."""
    for one in _waiting(scope):
        shown = _shown(scope, one)
        yield Task(
            title=title_of(one),
            detail=", ".join(shown.posts),
            url=reverse("account-requests"),
            word=_("Yes or no") if shown.may_decide else _("Take note"),
            since_us=one.at_us if shown.may_decide else one.decided_at_us,
        )


def title_of(request: AccountRequest) -> str:
    """What was asked, in a few words."""
    words = {
        INVITATION: _("New account: %(who)s"),
        POST: _("One more post: %(who)s"),
        RENEWAL: _("New start: %(who)s"),
        EMERGENCY: _("Emergency account: %(who)s"),
    }
    return words[request.kind] % {"who": request.user.title}


def find(scope: Scope, number: int) -> AccountRequest:
    """A request that waits for this person. Raises AccountRequest.DoesNotExist."""
    found = _open().get(pk=number)
    if not _may_decide(scope, found):
        raise AccountRequest.DoesNotExist
    return found


@transaction.atomic
def do_agree(scope: Scope, number: int) -> tuple[AccountRequest, str]:
    """Say yes; with it the secret of the link, for paper, where one is made. Raises AccountRequest.DoesNotExist."""
    asked = find(scope, number)
    user, posts = asked.user, _at_stake(asked)
    _do_decide(asked, AGREED, scope)
    if asked.kind != RENEWAL:
        for post in posts:
            Membership.objects.get_or_create(user=user, role=post.role, place=post.place)
    if asked.kind == POST:
        event = PostsChanged(user=user.name, by=scope.user, posts=texts_of(user.posts()))
        offer(event, account_stream(user.name))
        return asked, ""
    if asked.kind == RENEWAL:
        do_forget_secrets(user)
        do_end_all(user, scope.user)
    if asked.kind == EMERGENCY:
        do_name_holders(user, scope.user, asked.holders.splitlines())
        return asked, ""
    return asked, do_invite(user, scope.user, texts_of(posts), asked.code_hash)


@transaction.atomic
def do_refuse(scope: Scope, number: int) -> None:
    """Say no. Raises AccountRequest.DoesNotExist."""
    _do_decide(find(scope, number), REFUSED, scope)


@transaction.atomic
def do_refuse_own(scope: Scope) -> None:
    """The account's owner wants no new start for it; nothing happens when nobody asked for one."""
    asked = _renewal_of(scope)
    if asked is not None:
        _do_decide(asked, REFUSED, scope)


@transaction.atomic
def do_note(scope: Scope, number: int) -> None:
    """Take note of a change. Raises AccountRequest.DoesNotExist."""
    found = AccountRequest.objects.select_related("user").get(pk=number)
    if not _may_note(scope, found):
        raise AccountRequest.DoesNotExist
    AccountRequest.objects.filter(pk=number).update(**{_side(scope): scope.user})
    offer(AccountNoted(user=found.user.name, by=scope.user, request=number), account_stream(found.user.name))


def _do_decide(asked: AccountRequest, state: str, scope: Scope) -> None:
    changed = AccountRequest.objects.filter(pk=asked.pk, state=OPEN).update(
        state=state, decided_by=scope.user, decided_at_us=clock().now_us(), **_noted_by(asked, scope)
    )
    if not changed:
        raise AccountRequest.DoesNotExist
    user = asked.user.name
    offer(
        AccountAnswered(
            user=user, by=scope.user, what=asked.kind, agreed=state == AGREED, posts=texts_of(asked.wanted())
        ),
        account_stream(user),
    )


def _noted_by(asked: AccountRequest, scope: Scope) -> dict[str, str]:
    """Who decides knows of it; posts of the whole country have no place to notify."""
    noted = {_side(scope): scope.user} if scope.user != asked.user.name else {}
    if not any(post.place for post in asked.wanted()):
        noted.setdefault("place_noted_by", scope.user)
    return noted


def _open() -> QuerySet[AccountRequest]:
    return AccountRequest.objects.filter(state=OPEN, user__is_active=True).select_related("user")


def _renewal_of(scope: Scope) -> AccountRequest | None:
    """The new start that somebody asked for the reader's own account, while nobody has decided."""
    # Every page asks, and mostly nobody's account begins anew: whose it is is asked only then.
    if not AccountRequest.objects.filter(state=OPEN, kind=RENEWAL).exists():
        return None
    return _open().filter(kind=RENEWAL, user__name=scope.user).first()


def _waiting(scope: Scope) -> list[AccountRequest]:
    """What this person says yes or no to, then what they take note of. Every page asks: few are ever unsettled."""
    if not is_second_person(scope):
        return []
    unnoted = Q(state__in=(AGREED, REFUSED), **{_side(scope): ""})
    rows = AccountRequest.objects.filter(Q(state=OPEN, user__is_active=True) | unnoted)
    found = [one for one in rows.select_related("user") if _may_decide(scope, one) or _may_note(scope, one)]
    return sorted(found, key=lambda one: one.state != OPEN)


def _at_stake(asked: AccountRequest) -> list[Post]:
    """What the person will hold: for a new start what the account holds now, not what it held when it was asked for."""
    return asked.user.posts() if asked.kind == RENEWAL else asked.wanted()


def _may_decide(scope: Scope, asked: AccountRequest) -> bool:
    return asked.state == OPEN and may_agree(scope, _at_stake(asked), asked.user.name, asked.by)


def _concerns(scope: Scope, asked: AccountRequest) -> bool:
    return scope.is_data_protection_officer or any(answers_for(scope, post) for post in asked.wanted())


def _may_note(scope: Scope, asked: AccountRequest) -> bool:
    is_decided = asked.state in (AGREED, REFUSED)
    return is_decided and _concerns(scope, asked) and not getattr(asked, _side(scope))


def _side(scope: Scope) -> str:
    return "officer_noted_by" if scope.is_data_protection_officer else "place_noted_by"


def _shown(scope: Scope, asked: AccountRequest) -> ShownRequest:
    posts = _at_stake(asked) if asked.state == OPEN else asked.wanted()
    holders = tuple(f"{one.title} ({one.name})" for one in named(asked.holders.splitlines()))
    return ShownRequest(
        asked, tuple(map(post_words, posts)), holders, _may_decide(scope, asked), _may_note(scope, asked)
    )
