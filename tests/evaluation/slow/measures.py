"""The slow counterpart of every measure, by its id; what it means stands in the measure's own words."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial

from tests.evaluation.slow import alarms, files, kits, others
from tests.evaluation.slow.asking import (
    Answer,
    Asked,
    Figure,
    Figures,
    Keys,
    Member,
    answer,
    bare_shares,
    flow,
    groups,
    numbers,
    percentiles,
    share,
    shares,
    stock,
)
from tests.evaluation.slow.reading import Past

Slow = Callable[[Past, Asked], Answer | str]
MONTHS = {6: 183, 12: 365}


def of_period(
    unit: str, members: Callable[[Past], Iterable[Member]], figures: Figures = numbers, headline: Keys = ()
) -> Slow:
    """A measure of what happened in the period."""

    def slow(past: Past, asked: Asked) -> Answer:
        every = list(members(past))
        whole = flow(past, Asked(asked.first, asked.last, asked.kind, asked.codes), every)
        return answer(unit, asked, whole, flow(past, asked, every), figures, headline)

    return slow


def on_day(
    unit: str, members_on: Callable[[Past, date], Iterable[Member]], figures: Figures = numbers
) -> Slow:
    """A measure of what is so on the last day."""

    def slow(past: Past, asked: Asked) -> Answer:
        whole = stock(past, Asked(asked.first, asked.last, asked.kind, asked.codes), members_on)
        return answer(unit, asked, whole, stock(past, asked, members_on), figures)

    return slow


def overdue(members: list[Member]) -> dict[Keys, Figure]:
    """How many are late, of all that are set."""
    late = sum(bool(one.yes) for one in members)
    return {(): Figure(value=late, n=len(members), count=late)}


def again(members: list[Member]) -> dict[Keys, Figure]:
    """From those who are known to be a victim again, to what it would be with all whom nobody saw until the end."""
    found = {}
    for own, some in groups(members).items():
        over = [one for one in some if one.yes is not None]
        count, unseen = sum(bool(one.yes) for one in over), sum(int(one.number or 0) for one in over)
        n, left_out = len(over), len(some) - len(over)
        if n:
            low, high = count / n, (count + unseen) / n
            found[own] = Figure(low, n=n, count=count, low=low, high=high, left_out=left_out)
        else:
            found[own] = Figure(n=0, count=0, left_out=left_out, unknown="not-yet")
    return found


def by_cause(members: list[Member]) -> dict[Keys, Figure]:
    """The share that needed nobody, and that of each cause among all that are closed."""
    closed = [one for one in members if one.yes is not None]
    left_out = len(members) - len(closed)
    found: dict[Keys, Figure] = {("",): share(sum(bool(one.yes) for one in closed), len(closed), left_out)}
    for cause in alarms.NUISANCE if closed else ():
        found[(cause,)] = share(sum(one.own == (cause,) for one in closed), len(closed), left_out)
    return found


def _inhabitants(past: Past, asked: Asked) -> Answer | str:
    return others.reach(past, asked, past.inhabitants, 100_000)


def _reports(past: Past, asked: Asked) -> Answer | str:
    return others.reach(past, asked, past.reports, 100)


def _safer(past: Past, asked: Asked) -> Answer | str:
    return "no-place" if asked.kind else of_period("share", others.safer, shares)(past, asked)


SLOW: dict[str, Slow] = {
    "protected-ever": on_day("people", kits.ever_on),
    "protected-new": of_period("people", kits.first_outs),
    "protected-now": on_day("people", kits.protected_on),
    "protection-days": of_period("days", kits.ended, percentiles, ("p50",)),
    **{
        f"victim-again-{months}": of_period("share", partial(files.again, window=window), again)
        for months, window in MONTHS.items()
    },
    "deaths": of_period("people", files.deaths),
    "perpetrators-died": of_period("people", files.perpetrators_died),
    "requests": of_period("files", files.asked),
    "decisions": of_period("files", files.decided),
    "decision-days": of_period("days", files.days_to_decide, percentiles, ("p50",)),
    "requests-waiting": on_day("files", files.waiting_on),
    "reviews-overdue": on_day("files", files.reviews_on, overdue),
    "kits-usable": on_day("kits", kits.usable_on),
    "kits-in-use": on_day("kits", kits.in_use_on),
    "silent-hours": kits.silent,
    "alarms": of_period("alarms", alarms.by_trigger),
    "outcomes": of_period("alarms", alarms.by_outcome),
    "nuisance-share": of_period("share", alarms.causes, by_cause),
    "interventions": of_period("alarms", alarms.with_team),
    "arrests": of_period("alarms", alarms.with_arrest),
    "without-intervention": of_period("alarms", alarms.without_team),
    "steps": of_period("seconds", alarms.steps, percentiles, ("on-site", "p50")),
    "answered": of_period("seconds", alarms.answers, percentiles, ("p50",)),
    **{
        f"on-site-{minutes}": of_period("share", partial(alarms.on_site_within, minutes=minutes), shares)
        for minutes in (10, 15)
    },
    "time-gained": others.gained,
    "grants-per-inhabitants": _inhabitants,
    "grants-per-reports": _reports,
    "survey-response": others.response,
    "felt-safer": _safer,
    "zones-trained": on_day("share", others.trained_on, bare_shares),
    "zones-available": on_day("share", others.available_on, bare_shares),
}


def slowly(measure: str, past: Past, asked: Asked) -> Answer:
    """The answer of the slow way; where there is none, a whole that says why."""
    if asked.first > past.until or asked.last < past.since:
        return Answer(Figure(unknown="no-records"), {})
    found = SLOW[measure](past, asked)
    return Answer(Figure(unknown=found), {}) if isinstance(found, str) else found
