"""What is wrong with the chain, from what was seen of it. Pure, and on a clock that nobody can set forward or back.

Nothing is judged by the age of a time stamp: a stamp that does not change while watch looks on is a process that says
nothing. So a wall clock that jumps by hours neither hides a trouble nor makes one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from egide.journal.chain import Unshown
from egide.journal.now.signs import Beat

INTAKE, LIVE, WEB = "intake", "live", "web"
WORKER, LADDER, OUTBOX, SUPERVISION, BOARDS = "worker", "ladder", "outbox", "supervision", "boards"
# The road for short messages, and half of a press on it that names nobody.
SMS, SMS_HALF = "sms", "sms-half"
# The road over a broker of gateways, and that it is not there.
MQTT, MQTT_AWAY = "mqtt", "mqtt-away"
# The process that listens to alarm devices, and that intake does not answer it.
DC09, DC09_UNHEARD = "dc09", "dc09-unheard"
# A dispatch system that is told of alarms: "cad:ccic".
CAD = "cad"
# What intake keeps on this machine, for a journal that cannot be written.
KEPT = "kept"
# More than one machine of the database takes writes.
LEADERS = "leaders"
# The certificate of a public name ends soon: "certificate:weather.example.net".
CERTIFICATE = "certificate"
# A road by which watch itself tells of troubles: "road:e-mail".
ROAD = "road"
# The names under which the worker's four threads give signs of life.
WORKER_BEAT, LADDER_BEAT, OUTBOX_BEAT = "worker", "worker ladder", "worker outbox"
SUPERVISION_BEAT = "worker supervision"
_THREADS = ((LADDER, LADDER_BEAT), (OUTBOX, OUTBOX_BEAT), (SUPERVISION, SUPERVISION_BEAT))

SHOWN_WITHIN_S = 5.0
# How long something may be silent, stuck, unrouted or unanswered, and how long it must be right again to be mended:
# five signs of life, and what a restart may take. The default of EGIDE_WATCH_PATIENCE_S.
PATIENCE_S = 10.0
# A board tells every five seconds that it is there.
BOARD_SILENT_S = 20.0
NO_BOARD_S = 90.0
NO_BOARD_IN_ALARM_S = 15.0
# More than this between two looks is watch's own pause, in which it saw nothing; it counts for no one's silence.
LONGEST_LOOK_S = 2.0


@dataclass(frozen=True)
class Look:
    """What was seen at one moment. `unanswered` are parts whose address gave no good answer at the last try.

    `canary_seq` is the last canary that intake kept, `routed_seq` the last that came through routing; `boards` are
    signs of life of boards, whatever they mean; `kept` is how many messages wait on this machine for the journal.
    """

    head: int
    beats: Mapping[str, Beat]
    canary_seq: int = 0
    routed_seq: int = 0
    unanswered: frozenset[str] = frozenset()
    boards: Mapping[str, int] = field(default_factory=dict)
    open_alarms: int = 0
    kept: int = 0


class Attention:
    """A clock that counts only the time in which watch looked on."""

    def __init__(self) -> None:
        self._last_us: int | None = None
        self.now_s = 0.0

    def look(self, steady_us: int) -> float:
        """Seconds of attention so far, at this look."""
        if self._last_us is not None:
            self.now_s += min((steady_us - self._last_us) / 1e6, LONGEST_LOOK_S)
        self._last_us = steady_us
        return self.now_s


class Steady:
    """Since when a value has been what it is."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[object, float]] = {}

    def for_s(self, name: str, value: object, now_s: float) -> float:
        """How long `name` has had this value, in seconds; 0 when it is new."""
        known = self._since.get(name)
        if known is None or known[0] != value:
            self._since[name] = (value, now_s)
            return 0.0
        return now_s - known[1]

    def keep(self, prefix: str, names: Iterable[str]) -> None:
        """Forget what begins with `prefix`, except `names`."""
        gone = {name for name in self._since if name.startswith(prefix)}.difference(names)
        for name in gone:
            del self._since[name]


