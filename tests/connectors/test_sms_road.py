"""The SMS road: the press of the HTTPS road, in one message or in two, once and not lost (safety rules 9 and 10)."""

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator

import msgspec
import pytest
from openapi_spec_validator import validate

from egide.alarm.events import FromPhone, HalfReceived, VerificationFailed
from egide.connectors.sms import joining, spool
from egide.connectors.webhooks import WINDOW_S
from egide.entrypoints.watch.rules import SMS_HALF
from egide.journal.now.signs import BEAT_S, Signs
from egide.protocol.envelope import Kind, decode, seal_payload
from egide.protocol.keys import SigningKey
from tests.connectors.test_sms_rules import REASONS, texts_of
from tests.protocol.test_vectors import VECTORS
from tests.support.asgi import JSON, IntakeClient, SmsClient
from tests.support.contract import SMS
from tests.support.installation import Installation, Phone
from tests.support.waiting import until_async


@pytest.fixture
async def sms(installation: Installation) -> AsyncIterator[SmsClient]:
    async with SmsClient(installation) as client:
        yield client


@pytest.fixture
async def intake(installation: Installation) -> AsyncIterator[IntakeClient]:
    async with IntakeClient(installation) as client:
        yield client


def presses_of(installation: Installation, phone: Phone) -> list[FromPhone]:
    """Every event of the phone's alarms, in order."""
    rows = installation.journal.read(after=0, limit=1000)
    events = [installation.journal.open_event(row) for row in rows if row.stream.startswith("alarm:")]
    return [event for event in events if isinstance(event, FromPhone) and event.device == phone.device]


def failures(installation: Installation, phone: Phone) -> list[str]:
    """Why messages in the phone's name stand in the technical lane."""
    events = [
        installation.journal.open_event(row) for row in installation.journal.stream(f"device:{phone.device}")
    ]
    return [
        event.reason if isinstance(event, VerificationFailed) else event.kind
        for event in events
        if isinstance(event, VerificationFailed | HalfReceived)
    ]


def forged(data: bytes) -> bytes:
    """The same message, signed by somebody else."""
    envelope = decode(data)
    return seal_payload(
        envelope.kid, envelope.payload, SigningKey.generate().sign(envelope.to_be_signed).signature
    )


def test_the_contract_is_openapi() -> None:
    validate(SMS.content)


def test_the_contract_names_every_word_of_a_refusal() -> None:
    in_contract = set(SMS.content["components"]["schemas"]["Refused"]["properties"]["reason"]["enum"])
    of_intake = {"unknown-key", "bad-signature", "counter-used"}
    assert in_contract == REASONS | of_intake | (set(VECTORS["reasons"]) - {"too-large"})


async def test_a_binary_message_is_the_press_with_the_mark_of_its_road(
    installation: Installation, sms: SmsClient
) -> None:
    phone = installation.enrol()
    assert await sms.binary(phone.press()) == "received"
    (press,) = presses_of(installation, phone)
    assert press.kind == "PressReceived" and press.flags == ("by-sms",) and press.position is not None
    state = installation.journal.alarm(phone.alarm(1))
    assert state is not None and state.is_open and state.press.flags == ("by-sms",)


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 0, 1, 1), (1, 0, 0, 1, 1, 0)])
async def test_two_texts_in_any_order_and_any_number_of_times_are_one_press(
    installation: Installation, sms: SmsClient, order: tuple[int, ...]
) -> None:
    phone = installation.enrol()
    texts = texts_of(phone.press())
    became = [await sms.text(texts[number]) for number in order]
    joined_at = next(at for at in range(len(order)) if len(set(order[: at + 1])) == 2)
    assert became == ["waiting"] * joined_at + ["received"] * (len(order) - joined_at)
    assert [event.kind for event in presses_of(installation, phone)] == ["PressReceived"]
    await sms.app.joiner.go_on()
    assert sms.app.joiner.halves == 0


async def test_halves_that_come_at_the_same_moment_find_each_other(
    installation: Installation, sms: SmsClient
) -> None:
    phones = [installation.enrol() for _ in range(6)]
    texts = [text for phone in phones for text in texts_of(phone.press())]
    became = await asyncio.gather(*(sms.text(text) for text in texts[::-1]))
    assert sorted(became) == ["received"] * 6 + ["waiting"] * 6
    assert [len(presses_of(installation, phone)) for phone in phones] == [1] * 6


async def test_the_halves_of_several_presses_are_never_mixed(
    installation: Installation, sms: SmsClient
) -> None:
    phone = installation.enrol()
    sent = [phone.press() for _ in range(3)]
    halves = [texts_of(data) for data in sent]
    order = [halves[0][0], halves[1][0], halves[2][1], halves[2][0], halves[0][1], halves[1][1]]
    became = [await sms.text(text) for text in order]
    assert became == ["waiting", "waiting", "waiting", "received", "received", "received"]
    assert [event.envelope for event in presses_of(installation, phone)] == [sent[2], sent[0], sent[1]]


