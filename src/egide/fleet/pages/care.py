"""The kits that are out as their zone sees them: what is wrong, since when, and the one thing to do next."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from egide.fleet.kits.lifeline import unverified_since
from egide.fleet.pages.limits_form import duration
from egide.fleet.pages.lines import KitLine
from egide.fleet.supervision import rules_next as rules
from egide.fleet.supervision import troubles
from egide.fleet.supervision import words as words_watch
from egide.fleet.supervision.limits import limits_now
from egide.fleet.supervision.rules import Settings
from egide.fleet.supervision.troubles import Health
from egide.journal.queries.watched import Trouble
from egide.outbox.service import clock

UNVERIFIED_SHOWN_S = 7 * 86_400


@dataclass(frozen=True)
class Care:
    """A kit that is out. `state` says what is wrong, `step` what to do; `url` leads there, `link` says where.

    `turn_us` is when the zone is notified of what only the person knows so far; `mark` is how the line is marked.
    """

    line: KitLine
    health: Health | None
    state: str | Promise
    since_us: int | None
    step: str | Promise
    url: str = ""
    link: str = ""
    also: tuple[Promise, ...] = ()
    turn_us: int | None = None
    mark: str = ""
    test: str | Promise = ""
    is_alarmed: bool = False
    silence: str = ""


def care_of(lines: Sequence[KitLine]) -> list[Care]:
    """These kits, the most urgent first. The number of queries does not depend on theirs."""
    ids = [line.kit.id for line in lines]
    if not ids:
        return []
    now_us, settings = clock().now_us(), limits_now().settings
    wrong, alarmed = troubles.open_troubles(ids), troubles.alarmed(ids)
    health = troubles.health_of(ids, settings, now_us)
    refused = unverified_since(ids, now_us - UNVERIFIED_SHOWN_S * 1_000_000)
    found = []
    for line in lines:
        id_ = line.kit.id
        kit = rules.Kit(
            level=health[id_].level if id_ in health else "",
            is_alarmed=id_ in alarmed,
            is_refused=id_ in refused,
            troubles=wrong.get(id_, ()),
        )
        found.append((rules.urgency(kit), _care(line, kit, health.get(id_), refused.get(id_), settings)))
    return [care for _urgency, care in sorted(found, key=lambda one: one[0])]


def _care(
    line: KitLine, kit: rules.Kit, health: Health | None, refused_us: int | None, settings: Settings
) -> Care:
    step, trouble = rules.next_step(kit), rules.foremost(kit.troubles)
    assert trouble is None or isinstance(trouble, Trouble)
    state, since_us = _state(kit, trouble, refused_us)
    text, url, link = _what_to_do(line, step, trouble)
    return Care(
        line=line,
        health=health,
        state=state,
        since_us=since_us,
        step=text,
        url=url,
        link=link,
        also=tuple(words_watch.TROUBLES[one.what] for one in kit.troubles if one is not trouble),
        turn_us=_turn_us(kit.level, trouble, settings) if step == rules.WAIT else None,
        mark=_mark(line, kit, step),
        test=words_watch.TEST_STATES[health.test] if health else "",
        is_alarmed=kit.is_alarmed,
        silence=duration(health.silent_s) if health else "",
    )


def _state(
    kit: rules.Kit, trouble: Trouble | None, refused_us: int | None
) -> tuple[str | Promise, int | None]:
    if kit.is_refused:
        return words_watch.REFUSED, refused_us
    if trouble is not None:
        return words_watch.TROUBLES[trouble.what], trouble.since_us
    if kit.is_alarmed:
        return words_watch.OPEN_ALARM, None
    return words_watch.WELL if kit.level else words_watch.UNKNOWN, None


def _what_to_do(line: KitLine, step: str, trouble: Trouble | None) -> tuple[str | Promise, str, str]:
    """What to do, where, and how the link there is called."""
    if step == rules.ALARM:
        return words_watch.ALARM, reverse("zone"), _("To the alarms")
    if step == rules.ENROL_ANEW:
        return words_watch.ENROL_ANEW, line.url, _("To the kit")
    if step == rules.TROUBLE and trouble is not None:
        safe = f"{reverse('file', args=[line.kit.case_id])}#beneficiary"
        return words_watch.NEXT[trouble.what], safe, _("How to reach her safely")
    return (words_watch.WAIT if step == rules.WAIT else words_watch.NOTHING), "", ""


def _turn_us(level: str, trouble: Trouble | None, settings: Settings) -> int | None:
    if trouble is None or not level:
        return None
    return trouble.since_us + settings.ladders[level][trouble.what].zone * 1_000_000


def _mark(line: KitLine, kit: rules.Kit, step: str) -> str:
    """ "life" or "urgent" for what somebody must act on, by what people answered; never a score (safety rule 5)."""
    if kit.is_alarmed:
        return "life"
    if step in (rules.WAIT, rules.NOTHING):
        return ""
    return "life" if line.danger else "urgent"
