"""The history's survey goes through the door of people: one link one answer, its number, and five answers together."""

import pytest

from egide.demo.history.surveys import answer
from egide.evaluation.models import LinkUse, WaitingAnswer
from egide.evaluation.surveys.questions import BENEFICIARIES, EDITION
from egide.evaluation.surveys.rules import TOGETHER, WRONG_CODES
from egide.evaluation.surveys.service import (
    Handed,
    NoSuchLink,
    NotDue,
    NothingAnswered,
    WrongCode,
    do_hand_link,
    waiting,
)
from egide.events.register import FileOpened
from egide.events.survey import SurveyAnswered, SurveyInvited
from tests.evaluation.people import answers as form
from tests.evaluation.people import forget_asking, handed, house_with_kit
from tests.fleet.files import House
from tests.support.pages import Pages, browser


@pytest.fixture
def house(pages: Pages) -> House:
    return house_with_kit(pages)


def link(house: House) -> Handed:
    forget_asking()
    return do_hand_link(house.officer, house.case.id)


def told(house: House) -> list[object]:
    house.copy()
    rows = [row for row in house.pages.journal.every() if row.stream.startswith("survey:")]
    return [house.pages.journal.open_event(row) for row in rows]


def test_one_link_is_answered_once_in_the_history_too(house: House) -> None:
    found = link(house)
    answer(found, {"safer": "clearly"})
    with pytest.raises(NoSuchLink):
        answer(found, {"safer": "less"})
    assert waiting(BENEFICIARIES, EDITION) == 1 and LinkUse.objects.filter(used=True).count() == 1


def test_a_wrong_number_an_empty_answer_and_somebody_who_was_just_asked_are_refused(house: House) -> None:
    found = link(house)
    with pytest.raises(NotDue):
        do_hand_link(house.officer, house.case.id)
    with pytest.raises(NothingAnswered):
        answer(found, {"safer": "immensely"})
    wrong = Handed(found.way, found.url, "0000000")
    for _try in range(WRONG_CODES):
        with pytest.raises(WrongCode):
            answer(wrong, {"safer": "clearly"})
    with pytest.raises(NoSuchLink):
        answer(found, {"safer": "clearly"})
    assert not WaitingAnswer.objects.exists()


def test_what_the_journal_tells_is_the_same_whichever_way_it_came(house: House) -> None:
    """Five by the history's door, five by the page behind the link: nobody could say which are which."""
    chosen = {name.removeprefix("a-"): value for name, value in form().items() if name.startswith("a-")}
    for number in range(TOGETHER):
        assert not any(isinstance(one, SurveyAnswered) for one in told(house)), number
        answer(link(house), chosen)
    ours = told(house)
    for _number in range(TOGETHER):
        forget_asking()
        path, code = handed(house)
        browser().post(path, form() | {"code": code})
    theirs = told(house)[len(ours) :]

    def by_kind(events: list[object], kind: type) -> list[object]:
        return [one for one in events if isinstance(one, kind)]

    for kind in (SurveyInvited, SurveyAnswered):
        assert len(by_kind(ours, kind)) == TOGETHER and by_kind(ours, kind) == by_kind(theirs, kind)
    opened = [row for row in house.pages.journal.every() if row.kind == FileOpened.__name__]
    assert len(opened) == 2 * TOGETHER, "whoever hands a link over reads how to reach her"
