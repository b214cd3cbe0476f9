"""Pure rules of supervision: what is wrong with a kit, who is notified when, when it is right again, when to look next.

First the person, quietly; then the zone; then the reference officer. Each is notified once, and a fault that is gone
closes by itself. How long silence may last follows the danger (safety rule 35); a kit in an open alarm outranks all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from egide.fleet.supervision.versions import is_older
from egide.protocol.link import LinkFlag

HIGHEST, URGENT, ORDINARY = "highest", "urgent", "ordinary"
LEVELS = (HIGHEST, URGENT, ORDINARY)
PERSON, ZONE, OFFICER = "person", "zone", "officer"
WHOM = (PERSON, ZONE, OFFICER)

CLEARED, SILENT, UNPAIRED, LEFT, AWAY = "cleared", "silent", "unpaired", "left", "away"
# A device that is no phone is silent: seen apart from what a phone says (`devices`).
DEVICE = "device-silent"
HELD_BACK, RADIO, SAVER, TEXTS, STORE = "held-back", "radio", "saver", "texts", "store"
PHONE_BATTERY, BUTTON_BATTERY = "phone-battery", "button-battery"
POSITION, MICROPHONE = "position", "microphone"
TEST_FAILED, TEST_DUE, CLOCK, APP = "test-failed", "test-due", "clock", "app"
# In the order in which they matter when several are true.
TROUBLES = (
    CLEARED,
    SILENT,
    DEVICE,
    UNPAIRED,
    LEFT,
    AWAY,
    RADIO,
    HELD_BACK,
    STORE,
    PHONE_BATTERY,
    BUTTON_BATTERY,
    POSITION,
    MICROPHONE,
    SAVER,
    TEXTS,
    TEST_FAILED,
    TEST_DUE,
    CLOCK,
    APP,
)
# What a phone says of itself as long as it is so; one that is too old for a flag says nothing of it.
_SAID_BY = {
    RADIO: LinkFlag.RADIO_OFF,
    HELD_BACK: LinkFlag.HELD_BACK,
    STORE: LinkFlag.STORE_MENDED,
    POSITION: LinkFlag.POSITION_REFUSED,
    MICROPHONE: LinkFlag.MICROPHONE_REFUSED,
    SAVER: LinkFlag.SAVER_ON,
    TEXTS: LinkFlag.TEXTS_REFUSED,
}
# Her phone can say of itself everything but that it has lost its storage.
FOR_HER = tuple(what for what in TROUBLES if what not in (CLEARED, DEVICE))
# How long a second way (a web page) may be silent when no push service says that its storage is still there.
SILENT_PAGE = "silent-page"
LIMITED = (*(what for what in TROUBLES if what != DEVICE), SILENT_PAGE)

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
# Any word of the phone is a reason to look.
AT_ANY_WORD = 0
# The rest of the hour of safety rule 22 is for notifying the zone.
LONGEST_PROBE_S = 50 * MINUTE_S
# Two leads that differ by no more than this come from the same clock; messages that waited differ by more.
STEADY_CLOCK_S = 30


@dataclass(frozen=True)
class Ladder:
    """Seconds after which the person, the zone and the reference officer are notified of a trouble that lasts."""

    person: int
    zone: int
    officer: int

    def after(self, whom: str) -> int:
        return {PERSON: self.person, ZONE: self.zone, OFFICER: self.officer}[whom]


_AT_ONCE = {
    HIGHEST: Ladder(0, 30 * MINUTE_S, HOUR_S),
    URGENT: Ladder(0, 4 * HOUR_S, 12 * HOUR_S),
    ORDINARY: Ladder(0, DAY_S, 3 * DAY_S),
}
_SLOW = {
    HIGHEST: Ladder(0, DAY_S, 2 * DAY_S),
    URGENT: Ladder(0, 2 * DAY_S, 4 * DAY_S),
    ORDINARY: Ladder(0, 3 * DAY_S, 7 * DAY_S),
}
# At rest a phone speaks every 15 minutes; at the ordinary level the person is notified after 60 minutes
# and the zone after 24 hours. Safety rule 35: minutes to an hour where the danger is highest.
_SILENT = {
    HIGHEST: Ladder(20 * MINUTE_S, 40 * MINUTE_S, HOUR_S),
    URGENT: Ladder(30 * MINUTE_S, 4 * HOUR_S, 12 * HOUR_S),
    ORDINARY: Ladder(HOUR_S, DAY_S, 2 * DAY_S),
}
# Safety rule 22: a page whose storage was cleared says nothing any more, like one that is closed.
_SILENT_PAGE = {
    HIGHEST: Ladder(20 * MINUTE_S, 40 * MINUTE_S, HOUR_S),
    URGENT: Ladder(30 * MINUTE_S, HOUR_S, 4 * HOUR_S),
    ORDINARY: Ladder(30 * MINUTE_S, HOUR_S, DAY_S),
}
_UNPAIRED = {
    HIGHEST: Ladder(0, 0, HOUR_S),
    URGENT: Ladder(0, 0, 4 * HOUR_S),
    ORDINARY: Ladder(0, 0, DAY_S),
}
_AWAY = {
    HIGHEST: Ladder(20 * MINUTE_S, HOUR_S, 2 * HOUR_S),
    URGENT: Ladder(HOUR_S, 6 * HOUR_S, DAY_S),
    ORDINARY: Ladder(2 * HOUR_S, DAY_S, 3 * DAY_S),
}
_LEFT = {
    HIGHEST: Ladder(20 * MINUTE_S, 40 * MINUTE_S, HOUR_S),
    URGENT: Ladder(HOUR_S, 4 * HOUR_S, 12 * HOUR_S),
    ORDINARY: Ladder(2 * HOUR_S, 12 * HOUR_S, 2 * DAY_S),
}


def _ladders() -> dict[str, dict[str, Ladder]]:
    slow = {what: _SLOW for what in (MICROPHONE, SAVER, TEXTS, TEST_DUE, TEST_FAILED, CLOCK, APP)}
    own = {SILENT: _SILENT, SILENT_PAGE: _SILENT_PAGE, AWAY: _AWAY, LEFT: _LEFT}
    tables = (
        {what: _AT_ONCE for what in TROUBLES} | slow | own | dict.fromkeys((UNPAIRED, CLEARED), _UNPAIRED)
    )
    return {level: {what: tables[what][level] for what in LIMITED} for level in LEVELS}


@dataclass(frozen=True)
class Settings:
    """Everything that an authority may set. Percentages, days and seconds."""

    ladders: Mapping[str, Mapping[str, Ladder]] = field(default_factory=_ladders)
    test_days: Mapping[str, int] = field(default_factory=lambda: {HIGHEST: 14, URGENT: 30, ORDINARY: 30})
    battery_low_pct: int = 15
    battery_good_pct: int = 25
    clock_s: int = 120
    oldest_app: str = ""
    silent_in_alarm_s: int = 30
    # How often a push service is asked whether a web page's storage is still there.
    probe_s: int = 45 * MINUTE_S


@dataclass(frozen=True)
class Facts:
    """A watched kit at one moment; times in seconds since 1970.

    `listening_s` is since when the service itself has listened without a pause: before that nobody's silence counts.
    `tested_s` is the last test by the button that came in time, `failed_s` the last that came late. Of a web page
    (`is_second_way`) `reached_s` is when a push service last said that its storage is there, `gone_s` that it is not.
    """

    level: str
    heard_s: int
    watched_s: int
    enrolled_s: int = 0
    listening_s: int = 0
    is_alarmed: bool = False
    phone_pct: int | None = None
    button_pct: int | None = None
    link: int | None = None
    ahead_s: int = 0
    ahead_before_s: int = 0
    away_s: int | None = None
    app: str = ""
    tested_s: int | None = None
    failed_s: int | None = None
    is_second_way: bool = False
    reached_s: int | None = None
    gone_s: int | None = None


@dataclass(frozen=True)
class Trouble:
    """Something that was found wrong and is not right yet; `told` holds who knows."""

    what: str
    since_s: int
    told: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Tell:
    """Somebody is to be notified of a trouble."""

    what: str
    whom: str
    since_s: int


@dataclass(frozen=True)
class Outlook:
    """What a look at a kit leads to.

    `limit_s` of silence, `other_s` (a moment, or AT_ANY_WORD) and `look_s` say when to look again; `words` are what the
    phone's next reply carries.
    """

    told: tuple[Tell, ...]
    solved: tuple[str, ...]
    limit_s: int
    look_s: int
    other_s: int | None
    words: tuple[str, ...]


def look_at(facts: Facts, known: Iterable[Trouble], settings: Settings, now_s: int) -> Outlook:
    """What to do about a kit now, and when to look again."""
    before = {trouble.what: trouble for trouble in known if trouble.what != DEVICE}
    ladders = {**settings.ladders[facts.level], SILENT: silence_of(facts, settings, now_s)}
    limit_s = settings.silent_in_alarm_s if facts.is_alarmed else ladders[SILENT].person
    wrong = _wrong(facts, before, settings, limit_s, now_s)
    told: list[Tell] = []
    waits: list[int] = []
    words = []
    for what in TROUBLES:
        if what not in wrong:
            continue
        since_s, knows = wrong[what], before[what].told if what in before else frozenset()
        for whom in WHOM:
            due_s = since_s + _after(ladders[what], whom, facts)
            if whom in knows:
                is_told = True
            elif is_told := due_s <= now_s and not (facts.is_alarmed and whom == PERSON):
                told.append(Tell(what, whom, since_s))
            elif due_s > now_s:
                waits.append(due_s)
            if whom == PERSON and is_told and not facts.is_alarmed and what in FOR_HER:
                words.append(what)
    solved = tuple(what for what in TROUBLES if what in before and what not in wrong)
    if SILENT in wrong:
        other_s: int | None = AT_ANY_WORD
        look_s = min(waits, default=now_s + DAY_S)
    else:
        waits += _later(facts, wrong, settings, now_s)
        other_s = AT_ANY_WORD if CLEARED in wrong else min(waits, default=None)
        look_s = min([max(facts.heard_s, facts.listening_s) + limit_s, *waits])
    return Outlook(tuple(told), solved, limit_s, look_s, other_s, tuple(words))


def silence_of(facts: Facts, settings: Settings, now_s: int) -> Ladder:
    """How long this kit may be silent: a web page less long, as long as no push service vouches for its storage."""
    ladders = settings.ladders[facts.level]
    if not facts.is_second_way or is_reached(facts, now_s):
        return ladders[SILENT]
    return Ladder(*(min(ladders[what].after(whom) for what in (SILENT, SILENT_PAGE)) for whom in WHOM))


def is_reached(facts: Facts, now_s: int) -> bool:
    """Whether a push service said within the hour that the page's storage is still there."""
    return facts.gone_s is None and facts.reached_s is not None and now_s - facts.reached_s < HOUR_S


