"""What every page shows around its content: open alarms, entries by role, search, whether this is the demo."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from egide.access.registries.navigation import entries_for
from egide.access.registries.notices import Notice, notices_of
from egide.access.registries.strips import Strip, strips_of
from egide.access.rules import COORDINATOR, FILE_ROLES, Scope
from egide.access.scope import scope_of
from egide.outbox.service import clock

SEARCHING_ROLES = FILE_ROLES | {COORDINATOR}


@dataclass(frozen=True)
class ShownEntry:
    """One entry as it is shown."""

    title: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Office:
    """The frame around a page."""

    entries: tuple[ShownEntry, ...] = ()
    may_search: bool = False
    notices: tuple[Notice, ...] = ()
    strips: tuple[Strip, ...] = ()
    now_ms: int = 0


def office(request: HttpRequest) -> dict[str, object]:
    """`office` and `demo` for every template; `office` costs nothing where no template asks."""
    return {"office": SimpleLazyObject(lambda: _office(request)), "demo": settings.EGIDE.demo}


def open_alarms_of(scope: Scope) -> Office:
    """The red strip alone."""
    return Office(strips=strips_of(scope), now_ms=clock().now_us() // 1000)


def _office(request: HttpRequest) -> Office:
    if not request.user.is_authenticated:
        return Office()
    scope: Scope = getattr(request, "scope", None) or scope_of(request.user)
    shown = [(str(entry.title), reverse(entry.url_name)) for entry in entries_for(scope)]
    # The longest address that the page's own begins with: "/files/" for "/files/12/".
    current = max((url for _title, url in shown if request.path.startswith(url)), key=len, default="")
    entries = tuple(ShownEntry(title, url, url == current) for title, url in shown)
    return Office(
        entries,
        bool(scope.roles & SEARCHING_ROLES),
        notices_of(scope),
        strips_of(scope),
        clock().now_us() // 1000,
    )
