"""Whoever is on duty is told first, and alone; and every way in which somebody else would then hear of nothing."""

from datetime import timedelta

import pytest

from egide.access.models import User
from egide.access.registries.tasks import Level, Task
from egide.casework.file.rules_life import Stage
from egide.casework.models import BarredReader, Case
from egide.outbox.days import today
from egide.outbox.service import clock
from egide.reminders import rules, telling
from egide.reminders.models import Reminder, Reminding
from egide.reminders.telling import Letter, Roads
from egide.rollout.duties import TAKE_OVER, do_exchange, exchange_of
from egide.rollout.models import Duty
from tests.support.pages import Pages
from tests.support.reminders import DAY, MORNING, NIGHT, Outside

HOUR_US = 3_600_000_000
SAID: dict[str, object] = {"at_once": True, "quiet_from": 20, "quiet_until": 7, "list_hour": MORNING}


class House:
    """The people of a zone and of its prosecutor's office, how they are reminded, and who is on duty."""

    def __init__(self, outside: Outside, pages: Pages) -> None:
        self._outside, self._pages = outside, pages
        self.case = pages.files[0].case
        self.zone, self.office = self.case.managing_zone, "mons"
        Case.objects.filter(id=self.case.id).update(office=self.office)
        outside.at(DAY)

    def somebody(self, name: str, role: str = "reference-officer", zone: str = "", **said: object) -> User:
        place = {"office": self.office} if role in ("magistrate", "clerk") else {"zone": zone or self.zone}
        user = self._pages.user(name, role=role, language="en", **place)
        wanted = {"address": f"{name}@house.example"} | SAID | said
        Reminding.objects.create(user=user, **wanted)  # type: ignore[misc]
        return user

    def on_duty(self, user: User, kind: str = "zone", place: str = "", hours: int = 8) -> Duty:
        now_us = clock().now_us()
        row: Duty = Duty.objects.create(
            kind=kind,
            place=place or (self.zone if kind == "zone" else self.office),
            name=f"On duty: {user.name}",
            number="+32 65 00 00 01",
            account=user,
            starts_us=now_us - HOUR_US,
            ends_us=now_us + hours * HOUR_US,
        )
        return row

    def make_urgent(self, stage: Stage = Stage.RUNNING) -> None:
        """The file calls for somebody."""
        tomorrow = today() + timedelta(days=1)
        Case.objects.filter(id=self.case.id).update(stage=stage, review_on=tomorrow, urgent=True)

    def turn(self) -> list[str]:
        """To whom something goes at one look at everybody."""
        before = len(self._outside.letters)
        self._outside.turn()
        return sorted(letter.to.partition("@")[0] for letter in self._outside.letters[before:])


@pytest.fixture
def house(outside: Outside, pages: Pages) -> House:
    return House(outside, pages)


def calm(house: House) -> None:
    """Whatever waits already was told."""
    house.turn()
    assert house.turn() == []


def test_who_is_on_duty_is_told_at_once_and_alone_and_the_others_find_it_in_their_list(
    house: House, outside: Outside
) -> None:
    first, _second = house.somebody("first"), house.somebody("second")
    calm(house)
    house.on_duty(first, hours=48)
    house.make_urgent()
    assert [house.turn(), house.turn()] == [["first"], []]
    assert "On duty" not in outside.letters[-1].text and "first" not in outside.letters[-1].text
    outside.at(MORNING, days=1)
    assert house.turn() == ["first", "second"]
    assert "▲" in outside.letters[-1].text


def test_two_who_are_on_duty_are_both_told(house: House) -> None:
    first, second, _third = (house.somebody(name) for name in ("first", "second", "third"))
    calm(house)
    house.on_duty(first)
    house.on_duty(second)
    house.make_urgent()
    assert [house.turn(), house.turn()] == [["first", "second"], []]


def test_who_has_no_list_is_told_at_once_as_ever(house: House) -> None:
    first, _second = house.somebody("first"), house.somebody("second", list_hour=None)
    calm(house)
    house.on_duty(first)
    house.make_urgent()
    assert [house.turn(), house.turn()] == [["first", "second"], []]


def test_when_the_duty_ends_and_it_is_still_open_everybody_is_told_once(house: House, pages: Pages) -> None:
    first, _second = house.somebody("first"), house.somebody("second")
    calm(house)
    house.on_duty(first, hours=2)
    house.make_urgent()
    assert house.turn() == ["first"]
    pages.clock.advance_s(2 * 3600)
    assert [house.turn(), house.turn()] == [["second"], []]


