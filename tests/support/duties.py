"""Duty rosters as files: what a line says, and a file that is imported by its page."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from egide.outbox.service import clock
from tests.support.pages import Pages

HEAD = "kind;place;name;number;from;until"
_IMPORT = "/rollout/import/duties"


def who(pages: Pages, role: str, **place: str) -> Client:
    """Somebody with this role there."""
    return pages.client(pages.user("-".join((role, *place.values())), role=role, **place))


def preview(client: Client, *lines: str, head: str = HEAD) -> str:
    """What a file of these lines would do."""
    file = SimpleUploadedFile("duties.csv", "\n".join((head, *lines)).encode(), "text/csv")
    return client.post(_IMPORT, {"file": file}).content.decode()


def keep(client: Client, *lines: str, head: str = HEAD) -> int:
    """Import it; the answer's status."""
    page = preview(client, *lines, head=head)
    draft = page.split('name="draft" value="')[1].split('"')[0]
    return client.post(_IMPORT, {"draft": draft}).status_code


def moment(hours: float) -> str:
    """So many hours from now, as a roster says it in Belgium."""
    at = datetime.fromtimestamp(clock().now_us() / 1e6 + hours * 3600, UTC)
    return at.astimezone(ZoneInfo("Europe/Brussels")).strftime("%Y-%m-%d %H:%M")


def line(
    hours: float = -1,
    until: float = 10,
    kind: str = "office",
    place: str = "mons",
    name: str = "Substitut",
    number: str = "+32 65 00 00 01",
) -> str:
    """A duty from so many hours from now on, until so many."""
    return f"{kind};{place};{name};{number};{moment(hours)};{moment(until)}"
