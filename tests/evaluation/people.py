"""Somebody who has carried a kit for some weeks, and answers to a survey."""

import re
from html import unescape

from django.test import Client

from egide.access.models import User
from egide.evaluation.models import Asked
from egide.evaluation.service import rebuild
from egide.evaluation.surveys.questions import BENEFICIARIES, read_survey
from egide.fleet.service import hand_over
from egide.rollout.service import do_load_reference
from tests.fleet.files import House, make_house
from tests.support.pages import Pages

DAY_S = 86_400


def house_with_kit(pages: Pages, days: int = 40) -> House:
    """A house whose kit left this many days ago."""
    house = pages.begin("house-with-kit", _make_house_with_kit)
    pages.clock.advance_s(days * DAY_S)
    return house


def house_with_figures(pages: Pages) -> House:
    """One person with a kit; the figures are built."""
    return pages.begin("house-with-figures", _make_house_with_figures)


def _make_house_with_kit(pages: Pages) -> House:
    house = make_house(pages)
    hand_over(house.officer, house.ready_kit().id)
    house.copy()
    return house


def _make_house_with_figures(pages: Pages) -> House:
    do_load_reference()
    house = _make_house_with_kit(pages)
    rebuild()
    return house


def officer(house: House, name: str = "officer-1", language: str = "en") -> Client:
    """The officer's browser, signed in now."""
    return house.pages.client(User.objects.get(name=name), language)


def handed(house: House) -> tuple[str, str]:
    """The path of a fresh link and its number, as the officer's page shows them."""
    page = officer(house).post(f"/surveys/for/{house.case.id}").content.decode()
    url = re.search(r'id="survey-link">([^<]+)<', page)
    code = re.search(r'id="survey-code">([^<]+)<', page)
    assert url and code, page
    return "/" + unescape(url[1]).split("/", 3)[3], code[1]


def answers(**chosen: str) -> dict[str, str]:
    """What the form sends; the first option for every question that is not named."""
    survey = read_survey(BENEFICIARIES)
    picked = {one.id: one.option[0].id for one in survey.question} | chosen
    return {f"a-{id}": option for id, option in picked.items()} | {"send": "1"}


def forget_asking() -> None:
    """As if half a year had passed: the same person may be asked once more."""
    Asked.objects.update(day=0)