def test_what_is_done_meanwhile_is_told_to_nobody_else(house: House, pages: Pages) -> None:
    first, _second = house.somebody("first"), house.somebody("second")
    calm(house)
    house.on_duty(first, hours=2)
    house.make_urgent()
    assert house.turn() == ["first"]
    later = today() + timedelta(days=200)
    Case.objects.filter(id=house.case.id).update(review_on=later, change_on=None, urgent=False)
    pages.clock.advance_s(2 * 3600)
    assert house.turn() == [] and not Reminder.objects.filter(taken_at_us=0).exists()


def test_who_takes_a_duty_over_is_told_of_what_is_open_and_the_others_still_are_not(house: House) -> None:
    first, second, _third = (house.somebody(name) for name in ("first", "second", "third"))
    calm(house)
    line = house.on_duty(first)
    other = house.on_duty(second)
    Duty.objects.filter(id=other.id).update(starts_us=other.ends_us, ends_us=other.ends_us + HOUR_US)
    house.make_urgent()
    assert house.turn() == ["first"]
    kept = {("zone", house.zone)}
    mark = exchange_of(kept, line.id, TAKE_OVER, other.id).mark
    do_exchange(kept, line.id, TAKE_OVER, other.id, mark, "first")
    assert [house.turn(), house.turn()] == [["second"], []]


# Everybody is told as ever


def test_where_nobody_is_on_duty_or_nobody_with_an_account(house: House) -> None:
    first, _second = house.somebody("first"), house.somebody("second")
    calm(house)
    row = house.on_duty(first)
    Duty.objects.filter(id=row.id).update(account=None)
    house.make_urgent()
    assert house.turn() == ["first", "second"]


@pytest.mark.parametrize(
    "said",
    [{"address": ""}, {"at_once": False}],
    ids=["has no road", "wants nothing at once"],
)
def test_where_who_is_on_duty_is_not_told(house: House, said: dict[str, object]) -> None:
    first, _second = house.somebody("first", **said), house.somebody("second")
    calm(house)
    house.on_duty(first)
    house.make_urgent()
    assert [house.turn(), house.turn()] == [["second"], []]


def test_where_who_is_on_duty_never_said_how_to_be_reminded(house: House) -> None:
    first, _second = house.somebody("first"), house.somebody("second")
    calm(house)
    Reminding.objects.filter(user=first).delete()
    house.on_duty(first)
    house.make_urgent()
    assert house.turn() == ["second"]


def test_where_no_road_takes_what_who_is_on_duty_is_told(house: House, outside: Outside) -> None:
    first, _second = house.somebody("first"), house.somebody("second")
    calm(house)
    house.on_duty(first)
    outside.refused.add("first@house.example")
    house.make_urgent()
    assert [house.turn(), house.turn()] == [["second"], []]
    outside.refused.clear()
    assert house.turn() == ["first"]


def test_where_the_machine_stops_while_who_is_on_duty_is_told(house: House) -> None:
    """They may have it, and may not: it counts as told to them, and keeps it from nobody."""
    first, _second = house.somebody("first"), house.somebody("second")
    calm(house)
    house.on_duty(first)
    house.make_urgent()

    def stop(_letter: Letter) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        telling.do_remind(first.id, Roads(stop, None))
    assert [house.turn(), house.turn()] == [["second"], []]


def test_where_the_file_bars_who_is_on_duty(house: House) -> None:
    first, _second = house.somebody("first"), house.somebody("second")
    BarredReader.objects.create(case_id=house.case.id, mark="user:first")
    calm(house)
    house.on_duty(first)
    house.make_urgent()
    assert house.turn() == ["second"]


@pytest.mark.parametrize("why", ["barred", "moved", "left"])
def test_where_who_was_told_on_duty_must_not_or_cannot_see_to_it_any_more(house: House, why: str) -> None:
    first, _second = house.somebody("first"), house.somebody("second")
    calm(house)
    house.on_duty(first)
    house.make_urgent()
    assert house.turn() == ["first"]
    if why == "barred":
        BarredReader.objects.create(case_id=house.case.id, mark="user:first")
    elif why == "moved":
        first.memberships.update(place="5330")
    else:
        User.objects.filter(id=first.id).update(is_active=False)
    assert house.turn() == ["second"]


