"""The survey of the history, through the door that people use: an officer hands a link over, somebody answers by it."""

import random
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from egide.demo.history import country
from egide.demo.history.past import DAY_US, Past, Story
from egide.evaluation.surveys import service as surveys
from egide.evaluation.surveys.questions import Survey
from egide.evaluation.surveys.service import Handed

# Every third day an officer asks whoever is due; an answer comes within two.
_DAYS, _ANSWER_DAYS = 3, 2
# Of six who are asked, the last one does not answer.
_SILENT = country.INVITED // (country.INVITED - country.ANSWERED)


def survey(world: Past, zones: Iterable[str]) -> Story:
    """Yields when it goes on, until as many people of these zones were asked as are planned."""
    chance, safer = random.Random(country.INVITED), country.safer()
    zones, asked = sorted(set(zones)), 0
    while asked < country.INVITED:
        for handed in _hand_links(world, zones, country.INVITED - asked):
            asked += 1
            if asked % _SILENT:
                at_us = world.clock.now_us() + round(chance.uniform(0.05, _ANSWER_DAYS) * DAY_US)
                world.add(at_us, _answers(handed, safer.pop(), chance))
        yield world.clock.now_us() + _DAYS * DAY_US


def answer(handed: Handed, given: dict[str, str]) -> None:
    """As the page behind the link does: the link, its number, the answers.

    Raises NoSuchLink, WrongCode, NothingAnswered.
    """
    link, _survey = surveys.check_link(_token(handed))
    surveys.check_code(link, handed.code)
    surveys.do_answer(link, given)


def _hand_links(world: Past, zones: Sequence[str], most: int) -> list[Handed]:
    """A link for each person who may be asked now, by the officer of their zone."""
    found: list[Handed] = []
    for zone in zones:
        officer = world.officer(zone)
        due = surveys.due_files(officer)
        found += [surveys.do_hand_link(officer, one.case) for one in due[: most - len(found)]]
    return found


def _answers(handed: Handed, safer: str, chance: random.Random) -> Story:
    yield from ()
    _link, questions = surveys.check_link(_token(handed))
    answer(handed, _chosen(questions, chance) | {"safer": safer})


def _chosen(questions: Survey, chance: random.Random) -> dict[str, str]:
    return {one.id: chance.choice(one.option).id for one in questions.question}


def _token(handed: Handed) -> str:
    return urlsplit(handed.url).path.rsplit("/", 1)[-1]
