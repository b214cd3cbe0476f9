"""The face of this package: from a user to a scope, guards of views, tickets, names of colleagues."""

from collections.abc import Iterable

from egide.access.models import User
from egide.access.rules import SUPPORT, TEAM_PREFIX, Scope
from egide.access.scope import live_stream_of, live_ticket, scope_of
from egide.access.signing_in.console import check_code, may_erase, needs_code
from egide.access.signing_in.guards import (
    ScopedRequest,
    for_a_shift,
    for_anybody,
    for_desk,
    for_files,
    for_roles,
    for_zone,
)
from egide.access.signing_in.guessing import check_password


def scope_named(name: str) -> Scope | None:
    """What the account of this name may see now; None when there is none, or it was closed."""
    user = User.objects.filter(name=name, is_active=True).first()
    return scope_of(user) if user else None


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
    "ScopedRequest",
    "check_code",
    "check_password",
    "for_a_shift",
    "for_anybody",
    "for_desk",
    "for_files",
    "for_roles",
    "for_zone",
    "is_support_worker",
    "live_stream_of",
    "live_ticket",
    "may_erase",
    "needs_code",
    "scope_named",
    "scope_of",
    "titles",
]