def _after(ladder: Ladder, whom: str, facts: Facts) -> int:
    """A kit in an open alarm: the zone hears at once of whatever is wrong with it."""
    if not facts.is_alarmed:
        return ladder.after(whom)
    return {PERSON: 0, ZONE: 0, OFFICER: min(ladder.officer, HOUR_S)}[whom]


def _wrong(
    facts: Facts, before: Mapping[str, Trouble], settings: Settings, limit_s: int, now_s: int
) -> dict[str, int]:
    """What is wrong now, and since when. A page that speaks though its push service forgot it has its storage."""
    found = _wrong_with_phone(facts, before, settings, limit_s, now_s)
    found.pop(CLEARED, None)
    if facts.gone_s is not None and facts.heard_s <= facts.gone_s:
        found[CLEARED] = facts.gone_s
    return found


def _wrong_with_phone(
    facts: Facts, before: Mapping[str, Trouble], settings: Settings, limit_s: int, now_s: int
) -> dict[str, int]:
    """What else is wrong. While a kit is silent, what was wrong before stays as it was."""
    silent = before.get(SILENT)
    if silent is not None and facts.heard_s <= silent.since_s:
        return {what: trouble.since_s for what, trouble in before.items()}
    since_s = max(facts.heard_s, facts.listening_s)
    if now_s - since_s >= limit_s:
        return {what: trouble.since_s for what, trouble in before.items()} | {SILENT: since_s}
    found = _of_button(facts, settings.ladders[facts.level], now_s) | of_tests(facts, settings, now_s)
    link = LinkFlag(facts.link or 0)
    states = {what: flag in link for what, flag in _SAID_BY.items()} | {
        PHONE_BATTERY: _is_low(facts.phone_pct, PHONE_BATTERY in before, settings),
        BUTTON_BATTERY: _is_low(facts.button_pct, BUTTON_BATTERY in before, settings),
        CLOCK: is_clock_off(facts, settings.clock_s),
        APP: is_older(facts.app, settings.oldest_app),
    }
    found |= {what: now_s for what, is_true in states.items() if is_true}
    return {what: before[what].since_s if what in before else since for what, since in found.items()}


