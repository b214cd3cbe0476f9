"""A survey from the officer's page to the journal: single use, quiet, and leading back to nobody."""

import re
import sqlite3
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from egide.evaluation.models import LinkUse, WaitingAnswer
from egide.evaluation.service import Period, compute, rebuild
from egide.evaluation.surveys import links
from egide.evaluation.surveys.questions import AUDIENCES, BENEFICIARIES, EDITION, editions, read_survey
from egide.evaluation.surveys.rules import TOGETHER, WRONG_CODES
from egide.evaluation.surveys.service import due_files, waiting
from egide.events.survey import SurveyAnswered
from tests.evaluation.people import DAY_S, answers, forget_asking, handed, house_with_kit, officer
from tests.fleet.files import House
from tests.support.pages import Pages

TELLING = ("egide", "alarm", "polic", "polit", "poliz", "button", "bouton", "knop", "perpetrator", "auteur")
KEY = bytes(range(32))


@pytest.fixture
def house(pages: Pages) -> House:
    return house_with_kit(pages)


def phone(language: str = "en") -> Client:
    return Client(headers={"accept-language": language})


def read_by_others(reply: Any) -> str:
    """The whole page, without the name of an element of HTML that is also a word of ours."""
    return re.sub("</?button", "", reply.content.decode()).lower()


def events(house: House, kind: str) -> list[object]:
    house.copy()
    return [house.pages.journal.open_event(row) for row in house.pages.journal.every() if row.kind == kind]


def test_a_link_is_answered_once(house: House) -> None:
    path, code = handed(house)
    page = phone()
    assert 'name="code"' in page.get(path).content.decode()
    assert "How do you feel" in page.post(path, {"code": code}).content.decode()
    done = page.post(path, answers() | {"code": code})
    assert done.status_code == 200 and "Thank you" in done.content.decode()
    assert waiting(BENEFICIARIES, EDITION) == 1
    again = page.post(path, answers() | {"code": code})
    assert again.status_code == 410 and waiting(BENEFICIARIES, EDITION) == 1


def test_a_used_an_expired_and_a_made_up_link_look_the_same(house: House) -> None:
    used, code = handed(house)
    phone().post(used, answers() | {"code": code})
    forget_asking()
    expired, _code = handed(house)
    ends = [phone().get(used), phone().get("/q/" + "A" * 39), phone().get("/q/nonsense")]
    house.pages.clock.advance_s((links.LASTS_DAYS + 7) * DAY_S)
    ends.append(phone().get(expired))
    assert {reply.status_code for reply in ends} == {410}
    assert len({reply.content for reply in ends}) == 1
    assert len({tuple(sorted(reply.headers.items())) for reply in ends}) == 1
    assert "nothing to fill in" in ends[0].content.decode()


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_nothing_that_somebody_else_would_see_says_what_it_is_about(house: House, language: str) -> None:
    path, code = handed(house)
    page = phone(language)
    for reply in (page.get(path), page.get("/q/unknown"), page.post(path, {"code": "000000"})):
        seen = read_by_others(reply)
        assert not [word for word in TELLING if word in seen]
        assert f'<html lang="{language}">' in seen
        assert not reply.cookies and 'name="referrer" content="no-referrer"' in seen
    # Even behind the number the words stay as quiet as they can.
    seen = read_by_others(page.post(path, {"code": code}))
    assert not [word for word in TELLING if word in seen]


def test_without_the_number_nothing_shows_and_after_five_wrong_ones_the_link_is_dead(house: House) -> None:
    path, code = handed(house)
    wrong = "000000" if code.replace(" ", "") != "000000" else "111111"
    for _try in range(WRONG_CODES - 1):
        reply = phone().post(path, {"code": wrong})
        assert reply.status_code == 422 and "fieldset" not in reply.content.decode()
    assert phone().post(path, {"code": wrong}).status_code == 410
    assert phone().post(path, {"code": code}).status_code == 410


def test_an_empty_answer_keeps_the_link_and_an_invented_option_is_no_answer(house: House) -> None:
    path, code = handed(house)
    empty = phone().post(path, {"code": code, "send": "1", "a-safer": "immensely", "a-name": "me"})
    assert empty.status_code == 422 and "at least one answer" in empty.content.decode()
    assert phone().get(path).status_code == 200 and waiting(BENEFICIARIES, EDITION) == 0


def test_answers_stay_back_until_enough_wait_and_come_without_any_order_or_origin(house: House) -> None:
    for number in range(TOGETHER):
        assert events(house, "SurveyAnswered") == []
        forget_asking()
        path, code = handed(house)
        phone().post(path, answers(safer="clearly" if number < 3 else "less") | {"code": code})
    told = events(house, "SurveyAnswered")
    assert Counter(one.answers["safer"] for one in told if isinstance(one, SurveyAnswered)) == {
        "clearly": 3,
        "less": 2,
    }
    assert waiting(BENEFICIARIES, EDITION) == 0
    assert len(events(house, "SurveyInvited")) == TOGETHER


def test_what_was_asked_and_answered_over_the_pages_is_counted(house: House) -> None:
    """The number of an edition is larger than a small whole number: the records hold it."""
    for _number in range(TOGETHER):
        forget_asking()
        path, code = handed(house)
        phone().post(path, answers() | {"code": code})
    house.copy()
    until = rebuild().until
    found = compute(Period.of_year(until.year), ids=("survey-response", "felt-safer"))
    assert (found["survey-response"].whole.count, found["survey-response"].whole.n) == (TOGETHER, TOGETHER)
    assert (found["felt-safer"].whole.count, found["felt-safer"].whole.n) == (TOGETHER, TOGETHER)


