"""A writer that goes on while the journal has no primary: what somebody in danger sends is kept in a file of this
machine, the receipt says so, and it comes into the journal once and in order when that is back.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.postgres.patience import answered_within
from egide.common.sealing import SealingKey
from egide.intake import lookup
from egide.intake.away.copying import Copying
from egide.intake.away.reaching import Reaching
from egide.intake.away.showing import Showing
from egide.intake.passing import Answered, Arrival, Item
from egide.intake.receipt_keys import signing_keys
from egide.intake.refusals import full, unavailable, unknown
from egide.intake.writer import Outcome, Writer
from egide.journal.errors import JournalError, JournalFull, JournalUnavailable
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.kept import PURPOSE, Kept, KeptMessage
from egide.journal.now.known import Known
from egide.journal.service import Journal
from egide.journal.transaction import Transaction
from egide.protocol.envelope import Kind, Message, decode
from egide.protocol.receipt import KEPT, Receipt, sign_receipt

log = logging.getLogger("egide.intake")

# So many are brought back at once while that is quick, and no fewer than the least, two groups of which are more than
# what arrives at once (lanes.GROUP): the end is reached however many come meanwhile. Who presses then waits for them.
BACK_GROUP, LEAST_BACK_GROUP = 64, 16
_QUICK_S = 0.5
# A server that refuses at once may have been started anew: each message gets one more try, on a new connection. Where
# the first answer took longer than this, nobody waits for a second one.
_AT_ONCE_S = 1.0
# A journal that has not answered a group by then is away for it: phones wait for five seconds, boards for three. What
# comes back has more time with each try that failed: no journal is so slow that it never does.
PATIENCE_S, MOST_PATIENCE_S = 2.0, 30.0
_ACCEPTED, _FULL = int(HTTPStatus.ACCEPTED), int(HTTPStatus.INSUFFICIENT_STORAGE)
_STAYS = "the kept message %d cannot be stored, and stays in the file"
_MOST_KNOWN = 100_000
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
        self.known = Known(config, key)
        self.showing = Showing()

    def show_all(self) -> None:
        """What a life before this one kept. Raises JournalUnavailable."""
        number = 0
        while messages := self.kept.read(number, BACK_GROUP):
            number = messages[-1].number
            for message in messages:
                if message.data is not None:
                    self.showing.add(message.kid, decode(message.data).message, message.at_us)

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
            self.showing.add(one.kid, one.message, at_us)
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
        self._reaching = Reaching(journal.check_append)
        self.copying = Copying(journal, clock, self._keeper.known, self.showing)
        self._passed = 0
        self._began_us = 0
        self._back_s, self._back_group = PATIENCE_S, LEAST_BACK_GROUP
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
        if not self.is_keeping:
            self._began_us = self._clock.steady_us()
            with answered_within(PATIENCE_S):
                answers = super().handle(items)
                self._look_around()
            return answers
        return self._keeper.keep(items)

    def note_remembered(self, is_busy: bool = False) -> None:
        """While the journal is away they wait, or are lost."""
        if not self.is_keeping:
            with answered_within(PATIENCE_S):
                super().note_remembered(is_busy)

    def _store(
        self, transaction: Transaction, arrival: Arrival, senders: lookup.Senders, at_rest: Mapping[str, int]
    ) -> Outcome:
        outcome = super()._store(transaction, arrival, senders, at_rest)
        if (device := senders.device(arrival.kid)) is not None:
            self.showing.learn(device)
        return outcome

    def bring_back(self) -> None:
        """Bring the next of what was kept into the journal, if it can be reached; keeping ends behind the last."""
        if not self.is_keeping or not self._reaching.is_reached:
            return
        began_us = self._clock.steady_us()
        try:
            with answered_within(self._back_s), self._kept.bringing_back() as is_ours:
                # Looked at twice: what arrives between two calls must not keep the file from ever being empty.
                if is_ours and (self._store_next() or self._store_next()):
                    self._end()
        except JournalError as error:
            log.warning("what was kept cannot be brought into the journal now: %s", error)
            self._reaching.begin()
            self._back_s = min(2 * self._back_s, MOST_PATIENCE_S)
            # A file that cannot be read any more must not stand before a journal that takes presses.
            self.is_keeping = self._kept.can_be_read()
        if self._clock.steady_us() - began_us > _QUICK_S * 1e6:
            self._back_group = max(self._back_group // 2, LEAST_BACK_GROUP)
        else:
            self._back_group = min(self._back_group * 2, BACK_GROUP)

    def _commit_each(self, group: Sequence[Arrival]) -> list[Outcome]:
        """Each alone, as long as the journal takes any; what is left is kept."""
        outcomes: list[Outcome] = []
        for at, arrival in enumerate(group):
            took_s = (self._clock.steady_us() - self._began_us) / 1e6
            stored = None if self._is_away and took_s > _AT_ONCE_S else self._commit([arrival])
            if stored is None and self._is_away:
                self._begin()
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
                self._begin()

    @property
    def _is_away(self) -> bool:
        """Whether a database was why the last group was not stored."""
        return isinstance(self._fault, JournalUnavailable | JournalFull)

    def _begin(self) -> None:
        log.error("the journal cannot be written: presses are kept in a file of this machine")
        self.is_keeping, self._passed, self._back_group = True, 0, LEAST_BACK_GROUP
        self._reaching.begin()

    def _end(self) -> None:
        log.warning("the journal holds what was kept")
        self.is_keeping, self._back_s = False, PATIENCE_S
        self.showing.clear()
        self._kept.empty_log()

    def _store_next(self) -> bool:
        """Store the next group; whether there was none. Raises JournalError where the journal takes nothing now."""
        messages = self._kept.read(self._passed, self._back_group)
        if not messages:
            return True
        arrivals = [_arrival(message) for message in messages if message.data is not None]
        outcomes = self._commit(arrivals) if len(arrivals) == len(messages) else None
        if outcomes is None:
            for message in messages:
                self._store_alone(message)
        else:
            self._settle(messages, outcomes)
        return False

    def _store_alone(self, message: KeptMessage) -> None:
        """What cannot be stored holds up nothing that came behind it: it stays in the file, and watch says so."""
        outcomes = None if message.data is None else self._commit([_arrival(message)])
        if outcomes is not None:
            self._settle([message], outcomes)
            return
        # Raises when it was not this message's fault.
        self._journal.head()
        log.error(_STAYS, message.number)
        self._passed = message.number

    def _settle(self, messages: Sequence[KeptMessage], outcomes: Sequence[Outcome]) -> None:
        """Take those out of the file that the journal holds, or would never take."""
        if any(isinstance(one, Answered) and one.status == _FULL for one in outcomes):
            raise JournalFull("the journal's disk is full")
        settled = []
        for message, outcome in zip(messages, outcomes, strict=True):
            if self._is_settled(message, outcome):
                settled.append(message.number)
            else:
                log.error(_STAYS, message.number)
        self._passed = messages[-1].number
        try:
            self._kept.remove(settled)
        except JournalUnavailable as error:
            # As on a full disk: the next process stores them again, and the journal knows them.
            log.warning("what the journal holds could not be taken out of the file: %s", error)

    def _is_settled(self, message: KeptMessage, outcome: Outcome) -> bool:
        if not isinstance(outcome, Answered) or outcome.status == HTTPStatus.CONFLICT:
            return True
        # A blocked phone, or an erased file. No phone becomes unknown: that is no reason to throw a press away.
        with self._journal.reading() as reader:
            return lookup.find_device(reader, message.kid) is not None


def _arrival(message: KeptMessage) -> Arrival:
    assert message.data is not None
    read = decode(message.data).message
    return Arrival(0, message.kid, message.digest, message.data, read, message.by_sms, was_kept=True)


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
