"""What intake reads from the journal's folded tables: devices, earlier messages, the alarm to join, states."""

from collections.abc import Collection, Iterator, Sequence

import msgspec

from egide.alarm.events import Origin
from egide.intake.rules import QUIET_S, TAIL_S, Before, Device
from egide.journal.canaries import find_canary
from egide.journal.now.known import KnownPhone
from egide.journal.queries import intake as queries
from egide.journal.queries.intake import AlarmForPhone, KeptMessage, KitAlarm, Sender
from egide.journal.reader import Reader
from egide.protocol.envelope import Kind, Message
from egide.protocol.receipt import Pending

_TOLD = {"acknowledged": "seen", "closed": "closed"}


def find_device(reader: Reader, kid: str) -> Device | None:
    """The enrolled device with this key id."""
    return next(map(device_of, queries.senders(reader, (kid,))), None)


def find_devices(reader: Reader, limit: int) -> Iterator[Device]:
    """Up to `limit` enrolled devices."""
    return map(device_of, queries.all_senders(reader, limit))


def find_known(reader: Reader, devices: Collection[str]) -> list[KnownPhone]:
    """What is to be known of the enrolled phones among these key ids while the journal is away."""
    senders, keys = queries.senders(reader, devices), queries.keys_of(reader, devices)
    kits = {sender.kit for sender in senders if sender.has_alarms}
    alarms = queries.alarms_of_kits(reader, kits) if kits else {}
    found = []
    for sender in senders:
        highest = max([sender.highest or 0, *_opening(alarms.get(sender.kit, ()), sender.device)])
        # PostgreSQL says whether something is so in a word of its own.
        numbers = {name: int(getattr(sender, name)) for name in ("is_superseded", "is_blocked", "has_alarms")}
        about = msgspec.structs.replace(sender, highest=highest, **numbers)
        found.append(KnownPhone(sender.device, keys[sender.device], msgspec.msgpack.encode(about)))
    return found


def sender_in(phone: KnownPhone) -> Sender | None:
    """What was known of it, with all presses in `highest`; None for what another release has written."""
    try:
        return msgspec.msgpack.decode(phone.about, type=Sender)
    except msgspec.MsgspecError:
        return None


class Senders:
    """What the journal holds of the phones that speak in a group, and of their kits: asked once for all of them, and
    so as it was when the group began. Of a kit that the group itself has moved it is asked again."""

    def __init__(self, reader: Reader, said: Sequence[tuple[str, Message]]) -> None:
        """`said`: key ids, each with a message."""
        self._reader = reader
        self._found = {found.device: found for found in queries.senders(reader, {kid for kid, _ in said})}
        self._moved: set[str] = set()
        kits = {found.kit for found in self._found.values() if found.has_alarms}
        self._alarms = queries.alarms_of_kits(reader, kits) if kits else {}
        asked = {named for kid, message in said for named in self._named(kid, message)}
        self._kept = queries.kept_messages(reader, asked) if asked else {}

    def _named(self, kid: str, message: Message) -> Iterator[tuple[str, int]]:
        """The counters for which it matters whether a message with them was kept."""
        found = self._found.get(kid)
        if found is not None and (found.has_alarms or (found.highest or 0) >= message.counter):
            yield kid, message.counter
        if found is not None and message.press is not None:
            yield kid, message.press

    def device(self, kid: str) -> Device | None:
        """The device with this key id."""
        found = self._found.get(kid)
        return None if found is None else device_of(found)

    def highest(self, device: Device) -> int:
        """The highest counter of its kept messages, but for those that opened an alarm."""
        if device.kit in self._moved:
            return queries.highest_counter(self._reader, device.device)
        return self._found[device.device].highest or 0

    def alarms(self, device: Device) -> Sequence[KitAlarm]:
        """All alarms of its kit."""
        is_known = device.kit not in self._moved
        alarms = self._alarms if is_known else queries.alarms_of_kits(self._reader, (device.kit,))
        return alarms.get(device.kit, ())

    def kept(self, device: Device, counter: int) -> Sequence[KeptMessage]:
        """Its kept messages with this counter, but for one that opened an alarm."""
        named = device.device, counter
        is_known = device.kit not in self._moved
        kept = self._kept if is_known else queries.kept_messages(self._reader, (named,))
        return kept.get(named, ())

    def likely(self) -> dict[str, tuple[str, str]]:
        """The alarms to which messages of this group go in all likelihood, with the centres and zones they concern."""
        latest = (max(alarms) for alarms in self._alarms.values())
        return {f"alarm:{alarm}": (centres, zones) for _is_open, _seq, alarm, *_, centres, zones in latest}

    def note_moved(self, kit: str) -> None:
        """The group keeps something of this kit."""
        self._moved.add(kit)


