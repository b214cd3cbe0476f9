"""From the request to the kit: one line a subject, each leads to its page, saving leads to the next, nothing twice."""

import re
from dataclasses import replace
from datetime import date

import msgspec

from egide.casework import models as m
from egide.casework.file import steps as s
from egide.casework.file.reading import read_file
from egide.casework.file.rules_life import Stage
from egide.casework.pages.presenting import call_back_links
from egide.casework.service import read_content
from egide.outbox.days import today
from tests.casework.people import ZONE, Office, analysis, conditions, officer, text_of

NEW = {"zone": ZONE, "name": "Neuve (démo)", "born": "1991-01-01", "language": "nl", "context": "Suivie"}
COMPLETE = {"safe_contact": "Sa tante", "consent": "Zone et parquet", "consent_on": "2026-11-02"}
GO_ON = {"then": "next"}
HOME = {"kind": "home", "address": "Rue Inventée 1, 7000 Mons", "position": "50.4518, 3.9571", "radius": "60"}


def lines_of(page: str) -> dict[str, tuple[str, str]]:
    """Title of each line -> its state and its link, "" where it has none."""
    listed = page.split('<ol class="task-list">')[1].split("</ol>")[0]
    found: dict[str, tuple[str, str]] = {}
    for line in re.split(r"<li class=\"(?=done|open|waits)", listed)[1:]:
        state, told = line.split('"', 1)
        link = re.search(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', told)
        title = (
            link[2] if link else re.sub(r"<[^>]*>", "", told.split("</span>")[0].split(">", 2)[-1]).strip()
        )
        found[title] = (state, link[1].replace("&amp;", "&") if link else "")
    return found


def new_file(office: Office, **more: str) -> m.Case:
    assert office.officer.post("/files/new", NEW | more).status_code == 302
    return m.Case.objects.get()


def test_each_line_leads_to_the_page_that_mends_it_and_says_what_it_lacks(office: Office) -> None:
    case = new_file(office)
    page = text_of(office.officer.get(f"/files/{case.id}/"))
    lines = lines_of(page)
    assert lines["Where the person lives"] == ("open", f"/files/{case.id}/place/add?then=next")
    assert lines["The perpetrator, weapons and measures"][1] == f"/files/{case.id}/perpetrator/add?then=next"
    assert lines["Ask the prosecutor’s office"] == ("waits", "")
    assert lines["Decision of the magistrate"] == ("waits", "")
    assert "Consent, with its date" in page
    assert {office.officer.get(url).status_code for _state, url in lines.values() if url} == {200}


def test_once_a_kit_is_out_what_a_call_back_lacks_is_missing_in_red_for_who_reads_the_agreed_word(
    office: Office,
) -> None:
    case = office.running()
    page = text_of(office.officer.get(f"/files/{case.id}/"))
    found = page[page.index('<ul class="missing red"') :].split("</ul>")[0]
    lacking = re.findall(r'<a href="([^"]+)">([^<]+)</a>', found)
    assert [word for _url, word in lacking] == [
        "For a call-back: the number of the person",
        "For a call-back: when it is safe",
    ]
    assert {office.officer.get(url).status_code for url, _word in lacking} == {200}
    assert "For a call-back" not in text_of(office.magistrate.get(f"/files/{case.id}/"))
    file = read_file(case.id)
    wordless = msgspec.structs.replace(file.beneficiary.facts, agreed_word="")
    file = replace(file, beneficiary=replace(file.beneficiary, facts=wordless))
    assert [word for word, _url in call_back_links(file)][2:] == ["For a call-back: the agreed word"]


def test_somebody_who_only_reads_a_file_sees_the_lines_without_links(office: Office) -> None:
    case = new_file(office)
    lines = lines_of(text_of(office.magistrate.get(f"/files/{case.id}/")))
    assert len(lines) == 10 and not any(url for _state, url in lines.values())


def test_saving_leads_to_the_next_line_that_is_open_and_never_back_to_the_same(office: Office) -> None:
    reply = office.officer.post("/files/new", NEW | GO_ON)
    case = m.Case.objects.get()
    # The consent is still missing: whoever goes on is not held there.
    assert reply.url == f"/files/{case.id}/place/add?then=next"
    # The language of documents where the office is; whoever speaks it says so once.
    assert '<option value="fr" selected>' in text_of(office.officer.get("/files/new"))
    assert read_content(case.id).beneficiary.languages == "Nederlands"
    assert 'name="then" value="next"' in text_of(office.officer.get(reply.url))
    reply = office.officer.post(f"/files/{case.id}/place/add", HOME | GO_ON)
    assert reply.url == f"/files/{case.id}/perpetrator/add?then=next"
    back = {"then": ["next", ""], "name": "Rudy Modèle", "role": "suspect"}
    assert office.officer.post(f"/files/{case.id}/perpetrator/add", back).url.endswith("/#perpetrator")


def test_a_file_is_asked_for_on_the_page_of_its_conditions_as_soon_as_nothing_else_is_missing(
    office: Office,
) -> None:
    case = new_file(office)
    url = f"/files/{case.id}/step/conditions"
    assert 'id="save-ask"' not in text_of(office.officer.get(url))
    person = read_content(case.id).beneficiary
    about = {"name": person.name, "born": person.born, "language": "nl", "languages": "Nederlands"}
    row = m.Beneficiary.objects.get(case=case)
    office.officer.post(f"/files/{case.id}/beneficiary/{row.id}", about | COMPLETE | {"version": row.version})
    office.officer.post(f"/files/{case.id}/place/add", HOME)
    office.officer.post(f"/files/{case.id}/perpetrator/add", {"name": "Rudy Modèle", "role": "suspect"})
    page = text_of(office.officer.get(url))
    # One way on, and one back: to save and go on would lead to this page again.
    assert 'id="save-ask"' in page and 'id="save-back"' in page and 'id="save"' not in page
    case.refresh_from_db()
    said = {"threat": "yes", "contact": "no", "roof": "no", "residence": "yes", "agrees": "yes"}
    asked = said | GO_ON | {"version": str(case.version), "ask": "yes", "remark": "Très inquiète"}
    reply = office.officer.post(url, asked)
    assert reply.status_code == 302 and reply.url == f"/files/{case.id}/step/analysis?then=next"
    case.refresh_from_db()
    assert case.stage == Stage.ANALYSIS
    assert "Très inquiète" in text_of(office.officer.get(f"/files/{case.id}/"))


def test_weapon_and_measure_are_written_on_the_perpetrators_page_or_left_empty(office: Office) -> None:
    case = new_file(office)
    url = f"/files/{case.id}/perpetrator/add"
    who = {"name": "Rudy Modèle (démo)", "role": "suspect"}
    shown = {"measure-starts": str(today()), "measure-kind": "", "weapon-text": ""}
    assert office.officer.post(url, who | shown).status_code == 302
    assert read_content(case.id).weapons == () and read_content(case.id).measures == ()
    half = office.officer.post(url, who | {"weapon-text": "Couteau"})
    assert half.status_code == 422 and "#id_weapon-source" in text_of(half)
    assert len(read_content(case.id).perpetrators) == 1
    weapon = {"weapon-text": "Couteau", "weapon-source": "PV 4 (démo)", "weapon-on": "2026-11-01"}
    ban = {"measure-kind": "contact-ban", "measure-issuer": "Tribunal", "measure-starts": "2026-11-02"}
    assert office.officer.post(url, who | weapon | ban).status_code == 302
    file = read_content(case.id)
    assert [one.text for one in file.weapons] == ["Couteau"]
    assert [(one.against, one.starts) for one in file.measures] == [(who["name"], date(2026, 11, 2))]
    # What is known is offered, not asked again.
    page = text_of(office.officer.get(f"/files/{case.id}/antecedent/add"))
    assert '<option value="PV 4 (démo)">' in page and 'list="id_source_list"' in page


def test_a_place_is_chosen_by_its_name_in_the_zone_and_is_never_as_exact_as_a_house(office: Office) -> None:
    case = new_file(office)
    url = f"/files/{case.id}/place/add"
    page = text_of(office.officer.get(url))
    assert '<option value="Cuesmes">' in page and '<option value="Gent">' not in page
    assert 'value="home" selected' in page
    assert office.officer.post(url, HOME | {"position": "cuesmes"}).status_code == 302
    area = read_content(case.id).places[0].facts.area
    assert area.radius_m == 1500 and abs(area.lat_e7 - 504_300_000) < 1_000_000
    refused = office.officer.post(url, HOME | {"position": "Gent"})
    assert refused.status_code == 422 and "“Gent” is no address or place" in text_of(refused)


def test_circles_are_rows_of_fields_and_one_text_as_before(office: Office) -> None:
    case = new_file(office)
    url = f"/files/{case.id}/measure/add"
    ban = {"kind": "place-ban", "issuer": "Tribunal", "starts": "2026-11-02"}
    rows = {"areas-0-place": "50.46, 3.96", "areas-0-metres": "150", "areas-0-label": "École"}
    rows |= {"areas-1-place": "Cuesmes", "areas-1-metres": "", "areas-1-label": ""}
    assert office.officer.post(url, ban | rows).status_code == 302
    measure = read_content(case.id).measures[0]
    assert measure.area is not None
    areas = (measure.area, *measure.more_areas)
    assert [(one.radius_m, one.label) for one in areas] == [(150, "École"), (300, "Cuesmes")]
    row = m.Measure.objects.get(case=case)
    page = text_of(office.officer.get(f"/files/{case.id}/measure/{row.id}"))
    assert 'name="areas-0-place" value="50.46000, 3.96000"' in page and 'value="École"' in page
    wrong = office.officer.post(url, ban | {"areas-0-place": "ici", "areas-0-metres": "300"})
    assert wrong.status_code == 422 and 'href="#id_areas_0_place"' in text_of(wrong)
    assert 'value="ici"' in text_of(wrong)


def test_what_nobody_touches_in_the_analysis_is_unclear_and_the_police_view_follows_it(
    office: Office,
) -> None:
    case = office.take(office.file(), officer(), conditions(), s.Requested())
    page = text_of(office.officer.get(f"/files/{case.id}/step/analysis"))
    questions = set(re.findall(r'type="radio" name="(q-[a-z-]+)"', page))
    chosen = re.findall(r'name="(q-[a-z-]+)" value="unclear"[^>]*checked', page)
    assert set(chosen) == questions and page.count(" checked") == len(questions)
    # What people answer at the end is answered by nobody else.
    assert not re.search(r'name="(danger|urgent)"[^>]*checked', page)


def test_a_magistrate_who_writes_the_consultation_begins_with_an_empty_form(office: Office) -> None:
    case = office.take(office.file(), officer(), conditions(), s.Requested(), analysis())
    url = f"/files/{case.id}/step/consultation"
    assert "Menaces de mort" in _form(text_of(office.officer.get(url)))
    assert "Menaces de mort" not in _form(text_of(office.magistrate.get(url)))


def _form(page: str) -> str:
    return page.split('id="edit"')[1].split("</form>")[0]


def test_the_form_of_a_decision_is_one_link_away_in_a_bar_that_stays(office: Office) -> None:
    case = office.to_decision()
    page = text_of(office.magistrate.get(f"/files/{case.id}/decision"))
    assert page.index('id="stays"') < page.index('href="#decide"') < page.index('id="danger"')


def test_a_refused_form_tells_every_fault_at_the_top_with_a_link_to_its_field(office: Office) -> None:
    reply = office.officer.post("/files/new", {"zone": ZONE})
    page = reply.content.decode()
    summary = page.split('id="form-error"')[1].split("</div>")[0]
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert reply.status_code == 422 and targets == ["id_name", "id_born", "id_language", "id_context"]
    assert page.index('id="form-error"') < page.index("<h1") and "autofocus" in summary
    assert all(f'id="{target}"' in page for target in targets)


def test_the_task_of_an_officer_leads_to_the_step_that_is_theirs(office: Office) -> None:
    case = office.granted()
    url = f"/files/{case.id}/step/agreement?then=next"
    assert url in text_of(office.officer.get("/start"))
    assert f'name="on" value="{today()}"' in text_of(office.officer.get(url))
