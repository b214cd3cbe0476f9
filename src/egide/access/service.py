"""The face of this package: from a user to a scope, guards of views, tickets, names of colleagues."""

import hashlib
from collections.abc import Iterable

from django.contrib.auth import authenticate
from django.http import HttpRequest

from egide.access.console import check_code, may_erase, needs_code
from egide.access.demo import DemoAccount, create_demo_users
from egide.access.guards import ScopedRequest, for_anybody, for_desk, for_files, for_roles, for_zone
from egide.access.models import FailedSignIn, User
from egide.access.rules import FAILURE_WINDOW_S, SUPPORT, TEAM_PREFIX, must_wait
from egide.access.scope import live_ticket, live_url_for, scope_of
from egide.common.clock import Clock

DeskRequest = ScopedRequest


def check_password(request: HttpRequest, name: str, password: str, clock: Clock) -> User | None:
    """The account that name and password open, or None; every failure looks the same from outside."""
    key = hashlib.sha256(f"{name.lower()}\0{request.META.get('REMOTE_ADDR', '')}".encode()).hexdigest()
    now_us = clock.now_us()
    failures = FailedSignIn.objects.filter(key=key)
    if must_wait(list(failures.values_list("at_us", flat=True)), now_us):
        return None
    user = authenticate(request, username=name, password=password)
    if isinstance(user, User):
        failures.delete()
        return user
    FailedSignIn.objects.filter(at_us__lt=now_us - FAILURE_WINDOW_S * 1_000_000).delete()
    FailedSignIn.objects.create(key=key, at_us=now_us)
    return None


def is_support_worker(name: str) -> bool:
    """Whether an account of this name is a support worker's, and open."""
    return User.objects.filter(name=name, is_active=True, memberships__role=SUPPORT).exists()


def titles(names: Iterable[str]) -> dict[str, str]:
    """What colleagues see for each account name; a name that is gone stands for itself, a team's call sign too."""
    wanted = {name for name in names if name}
    if not wanted:
        return {}
    known = dict(User.objects.filter(name__in=wanted).values_list("name", "title"))
    return {name: known.get(name, name.removeprefix(TEAM_PREFIX)) for name in wanted}


__all__ = [
    "DemoAccount",
    "DeskRequest",
    "ScopedRequest",
    "check_code",
    "check_password",
    "create_demo_users",
    "for_anybody",
    "for_desk",
    "for_files",
    "for_roles",
    "for_zone",
    "is_support_worker",
    "live_ticket",
    "live_url_for",
    "may_erase",
    "needs_code",
    "scope_of",
    "titles",
]
