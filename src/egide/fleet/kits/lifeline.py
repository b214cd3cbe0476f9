"""What the journal says of a kit: which phone is enrolled, whether its button is paired, which tests came through."""

from collections.abc import Iterable
from dataclasses import dataclass

from egide.alarm.events import TestReceived
from egide.fleet.kits.rules import SECOND_WAY, Test, way_of
from egide.journal.queries import kits as queries_kits
from egide.outbox.service import heartbeats, journal
from egide.protocol.envelope import Trigger
from egide.protocol.link import LinkFlag

_TESTS_LOOKED_AT = 50
_REFUSALS = {
    LinkFlag.RADIO_OFF: "radio",
    LinkFlag.POSITION_REFUSED: "position",
    LinkFlag.MICROPHONE_REFUSED: "microphone",
    LinkFlag.SAVER_ON: "saver",
    LinkFlag.TEXTS_REFUSED: "texts",
}


@dataclass(frozen=True)
class Heard:
    """What was last heard of a kit; `device` is empty without a phone.

    `client` and `client_version` are what the phone said that it is, empty when it said nothing. `refusals`: what it
    last said that it is not allowed ("radio", "position", "microphone", "saver", "texts").
    """

    device: str = ""
    enrolled_at_us: int = 0
    enrolled_seq: int = 0
    tests: tuple[Test, ...] = ()
    is_paired: bool = False
    phone_pct: int | None = None
    button_pct: int | None = None
    client: str = ""
    client_version: str = ""
    refusals: tuple[str, ...] = ()

    @property
    def way(self) -> str:
        """ "first" or "second" by what the phone said of itself (safety rule 45); "" without a phone."""
        return way_of(self.client) if self.device else ""

    @property
    def is_enrolled(self) -> bool:
        return bool(self.device)

    @property
    def button_tests(self) -> tuple[Test, ...]:
        return tuple(test for test in self.tests if test.by_button)


def heard_of(kit: str) -> Heard:
    """The phone that enrolled last for this kit, and what came from it. Raises KeyErased."""
    phone = queries_kits.last_enrolled(journal(), kit)
    if phone is None:
        return Heard()
    seen = heartbeats().find(phone.device)
    tests = tuple(_test(seq) for seq in queries_kits.last_tests(journal(), phone.device, _TESTS_LOOKED_AT))
    flags = LinkFlag(seen.link or 0) if seen else LinkFlag(0)
    return Heard(
        device=phone.device,
        enrolled_at_us=phone.at_us,
        enrolled_seq=phone.seq,
        tests=tests,
        # A press of the button that came through is the better proof.
        is_paired=LinkFlag.BUTTON_PAIRED in flags or any(test.by_button for test in tests),
        phone_pct=seen.phone_pct if seen else None,
        button_pct=seen.button_pct if seen else None,
        client=phone.client,
        client_version=phone.version,
        refusals=tuple(what for flag, what in _REFUSALS.items() if flag in flags),
    )


def second_ways(kit_ids: Iterable[str]) -> frozenset[str]:
    """Those of these kits whose phone, the one that enrolled last, is a second way only."""
    clients = queries_kits.clients(journal(), kit_ids)
    return frozenset(kit for kit, client in clients.items() if way_of(client) == SECOND_WAY)


def unverified_since(kit_ids: Iterable[str], since_us: int) -> dict[str, int]:
    """Kits in whose name something came after `since_us` that does not verify, with when it last did (rule 22)."""
    return queries_kits.unverified_us(journal(), kit_ids, since_us)


def _test(seq: int) -> Test:
    row = journal().read(after=seq - 1, limit=1)[0]
    event = journal().open_event(row)
    assert isinstance(event, TestReceived)
    return Test(row.seq, row.at_us, event.trigger == Trigger.BUTTON, by_officer=event.officers_test > 0)
