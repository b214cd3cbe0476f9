"""The dashboard over records that were built from invented files: who reads it, what stands beside a figure."""

import re
from datetime import date
from urllib.parse import parse_qsl

import pytest
from django.test import Client

from egide.access.models import User
from egide.casework.file.reading import read_file
from egide.evaluation import service
from egide.evaluation.pages.views import FIRST
from egide.evaluation.service import Period
from egide.rollout.service import do_load_reference
from tests.evaluation.people import house_with_figures
from tests.fleet.files import House
from tests.support.pages import Pages

ADDRESSES = (
    "/figures/",
    "/figures/chapter/people",
    "/figures/chapter/alarms",
    "/figures/measure/kits-in-use?by=zone",
)


def member(pages: Pages, role: str, place: str = "", language: str = "en") -> Client:
    user = User.objects.create(name=f"{role}-x", title=role.title(), password="correct horse battery")
    user.memberships.create(role=role, place=place)
    return pages.client(user, language)


def text_of(page: bytes) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page.decode()).split())


@pytest.fixture
def house(pages: Pages) -> House:
    """One person with a kit, one alarm; the figures are built."""
    return house_with_figures(pages)


def test_a_figure_stands_beside_its_population_unit_and_source(house: House) -> None:
    page = member(house.pages, "evaluator").get("/figures/").content.decode()
    for measure in service.measures().values():
        row = re.search(f'id="m-{measure.id}".*?</tr>', page, re.DOTALL)
        assert row, measure.id
        said = text_of(row[0].encode()).replace("&#x27;", "'")
        for words in (measure.title, measure.unit_text, measure.population, measure.source):
            assert words in said, (measure.id, words)


def test_trained_zones_are_counted_as_the_roll_out_shows_them(house: House) -> None:
    period = Period(date(2027, 1, 1), date(2027, 1, 31))
    found = service.compute(period, ids=("zones-trained",))["zones-trained"].whole
    # Of the five zones of the demo where somebody is trained, one has a single officer.
    assert (found.count, found.n) == (4, 176)


def test_what_is_not_known_is_said_in_words_and_is_no_zero(house: House) -> None:
    page = member(house.pages, "steering").get("/figures/?from=2011-01&to=2011-12").content.decode()
    assert len(re.findall('class="unknown"', page)) == len(service.measures()) + len(FIRST)
    assert 'class="big' not in page and "The records hold nothing of this period." in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=2026-13&to=2026-12", "The month “2026-13” does not exist."),
        ("from=soon&to=2026-12", "“soon” is no month. Write it like 2023-10."),
        ("from=2026-12&to=2026-01", "The last month lies before the first one."),
        ("from2=2026-00", "The month “2026-00” does not exist."),
        ("place=zone:4711", "There is no such place: “zone:4711”"),
        ("place=planet:mars", "There is no such place: “planet:mars”"),
    ],
)
def test_an_impossible_question_is_answered_in_words_and_kept_in_its_field(
    house: House, query: str, said: str
) -> None:
    reply = member(house.pages, "evaluator").get(f"/figures/?{query}")
    page = reply.content.decode()
    assert reply.status_code == 422 and said in page
    field = "to" if "before" in said else query.partition("=")[0]
    assert re.search(f'id="{field}"[^>]*aria-describedby="{field}-error"', page)
    if field != "place":
        assert f'value="{dict(parse_qsl(query))[field]}"' in page


def test_two_periods_stand_side_by_side_without_a_claim(house: House) -> None:
    asked = "/figures/chapter/kits?from=2027-01&to=2027-01&from2=2026-01&to2=2026-12"
    page = text_of(member(house.pages, "steering").get(asked).content)
    assert "compared with 1 January 2026 – 31 December 2026" in page
    assert "a difference is no effect" in page


def test_the_first_thing_seen_are_the_five_figures_that_people_ask_for_with_their_plots(house: House) -> None:
    page = member(house.pages, "evaluator").get("/figures/?from=2026-06&to=2027-01").content.decode()
    first = page.split('id="first-figures"')[1].split("</section>")[0]
    assert re.findall(r'id="first-([a-z-]+)"', first) == list(FIRST) and len(FIRST) == 5
    assert page.index('id="first-figures"') < page.index("<table") and "<svg" in first


def test_a_plot_has_its_table_and_draws_nothing_that_the_policy_blocks(house: House) -> None:
    client = member(house.pages, "evaluator")
    page = client.get("/figures/measure/kits-in-use?by=zone").content.decode()
    plot = re.search("<svg.*?</svg>", page, re.DOTALL)
    assert plot and 'role="img"' in plot[0] and "style" not in plot[0]
    assert "Mons/Quévy" in plot[0]
    assert re.search(r"<table>.*Mons/Quévy.*</table>", page, re.DOTALL)


def test_rule_34_the_evaluator_sees_no_name_address_position_or_text(house: House) -> None:
    file = read_file(house.case.id)
    secret = {
        file.beneficiary.facts.name,
        file.case.id,
        file.case.number,
        file.context.context,
        *(row.facts.name for row in file.perpetrators),
        *(row.facts.address for row in file.places),
        *(str(row.facts.area.lat_e7) for row in file.places),
        *(f"{row.facts.area.lat_e7 / 1e7:.3f}" for row in file.places),
        "officer-1",
        "Officer-1",
        "magistrate-1",
    }
    client = member(house.pages, "evaluator")
    for address in ADDRESSES:
        page = client.get(address).content.decode()
        assert not [words for words in secret if words and words in page], address
    assert client.get(f"/files/{house.case.id}/").status_code == 404
    assert client.get("/kits/").status_code == 404


def test_rule_34_there_is_no_figure_by_operator_or_person() -> None:
    splits = {split for measure in service.measures().values() for split in measure.splits}
    dims = {dim for measure in service.measures().values() for dim in measure.dims}
    assert splits <= {"centre", "zone", "office", "hour", "month", "year"}
    own = {"trigger", "outcome", "cause", "decision", "percentile", "step", "role", "died", "violence"}
    assert dims <= own


def test_who_reads_figures_and_who_does_not(house: House) -> None:
    for role, place in (("evaluator", ""), ("steering", ""), ("coordinator", "")):
        client = member(house.pages, role, place)
        assert all(client.get(address).status_code == 200 for address in ADDRESSES)
    for role, place in (
        ("operator", "HAI"),
        ("zone-officer", "5324"),
        ("magistrate", "mons"),
        ("administrator", ""),
    ):
        client = member(house.pages, role, place)
        assert all(client.get(address).status_code == 404 for address in ADDRESSES)


def test_before_the_first_build_the_page_says_so(pages: Pages) -> None:
    do_load_reference()
    page = member(pages, "evaluator").get("/figures/")
    assert page.status_code == 200 and "No figures were prepared yet" in page.content.decode()