def device_of(found: Sender) -> Device:
    """The same, in the words of the rules."""
    return Device(
        found.device,
        found.kit,
        found.case,
        Origin(found.managing_zone, found.home_zone, found.home_centre),
        found.grant_ends_at_s,
        bool(found.is_returned),
        is_superseded=bool(found.is_superseded),
        is_blocked=bool(found.is_superseded and found.is_blocked),
    )


class KnownKey(msgspec.Struct, frozen=True):
    """A public key (32 bytes) that intake knows, and whether it is a canary's."""

    public_key: bytes
    is_canary: bool


def find_key(reader: Reader, kid: str) -> KnownKey | None:
    """The key with this id: of an enrolled device, else of a canary."""
    public_key = queries.public_key(reader, kid)
    if public_key is not None:
        return KnownKey(public_key, is_canary=False)
    canary = find_canary(reader, kid)
    return None if canary is None else KnownKey(canary.public_key, is_canary=True)


def find_keys(reader: Reader, limit: int) -> Iterator[tuple[str, KnownKey]]:
    """The keys of up to `limit` enrolled devices, each with its id."""
    rows = queries.public_keys(reader, limit)
    return ((kid, KnownKey(public_key, is_canary=False)) for kid, public_key in rows)


class Found(msgspec.Struct, frozen=True):
    """What the journal holds about a message: `repeat_seq` when these very bytes came before."""

    repeat_seq: int | None
    next_counter: int
    before: Before


def find_before(
    senders: Senders, sender: Device, message: Message, digest: bytes, now_us: int, at_rest: int
) -> Found:
    """What decides where the message goes, and what the reply says of counters; `at_rest`: of its signs of life."""
    device, counter = sender.device, message.counter
    alarms = senders.alarms(sender)
    opening = _opening(alarms, device) if alarms else {}
    highest = max([senders.highest(sender), *opening])
    used = _used(senders.kept(sender, counter), opening.get(counter)) if highest >= counter else ()
    of_press = (
        ()
        if message.press is None
        else _used(senders.kept(sender, message.press), opening.get(message.press))
    )
    own = f"{device}-{counter if message.kind is Kind.PRESS else message.press}"
    joinable, is_open = joinable_among(alarms, sender.case, now_us)
    return Found(
        next((seq for seq, _stream, digest_of in used if digest_of == digest), None),
        max(counter, highest, at_rest) + 1,
        Before(
            min(used)[1] if used else None,
            min(of_press)[1] if of_press else None,
            own in [row[2] for row in alarms],
            joinable,
            is_open,
        ),
    )


def joinable_among(alarms: Sequence[KitAlarm], case: str, now_us: int) -> tuple[str | None, bool]:
    """The alarm of this case that a press now joins, None for none, and whether it is open (safety rule 9)."""
    # An open one first, then the one that was opened last.
    is_open, _seq, latest, closed_at_us = max(
        [row[:4] for row in alarms if row[5] == case], default=(0, 0, None, None)
    )
    is_joinable = is_open or (closed_at_us is not None and closed_at_us + TAIL_S * 1_000_000 > now_us)
    return latest if is_joinable else None, bool(is_open)


def _opening(alarms: Sequence[KitAlarm], device: str) -> dict[int, KeptMessage]:
    """The presses of this phone that opened an alarm, by their counters: they stand in no other table."""
    mine = f"{device}-"
    return {
        int(alarm.removeprefix(mine)): (seq, f"alarm:{alarm}", digest)
        for _is_open, seq, alarm, _closed_at_us, digest, *_others in alarms
        if digest is not None and alarm.startswith(mine)
    }