@pytest.mark.files("looks for it in the files")
def test_an_answer_cannot_be_traced_to_a_file(house: House) -> None:
    """What is on the disk: no table, no event and no row number ties an answer or a used link to a file."""
    path, code = handed(house)
    phone().post(path, answers() | {"code": code})
    token = path.removeprefix("/q/")
    house.copy()
    with sqlite3.connect(house.pages.config.app_db) as app:
        tables = app.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        dump = "\n".join(str(row) for (name,) in tables for row in app.execute(f'SELECT * FROM "{name}"'))
    assert token not in dump and code.replace(" ", "") not in dump
    columns = {field.name for model in (LinkUse, WaitingAnswer) for field in model._meta.concrete_fields}
    assert columns == {"id", "last_day", "wrong_codes", "used", "audience", "edition", "answers_sealed"}
    told = [row for row in house.pages.journal.every() if row.stream.startswith("survey:")]
    assert [row.kind for row in told] == ["SurveyInvited"]
    assert house.case.id not in repr(house.pages.journal.open_event(told[0]))


@pytest.mark.files("looks for it in the files")
def test_the_order_of_the_rows_is_not_the_order_of_the_answers(house: House) -> None:
    """Row numbers are random: two answers in a row do not lie in a row."""
    numbers = []
    for _one in range(TOGETHER - 1):
        forget_asking()
        path, code = handed(house)
        before = set(WaitingAnswer.objects.values_list("id", flat=True))
        phone().post(path, answers() | {"code": code})
        numbers += sorted(set(WaitingAnswer.objects.values_list("id", flat=True)) - before)
    with sqlite3.connect(house.pages.config.app_db) as app:
        stored = [row[0] for row in app.execute("SELECT rowid FROM evaluation_waitinganswer")]
    assert stored == sorted(numbers)
    assert all(abs(later - earlier) > TOGETHER for earlier, later in pairwise(numbers))


def test_the_officer_reads_how_to_reach_the_person_and_that_reading_is_recorded(house: House) -> None:
    reply = officer(house).post(f"/surveys/for/{house.case.id}").content.decode()
    assert "Sister, on Tuesdays" in reply
    readings = [event for event in events(house, "FileOpened") if event.case == house.case.id]  # type: ignore[attr-defined]
    assert len(readings) == 1


def test_nobody_is_asked_too_early_or_twice_and_nobody_elsewhere_may_ask(pages: Pages) -> None:
    house = house_with_kit(pages, days=20)
    assert due_files(house.officer) == []
    assert officer(house).post(f"/surveys/for/{house.case.id}").status_code == 404
    pages.clock.advance_s(20 * DAY_S)
    assert [one.case for one in due_files(house.officer)] == [house.case.id]
    handed(house)
    assert due_files(house.officer) == []
    assert officer(house).post(f"/surveys/for/{house.case.id}").status_code == 404
    elsewhere = pages.user("gent-1", role="zone-officer", zone="5415")
    assert pages.client(elsewhere).post(f"/surveys/for/{house.case.id}").status_code == 404


def test_officers_are_asked_by_their_reference_officer_and_take_one_link_each(house: House) -> None:
    reference = house.pages.user("ref-1", role="reference-officer", zone="5324")
    client = house.pages.client(reference)
    said = client.post("/surveys/officers", follow=True).content.decode()
    assert "3 officers were asked." in said
    assert len(events(house, "SurveyInvited")) == 3
    mine = officer(house, "officer-2")
    assert "Five questions" in mine.get("/start").content.decode()
    page = mine.post("/surveys/mine").content.decode()
    path = re.search(r'action="(/q/[^"]+)"', page)
    code = re.search(r'name="code" value="(\d+)"', page)
    assert path and code
    assert "Was the training enough" in phone().post(path[1], {"code": code[1]}).content.decode()
    assert mine.post("/surveys/mine").status_code == 404
    assert "Five questions" not in mine.get("/start").content.decode()


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_edition_is_whole_in_four_languages(audience: str) -> None:
    assert EDITION in editions(audience)
    for edition in editions(audience):
        survey = read_survey(audience, edition)
        texts = [one.text for one in survey.question] + [
            o.text for one in survey.question for o in one.option
        ]
        assert all(set(text) == {"fr", "nl", "de", "en"} and all(text.values()) for text in texts)
        assert len({one.id for one in survey.question}) == len(survey.question)


def test_a_link_says_nothing_of_the_day_on_which_it_was_made() -> None:
    week = range(20_000 - 20_000 % 7 + 4, 20_000 - 20_000 % 7 + 11)
    made = [links.make_link(KEY, BENEFICIARIES, EDITION, day) for day in week]
    assert len({link.last_day for link in made}) == 1
    assert all(28 <= link.last_day - day < 35 for link, day in zip(made, week, strict=True))


def test_a_changed_link_is_no_link() -> None:
    link = links.make_link(KEY, BENEFICIARIES, EDITION, 20_000)
    assert links.check_token(KEY, link.token, 20_000) == link
    for wrong in (link.token[:-2] + "AA", "B" + link.token[1:], link.token + "A", link.token[:-1], "", "é"):
        with pytest.raises(links.NoSuchLink):
            links.check_token(KEY, wrong, 20_000)
    with pytest.raises(links.NoSuchLink):
        links.check_token(bytes(32), link.token, 20_000)
    with pytest.raises(links.NoSuchLink):
        links.check_token(KEY, link.token, link.last_day + 1)
