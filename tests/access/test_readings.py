"""Who read what, when and why: for the data-protection officer, and for the zone that answers for the file."""

import pytest

from egide.access.models import Reading
from egide.access.readings import readings
from egide.access.registries import barring
from egide.access.rules import Scope
from egide.access.scope import live_ticket
from egide.common import ticket as tickets
from egide.common.files import secret_file
from egide.events.register import FileOpened
from tests.support.clear_text import find_clear_text
from tests.support.pages import Pages

WHY = "The person called from another province and is in danger now"


def read(
    pages: Pages, user: str = "op-1", case: str = "00000001ca5e0001", why: str = "", **fields: str
) -> None:
    """Somebody read a file, as the packages that show files write it down."""
    pages.installation.keys.ensure(case)
    event = FileOpened(case=case, user=user, why=why, **fields)  # type: ignore[arg-type]
    pages.installation.append(f"case:{case}", event, case=case)


def page_of(pages: Pages, role: str = "data-protection", address: str = "/readings", **form: str) -> str:
    user = pages.user(f"{role}-1", role=role, zone="5324")
    client = pages.client(user)
    reply = client.post(address, form) if form else client.get(address)
    assert reply.status_code == 200
    return reply.content.decode()


def test_the_data_protection_officer_sees_who_read_what_when_and_why(pages: Pages) -> None:
    pages.user("op-1")
    read(pages)
    read(pages, case="00000001ca5e0002", alarm="00aa00aa00aa00aa-1")
    read(pages, user="gone-1", why=WHY)
    page = page_of(pages)
    assert "Op-1" in page and "gone-1" in page
    assert "00000001ca5e0002" in page and "00aa00aa00aa00aa-1" in page
    assert WHY in page and "Stated reason" in page


def test_the_log_is_narrowed_by_person_file_time_and_reason(pages: Pages) -> None:
    pages.user("op-1")
    read(pages)
    read(pages, user="op-2", case="00000001ca5e0002", why=WHY)
    client = pages.client(pages.user("dpo", role="data-protection"))

    def rows(**form: str) -> int:
        return client.post("/readings", form).content.decode().count("<tr>") - 1

    assert rows(page="0") == 2
    assert (
        rows(person="op-1")
        == rows(person="Op-1")
        == rows(file="00000001ca5e0002")
        == rows(exceptional="1")
        == 1
    )
    assert rows(person="nobody") == rows(since="2030-01-01") == rows(until="2020-01-01") == -1
    assert rows(since="2027-01-01", until="2027-12-31") == 2


@pytest.mark.parametrize("form", [{"since": "yesterday"}, {"since": "2026-02-02", "until": "2026-02-01"}])
def test_a_time_that_cannot_be_is_refused_beside_its_field(pages: Pages, form: dict[str, str]) -> None:
    client = pages.client(pages.user("dpo", role="data-protection"))
    reply = client.post("/readings", form)
    assert reply.status_code == 422
    assert b'class="field-error"' in reply.content and form["since"].encode() in reply.content


def test_files_are_called_and_found_by_their_numbers(pages: Pages) -> None:
    case = pages.files[0].case
    read(pages, case=case.id)
    read(pages, case="00000001ca5e0002")
    client = pages.client(pages.user("dpo", role="data-protection"))
    page = client.post("/readings", {"file": case.number}).content.decode()
    assert f">{case.number}<" in page and case.id not in page
    assert page.count("<tr>") - 1 == 1


def test_the_log_has_pages(pages: Pages) -> None:
    for _ in range(readings.PAGE + 3):
        read(pages)
    client = pages.client(pages.user("dpo", role="data-protection"))
    assert client.get("/readings").content.decode().count("<tr>") - 1 == readings.PAGE
    assert client.post("/readings", {"page": "1"}).content.decode().count("<tr>") - 1 == 3
    assert client.post("/readings", {"page": "-1"}).status_code == 200


