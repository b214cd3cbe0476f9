"""Trainings, sign-offs, surveys, and what was imported."""

from collections.abc import Iterator
from datetime import date, timedelta

from tests.evaluation.slow.alarms import arrivals, by_trigger, with_team
from tests.evaluation.slow.asking import Answer, Asked, Figure, Member, Where, flow, is_at, share, split_of
from tests.evaluation.slow.files import at_zone, content, decided
from tests.evaluation.slow.reading import Past

CERTIFICATE_DAYS = 730
FEWEST = 5


# --- training -------------------------------------------------------------------------------------------------------


def people_trained(past: Past, kind: str, code: str, day: date) -> int:
    """People of a zone or office whose last course is less than two years old on this day."""
    course = "magistrate" if kind == "office" else "police"
    people = set()
    for one in past.of("TrainingRecorded"):
        told = content(one)
        on = date.fromisoformat(told["on"])
        if told["course"] == course and on <= day < on + timedelta(days=CERTIFICATE_DAYS):
            people |= {
                person for person, unit in zip(told["persons"], told["units"], strict=True) if unit == code
            }
    return len(people)


def is_signed(past: Past, kind: str, code: str, day: date) -> bool:
    """Whether the last sign-off that began by this day was not withdrawn by then."""
    signed = False
    for one in past.of("SignedOff", "SignOffWithdrawn"):
        told = content(one)
        if told["subject"] == f"{kind}:{code}" and date.fromisoformat(told["on"]) <= day:
            signed = one.kind == "SignedOff"
    return signed


def trained_on(past: Past, day: date) -> Iterator[Member]:
    for zone, (centre, office) in past.places.items():
        is_trained = people_trained(past, "zone", zone, day) >= 2
        yield Member(Where(zone, centre, office), yes=is_trained)


def available_on(past: Past, day: date) -> Iterator[Member]:
    """Trained, signed off, with a centre, and with an office that is trained and signed off itself."""
    for zone, (centre, office) in past.places.items():
        is_available = (
            people_trained(past, "zone", zone, day) >= 2
            and is_signed(past, "zone", zone, day)
            and centre != ""
            and office != ""
            and people_trained(past, "office", office, day) >= 1
            and is_signed(past, "office", office, day)
        )
        yield Member(Where(zone, centre, office), yes=is_available)


# --- surveys --------------------------------------------------------------------------------------------------------


def response(past: Past, asked: Asked) -> Answer | str:
    """Answers against invitations, both of the period: nothing tells which answer belongs to which invitation."""
    if asked.kind:
        return "no-place"
    if asked.by and not _response(past, asked, ""):
        return Answer(Figure(n=0, unknown="nobody"), {})
    whole = _response(past, asked, "").get(("", ""), Figure(n=0, unknown="nobody"))
    found = _response(past, asked, asked.by)
    if not asked.by:
        return Answer(whole, {keys[1:]: one for keys, one in found.items() if any(keys)})
    return Answer(whole, found)


def _response(past: Past, asked: Asked, by: str) -> dict[tuple[str, ...], Figure]:
    invited: dict[tuple[str, ...], int] = {}
    answered: dict[tuple[str, ...], int] = {}
    for kind, counts in (("SurveyInvited", invited), ("SurveyAnswered", answered)):
        for one in past.of(kind):
            if asked.first <= one.day <= min(asked.last, past.until):
                split = f"{one.day:%Y}" if by else ""
                for role in ("", content(one)["role"]):
                    counts[split, role] = counts.get((split, role), 0) + 1
    return {
        keys: share(min(n, answered.get(keys, 0)), n, max(0, answered.get(keys, 0) - n))
        for keys, n in invited.items()
    }


def safer(past: Past) -> Iterator[Member]:
    for one in past.of("SurveyAnswered"):
        told = content(one)
        if told["role"] == "beneficiary" and "safer" in told["answers"]:
            yield Member(day=one.day, yes=told["answers"]["safer"] == "clearly")


# --- reach ----------------------------------------------------------------------------------------------------------


def reach(past: Past, asked: Asked, table: list[tuple[str, int, int]], factor: int) -> Answer | str:
    """Grants in zones of which every year was imported, against what was imported of them."""
    years = range(asked.first.year, asked.last.year + 1)
    if (asked.first.month, asked.first.day, asked.last.month, asked.last.day) != (1, 1, 12, 31):
        return "whole-years"
    if asked.last > past.until:
        return "not-yet"
    known = {
        zone
        for zone, _year, _number in table
        if {year for other, year, _number in table if other == zone} >= set(years)
        and is_at(_in(past, zone), asked)
    }
    if not known:
        return "not-imported"
    whole = _reach(past, asked, table, factor, known, "")
    return Answer(whole.get("", Figure(n=0, unknown="nobody")), _cells(past, asked, table, factor, known))


