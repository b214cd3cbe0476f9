"""Search by plate, telephone, address, report, call sign: within what one may see, and nothing hidden by the way."""

import msgspec
import pytest
from django.test import Client

from egide.alarm import events as a
from egide.casework import models as m
from egide.casework.file import details, names
from egide.casework.file import facts as f
from egide.casework.file.store import do_add_row, do_change_row, unseal
from egide.outbox.days import today
from egide.outbox.service import keys
from tests.boards.teams import act, with_team
from tests.support.pages import GENT, MONS, Pages, text_of

HOME = "Impasse des Essais 7, 7000 Mons"


def found(client: Client, text: str) -> str:
    return text_of(client.post("/search", {"text": text}))


def filled(pages: Pages) -> m.Case:
    """The file of Mons with a plate, a report and a further place."""
    case: m.Case = pages.files[MONS].case
    area = f.Area(lat_e7=504_500_000, lon_e7=39_500_000, radius_m=50)
    do_add_row(case, "perpetrator", f.PerpetratorFacts(name="Noé Invention", vehicle="Golf 1-XYZ-234"), "x")
    do_add_row(case, "place", f.PlaceFacts(kind="other", address=HOME, area=area), "x", non_disclosed=True)
    report = f.PoliceReportFacts(number="MO.42.L1.009876/2026", on=today(), about="Menaces")
    do_add_row(case, "report", report, "x")
    return case


@pytest.mark.parametrize("text", ["1-XYZ-234", "1xyz234", "xyz 234", "L1.009876/2026", "l1009876"])
def test_zone_and_office_find_a_file_by_plate_and_report_however_it_is_typed(pages: Pages, text: str) -> None:
    case = filled(pages)
    for role, place in (("zone-officer", {"zone": "5324"}), ("magistrate", {"office": "mons"})):
        client = pages.client(pages.user(role, role=role, **place))
        assert case.number in found(client, text), (role, text)
    for role, place in (("magistrate", {"office": "liege"}), ("operator", {"centre": "HAI"})):
        client = pages.client(pages.user(f"{role}-2", role=role, **place))
        assert case.number not in found(client, text)


def test_a_telephone_is_found_with_and_without_the_countrys_code(pages: Pages) -> None:
    case = filled(pages)
    person = m.Beneficiary.objects.get(case=case)
    facts = unseal(keys().record_key(case.id), person, f.BeneficiaryFacts)
    changed = msgspec.structs.replace(facts, phone="+32 470 98 76 54")
    do_change_row(case, "beneficiary", person.id, person.version, changed, "x")
    client = pages.client(pages.user("zone", role="zone-officer", zone="5324"))
    for text in ("0470 98 76 54", "+32470987654", "470/98.76.54"):
        assert case.number in found(client, text), text
    # Three digits are in everything.
    assert case.number not in found(client, "470")


def test_a_non_disclosed_address_is_found_by_its_zone_alone(pages: Pages) -> None:
    case = filled(pages)
    zone = pages.client(pages.user("zone", role="zone-officer", zone="5324"))
    office = pages.client(pages.user("magistrate", role="magistrate", office="mons"))
    assert case.number in found(zone, "impasse essais")
    assert case.number not in found(office, "impasse essais")


def test_what_was_found_before_follows_the_file(pages: Pages) -> None:
    case = filled(pages)
    office = pages.client(pages.user("magistrate", role="magistrate", office="mons"))
    place = next(row for row in m.Place.objects.filter(case=case) if row.non_disclosed)
    facts = unseal(keys().record_key(case.id), place, f.PlaceFacts)
    do_change_row(case, "place", place.id, place.version, facts, "x", non_disclosed=False)
    assert case.number in found(office, "impasse essais") and case.number in found(office, "1xyz234")
    place.refresh_from_db()
    do_change_row(case, "place", place.id, place.version, facts, "x", non_disclosed=True)
    assert case.number not in found(office, "impasse essais")


def test_a_memory_that_is_full_forgets_others_and_still_finds_all(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = filled(pages)
    m.Case.objects.filter(id=pages.files[GENT].case.id).update(managing_zone="5324")
    for memory in (names._memory, details._memory):
        monkeypatch.setattr(memory, "most", 1)
    one_file = pages.client(pages.user("one", role="magistrate", office="mons"))
    two_files = pages.client(pages.user("two", role="zone-officer", zone="5324"))
    for client in (one_file, two_files, one_file):
        assert case.number in found(client, "1xyz234") and case.number in found(client, "Noé")


def test_a_barred_reader_finds_nothing_by_any_of_it(pages: Pages) -> None:
    case = filled(pages)
    alarm = with_team(pages)
    m.BarredReader.objects.create(case=case, mark="user:barred")
    client = pages.client(pages.user("barred", role="reference-officer", zone="5324"))
    for text in ("1-XYZ-234", "impasse essais", "M 12", "Insp. 21"):
        page = found(client, text)
        assert case.number not in page and alarm not in page, text


def test_an_alarm_is_found_by_its_team_or_reference_also_when_it_is_closed(pages: Pages) -> None:
    alarm = with_team(pages)
    act(pages, alarm, a.AlarmClosed("op-1", "arrest", "over"))
    for role, place in (("supervisor", {"centre": "HAI"}), ("zone-officer", {"zone": "5324"})):
        client = pages.client(pages.user(role, role=role, **place))
        for text in ("m12", "Insp. 21"):
            assert f"/register/{alarm}" in client.post("/search", {"text": text}).content.decode(), (
                role,
                text,
            )
    other = pages.client(pages.user("other", role="supervisor", centre="LIE"))
    assert alarm not in other.post("/search", {"text": "m12"}).content.decode()