def test_where_who_was_told_on_duty_gave_up_every_road_since(house: House) -> None:
    """Then nobody looks any more whether they may still see to it."""
    first, _second = house.somebody("first"), house.somebody("second")
    calm(house)
    house.on_duty(first)
    house.make_urgent()
    assert house.turn() == ["first"]
    Reminding.objects.filter(user=first).update(address="")
    BarredReader.objects.create(case_id=house.case.id, mark="user:first")
    assert house.turn() == ["second"]


def test_where_the_duty_is_of_another_place(house: House) -> None:
    """Two zones have the same officers; only one of them has a roster."""
    first, second = house.somebody("first"), house.somebody("second")
    for user in (first, second):
        user.memberships.create(role="reference-officer", place="5330")
    calm(house)
    house.on_duty(first, place="5330")
    house.make_urgent()
    assert house.turn() == ["first", "second"]


def test_where_a_magistrate_is_on_duty_and_the_zone_has_to_act_too(house: House) -> None:
    magistrate, _officer = house.somebody("magistrate", "magistrate"), house.somebody("officer")
    calm(house)
    house.on_duty(magistrate, "office")
    house.make_urgent()
    assert house.turn() == ["magistrate", "officer"]


def test_where_a_clerk_is_on_duty_and_only_a_magistrate_can_decide(house: House) -> None:
    clerk, _magistrate = house.somebody("clerk", "clerk"), house.somebody("magistrate", "magistrate")
    calm(house)
    house.on_duty(clerk, "office")
    house.make_urgent(Stage.DECISION)
    assert house.turn() == ["clerk", "magistrate"]


def test_an_offices_other_people_are_left_in_peace_as_a_zones_are(house: House) -> None:
    magistrate = house.somebody("magistrate", "magistrate")
    house.somebody("other", "magistrate")
    house.somebody("clerk", "clerk")
    calm(house)
    house.on_duty(magistrate, "office")
    house.make_urgent()
    assert [house.turn(), house.turn()] == [["magistrate"], []]


def test_an_officer_who_is_no_reference_officer_is_told_as_ever(house: House) -> None:
    first, _second = house.somebody("first"), house.somebody("second", "zone-officer")
    calm(house)
    house.on_duty(first)
    house.make_urgent()
    assert house.turn() == ["first", "second"]


def test_a_task_that_says_no_place_is_left_to_nobody() -> None:
    """A second signature, for instance: whoever is on duty may be the one who gave the first."""
    for_all = Task("a", "/a", "x", 1, level=Level.URGENT)
    of_zone = Task("b", "/b", "x", 1, level=Level.URGENT, places=("zone:5324", "office:mons"))
    told = {"a": {"zone:5324"}, "b": {"zone:5324"}}
    assert rules.left_to_those_on_duty([("a", for_all), ("b", of_zone)], told) == {"b"}
    assert not rules.left_to_those_on_duty([("b", of_zone)], {"b": {"zone:5330"}})
    assert not rules.left_to_those_on_duty([("b", of_zone)], {})


# Quiet hours


def test_who_is_on_duty_is_told_in_their_quiet_hours_too_and_only_of_what_they_are_on_duty_for(
    house: House, outside: Outside, pages: Pages
) -> None:
    first, _second = house.somebody("first"), house.somebody("second")
    calm(house)
    outside.at(NIGHT)
    row = house.on_duty(first, place="5330")
    house.make_urgent()
    assert house.turn() == []
    Duty.objects.filter(id=row.id).update(place=house.zone)
    assert [house.turn(), house.turn()] == [["first"], []]
    pages.clock.advance_s(600)
    Duty.objects.filter(id=row.id).delete()
    assert house.turn() == []
    outside.at(MORNING, days=1)
    assert house.turn() == ["first", "second"]


def test_at_night_nobody_else_is_told_where_no_road_takes_it_until_the_morning(
    house: House, outside: Outside
) -> None:
    first, _second = house.somebody("first"), house.somebody("second", list_hour=None)
    calm(house)
    outside.at(NIGHT)
    house.on_duty(first, hours=24)
    outside.refused.add("first@house.example")
    house.make_urgent()
    assert house.turn() == []
    outside.at(MORNING, days=1)
    assert house.turn() == ["second"]