class Judge:
    """Says what is wrong now: each part with one word of why."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._steady = Steady()
        self._addresses: set[str] = set()

    def wrong(self, look: Look, now_s: float) -> dict[str, str]:
        """Part → why. A worker that is gone explains its threads: they are not named beside it."""
        found = self._unanswered(look, now_s)
        worker = self._worker(look, now_s)
        found |= {WORKER: worker} if worker else {}
        # A part that fell silent with the whole worker, a moment before its first thread, is no trouble of its own.
        is_heard = (
            self._steady.for_s(WORKER_BEAT, _stamp(look.beats.get(WORKER_BEAT)), now_s) < self._patience_s / 2
        )
        for part, name in _THREADS:
            why = self._thread(name, look.beats.get(name), now_s)
            if why and not worker and is_heard:
                found[part] = why
        found |= self._sms(look, now_s) | self._carried(look, now_s) | self._cad(look, now_s)
        if self._lasts(KEPT, look.kept > 0, now_s):
            found[KEPT] = "waiting"
        if self._no_board(look, now_s):
            found[BOARDS] = "none"
        if self._web_is_silent(look, now_s):
            # Boards speak to web: when it is down, silent boards are not a second trouble.
            found.pop(BOARDS, None)
            found[WEB] = "silent"
        return found

    def _unanswered(self, look: Look, now_s: float) -> dict[str, str]:
        # Also those that were unanswered before: that they answer now must be noted.
        self._addresses |= look.unanswered
        return {
            part: "unanswered"
            for part in sorted(self._addresses)
            if self._lasts(part, part in look.unanswered, now_s)
        }

    def _worker(self, look: Look, now_s: float) -> str:
        beat = look.beats.get(WORKER_BEAT)
        waits = look.canary_seq > look.routed_seq
        is_unrouted = self._lasts("canary", waits and look.routed_seq + 1, now_s)
        why = self._thread(WORKER_BEAT, beat, now_s, look.head)
        return why or ("unrouted" if is_unrouted else "")

    def _sms(self, look: Look, now_s: float) -> dict[str, str]:
        """Nobody misses this road where there is none: it counts as missing only after it was heard once."""
        found: dict[str, str] = {}
        for name, beat in look.beats.items():
            if name.split()[0] == SMS:
                why = self._thread(name, beat, now_s)
                found |= {SMS: why} if why else {}
                found |= {SMS_HALF: "waits"} if beat.note == SMS_HALF and why != "silent" else {}
        return found

    def _carried(self, look: Look, now_s: float) -> dict[str, str]:
        """The processes that listen to a broker and to alarm devices, each missed only after it was heard once; and
        what they say of the broker, and of intake."""
        found = {}
        for part, note in ((MQTT, MQTT_AWAY), (DC09, DC09_UNHEARD)):
            beat = look.beats.get(part)
            if beat is None:
                continue
            is_away = self._lasts(note, beat.note == note, now_s)
            if why := self._thread(part, beat, now_s) or ("unanswered" if is_away else ""):
                found[part] = why
        return found

    def _cad(self, look: Look, now_s: float) -> dict[str, str]:
        """Each dispatch system by itself, missed only after its thread was heard once."""
        whys = {
            name.removeprefix(f"{CAD} "): self._thread(name, beat, now_s)
            for name, beat in look.beats.items()
            if name.startswith(f"{CAD} ")
        }
        return {f"{CAD}:{receiver}": why for receiver, why in whys.items() if why}

    def _thread(self, name: str, beat: Beat | None, now_s: float, head: int = 0) -> str:
        """Why a thread is wrong: it says nothing, or something waits and it does not move; else an empty text."""
        if self._steady.for_s(name, _stamp(beat), now_s) >= self._patience_s:
            return "silent"
        waits = beat is not None and max(beat.head, head) > beat.seq
        stuck = self._lasts(f"{name} moves", waits and beat is not None and beat.seq + 1, now_s)
        return "stuck" if stuck else ""

    def _web_is_silent(self, look: Look, now_s: float) -> bool:
        ages = [
            self._steady.for_s(name, beat.at_us, now_s)
            for name, beat in look.beats.items()
            if name.startswith(WEB)
        ]
        return bool(ages) and min(ages) >= self._patience_s

    def _no_board(self, look: Look, now_s: float) -> bool:
        self._steady.keep("board ", {f"board {board}" for board in look.boards})
        alive = [
            board
            for board, sign in look.boards.items()
            if self._steady.for_s(f"board {board}", sign, now_s) < BOARD_SILENT_S
        ]
        lone_s = self._steady.for_s("no board", not alive, now_s)
        return not alive and lone_s >= (NO_BOARD_IN_ALARM_S if look.open_alarms else NO_BOARD_S)

    def _lasts(self, name: str, sign: object, now_s: float) -> bool:
        """Whether `sign` is something bad (not false) and has been the same for too long."""
        return self._steady.for_s(name, sign, now_s) >= self._patience_s and bool(sign)


def _stamp(beat: Beat | None) -> int | None:
    return None if beat is None else beat.at_us


class Findings:
    """Which parts count as broken: each is named once when it breaks, and once when it has been right for long enough.

    What comes and goes must not ring again and again.
    """

    def __init__(self, broken: Iterable[str] = (), patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._right_since: dict[str, float | None] = dict.fromkeys(broken)

    def take(self, wrong: Mapping[str, str], now_s: float) -> tuple[list[str], list[str]]:
        """The parts that broke now, and those that are mended now."""
        broke = [part for part in wrong if part not in self._right_since]
        for part in wrong:
            self._right_since[part] = None
        mended = []
        for part, since_s in list(self._right_since.items()):
            if part in wrong:
                continue
            if since_s is None:
                self._right_since[part] = now_s
            elif now_s - since_s >= self._patience_s:
                del self._right_since[part]
                mended.append(part)
        return broke, mended


class Overdue:
    """Which alarms no board has painted in time, each named once for as long as it stays so."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        self._since_us: dict[str, int] = {}
        self._named = set(named)

    def find(self, unshown: Sequence[Unshown], now_us: int) -> list[Unshown]:
        """Those that have waited SHOWN_WITHIN_S since this process first saw them waiting.

        `now_us` is that of a clock that nobody sets; one that is set back all the same holds no alert back.
        """
        waiting = {life_of(alarm) for alarm in unshown}
        self._named &= waiting
        self._since_us = {name: min(self._since_us.get(name, now_us), now_us) for name in waiting}
        limit_us = now_us - round(SHOWN_WITHIN_S * 1e6)
        found = [
            alarm
            for alarm in unshown
            if life_of(alarm) not in self._named and self._since_us[life_of(alarm)] <= limit_us
        ]
        self._named |= {life_of(alarm) for alarm in found}
        return found


def life_of(alarm: Unshown) -> str:
    """An alarm's number, and which of its lives: it may be opened again."""
    return f"{alarm.alarm}-{alarm.times_closed}"