def _used(kept: Sequence[KeptMessage], opening: KeptMessage | None) -> Sequence[KeptMessage]:
    """The kept messages of one counter: seq, stream and digest of each."""
    return kept if opening is None else [*kept, opening]


class ForPhone(msgspec.Struct, frozen=True):
    """What a reply tells the phone: how far its alarm has come ("noted" for every other stream), and what to do."""

    state: str
    pending: tuple[Pending, ...] = ()


def for_phones(reader: Reader, streams: Collection[str]) -> dict[str, ForPhone]:
    """What phones may know of these streams."""
    found = queries.alarms_for_phones(reader, streams)
    return {stream: _for_phone(found.get(stream)) for stream in streams}


def _for_phone(alarm: AlarmForPhone | None) -> ForPhone:
    """What a phone may know of its alarm, or of what is none.

    That a team is on its way, or there, is shown when the team or its zone said so, never for an operator's click.
    After a code under threat nothing is said that could show (safety rule 8) but that it must not; that nobody listens
    any more shows nowhere, and ends the recording (safety rule 23).
    """
    if alarm is None:
        return ForPhone("noted")
    state, question, step = alarm.state, alarm.question, alarm.step
    pending = [Pending("listen-off")] if alarm.is_listening else []
    if alarm.is_duress:
        # A phone whose page was loaded anew keeps no trace of the code, and learns it here.
        return ForPhone(state, (*pending, *(() if state == "closed" else (Pending("quiet"),))))
    if step and state != "closed":
        pending.insert(0, Pending("team", step))
    if question and state != "closed":
        pending.insert(0, Pending("text", question))
    if state in _TOLD:
        pending.insert(0, Pending(_TOLD[state]))
    return ForPhone(state, tuple(pending))


class Resting(msgspec.Struct, frozen=True):
    """What decides whether a heartbeat is one of a phone at rest: then it is no event and needs no transaction.

    `highest` is the highest counter of its kept messages, `is_used` whether this one's is among them; `is_quiet` that
    the phone must show nothing, because of a code under threat (safety rule 8). `settings` are those of the kit that
    this phone has not taken yet, `test` is an officer's that it may arm (protocol.arming); "" when there are none.
    """

    case: str
    highest: int
    is_used: bool
    is_alarmed: bool
    is_quiet: bool
    settings: str = ""
    test: str = ""


def may_say_arrived(reader: Reader, device: str, now_us: int) -> bool:
    """Whether this phone may say, where others may see it, that its press arrived.

    Never an earlier phone, or one of a kit that was given back (safety rule 38); never after a code under threat (8).
    """
    sender = find_device(reader, device)
    resting = find_resting(reader, device, 0, now_us)
    if sender is None or resting is None:
        return False
    return not (sender.returned or resting.is_quiet)


def find_resting(reader: Reader, device: str, counter: int, now_us: int) -> Resting | None:
    """What is known for a heartbeat; None for a device that is unknown or blocked."""
    quiet_since_us = now_us - QUIET_S * 1_000_000
    found = queries.resting_phone(reader, device, counter, now_us)
    if found is None or (found.is_superseded and found.is_blocked):
        return None
    alarms = queries.alarms_of_kits(reader, (found.kit,)).get(found.kit, []) if found.has_alarms else []
    opening = _opening(alarms, device)
    of_case = [row for row in alarms if row[5] == found.case]
    is_alarmed = any(row[0] for row in of_case)
    is_quiet = any(
        duress and (at_us or now_us) > quiet_since_us for _o, _s, _a, at_us, _d, _k, duress, *_ in of_case
    )
    if found.is_superseded:
        # An earlier phone is always at rest, whatever happens to its kit, and learns nothing (safety rule 38).
        is_alarmed, is_quiet = False, True
    settings, test = ("", "") if is_quiet else (found.settings or "", found.test or "")
    highest = max([found.highest or 0, *opening])
    return Resting(
        found.case, highest, bool(found.is_used) or counter in opening, is_alarmed, is_quiet, settings, test
    )
