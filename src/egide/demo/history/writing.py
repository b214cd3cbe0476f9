"""Writes the history: deliveries, trainings and sign-offs, every file and alarm, the survey."""

from datetime import date
from itertools import groupby

from django.conf import settings

from egide.demo.history import country
from egide.demo.history.lives import BY, NOTE, Life
from egide.demo.history.past import HistoryRefused, Past, Story, moment
from egide.demo.history.surveys import survey
from egide.demo.kits import demo_imei
from egide.evaluation.records.imports import CALLS
from egide.evaluation.service import INVENTED
from egide.fleet.stock import rules as stock_rules
from egide.fleet.stock.stock import Delivered, do_deliver
from egide.imports.service import do_import, do_keep
from egide.rollout.imports import TRAININGS
from egide.rollout.service import do_load_reference, do_sign_off

# (day, buttons, phones): a thousand buttons in all.
_DELIVERIES = ((date(2019, 1, 8), 60, 45), (date(2022, 9, 6), 250, 25), (date(2023, 1, 10), 690, 60))


def do_write_history() -> None:
    """Fill the installation of the settings. Raises HistoryRefused when it holds something already."""
    if settings.EGIDE.records:
        raise HistoryRefused(
            "an invented history is written into a file: take the setting EGIDE_RECORDS back"
        )
    do_load_reference()
    world = Past(country.BEGINS)
    if world.journal.head():
        raise HistoryRefused("this data directory holds something already: name an empty one")
    (settings.EGIDE.data_dir / INVENTED).write_text("\n".join(country.ASSUMED), encoding="ascii")
    world.add(moment(country.BEGINS, 8), _deliveries(world))
    world.add(moment(country.BEGINS, 9), _rollout(world))
    found = country.starts(world.zones)
    granted = [start.plan.zone for start in found if start.plan.decision == "granted"]
    world.add(moment(date(2023, 9, 4), 10), survey(world, granted))
    world.add(moment(date(2023, 10, 31), 18), _calls(found))
    for number, start in enumerate(found, start=1):
        world.add(moment(start.on, 7 + number % 9), Life(world, start.plan, number, seed=number).story())
    world.run(country.ENDS)


def _deliveries(world: Past) -> Story:
    made = 0
    for day, buttons, phones in _DELIVERIES:
        yield moment(day, 8)
        items = [Delivered(stock_rules.BUTTON, f"INV-B{made + number:05}", NOTE) for number in range(buttons)]
        items += [
            Delivered(
                stock_rules.PHONE, demo_imei(made + number), NOTE, f"{8932000000000000000 + made + number}"
            )
            for number in range(phones)
        ]
        made += buttons
        do_deliver(items, BY)


def _rollout(world: Past) -> Story:
    signed: set[tuple[str, str]] = set()
    for day, rows in groupby(country.trainings(world.zones), key=lambda row: row[0]):
        yield moment(day, 18)
        lines, bodies = ["date,course,place,person,unit,passed"], []
        for _day, course, unit, people in rows:
            lines += [f"{day},{course},{NOTE},{unit}-{number}-INV,{unit},yes" for number in range(people)]
            bodies.append(("zone" if course == "police" else "office", unit))
        draft = do_keep(TRAININGS, "\n".join(lines).encode(), BY)
        do_import(TRAININGS, draft, BY)
        for body in bodies:
            if body not in signed:
                signed.add(body)
                do_sign_off(*body, f"Chef {NOTE}", day, BY)


def _calls(found: list[country.Start]) -> Story:
    """The file of ordinary calls, as an evaluator imports it."""
    yield from ()
    do_import(CALLS, do_keep(CALLS, "\n".join(country.calls(found)).encode(), BY), BY)
