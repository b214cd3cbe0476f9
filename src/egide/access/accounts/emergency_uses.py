"""Whom the opening of an emergency account concerns: who is told, who ends it, who takes note, who seals it anew."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from egide.access.accounts.colleagues import post_words
from egide.access.accounts.emergency import counts, do_end_use, halves_for, has_any
from egide.access.models import EmergencyHalf, EmergencyUse, User
from egide.access.registries.notices import Notice
from egide.access.registries.tasks import Level, Task
from egide.access.rules import PLACE_OF, Post, Scope, answers_for
from egide.access.templatetags.units import moment
from egide.common.ticket import account_stream
from egide.events.accounts import EmergencyNoted
from egide.outbox.service import clock, offer

SHOWN = 50


@dataclass(frozen=True)
class ShownUse:
    """One opening as its reader sees it: by whom, with which posts, and what the reader may do with it."""

    use: EmergencyUse
    posts: tuple[str, ...]
    first: str
    second: str
    is_open: bool
    may_end: bool
    may_note: bool


def uses_for(scope: Scope) -> list[ShownUse]:
    """The openings that concern this person, newest first."""
    rows = EmergencyUse.objects.select_related("user").prefetch_related("user__memberships")[: SHOWN * 4]
    found = [one for one in rows if _concerns(scope, one)][:SHOWN]
    return [_shown(scope, one) for one in found]


def notices(scope: Scope) -> Iterator[Notice]:
    """On every page: an emergency account that is open where the reader works, openings to note, a half to take."""
    if not has_any():
        return
    for one in _unsettled(scope):
        if one.is_open_at(clock().now_us()):
            text = _("The emergency account “%(title)s” is open until %(until)s.")
            yield Notice(
                text % {"title": one.user.title, "until": moment(one.until_us)}, reverse("emergencies")
            )
        else:
            text = _("The emergency account “%(title)s” was opened: take note.")
            yield Notice(text % {"title": one.user.title}, reverse("emergencies"))
    if number := len(halves_for(scope.user)):
        text = ngettext(
            "You keep one half of an emergency account: take it.",
            "You keep one half of each of %(n)s emergency accounts: take them.",
            number,
        )
        yield Notice(text % {"n": number}, reverse("emergencies"))


def tasks_of(scope: Scope) -> Iterator[Task]:
    """One line for each opening to note, each half to take, and for an administrator each account to seal anew."""
    if not has_any():
        return
    for use in _unsettled(scope):
        if _may_note(scope, use):
            yield Task(
                title=_("Emergency account opened: %(who)s") % {"who": use.user.title},
                url=reverse("emergencies"),
                word=_("Take note"),
                since_us=use.opened_at_us,
                level=Level.URGENT,
            )
    for half in halves_for(scope.user):
        yield Task(
            title=_("Half of an emergency account: %(who)s") % {"who": half.user.title},
            url=reverse("emergencies"),
            word=_("Take it"),
            since_us=clock().now_us(),
        )
    if scope.is_administrator:
        for user in void_accounts():
            yield Task(
                title=_("Emergency account that nobody can open: %(who)s") % {"who": user.title},
                url=reverse("one-account", args=[user.name]),
                word=_("Name two people"),
                since_us=clock().now_us(),
            )


def void_accounts() -> list[User]:
    """Emergency accounts of which a half was void after it had been named."""
    users = User.objects.filter(is_active=True, is_emergency=True, memberships__isnull=False).distinct()
    return [user for user in users if any(is_void(half) for half in user.halves.all())]


def is_void(half: EmergencyHalf) -> bool:
    """Whether a half that somebody kept opens nothing any more."""
    return bool(half.secret_hash or half.valid_until_us) and not counts(half)


@transaction.atomic
def do_end(scope: Scope, number: int) -> None:
    """End it at once. Raises EmergencyUse.DoesNotExist."""
    use = EmergencyUse.objects.select_related("user").get(pk=number)
    if not _may_end(scope, use):
        raise EmergencyUse.DoesNotExist
    do_end_use(use.user, scope.user)


@transaction.atomic
def do_note(scope: Scope, number: int) -> None:
    """Take note of an opening. Raises EmergencyUse.DoesNotExist."""
    use = EmergencyUse.objects.select_related("user").get(pk=number)
    if not _may_note(scope, use):
        raise EmergencyUse.DoesNotExist
    EmergencyUse.objects.filter(pk=number).update(**{_side(scope): scope.user})
    event = EmergencyNoted(user=use.user.name, by=scope.user, opened_at_us=use.opened_at_us)
    offer(event, account_stream(use.user.name))


def _unsettled(scope: Scope) -> list[EmergencyUse]:
    """What is open or waits for a note, as far as it concerns this person. Every page asks: mostly there is none."""
    is_open = Q(ended_at_us=0, until_us__gt=clock().now_us())
    rows = EmergencyUse.objects.filter(is_open | Q(officer_noted_by="") | Q(place_noted_by=""))
    now_us = clock().now_us()
    return [
        one
        for one in rows.select_related("user")
        if _may_note(scope, one) or (one.is_open_at(now_us) and _concerns(scope, one))
    ]


def _concerns(scope: Scope, use: EmergencyUse) -> bool:
    if scope.is_data_protection_officer or scope.is_administrator:
        return True
    if scope.user in (use.user.name, use.first, use.second):
        return True
    return any(_works_at(scope, post) for post in _posts(use))


def _works_at(scope: Scope, post: Post) -> bool:
    places = {"centre": scope.centres, "zone": scope.zones, "office": scope.offices}
    kind = PLACE_OF.get(post.role, "")
    return bool(kind) and post.place in places[kind]


def _may_end(scope: Scope, use: EmergencyUse) -> bool:
    """Whoever is told of it, but for colleagues who do not answer for the place."""
    if not use.is_open_at(clock().now_us()):
        return False
    if scope.is_data_protection_officer or scope.is_administrator:
        return True
    return scope.user in (use.user.name, use.first, use.second) or _answers(scope, use)


def _answers(scope: Scope, use: EmergencyUse) -> bool:
    return any(answers_for(scope, post) for post in _posts(use))


def _may_note(scope: Scope, use: EmergencyUse) -> bool:
    """Never the account itself, nor one of the two for their own place."""
    if scope.behind or scope.user in (use.first, use.second):
        return False
    is_told = scope.is_data_protection_officer or _answers(scope, use)
    return is_told and not getattr(use, _side(scope))


def _side(scope: Scope) -> str:
    return "officer_noted_by" if scope.is_data_protection_officer else "place_noted_by"


def _posts(use: EmergencyUse) -> Iterable[Post]:
    return [Post(one.role, one.place) for one in use.user.memberships.all()]


def _shown(scope: Scope, use: EmergencyUse) -> ShownUse:
    titles = dict(User.objects.filter(name__in=(use.first, use.second)).values_list("name", "title"))
    return ShownUse(
        use,
        tuple(map(post_words, _posts(use))),
        titles.get(use.first, use.first),
        titles.get(use.second, use.second),
        use.is_open_at(clock().now_us()),
        _may_end(scope, use),
        _may_note(scope, use),
    )
