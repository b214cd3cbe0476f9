"""From an account to what it may see: its scope, and the ticket with which its browser listens."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from egide.access.models import User
from egide.access.registries.barring import files_that_bar
from egide.access.rules import SUPERVISOR, Scope, reader_marks, scope_for
from egide.common import ticket
from egide.common.clock import Clock
from egide.outbox.service import clock

_HOST_NAME = re.compile(r"[A-Za-z0-9.-]{1,253}")


def scope_of(user: object) -> Scope:
    """What `user` may see: the only way from an account to a filter. Raises TypeError for a stranger."""
    if not isinstance(user, User):
        raise TypeError(f"no scope for somebody who is not signed in: {type(user).__name__}")
    if user.is_emergency:
        return _emergency_scope(user)
    return scope_for(user.name, user.title, user.posts())


def _emergency_scope(user: User) -> Scope:
    """What its role sees while two people hold it open, less what either of them must not see; else nothing."""
    now_us = clock().now_us()
    use = user.emergencies.filter(ended_at_us=0, until_us__gt=now_us).first()
    if use is None:
        return scope_for(user.name, user.title, ())
    people = User.objects.filter(name__in=(use.first, use.second))
    marks = frozenset().union(*(reader_marks(scope_for(one.name, "", one.posts())) for one in people))
    return replace(scope_for(user.name, user.title, user.posts()), behind=marks)


def live_ticket(scope: Scope, clock: Clock, session_key: str = "") -> str:
    """The text of the cookie that lets this scope listen to live events for five minutes."""
    content = ticket.Ticket(
        user=scope.user,
        expires_at_s=clock.now_us() // 1_000_000 + ticket.LIFETIME_S,
        centres=tuple(sorted(scope.centres)),
        zones=tuple(sorted(scope.zones)),
        alarms=tuple(sorted(scope.alarms)),
        supervisor=scope.supervisor,
        session=ticket.mark_of(session_key) if session_key else "",
        hidden=tuple(sorted(files_that_bar(scope))),
        supervises=tuple(sorted(scope.places(SUPERVISOR))),
    )
    return ticket.TicketKeys(settings.EGIDE.data_dir).issue(content)


def live_stream_of(request: HttpRequest) -> str:
    """The address of the live stream for this page."""
    return f"{live_url_for(request.get_host())}/v1/live"


def live_url_for(host: str) -> str:
    """Where `host`'s pages find the live server.

    Cookies belong to a host name, whatever the port: in the demo, where each role has a `….localhost` name, the
    stream is reached under the page's own name.
    """
    url = settings.EGIDE.live_url
    parts = urlsplit(url)
    name = host.rsplit(":", 1)[0]
    # The name comes from the browser and goes into a header: only what is plainly a name is repeated.
    if settings.EGIDE.demo and parts.hostname in ("localhost", "127.0.0.1") and _HOST_NAME.fullmatch(name):
        return f"{parts.scheme}://{name}:{parts.port}"
    return url