def test_a_reading_for_a_stated_reason_is_told_to_the_zone_and_to_the_officer_until_each_took_note(
    pages: Pages,
) -> None:
    read(pages, why=WHY, managing_zone="5324")
    zone = pages.client(pages.user("ref", role="reference-officer", zone="5324"))
    other = pages.client(pages.user("ref-2", role="reference-officer", zone="5415"))
    officer = pages.client(pages.user("dpo", role="data-protection"))
    for client, told in ((zone, True), (officer, True), (other, False)):
        assert ("for a stated reason" in client.get("/start").content.decode().split("<main")[1]) is told
        assert (WHY in client.get("/readings/exceptional").content.decode()) is told
    seq = Reading.objects.get().seq
    assert other.post(f"/readings/exceptional/{seq}").status_code == 404
    assert zone.post(f"/readings/exceptional/{seq}").status_code == 302
    assert "Nothing waits for you" in zone.get("/start").content.decode()
    assert "Nothing waits for you" not in officer.get("/start").content.decode()
    assert zone.post(f"/readings/exceptional/{seq}").status_code == 302


def test_rule_27_a_barred_reference_officer_hears_of_no_reading_of_the_file(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(pages, case="00000001ca5e0001", why=WHY, managing_zone="5324")
    bars = {"cousin": ["00000001ca5e0001"]}
    monkeypatch.setattr(barring, "_providers", [lambda scope: bars.get(scope.user, [])])
    cousin = pages.client(pages.user("cousin", role="reference-officer", zone="5324"))
    colleague = pages.client(pages.user("colleague", role="reference-officer", zone="5324"))
    for address in ("/start", "/readings/exceptional"):
        assert "00000001ca5e0001" not in cousin.get(address).content.decode()
        assert "00000001ca5e0001" in colleague.get(address).content.decode()
    seq = Reading.objects.get().seq
    assert cousin.post(f"/readings/exceptional/{seq}").status_code == 404


def test_rule_27_a_barred_data_protection_officer_hears_of_no_reading_of_the_file_either(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(pages, case="00000001ca5e0001", why=WHY, managing_zone="5324")
    bars = {"cousin": ["00000001ca5e0001"]}
    monkeypatch.setattr(barring, "_providers", [lambda scope: bars.get(scope.user, [])])
    cousin = pages.client(pages.user("cousin", role="data-protection"))
    colleague = pages.client(pages.user("colleague", role="data-protection"))
    for address in ("/start", "/readings", "/readings/exceptional"):
        assert "00000001ca5e0001" not in cousin.get(address).content.decode()
        assert "00000001ca5e0001" in colleague.get(address).content.decode()


def test_rule_27_the_live_ticket_hides_the_files_that_bar_its_reader(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = pages.phone()
    monkeypatch.setattr(barring, "_providers", [lambda scope: [phone.case]])
    text = live_ticket(Scope("cousin", "Cousin"), pages.clock)
    key = secret_file(pages.config.data_dir / "live.key", 32)
    assert tickets.check(text, key, pages.clock.now_us() // 1_000_000).hidden == (phone.case,)


@pytest.mark.files("looks for them in the files")
def test_the_stated_reason_stands_sealed_in_the_journal_and_nowhere_else(pages: Pages) -> None:
    read(pages, why=WHY)
    assert WHY in page_of(pages)
    # Which file was read is found there, in a database or in its log.
    assert find_clear_text(pages.config.data_dir, [], ["00000001ca5e0001"]) != []
    assert find_clear_text(pages.config.data_dir, [], [WHY[:20]]) == []


def test_the_table_of_readings_can_be_rebuilt(pages: Pages) -> None:
    read(pages)
    readings.catch_up()
    before = list(Reading.objects.values())
    Reading.objects.all().delete()
    readings.Follower.objects.all().delete()
    readings.catch_up()
    assert list(Reading.objects.values()) == before != []


def test_readers_of_one_file_are_newest_first_and_only_of_this_file(pages: Pages) -> None:
    read(pages, user="op-1")
    read(pages, user="op-2")
    read(pages, user="op-3", case="00000001ca5e0002")
    assert [read.user for read in readings.readers_of("00000001ca5e0001")] == ["op-2", "op-1"]
