"""A message that costs us far more than its sender: nothing is read before key and seal are known (rule 42)."""

import pytest

from egide.protocol import cbor
from egide.protocol.envelope import MAX_BYTES, Kind, unwrap
from tests.support.asgi import IntakeClient
from tests.support.attacks import costly, forged, stranger
from tests.support.installation import Installation


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many items of CBOR were read, one number for each."""
    read = cbor._Reader.read
    found: list[int] = []

    def counted(self: cbor._Reader, depth: int) -> cbor.Value:
        found.append(depth)
        return read(self, depth)

    monkeypatch.setattr(cbor._Reader, "read", counted)
    return found


async def test_of_an_unknown_key_nothing_is_read(intake: IntakeClient, reads: list[int]) -> None:
    reply = await intake.send(stranger().seal(costly()))
    assert (reply.status, reply.reason, reads) == (401, "unknown-key", [])


async def test_of_a_forged_message_nothing_is_read_and_a_flood_ends_before_the_writer(
    installation: Installation, intake: IntakeClient, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = installation.enrol()
    data = forged(phone, costly())
    reads.clear()
    for _ in range(50):
        reply = await intake.send(data)
        assert (reply.status, reply.reason, reads) == (401, "bad-signature", [])
    passed: list[object] = []
    store = intake.app._intake._store  # type: ignore[attr-defined]
    put = store.put
    monkeypatch.setattr(store, "put", lambda item: (passed.append(item), put(item)))
    for _ in range(50):
        await intake.send(data)
    assert passed == []


async def test_of_a_phone_that_is_enrolled_no_more_is_read_than_a_message_can_hold(
    installation: Installation, intake: IntakeClient, reads: list[int]
) -> None:
    phone = installation.enrol()
    reply = await intake.send(phone.seal(costly()))
    assert (reply.status, reply.reason) == (400, "too-many-items")
    assert len(reads) == cbor.MAX_ITEMS + 1
    sound = phone.envelope(Kind.AUDIO, body=costly()[: MAX_BYTES - 300])
    reads.clear()
    assert (await intake.send(sound)).status == 201, "what a recorder gives is not ours to read"
    assert len(reads) <= 3 * (cbor.MAX_ITEMS + 1)


@pytest.mark.parametrize("kind", [Kind.CANCEL, Kind.TEXT, Kind.NOTICE])
async def test_words_are_short(installation: Installation, intake: IntakeClient, kind: Kind) -> None:
    phone = installation.enrol()
    long = cbor.encode({1: int(kind), 2: 1, 3: 1, 9: bytes(4096)})
    reply = await intake.send(phone.seal(long))
    assert (reply.status, reply.reason) == (400, "too-long")
    assert installation.journal.stream(f"device:{phone.device}")[1:] == []


def test_reading_the_layout_of_a_long_message_reads_none_of_it(reads: list[int]) -> None:
    assert unwrap(stranger().seal(costly())).payload == costly()
    assert reads == []
