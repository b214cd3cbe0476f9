"""The plan of the invented history: who was protected where and when, so that it adds up to what was published.

Published for the end of October 2023: 120 people protected since 2019, 79 kits in use of 1,000 usable, 40
interventions, 10 arrests, 89.6 % of users feel clearly safer. The last has no published denominator: 43 of 48 is
assumed. The pilot (one zone) had 40 people by March 2022 and the ten arrests; in one province 19 kits gave 84 calls of
which 3 were real, by March 2023. "A shorter time on site" was published without a number: how much shorter the
ordinary calls make it here is invented, so that a test can find it again.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import exp, log

from egide.demo.history.lives import Incident, Passing, Plan

BEGINS, ENDS = date(2019, 1, 7), date(2023, 11, 1)
PILOT_ZONE = "5415"
PROVINCE_OFFICE = "west-vlaanderen"
PROTECTED, IN_USE, USABLE, INTERVENTIONS, ARRESTS = 120, 79, 1000, 40, 10
# Of those who answered, two passed over the question whether they feel safer.
INVITED, ANSWERED, OF_SAFETY, CLEARLY = 60, 50, 48, 43
# Measures for which the history assumes what was never published: of how many the share is.
ASSUMED = ("felt-safer",)
PILOT, PROVINCE = 40, 19
# Of those of the pilot, the province and the rest, how many have given their kit back by the end.
_ENDED = {"pilot": 33, "province": 5, "rest": 3}
_PILOT_OUTCOMES = (
    ["arrest"] * 10 + ["perpetrator-gone"] * 6 + ["nobody-seen-but-fear-founded"] * 3 + ["help-refused"] * 2
)
_PROVINCE_OUTCOMES = ["perpetrator-gone", "perpetrator-gone", "injured"]
_PROVINCE_CALLS = 84
_REST_OUTCOMES = ["perpetrator-gone"] * 8 + ["nobody-seen-but-fear-founded"] * 6 + ["person-not-found"] * 2
_NOTHING = ("handling-error", "handling-error", "test", "technical")
# Seconds until a team is on the spot (lognormal), and how much longer after an ordinary call, in the mean.
_MU, _SIGMA = 6.1, 0.35
GAINED_S = 180
# Deaths outside of an alarm were never published: three of the pilot, by the number of the file; the last was refused.
_GRANTED = {9: Passing("protected", "excluded"), 12: Passing("perpetrator", "not-asked")}
_REFUSED = {3: Passing("protected", "suspected", later="known")}
DEATHS = {("protected", "excluded"): 1, ("protected", "known"): 1}
# Ordinary calls of a zone in each hour of day of a year, and zones that sent none.
_CALLS, _CALLS_MISSING = 3, 2


@dataclass(frozen=True)
class Start:
    """A file that is opened on a day."""

    on: date
    plan: Plan


def starts(zones: dict[str, tuple[str, str]], seed: int = 2019) -> list[Start]:
    """Every file of the history. `zones` gives centre and office of each zone."""
    chance = random.Random(seed)
    province = sorted(zone for zone, (_centre, office) in zones.items() if office == PROVINCE_OFFICE)
    rest = sorted(zone for zone in zones if zone != PILOT_ZONE and zone not in province)
    found = [*_pilot(chance), *_province(chance, province), *_rest(chance, rest)]
    return [*found, *_not_granted(chance, rest)]


def _pilot(chance: random.Random) -> Iterator[Start]:
    days = (date(2022, 2, 1) - date(2019, 3, 1)).days
    ended = _ENDED["pilot"]
    for number in range(PILOT):
        on = date(2019, 3, 1) + timedelta(days=number * days // PILOT)
        incidents = [_intervention(chance, outcome) for outcome in _PILOT_OUTCOMES[number::PILOT]]
        incidents += [_nothing(chance)] if number % 3 == 0 else []
        ends = chance.randint(150, 420) if number < ended else None
        report = chance.randint(30, 170) if number % 4 == 1 else None
        plan = _plan(chance, PILOT_ZONE, incidents, ends, report, is_withdrawn=number == 5)
        yield Start(on, replace(plan, death=_GRANTED.get(number)))


def _province(chance: random.Random, zones: list[str]) -> Iterator[Start]:
    calls = [_intervention(chance, outcome, most_days=25) for outcome in _PROVINCE_OUTCOMES]
    calls += [_nothing(chance, most_days=40) for _number in range(_PROVINCE_CALLS - len(calls))]
    for number in range(PROVINCE):
        on = date(2022, 10, 3) + timedelta(days=number * 5)
        ends = chance.randint(120, 180) if number < _ENDED["province"] else None
        yield Start(on, _plan(chance, zones[number % len(zones)], calls[number::PROVINCE], ends))


def _rest(chance: random.Random, zones: list[str]) -> Iterator[Start]:
    number_of = PROTECTED - PILOT - PROVINCE
    days = (date(2023, 10, 5) - date(2023, 2, 20)).days
    for number in range(number_of):
        on = date(2023, 2, 20) + timedelta(days=number * days // number_of)
        # Interventions come with the early ones: their days lie before the end of the history.
        incidents = [
            _intervention(chance, outcome, most_days=15) for outcome in _REST_OUTCOMES[number : number + 1]
        ]
        incidents += [_nothing(chance, most_days=12)] if number % 4 == 2 else []
        ends = chance.randint(60, 120) if number < _ENDED["rest"] else None
        zone = zones[(number * 37) % len(zones)]
        yield Start(on, _plan(chance, zone, incidents, ends, is_withdrawn=number == 1))


def _not_granted(chance: random.Random, zones: list[str]) -> Iterator[Start]:
    for number in range(18):
        on = date(2019, 6, 3) + timedelta(days=number * 85)
        zone = PILOT_ZONE if on.year < 2022 else zones[(number * 53) % len(zones)]
        decision = "dropped" if number % 5 == 4 else "refused"
        plan = Plan(zone, decision=decision, decide_days=chance.randint(2, 15), death=_REFUSED.get(number))
        yield Start(on, plan)


def _plan(
    chance: random.Random,
    zone: str,
    incidents: list[Incident],
    ends: int | None,
    report: int | None = None,
    *,
    is_withdrawn: bool = False,
) -> Plan:
    # Two presses of one kit never within the hour in which the second would join the first.
    spaced = [
        Incident(one.after_days + index * 0.13, one.outcome, one.has_team, one.on_site_s)
        for index, one in enumerate(sorted(incidents, key=lambda one: one.after_days))
    ]
    return Plan(
        zone,
        asks_more=chance.random() < 0.15,
        decide_days=chance.randint(1, 9),
        ends_after_days=ends,
        is_withdrawn=is_withdrawn,
        new_report_days=report,
        incidents=tuple(spaced),
    )


def _intervention(chance: random.Random, outcome: str, most_days: int = 120) -> Incident:
    on_site_s = round(chance.lognormvariate(_MU, _SIGMA))
    return Incident(chance.uniform(2, most_days), outcome, has_team=True, on_site_s=on_site_s)


def _nothing(chance: random.Random, most_days: int = 120) -> Incident:
    return Incident(chance.uniform(1, most_days), chance.choice(_NOTHING), has_team=False)


def trainings(zones: dict[str, tuple[str, str]]) -> list[tuple[date, str, str, int]]:
    """(day, course, unit, people) in order: the pilot first, one province in 2022, every other zone by October 2023."""
    found = []
    pilot_office = zones[PILOT_ZONE][1]
    for day in (date(2019, 1, 14), date(2020, 12, 7), date(2022, 11, 14)):
        found += [(day, "police", PILOT_ZONE, 4), (day, "magistrate", pilot_office, 2)]
    offices = {pilot_office}
    others = [zone for zone in sorted(zones) if zone != PILOT_ZONE]
    late = [zone for zone in others if zones[zone][1] != PROVINCE_OFFICE]
    for zone in others:
        day = date(2022, 9, 5)
        if zone in late:
            # A week after the other, so that nobody's certificate is older than two years at the end.
            day = date(2023, 1, 9) + timedelta(days=7 * (late.index(zone) % 5))
        office = zones[zone][1]
        if office not in offices:
            offices.add(office)
            found.append((day, "magistrate", office, 1))
        found.append((day, "police", zone, 2))
    return sorted(found)


def safer() -> list[str]:
    """What each person who answers chooses of "safer", in an order that says nothing; empty for no choice."""
    others = ["same"] * (OF_SAFETY - CLEARLY) + [""] * (ANSWERED - OF_SAFETY)
    chosen = ["clearly"] * CLEARLY + others
    random.Random(CLEARLY).shuffle(chosen)
    return chosen


def calls(found: list[Start], seed: int = 112) -> Iterator[str]:
    """Ordinary urgent calls as a file to import: of the zones that had an intervention, in the years in which one can
    be, at every hour of day. They take GAINED_S longer in the mean than the alarms."""
    chance = random.Random(seed)
    years: dict[str, set[int]] = defaultdict(set)
    for start in found:
        if any(one.has_team for one in start.plan.incidents):
            years[start.plan.zone] |= {start.on.year, min(start.on + timedelta(days=150), ENDS).year}
    mean = mean_on_site_s() + GAINED_S
    yield "zone;day;hour;seconds"
    for zone in sorted(years)[_CALLS_MISSING:]:
        for year, hour in ((year, hour) for year in sorted(years[zone]) for hour in range(24)):
            days = (min(ENDS, date(year + 1, 1, 1)) - date(year, 1, 1)).days - 1
            for _call in range(_CALLS):
                day = date(year, 1, 1) + timedelta(days=chance.randrange(days))
                seconds = round(chance.lognormvariate(log(mean) - _SIGMA**2 / 2, _SIGMA))
                yield f"{zone};{day};{hour};{seconds}"


def mean_on_site_s() -> float:
    """The mean of the alarms' seconds, as they are drawn."""
    return exp(_MU + _SIGMA**2 / 2)
