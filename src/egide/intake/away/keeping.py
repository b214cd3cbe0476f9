"""A writer that goes on while the journal has no primary: what somebody in danger sends is kept in a file of this
machine, the receipt says so, and it comes into the journal once and in order when that is back.
"""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.postgres.patience import answered_within, left_s
from egide.common.sealing import SealingKey
from egide.intake import lookup
from egide.intake.away.copying import Copying
from egide.intake.away.returning import Returning
from egide.intake.away.showing import Showing
from egide.intake.passing import Answered, Arrival, Item
from egide.intake.receipt_keys import signing_keys
from egide.intake.refusals import full, unavailable, unknown
from egide.intake.writer import Outcome, Writer
from egide.journal.errors import JournalError, JournalFull, JournalUnavailable
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.kept import PURPOSE, Kept
from egide.journal.now.known import Known
from egide.journal.service import Journal
from egide.journal.transaction import Transaction
from egide.protocol.envelope import Kind, Message, decode
from egide.protocol.receipt import KEPT, Receipt, sign_receipt

log = logging.getLogger("egide.intake")

# A press is to be on a board within three seconds. Whoever came just behind a group waits for it, then for its own: so
# where others wait behind a group that took longer than SLOW_S they are kept, and a journal that has not answered a
# group within PATIENCE_S is away for it. An alarm that was stored and has no route yet shows after two seconds.
SLOW_S, PATIENCE_S = 0.7, 1.5
# A server that refuses at once may have been started anew: each message gets one more try, on a new connection. Where
# the first answer took longer than this, nobody waits for a second one.
_AT_ONCE_S = 0.7
# So long a press may wait for signs of life that are noted when nobody waits.
_NOTING_S = 1.0
_ACCEPTED, _FULL = int(HTTPStatus.ACCEPTED), int(HTTPStatus.INSUFFICIENT_STORAGE)
_MOST_KNOWN, _READ = 100_000, 64
# Words of a person in danger, and where she is. The rest is said again: signs of life, sound, tests, notices.
_ALWAYS = (Kind.PRESS, Kind.CANCEL, Kind.TEXT)
_IN_ALARM = (Kind.POSITION, Kind.HEARTBEAT)


def is_kept(message: Message) -> bool:
    """Whether this message is kept while the journal is away; the phone says others again."""
    return message.kind in _ALWAYS or (message.kind in _IN_ALARM and message.press is not None)


