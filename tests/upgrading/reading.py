"""What an installation holds, read by the code that runs: printed as JSON, so that two versions can be compared.

`python -m tests.upgrading.reading` reads the installation of `EGIDE_DATA`, after the migrations that a start makes. It
was run once by the version that wrote the fixture, and is run by today's: it uses only what both have.
"""

import hashlib
import json
import os
import sys
from collections import Counter
from dataclasses import asdict
from importlib import import_module
from typing import Any

import msgspec

# Of every month that the fixture has anything of.
PERIOD = "2026-11..2026-12"


def read() -> dict[str, Any]:
    """Everything that is compared, by what it is of."""
    journal = import_module("egide.outbox.service").journal()
    return {
        "journal": read_journal(journal),
        "alarms": read_alarms(journal),
        "accounts": read_accounts(),
        "files": read_files(),
        "visible": read_visible(),
        "kits": read_kits(),
        "stock": read_stock(),
        "devices": read_devices(journal),
        "figures": read_figures(),
    }


def read_journal(journal: Any) -> dict[str, Any]:
    """What verifying answers, and of which kinds the events are that could be opened."""
    rows = list(journal.read(limit=100_000))
    proof = import_module("egide.journal.proof.verify").verify(rows)
    opened = Counter(type(journal.open_event(row)).__name__ for row in rows)
    return {
        "events": proof.events,
        "streams": proof.streams,
        "running": proof.running.hex(),
        "opened": dict(sorted(opened.items())),
    }


def read_alarms(journal: Any) -> dict[str, Any]:
    """Every alarm as its events add up, with what the tables of the journal know of it."""
    lanes = journal.connection.execute("SELECT alarm, state, report, follow_up FROM alarm").fetchall()
    return {
        alarm: {"state": _as_before(journal.alarm(alarm)), "in": [state, report, follow_up]}
        for alarm, state, report, follow_up in lanes
    }


# The parts of an alarm's state, with what some of their fields were called when all lay side by side.
PARTS: dict[str, dict[str, str]] = {
    "press": {},
    "lead": {"centre": "lead_centre", "zone": "lead_zone"},
    "team": {"named": "team", "named_at_us": "team_named_at_us", "earlier": "earlier_teams"},
    "talk": {},
    "closing": {},
}


def _as_before(state: Any) -> dict[str, Any]:
    """The fields of an alarm's state side by side, as they were when the old installation was read."""
    values = msgspec.to_builtins(state)
    parts = {part: values.pop(part) for part in PARTS}
    return values | {
        PARTS[part].get(name, name): value for part, fields in parts.items() for name, value in fields.items()
    }


def read_accounts() -> dict[str, Any]:
    """Every account: title, language, posts, whether it has a second factor."""
    users = import_module("egide.access.models").User.objects.order_by("name")
    factors = import_module("allauth.mfa.models").Authenticator.objects
    return {
        user.name: {
            "title": user.title,
            "language": user.language,
            "posts": sorted([post.role, post.place] for post in user.posts()),
            "factors": factors.filter(user=user).count(),
        }
        for user in users
    }


def read_files() -> dict[str, Any]:
    """Every file: its stage, its content, its steps, its papers by their hash, what stood there before."""
    return {case.number: _read_case(case) for case in _models("casework").Case.objects.order_by("number")}


def _read_case(case: Any) -> dict[str, Any]:
    reading, papers = (import_module(f"egide.casework.{name}") for name in ("file.reading", "papers.keeping"))
    history = import_module("egide.casework.file.store").history(case.id)
    contents = (papers.read_paper(case.id, paper.id)[2] for paper in papers.papers_of(case.id))
    return {
        "stage": case.stage,
        "dates": [str(day) for day in (case.review_on, case.grant_ends_on, case.change_on, case.erase_on)],
        "name": reading.names_of([case.id])[case.id],
        "content": _plain(asdict(reading.read_content(case.id))),
        "steps": [_plain(taken.step) for taken in reading.steps_of(case.id)],
        "papers": sorted(hashlib.sha256(content).hexdigest() for content in contents),
        "before": [[change.part, change.version, change.by, _plain(change.facts)] for change in history],
    }


def read_visible() -> dict[str, list[str]]:
    """For every account the numbers of the files in its lists: bars and places still hold."""
    scope_of = import_module("egide.access.scope").scope_of
    visible = import_module("egide.casework.file.files").visible
    users = import_module("egide.access.models").User.objects.order_by("name")
    return {user.name: sorted(case.number for case in visible(scope_of(user))) for user in users}


def read_kits() -> dict[str, Any]:
    """Every kit: its state, its button and phone by their numbers, its checks."""
    kits = import_module("egide.fleet.kits.kits")
    return {
        kit.id: {
            "state": kit.state,
            "means": kit.means,
            "button": kit.button_item.serial if kit.button_item else "",
            "phone": kit.phone_item.serial if kit.phone_item else "",
            "presses": sorted(check.condition for check in kit.presses.all()),
            "answers": kits.answers_of(kit),
        }
        for kit in _models("fleet").Kit.objects.all()
    }


def read_stock() -> list[list[Any]]:
    """Every item of the stock: serial, kind, model, card, state, place, number of its moves."""
    return sorted(
        [item.serial, item.kind, item.model, item.sim, item.state, item.zone, item.moves.count()]
        for item in _models("fleet").Item.objects.all()
    )


def read_devices(journal: Any) -> list[list[Any]]:
    """Every enrolled phone with its kit."""
    return sorted(map(list, journal.connection.execute("SELECT device, kit FROM device")))


def read_figures() -> dict[str, Any]:
    """Every measure of the country, from records that are built anew."""
    service = import_module("egide.evaluation.service")
    service.rebuild()
    results = service.compute(service.Period.parse(PERIOD))
    return {
        name: [result.whole.value, result.whole.count, result.whole.n] for name, result in results.items()
    }


def _models(package: str) -> Any:
    return import_module(f"egide.{package}.models")


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


if __name__ == "__main__":
    os.environ.setdefault("EGIDE_DEMO", "1")
    import_module("egide.entrypoints.processes.web").setup()
    sys.stdout.write(json.dumps(read(), sort_keys=True, indent=0, ensure_ascii=False))
