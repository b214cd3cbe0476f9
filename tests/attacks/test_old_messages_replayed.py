"""Somebody recorded what her phone sent and sends it again: it told where the alarm stands, and what is pending."""

import asyncio
from pathlib import Path

import requests

from egide.alarm import events as a
from egide.common.clock import SetClock, SystemClock
from egide.entrypoints.stack.children import Child, open_listener
from egide.intake.writer import REPEAT_TELLS_S
from egide.protocol.envelope import Kind
from egide.protocol.receipt import Pending
from tests.support.asgi import COSE, IntakeClient
from tests.support.installation import Installation
from tests.support.waiting import WITHIN_S


async def test_a_press_that_is_sent_again_later_is_noted_and_no_more(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    press = phone.press()
    first = (await intake.send(press)).receipt
    installation.act(phone.alarm(1), a.AlarmAcknowledged(user="op"))
    installation.act(phone.alarm(1), a.TextAsked(user="op", question="weapon"))
    installation.set_clock.advance_s(REPEAT_TELLS_S - 1)
    at_once = (await intake.send(press)).receipt
    assert (at_once.state, at_once.pending) == ("acknowledged", (Pending("seen"), Pending("text", "weapon")))
    installation.set_clock.advance_s(1)
    later = (await intake.send(press)).receipt
    assert (later.state, later.pending) == ("noted", ())
    # Her own phone still learns that it was kept, and what of it.
    assert (later.seq, later.received_at, later.alarm) == (first.seq, first.received_at, first.alarm)
    told = (await intake.send(phone.envelope(Kind.HEARTBEAT, press=1))).receipt
    assert told.state == "acknowledged"


async def test_a_clock_that_was_set_back_makes_nothing_old_new(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    press = phone.press()
    await intake.send(press)
    installation.act(phone.alarm(1), a.AlarmAcknowledged(user="op"))
    installation.set_clock.jump_s(-10)
    assert (await intake.send(press)).receipt.state == "noted"


async def test_the_same_of_everything_else_that_her_phone_sent(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press())
    installation.act(phone.alarm(1), a.AlarmAcknowledged(user="op"))
    for kind in (Kind.POSITION, Kind.TEXT, Kind.CANCEL):
        message = phone.envelope(kind, press=1)
        await intake.send(message)
        installation.set_clock.advance_s(REPEAT_TELLS_S)
        receipt = (await intake.send(message)).receipt
        assert (kind, receipt.state, receipt.pending) == (kind, "noted", ())


def test_the_running_intake_tells_nothing_of_what_was_sent_before(tmp_path: Path) -> None:
    before_us = SystemClock().now_us() - (REPEAT_TELLS_S + 60) * 1_000_000
    with Installation(tmp_path, SetClock(before_us)) as installation:
        phone = installation.enrol()
        press = phone.press()
        asyncio.run(_sent(installation, press))
        installation.act(phone.alarm(1), a.AlarmAcknowledged(user="op"))
        listener = open_listener()
        child = Child("egide.entrypoints.intake", [], installation.config.environment(), listener)
        try:
            child.ready()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/messages"
            for data, state in ((press, "noted"), (phone.envelope(Kind.HEARTBEAT, press=1), "acknowledged")):
                reply = requests.post(url, data=data, headers={"Content-Type": COSE}, timeout=WITHIN_S)
                assert (reply.status_code, reply.json()["state"]) == (201, state)
        finally:
            child.kill()
            listener.close()


async def _sent(installation: Installation, data: bytes) -> None:
    async with IntakeClient(installation) as intake:
        assert (await intake.send(data)).status == 201
