"""A form that is older than the file never overwrites it, and nobody's words are lost."""

from datetime import date

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import steps as s
from egide.casework.file.rules_life import Stage
from egide.casework.file.store import do_add_row, history
from egide.casework.service import read_content
from tests.casework.people import Office, analysis, conditions, officer, text_of

MEASURE = {"kind": "contact-ban", "issuer": "Parquet (démo)", "starts": "2026-01-01"}


def _measure(office: Office, case: m.Case) -> m.Measure:
    office.officer.post(f"/files/{case.id}/measure/add", MEASURE)
    return m.Measure.objects.get(case=case)


def test_the_second_writer_sees_the_firsts_change_and_keeps_their_own_words(office: Office) -> None:
    case = office.file()
    row = _measure(office, case)
    url = f"/files/{case.id}/measure/{row.id}"
    first = office.officer.post(url, MEASURE | {"version": 1, "issuer": "Tribunal de la famille"})
    assert first.status_code == 302
    second = office.colleague.post(url, MEASURE | {"version": 1, "against": "Rudy Modèle (démo)"})
    page = text_of(second)
    assert second.status_code == 409 and 'id="stale"' in page
    assert "Tribunal de la famille" in page and "Rudy Modèle (démo)" in page and "Ref-1" in page
    assert read_content(case.id).measures[0].issuer == "Tribunal de la famille"
    assert 'name="version" value="2"' in page
    again = office.colleague.post(url, MEASURE | {"version": 2, "against": "Rudy Modèle (démo)"})
    assert again.status_code == 302
    assert read_content(case.id).measures[0].against == "Rudy Modèle (démo)"
    kept = [one.facts.issuer for one in history(case.id) if isinstance(one.facts, f.MeasureFacts)]
    assert "Tribunal de la famille" in kept


def test_two_writers_of_different_parts_do_not_disturb_each_other(office: Office) -> None:
    case = office.file()
    person, place = m.Beneficiary.objects.get(case=case), m.Place.objects.get(case=case)
    given = {
        "version": 1,
        "name": "Camille T. (démo)",
        "born": "1990-05-04",
        "language": "fr",
        "languages": "fr",
    }
    assert office.officer.post(f"/files/{case.id}/beneficiary/{person.id}", given).status_code == 302
    home = {
        "version": 1,
        "kind": "home",
        "address": "Rue Neuve 1",
        "position": "50.45, 3.95",
        "radius": "100",
    }
    assert office.colleague.post(f"/files/{case.id}/place/{place.id}", home).status_code == 302
    file = read_content(case.id)
    assert (file.beneficiary.name, file.places[0].facts.address) == ("Camille T. (démo)", "Rue Neuve 1")


def test_what_was_taken_out_meanwhile_can_still_be_saved_as_a_new_entry(office: Office) -> None:
    case = office.file()
    row = _measure(office, case)
    assert office.officer.post(f"/files/{case.id}/measure/{row.id}/remove", {"version": 1}).status_code == 302
    late = office.colleague.post(
        f"/files/{case.id}/measure/{row.id}", MEASURE | {"version": 1, "against": "Rudy"}
    )
    page = text_of(late)
    assert late.status_code == 409 and "Rudy" in page and f'action="/files/{case.id}/measure/add"' in page
    assert not m.Measure.objects.filter(case=case).exists()


def test_what_was_changed_meanwhile_is_not_taken_out(office: Office) -> None:
    case = office.file()
    row = _measure(office, case)
    url = f"/files/{case.id}/measure/{row.id}"
    office.officer.post(url, MEASURE | {"version": 1, "issuer": "Tribunal"})
    assert office.colleague.post(f"{url}/remove", {"version": 1}).status_code == 409
    assert m.Measure.objects.get(id=row.id).version == 2


