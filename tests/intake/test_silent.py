"""Silent questions, answers and sound: what the phone is told, and how sound is kept (safety rules 8 and 23)."""

import pytest

from egide.alarm import events as a
from egide.journal.sealing.blobs import Blobs, NoSuchBlob
from egide.protocol import cbor
from egide.protocol.envelope import Kind, Trigger, decode
from egide.protocol.receipt import Pending
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation


async def told(intake: IntakeClient, data: bytes) -> tuple[Pending, ...]:
    """What the reply to a message asks of the phone."""
    return (await intake.send(data)).receipt.pending


async def test_a_question_reaches_the_phone_with_every_reply_until_it_is_answered(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    installation.act(phone.alarm(1), a.TextAsked(user="op", question="weapon"))
    assert await told(intake, phone.envelope(Kind.HEARTBEAT, press=1)) == (Pending("text", "weapon"),)
    assert await told(intake, phone.envelope(Kind.HEARTBEAT, press=1)) == (Pending("text", "weapon"),)
    assert await told(intake, phone.envelope(Kind.TEXT, press=1, body=b"yes")) == ()
    state = installation.journal.alarm(phone.alarm(1))
    assert state is not None and [(text.user, text.word) for text in state.talk.texts] == [
        ("op", "weapon"),
        ("", "yes"),
    ]


async def test_rule_08_after_a_code_under_threat_the_phone_is_told_nothing_more(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    installation.act(phone.alarm(1), a.AlarmAcknowledged(user="op"))
    installation.act(phone.alarm(1), a.TextAsked(user="op", question="safe"))
    cancel = phone.envelope(Kind.CANCEL, press=1, body=b"safe", trigger=Trigger.DURESS)
    # That it must be quiet: a page that was loaded anew does not know.
    assert await told(intake, cancel) == (Pending("quiet"),)
    assert await told(intake, phone.envelope(Kind.HEARTBEAT, press=1)) == (Pending("quiet"),)
    state = installation.journal.alarm(phone.alarm(1))
    assert state is not None and state.press.duress and state.is_open and state.lead.acknowledged_by == "op"


async def test_rule_23_the_command_to_stop_reaches_a_phone_after_a_code_under_threat_too(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    await intake.send(phone.envelope(Kind.CANCEL, press=1, body=b"safe", trigger=Trigger.DURESS))
    installation.act(phone.alarm(1), a.TextAsked(user="op", question="safe"))
    installation.act(phone.alarm(1), a.ListenStopped(user="op", why="operator"))
    assert await told(intake, phone.envelope(Kind.HEARTBEAT, press=1)) == (
        Pending("listen-off"),
        Pending("quiet"),
    )


async def test_sound_is_kept_sealed_beside_the_journal_under_the_hash_of_the_signed_message(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    sound = phone.envelope(Kind.AUDIO, press=1, body=cbor.encode([0, b"opus" * 500]))
    first = await intake.send(sound)
    again = await intake.send(sound)
    assert (first.status, again.status) == (201, 201) and first.receipt.seq == again.receipt.seq
    state = installation.journal.alarm(phone.alarm(1))
    assert state is not None and [(piece.number, len(state.talk.sounds)) for piece in state.talk.sounds] == [
        (0, 1)
    ]
    blobs = Blobs(installation.config, installation.keys)
    kept = blobs.get(phone.case, state.talk.sounds[0].digest)
    assert kept == sound and cbor.decode(decode(kept).message.body or b"") == [0, b"opus" * 500]
    on_disk = [
        path.read_bytes() for path in (installation.config.data_dir / "blobs").rglob("*") if path.is_file()
    ]
    assert len(on_disk) == 1 and b"opus" not in on_disk[0]
    rows = installation.journal.stream(f"alarm:{phone.alarm(1)}")
    (event,) = [
        one for row in rows if isinstance(one := installation.journal.open_event(row), a.AudioReceived)
    ]
    assert (event.digest, event.envelope) == (state.talk.sounds[0].digest, b""), (
        "the journal holds its hash alone"
    )
    blobs.discard([state.talk.sounds[0].digest])
    with pytest.raises(NoSuchBlob):
        blobs.get(phone.case, state.talk.sounds[0].digest)


@pytest.mark.parametrize(
    "body", [b"", b"\xff", cbor.encode([1]), cbor.encode([-1, b"x"]), cbor.encode(["a", b"x"])]
)
async def test_sound_without_a_number_is_kept_all_the_same(
    installation: Installation, intake: IntakeClient, body: bytes
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    assert (await intake.send(phone.envelope(Kind.AUDIO, press=1, body=body))).status == 201
    state = installation.journal.alarm(phone.alarm(1))
    assert state is not None and [piece.number for piece in state.talk.sounds] == [-1]


@pytest.mark.parametrize("event", [a.ListenStopped(user="op", why="operator"), a.TeamOnSite(by="team")])
async def test_rule_23_listening_in_stops_on_command_and_when_the_team_is_with_her(
    installation: Installation, intake: IntakeClient, event: a.ListenStopped | a.TeamOnSite
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    installation.act(phone.alarm(1), event)
    assert Pending("listen-off") in await told(intake, phone.envelope(Kind.HEARTBEAT, press=1))
    state = installation.journal.alarm(phone.alarm(1))
    assert state is not None and state.talk.listening_stopped_at_us