class Keeper:
    """What this machine keeps, what it knows of the phones, and what is shown of both; it asks no journal for anything.

    Used by one thread only, but for `showing`. All of it needs one key alone (`journal.now.kept.PURPOSE`).
    """

    def __init__(self, config: Config, clock: Clock, key: SealingKey) -> None:
        """Raises JournalUnavailable, OSError."""
        self._clock = clock
        self._receipts, _following = signing_keys(config)
        self.kept = Kept(config, key)
        # For the thread that brings back what is in it.
        self.leaving = Kept(config, key)
        self.known = Known(config, key)
        self.showing = Showing(clock)

    def show_all(self) -> None:
        """What a life before this one kept. Raises JournalUnavailable."""
        number = 0
        while messages := self.kept.read(number, _READ):
            number = messages[-1].number
            for one in messages:
                if one.data is not None:
                    self.showing.add(one.kid, one.digest, decode(one.data).message, one.at_us)

    def keep(self, items: Sequence[Item]) -> list[Answered]:
        """Durable in the file; what is not for it is refused, and so is a phone that the journal has refused before."""
        arrivals = [one for one in items if isinstance(one, Arrival) and is_kept(one.message)]
        refused = [one for one in arrivals if self.showing.was_refused(one.kid)]
        others = [one for one in items if one not in arrivals]
        kept = self._keep([one for one in arrivals if one not in refused])
        return [unavailable(one) for one in others] + [unknown(one) for one in refused] + kept

    def _keep(self, chosen: Sequence[Arrival]) -> list[Answered]:
        rows = [(one.kid, one.message.counter, one.digest, one.data, one.by_sms) for one in chosen]
        try:
            came_us = self.kept.add(rows, self._clock.now_us()) if rows else []
        except JournalFull:
            return [full(one) for one in chosen]
        except JournalUnavailable:
            log.exception("%d messages could not be kept either", len(chosen))
            return [unavailable(one) for one in chosen]
        kept = list(zip(chosen, came_us, strict=True))
        for one, at_us in kept:
            self.showing.add(one.kid, one.digest, one.message, at_us)
        return [self._told_kept(one, at_us) for one, at_us in kept]

    def _told_kept(self, arrival: Arrival, at_us: int) -> Answered:
        """Signed, and never more than is true: which alarm it is, and what came before, only the journal knows."""
        next_counter = max(arrival.message.counter, self.showing.highest(arrival.kid)) + 1
        receipt = Receipt(0, "", at_us // 1000, KEPT, next_counter, ())
        body = msgspec.json.encode(sign_receipt(self._receipts, arrival.digest, receipt))
        return Answered(arrival.number, _ACCEPTED, KEPT, body)


class KeepingWriter(Writer):
    """The writer of a journal on other machines. While `is_keeping`, call `bring_back` again and again."""

    def __init__(
        self,
        config: Config,
        journal: Journal,
        clock: Clock,
        heartbeats: Heartbeats | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        """`keeper` is that of `alone`, which keeps until this writer goes on. Raises JournalUnavailable, OSError."""
        super().__init__(config, journal, clock, heartbeats)
        self._is_heir = keeper is not None
        self._keeper = keeper or Keeper(config, clock, journal.keys.purpose_key(PURPOSE))
        self._kept, self.showing = self._keeper.kept, self._keeper.showing
        self.copying = Copying(journal, clock, self._keeper.known, self.showing)
        self._returning = Returning(
            journal, clock, self._keeper.leaving, self.showing, self._commit, self._answered
        )
        self._bringing: Future[None] | None = None
        self._thread = ThreadPoolExecutor(1, "kept-returning")
        self._began_us, self._took_s = 0, 0.0
        # A life before this one may have kept something, and so may `alone`: nothing that comes now overtakes it.
        self.is_keeping = self._is_heir or not self._kept.is_empty()

    def warm(self) -> None:
        """Unwrap keys ahead, and learn whose phones there are: nobody can be asked while the journal is away."""
        super().warm()
        try:
            self.showing.note_moment(self._clock.now_us())
            with self._journal.reading() as reader:
                for device in lookup.find_devices(reader, _MOST_KNOWN):
                    self.showing.learn(device)
            if self.is_keeping and not self._is_heir:
                self._keeper.show_all()
        except JournalUnavailable:
            log.exception("whose phones there are, or what was kept, cannot be read")

    def handle(self, items: Sequence[Item]) -> list[Answered]:
        """Make the items durable and answer each: in the journal, else in the file."""
        if self.is_keeping:
            told = [self._returning.told(item) for item in items]
            others = [item for item, answer in zip(items, told, strict=True) if answer is None]
            return [answer for answer in told if answer is not None] + self._keeper.keep(others)
        self._began_us = self._clock.steady_us()
        with answered_within(PATIENCE_S):
            answers = super().handle(items)
            self._look_around()
        self._took_s = self._since_s()
        return answers

    @property
    def was_slow(self) -> bool:
        """Whether the journal took its time for the last group: who waited behind it should be kept (`begin`)."""
        return not self.is_keeping and self._took_s > SLOW_S

    def note_remembered(self, is_busy: bool = False) -> None:
        """While the journal is away they wait, or are lost."""
        if self.is_keeping:
            return
        with answered_within(_NOTING_S):
            super().note_remembered(is_busy)
            is_late = left_s() == 0
        if is_late:
            self.begin()

    def _store(
        self, transaction: Transaction, arrival: Arrival, senders: lookup.Senders, at_rest: Mapping[str, int]
    ) -> Outcome:
        outcome = super()._store(transaction, arrival, senders, at_rest)
        if (device := senders.device(arrival.kid)) is not None:
            self.showing.learn(device)
        return outcome

    def bring_back(self) -> None:
        """Have what was kept brought into the journal, as soon as that can be reached; keeping ends behind the last."""
        if not self.is_keeping:
            return
        if self._bringing is None:
            self._bringing = self._thread.submit(self._returning.bring)
        elif self._bringing.done():
            bringing, self._bringing = self._bringing, None
            try:
                bringing.result()
                is_through = self._returning.is_through()
            except JournalError:
                # A file that cannot be read any more must not stand before a journal that takes presses.
                self.is_keeping = self._kept.can_be_read()
            else:
                if is_through:
                    self._end()

    def _commit_each(self, group: Sequence[Arrival]) -> list[Outcome]:
        """Each alone, as long as the journal takes any; what is left is kept."""
        outcomes: list[Outcome] = []
        for at, arrival in enumerate(group):
            is_late = self._is_away and self._since_s() > _AT_ONCE_S
            stored = None if is_late else self._commit([arrival])
            if stored is None and self._is_away:
                self.begin()
                return outcomes + self._keeper.keep(group[at:])
            outcomes += stored or [unavailable(arrival)]
        return outcomes

    def _commit(self, group: Sequence[Arrival]) -> list[Outcome] | None:
        """A full disk is another machine's, and nobody leads in its place while it can still be read: to a press it is
        as good as away. What is on its way back stays where it is."""
        outcomes = super()._commit(group)
        if outcomes is None or self.is_keeping:
            return outcomes
        # Sound is refused for want of room here.
        for arrival, one in zip(group, outcomes, strict=True):
            if isinstance(one, Answered) and one.status == _FULL and arrival.message.kind is not Kind.AUDIO:
                self._fault = JournalFull("the disk of the journal's database is full")
                return None
        return outcomes

    def _look_around(self) -> None:
        """Where signs of life could not be noted, no press need find out by itself that the journal is away."""
        if self._is_away and not self.is_keeping:
            try:
                self._journal.head()
            except JournalUnavailable:
                self.begin()

    @property
    def _is_away(self) -> bool:
        """Whether a database was why the last group was not stored."""
        return isinstance(self._fault, JournalUnavailable | JournalFull)

    def begin(self) -> None:
        """From now on what comes is kept."""
        log.error("the journal cannot be written in time: presses are kept in a file of this machine")
        self.is_keeping = True
        self._returning.begin()
        # What another thread was connected to before may hang.
        self._thread.shutdown(wait=False)
        self._thread = ThreadPoolExecutor(1, "kept-returning")

    def _end(self) -> None:
        log.warning("the journal holds what was kept")
        self.is_keeping = False
        self._returning.end()
        self.showing.settle_all()
        self._kept.empty_log()

    def _since_s(self) -> float:
        """How long the group that is being stored has taken."""
        return (self._clock.steady_us() - self._began_us) / 1e6


def writer_of(
    config: Config, journal: Journal, clock: Clock, heartbeats: Heartbeats, keeper: Keeper | None = None
) -> tuple[Writer, KeepingWriter | None]:
    """The writer of this installation, and the same again where it keeps: never where the journal is a file of this
    machine, beside which a second file would outlive nothing. With a `keeper`, raises JournalUnavailable.
    """
    if config.journal:
        try:
            keeping = KeepingWriter(config, journal, clock, heartbeats, keeper)
        except (JournalUnavailable, OSError):
            if keeper is not None:
                raise
            log.exception("nothing can be kept while the journal is away: presses are refused then")
        else:
            return keeping, keeping
    return Writer(config, journal, clock, heartbeats), None
