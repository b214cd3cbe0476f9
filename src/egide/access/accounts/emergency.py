"""Emergency accounts: a way in for the day on which the authority's provider is away, opened by two people together.

Such an account is asked for and agreed to as every other (safety rule 41), and has no way in of its own. Two people
keep one half of it each, sealed in an envelope; both halves, given in one browser within minutes, open it for one
shift. Then they are void (decision 0057).
"""

import hashlib
import secrets
from collections.abc import Collection

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from egide.access.models import EmergencyHalf, EmergencyUse, User
from egide.access.rules import may_keep_half
from egide.access.signing_in.sessions import SHIFT_S, do_end_all
from egide.common.ticket import account_stream
from egide.events.accounts import (
    EmergencyEnded,
    EmergencyHalfRefused,
    EmergencyHalfTaken,
    EmergencyNamed,
    EmergencyOpened,
)
from egide.outbox.service import clock, offer

# How long after the first half the second one may come; for how long both open the account; how often in vain is told.
TOGETHER_S, OPEN_S, TOLD_EVERY_S = 300, SHIFT_S, 300
# Crockford's base 32: no letter that is taken for a digit. 20 signs are 100 bits, for years in a safe.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_HALF_SIGNS, _GROUP = 20, 4
_MENDED = str.maketrans("OIL", "011")


def may_hold(names: Collection[str]) -> bool:
    """Whether these are two different people with an account of their own, of whom each may keep a half."""
    people = User.objects.filter(name__in=names, is_active=True, is_emergency=False)
    found = [one for one in people if may_keep_half(one.posts())]
    return len(names) == len(found) == 2


@transaction.atomic
def do_name_holders(user: User, by: str, holders: Collection[str]) -> None:
    """From now on these two keep the halves, once each took theirs; whatever opened the account before is void."""
    do_end_use(user, by)
    user.halves.all().delete()
    for holder in holders:
        user.halves.create(holder=holder)
    offer(EmergencyNamed(user=user.name, by=by, holders=tuple(holders)), account_stream(user.name))


def halves_for(name: str) -> list[EmergencyHalf]:
    """The halves that this person is to take."""
    rows = EmergencyHalf.objects.filter(holder=name, secret_hash="", valid_until_us=0, user__is_active=True)
    return list(rows.select_related("user"))


@transaction.atomic
def do_take(holder: User, number: int) -> tuple[User, str]:
    """The account and its half, which is kept nowhere and shown this once. Raises EmergencyHalf.DoesNotExist."""
    found = next((one for one in halves_for(holder.name) if one.pk == number), None)
    if found is None or holder.is_emergency or not may_keep_half(holder.posts()):
        raise EmergencyHalf.DoesNotExist
    half = _new_half()
    changed = EmergencyHalf.objects.filter(pk=number, secret_hash="").update(
        secret_hash=_hash(half), taken_at_us=clock().now_us()
    )
    if not changed:
        raise EmergencyHalf.DoesNotExist
    offer(EmergencyHalfTaken(user=found.user.name, by=holder.name), account_stream(found.user.name))
    return found.user, half


@transaction.atomic
def do_try_half(name: str, half: str) -> EmergencyHalf | None:
    """The half of this account that somebody typed, while it counts; a wrong one is told, now and then."""
    rows = EmergencyHalf.objects.filter(user__name=name, user__is_active=True, user__is_emergency=True)
    kept = [one for one in rows.select_related("user") if one.secret_hash]
    given = _hash(half)
    for one in kept:
        if constant_time_compare(one.secret_hash, given) and counts(one):
            return one
    if kept and cache.add(f"emergency-refused-{kept[0].user_id}", 1, TOLD_EVERY_S):
        user = kept[0].user.name
        offer(EmergencyHalfRefused(user=user), account_stream(user))
    return None


def counts(half: EmergencyHalf) -> bool:
    """Whether this half still opens something: not void, and its holder is still somebody who may keep it."""
    holder = User.objects.filter(name=half.holder, is_active=True).first()
    is_late = half.valid_until_us and half.valid_until_us <= clock().now_us()
    return bool(half.secret_hash) and not is_late and holder is not None and may_keep_half(holder.posts())


@transaction.atomic
def do_open(first: EmergencyHalf, second: EmergencyHalf) -> EmergencyUse:
    """Both halves were given: the account is open for a shift from the first time on, and place and officer are told.

    Raises EmergencyHalf.DoesNotExist where they are not the two halves of one account.
    """
    user = first.user
    if first.pk == second.pk or first.user_id != second.user_id or not (counts(first) and counts(second)):
        raise EmergencyHalf.DoesNotExist
    now_us = clock().now_us()
    use = open_use(user)
    if use is None:
        until_us = now_us + OPEN_S * 1_000_000
        # A role of the whole country has no place that could take note.
        noted = "" if any(post.place for post in user.posts()) else first.holder
        use = user.emergencies.create(
            first=first.holder,
            second=second.holder,
            opened_at_us=now_us,
            until_us=until_us,
            place_noted_by=noted,
        )
        user.halves.update(valid_until_us=until_us)
    offer(
        EmergencyOpened(
            user=user.name, first=first.holder, second=second.holder, until_s=use.until_us // 1_000_000
        ),
        account_stream(user.name),
    )
    return use


def open_use(user: User) -> EmergencyUse | None:
    """By what an emergency account is open now."""
    return user.emergencies.filter(ended_at_us=0, until_us__gt=clock().now_us()).first()


@transaction.atomic
def do_end_use(user: User, by: str) -> None:
    """The account is open no more, in no browser, and its halves are void; nothing happens where it is not open."""
    use = open_use(user)
    if use is None:
        return
    now_us = clock().now_us()
    EmergencyUse.objects.filter(pk=use.pk).update(ended_at_us=now_us, ended_by=by)
    user.halves.update(secret_hash="", valid_until_us=now_us)
    do_end_all(user, by)
    offer(EmergencyEnded(user=user.name, by=by), account_stream(user.name))


def do_void_halves(user: User) -> None:
    """Somebody leaves: what they kept opens nothing, and nothing opens their account."""
    halves = EmergencyHalf.objects.filter(Q(user=user) | Q(holder=user.name))
    halves.update(secret_hash="", valid_until_us=clock().now_us())


def has_any() -> bool:
    """Whether there ever was an emergency account. Every page asks, and mostly that is all it asks."""
    return EmergencyHalf.objects.exists()


def _new_half() -> str:
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_HALF_SIGNS))
    return "-".join(signs[at : at + _GROUP] for at in range(0, _HALF_SIGNS, _GROUP))


def _hash(half: str) -> str:
    """What is kept of a half; written with or without dashes, small or large, O for 0 and I or L for 1."""
    plain = "".join(sign for sign in half.upper().translate(_MENDED) if sign.isalnum())
    return hashlib.sha256(b"egide-emergency-half-1\0" + plain.encode()).hexdigest()
