"""What a file still misses leads to the page on which it is mended, for those who may mend it."""

import re

from egide.casework import models as m
from tests.casework.people import ZONE, Office, text_of

NEW = {
    "zone": ZONE,
    "name": "Neuve (démo)",
    "born": "1991-01-01",
    "language": "nl",
    "languages": "nl",
    "context": "Suivie",
}


def missing_of(page: str) -> str:
    return page.split('<ul class="missing">')[1].split("</ul>")[0]


def test_every_thing_that_is_missing_leads_to_a_page_that_mends_it(office: Office) -> None:
    office.officer.post("/files/new", NEW)
    case = m.Case.objects.get()
    page = office.officer.get(f"/files/{case.id}/").content.decode()
    links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', missing_of(page))
    told = dict((word, url) for url, word in links)
    assert told["At least one perpetrator"] == f"/files/{case.id}/perpetrator/add"
    assert told["Questions about the conditions answered"] == f"/files/{case.id}/step/conditions"
    assert f"/files/{case.id}/beneficiary/" in told["Consent, with its date"]
    assert {office.officer.get(url).status_code for url, _word in links} == {200}


def test_whoever_only_reads_a_file_sees_what_is_missing_without_links(office: Office) -> None:
    office.officer.post("/files/new", NEW)
    case = m.Case.objects.get()
    missing = missing_of(office.magistrate.get(f"/files/{case.id}/").content.decode())
    assert "At least one perpetrator" in missing and "<a " not in missing


def test_the_form_of_a_decision_is_one_link_away(office: Office) -> None:
    case = office.to_decision()
    page = text_of(office.magistrate.get(f"/files/{case.id}/decision"))
    assert page.index('href="#decide"') < page.index(
        'id="danger"' if 'id="danger"' in page else 'id="decide"'
    )


def test_a_refused_form_tells_every_fault_at_the_top_with_a_link_to_its_field(office: Office) -> None:
    reply = office.officer.post("/files/new", {"zone": ZONE})
    page = reply.content.decode()
    summary = page.split('id="form-error"')[1].split("</div>")[0]
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert reply.status_code == 422 and len(targets) == 5
    assert page.index('id="form-error"') < page.index("<h1") and "autofocus" in summary
    assert all(f'id="{target}"' in page for target in targets)
