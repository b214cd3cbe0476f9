"""Requests, decisions, reviews and new incidents, told again from the events of each file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.evaluation.slow.alarms import alarms_of
from tests.evaluation.slow.asking import Member, Where
from tests.evaluation.slow.reading import BRUSSELS, Past, Told

STEPS = (
    "FileStarted",
    "FileMoved",
    "FileRequested",
    "FileChanged",
    "GrantDecided",
    "GrantReviewed",
    "LifeEventNoted",
    "GrantWithdrawn",
    "FileEnded",
    "DeathNoted",
    "DeathTakenBack",
)
VICTIMS, VIOLENT = ("protected", "child", "relative"), ("known", "suspected")
FOUNDED = (
    "arrest",
    "perpetrator-gone",
    "nobody-seen-but-fear-founded",
    "help-refused",
    "injured",
    "killed",
    "child-taken",
)


def cases(past: Past) -> list[str]:
    return [content(one)["case"] for one in past.of("FileStarted")]


def content(one: Told) -> dict[str, Any]:
    """The fields of an event."""
    return {name: getattr(one.event, name) for name in one.event.__struct_fields__}


def steps_of(past: Past, case: str, by: date | None = None) -> list[Told]:
    return [one for one in past.of(*STEPS, by=by) if content(one)["case"] == case]


def zone_after(steps: list[Told]) -> str:
    """The zone that manages the file after these steps."""
    zone = ""
    for one in steps:
        if one.kind == "FileStarted":
            zone = content(one)["managing_zone"]
        if one.kind == "FileMoved":
            zone = content(one)["to_zone"]
    return zone


def verdict(one: Told) -> str:
    """What settles a request, and how; "" for what does not."""
    if one.kind == "GrantDecided" and content(one)["decision"] in ("granted", "refused"):
        return str(content(one)["decision"])
    if one.kind == "FileChanged" and content(one)["part"] == "dropped":
        return "dropped"
    return ""


def at_zone(past: Past, zone: str) -> Where:
    return Where(zone, past.centre_of(zone), past.office_of(zone))


@dataclass
class Death:
    """A death that stands in a file: when it was entered first, and the latest word on it."""

    noted: Told
    said: dict[str, Any]

    @property
    def on(self) -> date:
        day: date = self.said["on"]
        return day


def deaths_in(steps: list[Told]) -> list[Death]:
    """What was taken back was never said."""
    found: dict[str, Death] = {}
    for one in steps:
        if one.kind == "DeathNoted":
            told = content(one)
            found.setdefault(told["death"], Death(one, told)).said = told
        if one.kind == "DeathTakenBack":
            found.pop(content(one)["death"], None)
    return list(found.values())


def died(steps: list[Told]) -> Death | None:
    """The death of the protected person: with it the file is closed from the moment it was entered."""
    return next((one for one in deaths_in(steps) if one.said["who"] == "protected"), None)


class Request:
    """A request with what settled it; it belongs to the zone that had the file then, or that has it now."""

    def __init__(
        self, past: Past, case: str, asked: Told, settled: Told | None, zone: str, dead: Death | None
    ) -> None:
        self.asked = asked.day
        self.settled = settled.day if settled else dead.noted.day if dead else None
        self.verdict = verdict(settled) if settled else ""
        # An erased file waits for nothing.
        self.waits_until = self.settled or past.erased.get(case)
        self.where = at_zone(past, zone)


def requests(past: Past) -> Iterator[Request]:
    for case in cases(past):
        steps = steps_of(past, case)
        for place, one in enumerate(steps):
            if one.kind != "FileRequested":
                continue
            end = next((at for at in range(place, len(steps)) if verdict(steps[at])), None)
            known = steps if end is None else steps[: end + 1]
            yield Request(
                past, case, one, None if end is None else steps[end], zone_after(known), died(steps)
            )


def asked(past: Past) -> Iterator[Member]:
    for one in requests(past):
        yield Member(day=one.asked, where=one.where)


def decided(past: Past) -> Iterator[Member]:
    for one in requests(past):
        if one.settled and one.verdict in ("granted", "refused"):
            yield Member(day=one.settled, own=(one.verdict,), where=one.where)


def days_to_decide(past: Past) -> Iterator[Member]:
    for one in requests(past):
        if one.settled and one.verdict in ("granted", "refused"):
            yield Member(day=one.settled, number=(one.settled - one.asked).days, where=one.where)


def waiting_on(past: Past, day: date) -> Iterator[Member]:
    for one in requests(past):
        if one.asked <= day and (one.waits_until is None or one.waits_until > day):
            yield Member(where=one.where)


def review_after(steps: list[Told]) -> date | None:
    """The day by which the next review is due, after these steps."""
    due: date | None = None
    for one in steps:
        told = content(one)
        match one.kind:
            case "GrantDecided" if told["decision"] == "granted":
                due = told["review_on"]
            case "GrantReviewed":
                due = told["review_on"]
            case "LifeEventNoted":
                due = min(told["due"], due) if due else told["due"]
            case "GrantWithdrawn" | "FileEnded":
                due = None
            case "GrantDecided" | "FileChanged" if verdict(one) in ("refused", "dropped"):
                due = None
            case "DeathNoted" if told["due"]:
                due = min(told["due"], due) if due else told["due"]
            case _:
                pass
    return due


def reviews_on(past: Past, day: date) -> Iterator[Member]:
    """Files that wait for a review at the end of the day; `yes` for those whose day has passed."""
    for case in cases(past):
        steps = steps_of(past, case, by=day)
        due, dead = review_after(steps), died(steps_of(past, case))
        if dead and dead.noted.day <= day:
            continue
        if due is not None and past.erased.get(case, date.max) > day:
            yield Member(yes=due < day, where=at_zone(past, zone_after(steps)))


class Course:
    """A file from its first decision on; a death before any decision stands for one that dropped the request."""

    def __init__(self, past: Past, case: str, steps: list[Told], first: Told | None) -> None:
        dead = died(steps)
        if first:
            self.at, self.verdict = first.at, verdict(first)
            known = [one for one in steps if one.seq <= first.seq]
        else:
            assert dead
            noon = datetime(dead.on.year, dead.on.month, dead.on.day, 12, tzinfo=UTC)
            started = min(one.at for one in steps if one.kind == "FileStarted")
            self.at, self.verdict = min(dead.noted.at, max(noon, started)).astimezone(BRUSSELS), "dropped"
            known = [one for one in steps if one.seq <= dead.noted.seq]
        self.decided = self.at.date()
        self.where = at_zone(past, zone_after(known))
        self.incident = self._incident(past, case, steps)
        self.left = self._left(steps) or (dead.noted.day if dead else None) or past.erased.get(case)

    def _incident(self, past: Past, case: str, steps: list[Told]) -> date | None:
        """The first new incident: a report that was added, an alarm that ended with a danger that was there, or a death
        behind which violence is known or suspected."""
        added = [
            one.at
            for one in steps
            if one.kind == "FileChanged" and content(one)["part"] == "report" and content(one)["version"] == 1
        ]
        pressed = [one.received for one in alarms_of(past) if one.case == case and one.outcome in FOUNDED]
        days = [at.date() for at in added + pressed if at >= self.at]
        days += [
            one.on
            for one in deaths_in(steps)
            if one.said["who"] in VICTIMS and one.said["violence"] in VIOLENT and one.on >= self.decided
        ]
        return min(days, default=None)

    @staticmethod
    def _left(steps: list[Told]) -> date | None:
        """Since when nobody looks after it any more."""
        left = None
        for one in steps:
            if one.kind == "FileRequested":
                left = None
            if one.kind in ("GrantWithdrawn", "FileEnded") or verdict(one) in ("refused", "dropped"):
                left = one.day
        return left


def courses(past: Past) -> Iterator[Course]:
    for case in cases(past):
        steps = steps_of(past, case)
        first = next((one for one in steps if verdict(one)), None)
        if first is not None or died(steps):
            yield Course(past, case, steps, first)


def again(past: Past, window: int) -> Iterator[Member]:
    """`yes`: a victim again within the window. `number` is 1 where nobody looked until its end. None: not over yet."""
    for one in courses(past):
        told = Member(one.where, one.decided, own=(one.verdict,))
        end = one.decided + timedelta(days=window)
        if end > past.until:
            yield told
        elif one.incident and one.incident <= end:
            yield replace(told, yes=True)
        else:
            yield replace(told, yes=False, number=int(bool(one.left and one.left < end)))


def _outside(past: Past) -> Iterator[tuple[Where, Death]]:
    """Deaths with which no alarm was closed, in the zone that had the file when they were entered."""
    for case in cases(past):
        steps = steps_of(past, case)
        for one in deaths_in(steps):
            if not one.said["in_alarm"]:
                known = [step for step in steps if step.seq <= one.noted.seq]
                yield at_zone(past, zone_after(known)), one


def deaths(past: Past) -> Iterator[Member]:
    for where, one in _outside(past):
        if one.said["who"] in VICTIMS:
            yield Member(where, one.on, own=(one.said["who"], one.said["violence"]))


def perpetrators_died(past: Past) -> Iterator[Member]:
    for where, one in _outside(past):
        if one.said["who"] not in VICTIMS:
            yield Member(where, one.on)
