"""What supervision knows of kits, read for pages and tasks: open troubles, tests due, done and failed. No file is read.

Who may ask is decided by the caller, who names the kits.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count

from egide.fleet import rules_watch as rules
from egide.fleet.models import Item, Kit
from egide.fleet.rules import SECOND_WAY, way_of
from egide.fleet.rules_stock import BUTTON, PHONE
from egide.fleet.rules_watch import Settings
from egide.outbox.service import heartbeats, journal

_OPEN = """
SELECT t.kit, t.what, t.since_us, t.person_us, t.zone_us, t.officer_us FROM trouble t
WHERE t.kit IN (SELECT value FROM json_each(?)) AND t.ended_us IS NULL
"""
_PAST = """
SELECT kit, what, since_us, person_us, zone_us, officer_us, ended_us FROM trouble WHERE kit = ?
ORDER BY since_us DESC, what LIMIT ?
"""
# A hyphen is followed by a full stop in ASCII: the alarms of the kit's phones, by the primary key.
_ALARMED = """
SELECT DISTINCT k.kit FROM kit k JOIN device d ON d.kit = k.kit
JOIN alarm a ON a.alarm > d.device || '-' AND a.alarm < d.device || '.'
WHERE k.kit IN (SELECT value FROM json_each(?)) AND a.key = k.case_id AND a.state <> 'closed'
"""
# The phone that enrolled last counts.
_PHONES = """
SELECT w.kit, w.level, w.since_us, d.device, p.enrolled_at_us, p.app, p.tested_at_us, p.failed_at_us,
  coalesce(c.kind, '')
FROM watched w LEFT JOIN device d ON d.kit = w.kit LEFT JOIN phone p ON p.device = d.device
LEFT JOIN client c ON c.device = d.device
WHERE w.kit IN (SELECT value FROM json_each(?)) ORDER BY p.enrolled_seq
"""

DONE, DUE, FAILED = "done", "due", "failed"
PAST_SHOWN = 100
_AT_ONCE = 500


@dataclass(frozen=True)
class Trouble:
    """Something that is or was wrong with a kit, and since when who knows; `ended_us` None while it lasts."""

    kit: str
    what: str
    since_us: int
    person_us: int | None = None
    zone_us: int | None = None
    officer_us: int | None = None
    ended_us: int | None = None


@dataclass(frozen=True)
class Health:
    """A watched kit as it is now. `test` is DONE, DUE or FAILED; `test_due_us` when the next one is due.

    `heard_us` is None for a phone that never spoke, as are the percentages of one that does not tell. After `silent_s`
    of silence the zone is told. Of a web page: whether a push service vouches for its storage, and when it last did.
    """

    kit: str
    level: str
    watched_us: int
    test: str
    test_due_us: int
    tested_us: int | None = None
    failed_us: int | None = None
    heard_us: int | None = None
    phone_pct: int | None = None
    button_pct: int | None = None
    link: int | None = None
    app: str = ""
    is_second_way: bool = False
    is_reached: bool = False
    reached_us: int | None = None
    silent_s: int = 0


def open_troubles(kits: Iterable[str]) -> dict[str, list[Trouble]]:
    """What is wrong with these kits now, the gravest first."""
    found: dict[str, list[Trouble]] = {}
    for row in journal().connection.execute(_OPEN, (json.dumps(list(kits)),)):
        found.setdefault(row[0], []).append(Trouble(*row))
    for troubles in found.values():
        troubles.sort(key=lambda trouble: rules.TROUBLES.index(trouble.what))
    return found


def troubles_of(kit: str) -> list[Trouble]:
    """What is and what was wrong with one kit, the latest first, PAST_SHOWN at most."""
    return [Trouble(*row) for row in journal().connection.execute(_PAST, (kit, PAST_SHOWN))]


def alarmed(kits: Iterable[str]) -> frozenset[str]:
    """Those of these kits that are in an open alarm: they outrank all (safety rule 6)."""
    rows = journal().connection.execute(_ALARMED, (json.dumps(list(kits)),))
    return frozenset(kit for (kit,) in rows)


def health_of(kits: Iterable[str], settings: Settings, now_us: int) -> dict[str, Health]:
    """How these kits are, as far as they are watched over."""
    found = {}
    for row in journal().connection.execute(_PHONES, (json.dumps(list(kits)),)):
        kit, level, since_us, device, enrolled_us, app, tested_us, failed_us, client = row
        seen = heartbeats().find(device) if device else None
        probe = heartbeats().probe(device) if device else None
        facts = rules.Facts(
            level=level,
            heard_s=seen.at_s if seen else 0,
            watched_s=since_us // 1_000_000,
            enrolled_s=(enrolled_us or 0) // 1_000_000,
            tested_s=_seconds(tested_us),
            failed_s=_seconds(failed_us),
            is_second_way=bool(device) and way_of(client) == SECOND_WAY,
            reached_s=probe.reached_s if probe else None,
            gone_s=probe.gone_s if probe else None,
        )
        found[kit] = Health(
            kit=kit,
            level=level,
            watched_us=since_us,
            test=test_state(facts, settings, now_us // 1_000_000),
            test_due_us=rules.next_test_s(facts, settings) * 1_000_000,
            tested_us=tested_us,
            failed_us=failed_us,
            heard_us=seen.at_s * 1_000_000 if seen and seen.counter else None,
            phone_pct=seen.phone_pct if seen else None,
            button_pct=seen.button_pct if seen else None,
            link=seen.link if seen else None,
            app=app or "",
            is_second_way=facts.is_second_way,
            is_reached=rules.is_reached(facts, now_us // 1_000_000),
            reached_us=facts.reached_s * 1_000_000 if facts.reached_s else None,
            silent_s=rules.silence_of(facts, settings, now_us // 1_000_000).zone,
        )
    return found


def test_state(facts: rules.Facts, settings: Settings, now_s: int) -> str:
    """Whether the kit's last test by its button is good, is due again, or came late (failed)."""
    wrong = rules.of_tests(facts, settings, now_s)
    return FAILED if rules.TEST_FAILED in wrong else DUE if rules.TEST_DUE in wrong else DONE


def tests_by_zone(health: Mapping[str, Health], zones: Mapping[str, str]) -> dict[str, Counter[str]]:
    """How many kits of each zone have their test done, due, failed; `zones` names each kit's."""
    found: dict[str, Counter[str]] = {}
    for kit, each in health.items():
        found.setdefault(zones[kit], Counter())[each.test] += 1
    return found


def models() -> tuple[dict[tuple[str, str, str], int], dict[tuple[str, str, str], int]]:
    """Open troubles by (what, "button" or "phone", model), and items of the stock by (kind, model, state)."""
    wrong: dict[str, list[str]] = {}
    for kit, what in journal().connection.execute("SELECT kit, what FROM trouble WHERE ended_us IS NULL"):
        wrong.setdefault(kit, []).append(what)
    troubles: Counter[tuple[str, str, str]] = Counter()
    names = sorted(wrong)
    for first in range(0, len(names), _AT_ONCE):
        rows = Kit.objects.filter(id__in=names[first : first + _AT_ONCE])
        for kit, *found in rows.values_list("id", "button_item__model", "phone_item__model"):
            for kind, model in zip((BUTTON, PHONE), found, strict=True):
                troubles.update((what, kind, model) for what in wrong[kit] if model)
    stock = Item.objects.values_list("kind", "model", "state").annotate(number=Count("id"))
    return dict(troubles), {(kind, model, state): number for kind, model, state, number in stock}


def _seconds(at_us: int | None) -> int | None:
    return at_us // 1_000_000 if at_us is not None else None
