"""What supervision knows of kits, read for pages and tasks: open troubles, tests due, done and failed. No file is read.

Who may ask is decided by the caller, who names the kits.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from egide.fleet.kits.rules import SECOND_WAY, way_of
from egide.fleet.models import Item, Kit
from egide.fleet.stock.rules import BUTTON, PHONE
from egide.fleet.supervision import rules
from egide.fleet.supervision.rules import Settings
from egide.journal.queries import watched as queries_watched
from egide.journal.queries.watched import Trouble
from egide.outbox.service import heartbeats, journal

DONE, DUE, FAILED = "done", "due", "failed"
PAST_SHOWN = 100
_AT_ONCE = 500


@dataclass(frozen=True)
class Health:
    """A watched kit as it is now. `test` is DONE, DUE or FAILED; `test_due_us` when the next one is due.

    `heard_us` is None for a phone that never spoke, as are the percentages of one that does not tell. After `silent_s`
    of silence the zone is notified. Of a web page: whether a push service vouches for its storage, and when last.
    """

    kit: str
    level: str
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
    for trouble in queries_watched.open_troubles_of(journal(), kits):
        found.setdefault(trouble.kit, []).append(trouble)
    for troubles in found.values():
        troubles.sort(key=lambda trouble: rules.TROUBLES.index(trouble.what))
    return found


def troubles_of(kit: str) -> list[Trouble]:
    """What is and what was wrong with one kit, the latest first, PAST_SHOWN at most."""
    return queries_watched.troubles_of(journal(), kit, PAST_SHOWN)


def alarmed(kits: Iterable[str]) -> frozenset[str]:
    """Those of these kits that are in an open alarm: they outrank all (safety rule 6)."""
    return queries_watched.kits_in_alarm(journal(), kits)


def health_of(kits: Iterable[str], settings: Settings, now_us: int) -> dict[str, Health]:
    """The state of those of these kits that are watched over."""
    found = {}
    # Of several phones of a kit the one that enrolled last counts.
    for phone in queries_watched.watched_phones(journal(), kits):
        device = phone.device
        seen = heartbeats().find(device) if device else None
        probe = heartbeats().probe(device) if device else None
        facts = rules.Facts(
            level=phone.level,
            heard_s=seen.at_s if seen else 0,
            watched_s=phone.since_us // 1_000_000,
            enrolled_s=(phone.enrolled_us or 0) // 1_000_000,
            tested_s=_seconds(phone.tested_us),
            failed_s=_seconds(phone.failed_us),
            is_second_way=bool(device) and way_of(phone.client) == SECOND_WAY,
            reached_s=probe.reached_s if probe else None,
            gone_s=probe.gone_s if probe else None,
        )
        found[phone.kit] = Health(
            kit=phone.kit,
            level=phone.level,
            test=test_state(facts, settings, now_us // 1_000_000),
            test_due_us=rules.next_test_s(facts, settings) * 1_000_000,
            tested_us=phone.tested_us,
            failed_us=phone.failed_us,
            heard_us=seen.at_s * 1_000_000 if seen and seen.counter else None,
            phone_pct=seen.phone_pct if seen else None,
            button_pct=seen.button_pct if seen else None,
            link=seen.link if seen else None,
            app=phone.app or "",
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


def models() -> tuple[dict[tuple[str, str, str], int], dict[tuple[str, str, str], int]]:
    """Open troubles by (what, "button" or "phone", model), and items of the stock by (kind, model, state)."""
    wrong: dict[str, list[str]] = {}
    for kit, what in queries_watched.open_troubles(journal()):
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