def test_a_step_on_an_old_page_changes_nothing_and_says_who_was_faster(office: Office) -> None:
    case = office.take(office.file(), officer(), conditions(), s.Requested(), analysis())
    old = case.version
    office.pages.clock.advance_s(60)
    area = f.Area(lat_e7=504_518_000, lon_e7=39_571_000, radius_m=200)
    do_add_row(case, "place", f.PlaceFacts(kind="work", address="Ici", area=area), "ref-2")
    given = {"version": old, "on": str(date(2026, 11, 20)), "who": "zone", "police_view": "Avis mûri"}
    reply = office.officer.post(f"/files/{case.id}/step/consultation", given)
    assert reply.status_code == 409
    assert "Avis mûri" in text_of(reply) and "Ref-2" in text_of(reply)
    case.refresh_from_db()
    assert case.stage == Stage.CONSULTATION
    assert (
        office.officer.post(
            f"/files/{case.id}/step/consultation", given | {"version": case.version}
        ).status_code
        == 302
    )


def test_a_decision_on_a_file_that_changed_meanwhile_is_shown_again_first(office: Office) -> None:
    case = office.to_decision()
    seen = case.version
    _measure(office, case)
    given = {
        "version": seen,
        "reasons": "Motifs",
        "review_on": "2027-06-01",
        "decision": "refused",
        "sign": "1",
    }
    reply = office.magistrate.post(f"/files/{case.id}/decision", given)
    assert reply.status_code == 409 and "Motifs" in text_of(reply) and 'id="stale"' in text_of(reply)
    assert m.Case.objects.get(id=case.id).stage == Stage.DECISION


def test_wrong_input_is_said_beside_its_field_and_what_was_typed_is_kept(office: Office) -> None:
    case = office.file()
    given = MEASURE | {"kind": "place-ban", "areas": "ici; 300", "conditions": "Pas à moins de 300 m"}
    page = text_of(office.officer.post(f"/files/{case.id}/measure/add", given))
    assert "“ici” is no address or place" in page and "Pas à moins de 300 m" in page
    swapped = given | {"areas": "3.9571, 50.4518; 300; x"}
    assert "Latitude comes first" in text_of(office.officer.post(f"/files/{case.id}/measure/add", swapped))
    backwards = MEASURE | {"ends": "2025-01-01"}
    assert "before the beginning" in text_of(office.officer.post(f"/files/{case.id}/measure/add", backwards))
    assert not m.Measure.objects.filter(case=case).exists()


def test_a_ban_is_drawn_around_places_of_the_file_without_typing_degrees(office: Office) -> None:
    case = office.file()
    url = f"/files/{case.id}/measure/add"
    assert "Lucioles" in text_of(office.officer.get(url))
    given = MEASURE | {"kind": "place-ban", "around": "0", "areas": "50.46, 3.96; 150; École"}
    assert office.officer.post(url, given).status_code == 302
    measure = read_content(case.id).measures[0]
    assert measure.area is not None and measure.area.radius_m == 150
    assert [(one.lat_e7, one.radius_m, one.label) for one in measure.more_areas] == [
        (504_518_000, 300, "Home")
    ]
    assert "50.45180, 3.95710; 300; Home" in text_of(office.officer.get(f"/files/{case.id}/"))
    page = text_of(office.magistrate.get(f"/files/{case.id}/"))
    assert "Home 300 m" in page and "50.45180" not in page
    assert office.officer.post(url, given | {"around": "7"}).status_code == 422


def test_breaches_and_extensions_are_added_to_a_measure_one_by_one(office: Office) -> None:
    case = office.file()
    row = _measure(office, case)
    url = f"/files/{case.id}/measure/{row.id}"
    breach = {"on": "2026-11-01", "source": "PV 7 (démo)"}
    assert office.officer.post(f"{url}/breach", breach).status_code == 302
    longer = {"on": "2026-11-02", "until": "2027-01-01", "issuer": "Tribunal (démo)"}
    assert office.officer.post(f"{url}/extension", longer).status_code == 302
    measure = read_content(case.id).measures[0]
    assert [one.source for one in measure.breaches] == ["PV 7 (démo)"]
    assert measure.ends == date(2027, 1, 1) and measure.extensions[0].issuer == "Tribunal (démo)"


def test_the_history_shows_what_stood_there_to_the_managing_zone_alone(office: Office) -> None:
    case = office.file()
    row = _measure(office, case)
    office.officer.post(f"/files/{case.id}/measure/{row.id}", MEASURE | {"version": 1, "issuer": "Autre"})
    assert "Parquet (démo)" in text_of(office.officer.get(f"/files/{case.id}/history"))
    assert office.magistrate.get(f"/files/{case.id}/history").status_code == 404