@pytest.mark.parametrize("by", list(itertools.permutations(["https", "binary", "texts"])))
async def test_rule_09_the_same_press_on_every_road_is_one_alarm_and_one_press(
    installation: Installation, sms: SmsClient, intake: IntakeClient, by: tuple[str, ...]
) -> None:
    phone = installation.enrol()
    data = phone.press()
    for road in by:
        if road == "https":
            assert (await intake.send(data)).status == 201
        elif road == "binary":
            assert await sms.binary(data) == "received"
        else:
            assert [await sms.text(text) for text in texts_of(data)][1] == "received"
    (press,) = presses_of(installation, phone)
    assert press.flags == (() if by[0] == "https" else ("by-sms",))
    state = installation.journal.alarm(phone.alarm(1))
    assert state is not None and state.press.presses == 1


async def test_rule_09_another_press_by_sms_joins_the_alarm_that_came_by_https(
    installation: Installation, sms: SmsClient, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    assert await sms.binary(phone.press()) == "received"
    assert [event.kind for event in presses_of(installation, phone)] == ["PressReceived", "PressedAgain"]
    state = installation.journal.alarm(phone.alarm(1))
    assert state is not None and (state.press.presses, state.press.flags) == (2, ("by-sms",))


async def test_a_half_that_comes_hours_later_makes_the_alarm_and_is_shown_as_late(
    installation: Installation, sms: SmsClient
) -> None:
    phone = installation.enrol()
    first, second = texts_of(phone.press())
    assert await sms.text(second) == "waiting"
    installation.set_clock.advance_s(3 * 3600)
    assert await sms.text(first) == "received"
    (press,) = presses_of(installation, phone)
    assert press.flags == ("late", "by-sms")


async def test_rule_10_half_of_a_press_that_stays_alone_shows_in_the_technical_lane_once(
    installation: Installation, sms: SmsClient
) -> None:
    phone = installation.enrol()
    first, second = texts_of(phone.press())
    await sms.text(first)
    await sms.app.joiner.go_on()
    assert failures(installation, phone) == []
    installation.set_clock.advance_s(joining.TOLD_AFTER_S)
    await sms.app.joiner.go_on()
    await sms.app.joiner.go_on()
    assert failures(installation, phone) == ["HalfReceived"] and presses_of(installation, phone) == []
    assert 'egide_sms_halves_total{became="told"} 1' in await sms.metrics()
    assert await sms.text(second) == "received", "it is an alarm as soon as the other half comes"
    assert len(presses_of(installation, phone)) == 1


def note_of(installation: Installation) -> str | None:
    beat = Signs(installation.config, installation.clock).beats().get("sms")
    return beat.note if beat else None


async def test_a_second_half_that_names_nobody_is_a_trouble_for_half_an_hour(
    installation: Installation, sms: SmsClient
) -> None:
    await sms.text(texts_of(installation.enrol().press())[1])
    for after_s, lone in ((0, 0), (joining.TOLD_AFTER_S, 1), (joining.TROUBLE_S, 0)):
        installation.set_clock.advance_s(after_s)
        await sms.app.joiner.go_on()
        assert (sms.app.joiner.lone_seconds, sms.app.joiner.halves) == (lone, 1)
        # The next sign of life is due; the road's own loop may give it before this one does.
        installation.set_clock.advance_s(BEAT_S)
        await sms.app.go_on()
        wanted = SMS_HALF if lone else ""
        await until_async(
            lambda wanted=wanted: note_of(installation) == wanted, "watch makes a trouble of it"
        )  # type: ignore[misc]
    assert "egide_sms_halves_waiting 1" in await sms.metrics()


async def test_a_half_expires_after_a_week_with_a_note(
    installation: Installation, sms: SmsClient, caplog: pytest.LogCaptureFixture
) -> None:
    phone = installation.enrol()
    first, second = texts_of(phone.press())
    await sms.text(first)
    installation.set_clock.advance_s(spool.KEPT_S + 1)
    await sms.app.joiner.go_on()
    assert sms.app.joiner.counts["expired"] == 1 and "1 halves of presses: expired" in caplog.text
    assert await sms.text(second) == "waiting" and presses_of(installation, phone) == []


async def test_a_flood_of_halves_crowds_out_the_oldest_and_says_so(
    installation: Installation, sms: SmsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MOST_HALVES", 3)
    phone = installation.enrol()
    first, second = texts_of(phone.press())
    await sms.text(second)
    for _ in range(3):
        installation.set_clock.advance_s(1)
        await sms.text(texts_of(phone.press())[1])
    installation.set_clock.advance_s(spool.KEPT_S / 1000)
    await sms.app.joiner.go_on()
    assert sms.app.joiner.counts["crowded-out"] == 1
    assert await sms.text(first) == "waiting"


async def test_rule_10_a_forged_press_in_the_name_of_a_kit_shows_in_the_technical_lane(
    installation: Installation, sms: SmsClient
) -> None:
    phone = installation.enrol()
    assert await sms.binary(forged(phone.press())) == "bad-signature"
    assert failures(installation, phone) == ["bad-signature"] and presses_of(installation, phone) == []


async def test_a_kit_that_nobody_knows_and_rubbish_are_answered_and_leave_nothing(
    installation: Installation, sms: SmsClient
) -> None:
    stranger = Phone(SigningKey.generate(), "", "")
    assert await sms.binary(stranger.press()) == "unknown-key"
    assert await sms.text(texts_of(stranger.press())[0]) == "unknown-key"
    assert await sms.text("Are you coming on Sunday?") == "not-a-press"
    assert await sms.binary(b"no envelope") == "bad-header"
    assert await sms.binary(stranger.press(), udh="") == "bad-header"
    assert await sms.binary(bytes(134)) == "too-long"
    assert installation.journal.head() == 0
    counted = await sms.metrics()
    assert 'egide_sms_calls_total{status="200",reason="unknown-key"} 2' in counted


async def test_who_is_not_our_gateway_is_refused_and_a_replay_too(
    installation: Installation, sms: SmsClient
) -> None:
    body = msgspec.json.encode({"text": texts_of(installation.enrol().press())[0]})
    head = installation.journal.head()
    assert (await sms.call(body, secret=b"x" * 32)).reason == "bad-signature"
    assert (await sms.call(body, age_s=WINDOW_S + 1)).reason == "outside-window"
    assert (await sms.call(body, age_s=-WINDOW_S - 1)).reason == "outside-window"
    assert (await sms.request("POST", "/v1/sms", body, JSON)).reason == "unsigned"
    assert installation.journal.head() == head and sms.app.joiner.halves == 0


async def test_what_is_no_callback_gets_a_clear_answer(sms: SmsClient) -> None:
    for body, status, reason in (
        (b"", 400, "bad-callback"),
        (b"[]", 400, "bad-callback"),
        (b'{"text": 5}', 400, "bad-callback"),
        (b'{"text": "\xff"}', 400, "bad-callback"),
        (b'{"x":' + b"[" * 4000, 400, "bad-callback"),
        (b"{}", 200, "neither-text-nor-binary"),
        (b'{"text": "EG11/2AAAA", "data": "00"}', 200, "neither-text-nor-binary"),
        (b" " * 4097, 413, "too-large"),
    ):
        reply = await sms.call(body)
        assert (reply.status, reply.reason) == (status, reason), body
    assert (await sms.request("POST", "/v1/sms", b"", "text/plain")).status == 415
    assert (await sms.request("GET", "/v1/sms")).status == 405
    assert (await sms.request("POST", "/v1/messages")).status == 404
    assert (await sms.request("GET", "/v1/health")).json == {"status": "ok", "halves": 0}


async def test_a_silent_answer_and_a_test_come_by_sms_like_everything_else(
    installation: Installation, sms: SmsClient
) -> None:
    phone = installation.enrol()
    assert await sms.binary(phone.envelope(Kind.TEST)) == "received"
    assert installation.kinds(f"test:{phone.device}-1") == ["TestReceived"]


@pytest.mark.files("a quota that a database has not; test_sms_process.py has one that is away")
async def test_with_the_journal_full_a_press_is_kept_and_handed_on_when_it_takes_it(
    installation: Installation,
) -> None:
    phone = installation.enrol()
    full = Installation(installation.config.data_dir, installation.clock, max_pages=1)
    became: list[str] = []
    async with SmsClient(full) as sms:
        # What is left of the last page takes some.
        while "kept" not in became and len(became) < 100:
            became.append(await sms.binary(phone.press()))
        await sms.app.joiner.go_on()
        assert became[-1] == "kept" and len(presses_of(installation, phone)) == len(became) - 1
    full.journal.connection.close()
    async with SmsClient(installation) as sms:
        await sms.app.joiner.go_on()
        assert len(presses_of(installation, phone)) == len(became)


async def test_what_cannot_be_kept_is_not_acknowledged(installation: Installation, sms: SmsClient) -> None:
    phone = installation.enrol()
    with sqlite3.connect(installation.config.data_dir / "sms.db") as other:
        other.execute("ALTER TABLE piece RENAME TO gone")
    assert await sms.text(texts_of(phone.press())[0]) == "not-kept"


async def test_a_half_lies_sealed_and_leaves_when_it_is_done(
    installation: Installation, sms: SmsClient
) -> None:
    phone = installation.enrol()
    data = phone.press()
    first, second = texts_of(data)
    await sms.text(first)
    kept = (installation.config.data_dir / "sms.db").read_bytes() + (
        installation.config.data_dir / "sms.db-wal"
    ).read_bytes()
    assert data[:40] not in kept and first.encode() not in kept and phone.device.encode() not in kept
    await sms.text(second)
    with sqlite3.connect(installation.config.data_dir / "sms.db") as other:
        assert other.execute("SELECT count(*) FROM piece WHERE sealed IS NOT NULL").fetchone() == (0,)
        assert other.execute("SELECT count(*) FROM piece").fetchone() == (3,)