def _cells(
    past: Past, asked: Asked, table: list[tuple[str, int, int]], factor: int, known: set[str]
) -> dict[tuple[str, ...], Figure]:
    if not asked.by:
        return {}
    return {(split,): one for split, one in _reach(past, asked, table, factor, known, asked.by).items()}


def _reach(
    past: Past, asked: Asked, table: list[tuple[str, int, int]], factor: int, known: set[str], by: str
) -> dict[str, Figure]:
    below: dict[str, int] = {}
    for zone, year, number in table:
        if zone in known and asked.first.year <= year <= asked.last.year:
            split = split_of(_in(past, zone, date(year, 1, 1)), by)
            below[split] = below.get(split, 0) + number
    granted = [one for one in decided(past) if one.own == ("granted",)]
    found = {}
    for split, number in below.items():
        some = [
            one
            for key, members in flow(
                past, Asked(asked.first, asked.last, asked.kind, asked.codes, by), granted
            ).items()
            if key == split
            for one in members
        ]
        count = sum(one.where.zone in known for one in some)
        if number:
            found[split] = Figure(
                value=count * factor / number, n=number, count=count, left_out=len(some) - count
            )
    return found


def _in(past: Past, zone: str, day: date | None = None) -> Member:
    return Member(at_zone(past, zone), day)


# --- time gained ----------------------------------------------------------------------------------------------------


def gained(past: Past, asked: Asked) -> Answer | str:
    """Mean seconds of ordinary calls less those of alarms, each alarm against the calls of its zone and hour."""
    calls = [
        (Member(at_zone(past, zone), day, hour), seconds)
        for zone, day, hour, seconds in past.calls
        if asked.first <= day <= asked.last
    ]
    calls = [(one, seconds) for one, seconds in calls if is_at(one, asked)]
    if not calls:
        return "not-imported"
    whole = Asked(asked.first, asked.last, asked.kind, asked.codes)
    ours = flow(past, whole, arrivals(past)).get("", [])
    nothing = Figure(n=0, unknown="nobody")
    found = _gain(ours, calls) if ours else nothing
    cells: dict[tuple[str, ...], Figure] = {}
    if asked.by:
        for split, members in flow(past, asked, arrivals(past)).items():
            theirs = [(one, seconds) for one, seconds in calls if split_of(one, asked.by) == split]
            cells[(split,)] = _gain(members, theirs)
    return Answer(found, cells)


def _gain(ours: list[Member], calls: list[tuple[Member, int]]) -> Figure:
    """The mean gain of those that can be compared."""
    by_stratum: dict[tuple[str, int], list[int]] = {}
    for one, seconds in calls:
        by_stratum.setdefault((one.where.zone, one.hour), []).append(seconds)
    compared = [one for one in ours if (one.where.zone, one.hour) in by_stratum]
    used = {(one.where.zone, one.hour) for one in compared}
    left_out = len(ours) - len(compared)
    if len(compared) < FEWEST or sum(len(by_stratum[key]) for key in used) < FEWEST:
        return Figure(n=len(compared), left_out=left_out, unknown="too-few")
    gains = []
    for one in compared:
        theirs = by_stratum[one.where.zone, one.hour]
        assert one.number is not None
        gains.append(sum(theirs) / len(theirs) - one.number)
    return Figure(value=sum(gains) / len(gains), n=len(compared), left_out=left_out)


def what_is_compared(past: Past, asked: Asked) -> dict[str, float | None]:
    """Alarms and calls one by one: with what each is compared, or why it is not."""
    alarms = flow(past, asked, by_trigger(past)).get("", [])
    went = flow(past, asked, with_team(past)).get("", [])
    arrived = flow(past, asked, arrivals(past)).get("", [])
    calls = [
        (at_zone(past, zone), hour, seconds)
        for zone, day, hour, seconds in past.calls
        if asked.first <= day <= asked.last and is_at(Member(at_zone(past, zone), day, hour), asked)
    ]
    beside = {
        number: [
            seconds for where, hour, seconds in calls if (where.zone, hour) == (one.where.zone, one.hour)
        ]
        for number, one in enumerate(arrived)
    }
    pairs = [(arrived[number].number or 0, theirs) for number, theirs in beside.items() if theirs]
    met = [one for one in calls if any((at.where.zone, at.hour) == (one[0].zone, one[1]) for at in arrived)]
    return {
        "alarms": len(alarms),
        "without_team": len(alarms) - len(went),
        "without_arrival": len(went) - len(arrived),
        "without_calls": len(arrived) - len(pairs),
        "compared": len(pairs),
        "calls": len(calls),
        "calls_apart": len(calls) - len(met),
        "calls_compared": len(met),
        "alarm_s": sum(own for own, _theirs in pairs) / len(pairs) if pairs else None,
        "call_s": sum(sum(some) / len(some) for _own, some in pairs) / len(pairs) if pairs else None,
    }
