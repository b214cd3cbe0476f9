"""Duty rosters: who keeps which, what a line may say, who is on duty now, and who finds the number to ring."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from egide.events.rollout import DutiesKept
from egide.outbox.service import clock, waiting
from egide.rollout.models import Duty
from egide.rollout.service import do_load_reference, on_duty
from tests.support.pages import Pages, text_of

HEAD = "kind;place;name;number;from;until\n"
PAGE, IMPORT = "/rollout/duties/", "/rollout/import/duties"
HOUR_US = 3_600_000_000


def begin(_pages: Pages) -> None:
    do_load_reference()


def who(pages: Pages, role: str, **place: str) -> Client:
    return pages.client(pages.user(f"{role}-{'-'.join(place.values())}", role=role, **place))


def preview(client: Client, *lines: str) -> str:
    file = SimpleUploadedFile("duties.csv", (HEAD + "\n".join(lines)).encode(), "text/csv")
    return client.post(IMPORT, {"file": file}).content.decode()


def keep(client: Client, *lines: str) -> int:
    page = preview(client, *lines)
    draft = page.split('name="draft" value="')[1].split('"')[0]
    return client.post(IMPORT, {"draft": draft}).status_code


def moment(hours: int) -> str:
    """So many hours from now, as a roster says it in Belgium."""
    at = datetime.fromtimestamp(clock().now_us() / 1e6 + hours * 3600, UTC)
    return at.astimezone(ZoneInfo("Europe/Brussels")).strftime("%Y-%m-%d %H:%M")


def line(
    hours: int = -1, until: int = 10, kind: str = "office", place: str = "mons", name: str = "Substitut"
) -> str:
    return f"{kind};{place};{name};+32 65 00 00 01;{moment(hours)};{moment(until)}"


def test_an_office_imports_its_roster_and_whoever_is_on_duty_now_is_found_and_rung(pages: Pages) -> None:
    pages.begin("reference", begin)
    clerk = who(pages, "clerk", office="mons")
    assert keep(clerk, line(), line(10, 20, name="The next one")) == 302
    told = waiting("rollout:office:mons", DutiesKept)
    assert told is not None and (told[0].number, told[0].subject) == (2, "office:mons")
    assert [one.name for one in on_duty("office", ["mons"])["mons"]] == ["Substitut"]
    for client in (
        who(pages, "operator", centre="HAI"),
        who(pages, "zone-officer", zone="5324"),
        who(pages, "magistrate", office="mons"),
    ):
        page = client.get(PAGE).content.decode()
        assert "Substitut" in page and 'href="tel:+3265000001"' in page
    assert "Substitut" not in text_of(who(pages, "operator", centre="LIE").get(PAGE))
    pages.clock.advance_s(11 * 3600)
    assert [one.name for one in on_duty("office", ["mons"])["mons"]] == ["The next one"]
    pages.clock.advance_s(24 * 3600)
    assert on_duty("office", ["mons"])["mons"] == []


def test_whoever_began_last_comes_first_and_the_same_line_is_kept_once(pages: Pages) -> None:
    pages.begin("reference", begin)
    officer = who(pages, "reference-officer", zone="5324")
    first, second = (
        line(-3, kind="zone", place="5324", name="A"),
        line(-1, kind="zone", place="5324", name="B"),
    )
    for _ in range(2):
        keep(officer, first, second)
    assert [one.name for one in on_duty("zone", ["5324"])["5324"]] == ["B", "A"]
    assert Duty.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("office;mons;X;ring me;2026-11-28 18:00;2026-11-28 20:00", "no telephone number"),
        ("office;mons;X;+32 65 00 00 01;tomorrow;2026-11-28 20:00", "is no moment"),
        ("office;mons;X;+32 65 00 00 01;2026-11-28 18:00;2026-11-28 17:00", "ends after it began"),
        ("office;mons;X;+32 65 00 00 01;2026-11-01 18:00;2026-11-28 17:00", "within fourteen days"),
        ("office;liege;X;+32 65 00 00 01;2026-11-28 18:00;2026-11-28 20:00", "You keep no roster"),
        ("street;mons;X;+32 65 00 00 01;2026-11-28 18:00;2026-11-28 20:00", "is not known"),
        (f"office;mons;{'X' * 121};+32 65 00 00 01;2026-11-28 18:00;2026-11-28 20:00", "At most 120"),
    ],
)
def test_each_fault_is_named_and_nothing_is_kept(pages: Pages, wrong: str, words: str) -> None:
    pages.begin("reference", begin)
    assert words in preview(who(pages, "clerk", office="mons"), line(), wrong)
    assert not Duty.objects.exists()


def test_nobody_keeps_or_takes_out_the_roster_of_another(pages: Pages) -> None:
    pages.begin("reference", begin)
    clerk = who(pages, "clerk", office="mons")
    keep(clerk, line())
    row = Duty.objects.get()
    said = {"kind": "office", "place": "mons", "id": str(row.id)}
    for client in (who(pages, "clerk", office="liege"), who(pages, "reference-officer", zone="5324")):
        assert client.post(PAGE, said).status_code == 404
    for role, place in (("operator", {"centre": "HAI"}), ("zone-officer", {"zone": "5324"})):
        client = who(pages, role, **place)
        assert client.post(PAGE, said).status_code == client.get(IMPORT).status_code == 404
    for role in ("evaluator", "administrator", "support"):
        assert who(pages, role).get(PAGE).status_code == 404
    assert Duty.objects.count() == 1
    assert clerk.post(PAGE, said).status_code == 302 and not Duty.objects.exists()


def test_the_coordinator_imports_for_all(pages: Pages) -> None:
    pages.begin("reference", begin)
    keep(who(pages, "coordinator"), line(), line(kind="zone", place="5330", name="Officer"))
    assert Duty.objects.count() == 2
