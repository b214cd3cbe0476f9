"""Who is reminded of what, when, how often, and what a message says."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from egide.access.models import User
from egide.access.registries.tasks import Level, Task, tasks_of
from egide.access.service import scope_of
from egide.casework.file.rules_life import Stage
from egide.casework.models import Case
from egide.entrypoints.worker import reminding
from egide.outbox.days import today
from egide.reminders import rules, telling
from egide.reminders.models import Reminder, Reminding
from egide.reminders.telling import Letter, Roads
from tests.support.pages import Pages
from tests.support.reminders import ADDRESS, DAY, MORNING, NIGHT, Outside

Officer = Callable[..., User]
NIGHTLY = {"at_once": True, "quiet_from": 20, "quiet_until": 7}


def make_urgent(case: str) -> None:
    """Its review is due tomorrow."""
    tomorrow = today() + timedelta(days=1)
    Case.objects.filter(id=case).update(stage=Stage.RUNNING, review_on=tomorrow, urgent=True)


def test_the_list_comes_once_a_day_at_its_hour_and_again_the_next_day(
    outside: Outside, officer: Officer
) -> None:
    officer(list_hour=MORNING)
    outside.at(MORNING - 1).turn()
    assert not outside.letters
    outside.at(MORNING).turn()
    outside.turn()
    assert [letter.to for letter in outside.letters] == [ADDRESS]
    assert re.fullmatch("[a-z0-9-]+", outside.letters[0].id), "part of a Message-ID"
    outside.at(DAY).turn()
    assert len(outside.letters) == 1
    outside.at(MORNING, days=1).turn()
    assert len(outside.letters) == 2 and outside.letters[0].id != outside.letters[1].id


def test_without_anything_to_do_there_is_no_list(outside: Outside, officer: Officer) -> None:
    officer(zone="0000", list_hour=MORNING)
    outside.at(MORNING).turn()
    assert not outside.letters


def test_two_passes_at_the_same_moment_tell_once(outside: Outside, officer: Officer, pages: Pages) -> None:
    user = officer(list_hour=MORNING, **NIGHTLY)
    make_urgent(pages.files[0].case.id)
    outside.at(MORNING)
    letters: list[Letter] = []

    def mail(letter: Letter) -> None:
        letters.append(letter)
        if len(letters) == 1:
            # Another worker looks while this one sends.
            telling.do_remind(user.id, Roads(mail, None))

    telling.do_remind(user.id, Roads(mail, None))
    assert len(letters) == 1


def test_what_is_urgent_comes_at_once_and_once(outside: Outside, officer: Officer, pages: Pages) -> None:
    officer(**NIGHTLY)
    outside.at(DAY).turn()
    before = len(outside.letters)
    outside.turn()
    assert len(outside.letters) == before
    make_urgent(pages.files[0].case.id)
    outside.turn()
    outside.turn()
    assert [letter.subject for letter in outside.letters[before:]] == [
        "Egide: something urgent waits for you"
    ]


def test_at_night_it_waits_for_the_morning(outside: Outside, officer: Officer, pages: Pages) -> None:
    officer(**NIGHTLY)
    make_urgent(pages.files[0].case.id)
    outside.at(NIGHT).turn()
    assert not outside.letters
    outside.at(MORNING, days=1).turn()
    assert len(outside.letters) == 1


def test_what_stands_in_the_list_is_not_told_by_a_message_besides(
    outside: Outside, officer: Officer, pages: Pages
) -> None:
    officer(list_hour=MORNING, **NIGHTLY)
    make_urgent(pages.files[0].case.id)
    outside.at(MORNING).turn()
    outside.turn()
    assert [letter.subject.endswith("for you") for letter in outside.letters] == [True]
    assert "urgent" not in outside.letters[0].subject and "▲" in outside.letters[0].text


def test_a_message_that_no_road_took_is_tried_again_and_the_page_says_so(
    outside: Outside, officer: Officer, pages: Pages
) -> None:
    user = officer(list_hour=MORNING, **NIGHTLY)
    outside.takes = False
    outside.at(MORNING).turn()
    row = Reminding.objects.get()
    assert row.failed_at_us and row.list_day is None and not Reminder.objects.exists()
    assert "could not be sent" in pages.client(user).get("/reminders/").content.decode()
    outside.takes = True
    outside.turn()
    assert len(outside.letters) == 1 and not Reminding.objects.get().failed_at_us


def test_a_machine_that_stopped_while_it_sent_does_not_tell_again(
    outside: Outside, officer: Officer, pages: Pages
) -> None:
    user = officer(**NIGHTLY)
    make_urgent(pages.files[0].case.id)
    outside.at(DAY)

    def stop(_letter: Letter) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        telling.do_remind(user.id, Roads(stop, None))
    outside.turn()
    assert not outside.letters and Reminder.objects.exists()


def test_doing_it_closes_it_and_reading_does_not(outside: Outside, officer: Officer, pages: Pages) -> None:
    user, case = officer(**NIGHTLY), pages.files[0].case.id
    make_urgent(case)
    outside.at(DAY).turn()
    pages.client(user).get("/start")
    outside.turn()
    open_before = Reminder.objects.filter(closed_at_us=0).count()
    Case.objects.filter(id=case).update(review_on=today() + timedelta(days=200), change_on=None, urgent=False)
    outside.turn()
    assert Reminder.objects.filter(closed_at_us=0).count() == open_before - 1
    assert "Done by" in pages.client(user).get("/reminders/").content.decode()


def test_no_message_names_anybody(outside: Outside, pages: Pages) -> None:
    """Titles and details stay in the house; of every task only its kind, its urgency and a day leave."""
    case = pages.files[0].case
    posts = {
        "reference-officer": {"zone": case.managing_zone},
        "magistrate": {"office": case.office},
        "supervisor": {"centre": case.managing_centre},
        "coordinator": {},
        "administrator": {},
        "data-protection": {},
    }
    for role, post in posts.items():
        user = pages.user(role, role=role, language="fr", **post)
        Reminding.objects.create(user=user, address=f"{role}@house.example", list_hour=MORNING)
    make_urgent(case.id)
    outside.at(MORNING).turn()
    assert len(outside.letters) >= 2
    said = "\n".join(f"{letter.subject}\n{letter.text}\n{letter.id}" for letter in outside.letters)
    titles = {
        word
        for role in posts
        for task in tasks_of(scope_of(User.objects.get(name=role)))
        for word in re.findall(r"[\w/-]{4,}", f"{task.title} {task.url}")
    }
    names = {word for file in pages.files for word in file.name.split() if len(word) > 3}
    kinds = {
        word
        for role in posts
        for task in tasks_of(scope_of(User.objects.get(name=role)))
        for word in re.findall(r"[\w/-]{4,}", task.word)
    }
    assert names and titles
    assert not [word for word in (names | titles) - kinds if re.search(rf"\b{re.escape(word)}\b", said)]
    assert "http" not in said


def test_an_open_alarm_is_never_told_this_way() -> None:
    alarm = Task("A. B.", "/desk/1", "Open alarm", 1, level=Level.OPEN_ALARM)
    assert rules.marked([alarm]) == []


def test_a_mark_is_the_same_an_hour_later_and_in_another_language(
    outside: Outside, pages: Pages, officer: Officer
) -> None:
    user = officer()
    first = [mark for mark, _task in rules.marked(tasks_of(scope_of(user)))]
    pages.clock.advance_s(3600)
    assert first and [mark for mark, _task in rules.marked(tasks_of(scope_of(user)))] == first


def test_who_left_and_emergency_accounts_are_told_nothing(
    outside: Outside, officer: Officer, pages: Pages
) -> None:
    gone, opened = officer("gone", list_hour=MORNING), officer("opened", list_hour=MORNING)
    User.objects.filter(id=gone.id).update(is_active=False)
    User.objects.filter(id=opened.id).update(is_emergency=True)
    outside.at(MORNING).turn()
    assert not outside.letters


def test_where_no_road_is_set_no_process_begins(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    monkeypatch.setattr(reminding, "do_apart", lambda *said: begun.append(said))
    stopping = _Stopping(2)
    reminding.remind_until(stopping, pages.config)
    assert not begun and not stopping.waited_s
    reminding.remind_until(stopping, replace(pages.config, mail_smtp="smtps://m.example", remind_every_s=7))
    assert len(begun) == 2 and stopping.waited_s == [7, 7, 7]


class _Stopping(threading.Event):
    """Stops after so many waits, and waits for none."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self._waits = waits
        self.waited_s: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited_s.append(timeout)
        return len(self.waited_s) > self._waits