def _of_button(facts: Facts, ladders: Mapping[str, Ladder], now_s: int) -> dict[str, int]:
    if facts.link is None:
        return {}
    if not facts.link & LinkFlag.BUTTON_PAIRED:
        return {UNPAIRED: now_s}
    if facts.away_s is None:
        return {}
    what = LEFT if facts.link & LinkFlag.AT_REST else AWAY
    return {what: facts.away_s} if now_s - facts.away_s >= ladders[what].person else {}


def of_tests(facts: Facts, settings: Settings, now_s: int) -> dict[str, int]:
    """The test that is due, or that came late; both never together, and nothing when the last one is good."""
    if facts.failed_s is not None and facts.failed_s > (facts.tested_s or 0):
        return {TEST_FAILED: facts.failed_s}
    due_s = next_test_s(facts, settings)
    return {TEST_DUE: due_s} if due_s <= now_s else {}


def next_test_s(facts: Facts, settings: Settings) -> int:
    """When the next test by the button is due. A phone that came after the kit went out is tested at once."""
    if facts.tested_s is None and facts.enrolled_s > facts.watched_s:
        return facts.enrolled_s
    return (facts.tested_s or facts.watched_s) + settings.test_days[facts.level] * DAY_S


def _later(facts: Facts, wrong: Mapping[str, int], settings: Settings, now_s: int) -> list[int]:
    """Moments at which something may become wrong though the phone goes on speaking."""
    moments = [next_test_s(facts, settings)]
    if facts.reached_s is not None:
        moments.append(facts.reached_s + HOUR_S)
    if facts.away_s is not None and not {UNPAIRED, AWAY, LEFT} & set(wrong):
        ladders = settings.ladders[facts.level]
        what = LEFT if (facts.link or 0) & LinkFlag.AT_REST else AWAY
        moments.append(facts.away_s + ladders[what].person)
    return [moment for moment in moments if moment > now_s]


def _is_low(percent: int | None, was_low: bool, settings: Settings) -> bool:
    if percent is None:
        return False
    return percent <= settings.battery_low_pct or (was_low and percent < settings.battery_good_pct)


def is_clock_off(facts: Facts, tolerance_s: int) -> bool:
    """Whether the phone's clock is wrong. Behind ours counts only when it was so twice: one message may have waited."""
    if facts.ahead_s > tolerance_s:
        return True
    is_steady = abs(facts.ahead_s - facts.ahead_before_s) <= STEADY_CLOCK_S
    return facts.ahead_s < -tolerance_s and is_steady


def level_of(danger: bool, urgent: bool) -> str:
    """The level of a kit, from what people answered about its file; never a computed score (safety rule 5)."""
    return HIGHEST if danger else URGENT if urgent else ORDINARY
