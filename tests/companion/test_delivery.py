"""How the phone sends: first kept, then sent, the same bytes until a receipt verifies, whatever a server says."""

import asyncio
import hashlib
import random
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
from aiohttp import web
from msgspec import structs

from egide.common.clock import SetClock
from egide.companion.enrol import enrol
from egide.companion.positions import StandingStill
from egide.companion.sending.sender import Sender
from egide.protocol.enrolment import Settings
from egide.protocol.envelope import Kind, Message, decode, encode
from egide.protocol.keys import SigningKey
from egide.protocol.link import Notice
from egide.protocol.receipt import KEPT, Receipt, sign_receipt
from tests.companion.phones import Phone, ScriptedServer, carried, phone, scripted
from tests.support.ports import reserved
from tests.virtual import KEY, OTHER_KEY, Button, Steps, on_air, phone_store


def answers(server: ScriptedServer, *planned: web.Response) -> None:
    """Presses get these answers first, then receipts; everything else gets its receipt."""
    waiting = list(planned)

    async def script(data: bytes) -> web.Response | None:
        return waiting.pop(0) if kind_of(data) is Kind.PRESS and waiting else None

    server.script = script


def kind_of(data: bytes) -> Kind:
    return decode(data).message.kind


def presses(server: ScriptedServer) -> list[bytes]:
    return [data for data in server.got if kind_of(data) is Kind.PRESS]


async def test_no_refusal_ends_a_press_and_the_bytes_stay_the_same(tmp_path: Path) -> None:
    async with carried(tmp_path) as (button, server, her):
        refusals = [web.Response(status=status) for status in (401, 404, 409, 413, 429, 500, 507)]
        refusals.append(web.Response(status=201, text="thanks"))
        refusals.append(web.Response(status=302, headers={"location": "/elsewhere"}))
        answers(server, *refusals)
        await button.virtual.hold(2)
        for count in range(1, len(refusals) + 1):
            await her.steps.wait_for("phone.refused", count)
            asyncio.get_running_loop().call_later(0.01, her.companion.hurry)
        await her.receipt()
        assert len(presses(server)) == len(refusals) + 1
        assert len(set(presses(server))) == 1


async def test_rule_10_on_a_401_the_phone_says_that_it_is_not_connected_and_tries_on(tmp_path: Path) -> None:
    async with carried(tmp_path) as (button, server, her):
        answers(server, web.Response(status=401))
        await button.virtual.hold(2)
        await her.steps.wait_for("phone.shows", text="Not connected: dial 112.")
        await her.receipt()
        await her.steps.wait_for("phone.shows", text="The dispatch centre has the alarm.")


async def test_a_press_that_a_machine_only_keeps_is_said_so_and_repeated_until_the_journal_has_it(
    tmp_path: Path,
) -> None:
    async with carried(tmp_path) as (button, server, her):

        async def script(data: bytes) -> web.Response | None:
            if kind_of(data) is not Kind.PRESS or len(presses(server)) > 1:
                return None
            receipt = Receipt(0, "", 1, KEPT, decode(data).message.counter + 1, ())
            signed = sign_receipt(server.key, hashlib.sha256(data).digest(), receipt)
            return web.Response(status=202, body=msgspec.json.encode(signed))

        server.script = script
        await button.virtual.hold(2)
        await her.steps.wait_for("phone.refused", status=202, reason="kept")
        await her.steps.wait_for(
            "phone.shows", text="Kept by a server, not yet with the police. Dial 112 if you can."
        )
        her.companion.hurry()
        await her.receipt()
        await her.steps.wait_for("phone.shows", text="The dispatch centre has the alarm.")
        assert len(presses(server)) == 2 and len(set(presses(server))) == 1


async def test_a_receipt_that_another_key_signed_is_none(tmp_path: Path) -> None:
    async with carried(tmp_path) as (button, server, her):

        async def script(data: bytes) -> web.Response | None:
            first = kind_of(data) is Kind.PRESS and len(presses(server)) == 1
            return server.receipt(data, SigningKey.generate()) if first else None

        server.script = script
        await button.virtual.hold(2)
        refused = await her.steps.wait_for("phone.refused", status=201)
        assert refused["reason"] == "the receipt is not signed by our server"
        await her.receipt()
        assert len(presses(server)) == 2


async def test_another_address_is_tried_when_one_is_dead_or_mute(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        dead_url = f"http://127.0.0.1:{reserved()}"
        mute_url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        async with (
            on_air() as air,
            Button(air, tmp_path / "b.db") as button,
            scripted(KEY) as server,
            phone(
                air,
                tmp_path / "p.db",
                (dead_url, mute_url, server.url),
                button=button,
                answer_timeout_s=1.0,
            ) as her,
        ):
            await button.virtual.hold(2)
            await her.receipt()
            assert her.steps.named("phone.refused") == []
            assert len(set(presses(server))) == 1


async def test_the_press_is_kept_before_it_is_sent_and_before_the_button_hears_of_it(tmp_path: Path) -> None:
    async with carried(tmp_path) as (button, server, her):
        seen: list[tuple[int, bool]] = []

        async def script(data: bytes) -> web.Response | None:
            if kind_of(data) is Kind.PRESS:
                kept = [press.data for press in her.store.unsent_presses()]
                seen.append((len(kept), data in kept))
            return None

        server.script = script
        await button.virtual.hold(2)
        await her.receipt()
        assert seen == [(1, True)]
        order = [step["step"] for step in her.steps.all if step["step"] in ("phone.stored", "phone.receipt")]
        assert order == ["phone.stored", "phone.receipt"]


async def test_a_full_memory_is_said_and_the_button_goes_on_until_there_is_room(tmp_path: Path) -> None:
    async with carried(tmp_path) as (button, server, her):
        await her.steps.wait_for("phone.connected")
        await server.until(lambda: server.messages(Kind.HEARTBEAT))
        await her.steps.wait_for("phone.shows", text="Connected.")
        forbid_writing(her, True)
        await button.virtual.hold(2)
        await her.steps.wait_for("phone.not_stored")
        assert [press.counter for press in button.store.pending()] == [1]
        forbid_writing(her, False)
        await her.stored()
        await button.steps.wait_for("button.acknowledged", counter=1)
        await her.receipt()


def forbid_writing(her: Phone, forbidden: bool) -> None:
    """The phone's own connection fails as it would on a full or broken disk."""
    her.store._db.execute(f"pragma query_only = {int(forbidden)}")


def make_pending(path: Path, counter: int) -> None:
    """Write a press into the memory of a button that is switched off."""
    with closing(sqlite3.connect(path)) as memory, memory:
        memory.execute("insert into pending values (?, 2000, 0)", (counter,))


async def test_a_repeated_frame_raises_one_alarm_and_is_acknowledged_again(tmp_path: Path) -> None:
    async with carried(tmp_path) as (button, server, her):
        await button.virtual.hold(2)
        await her.receipt()
        await button.steps.wait_for("button.acknowledged", counter=1)
        await button.switch_off()
        # As if the acknowledgement had been lost.
        make_pending(tmp_path / "b.db", 1)
        await button.switch_on()
        await button.steps.wait_for("button.acknowledged", 2, counter=1)
        assert len(presses(server)) == 1
        assert len(her.steps.named("phone.stored")) == 1


async def after_two_presses(tmp_path: Path, button: Button, her: Phone) -> None:
    """Off again, and the phone never had the first: its copies were lost, or somebody held them back until now."""
    for counter in (1, 2):
        await button.virtual.hold(2)
        await her.steps.wait_for("phone.stored", counter=counter)
        await button.steps.wait_for("button.acknowledged", counter=counter)
    await button.switch_off()
    with closing(sqlite3.connect(tmp_path / "p.db")) as memory, memory:
        memory.execute("delete from press where button_counter = 1")
    make_pending(tmp_path / "b.db", 1)


async def test_a_press_that_is_heard_after_a_later_one_is_an_alarm_all_the_same(tmp_path: Path) -> None:
    async with carried(tmp_path) as (button, server, her):
        await after_two_presses(tmp_path, button, her)
        await button.switch_on()
        await button.steps.wait_for("button.acknowledged", 2, counter=1)
        await server.until(lambda: len(presses(server)) == 3)
        assert len(her.steps.named("phone.stored")) == 3


async def test_a_replayed_frame_is_refused_not_acknowledged_and_told_to_the_zone(tmp_path: Path) -> None:
    async with carried(tmp_path) as (button, server, her):
        await after_two_presses(tmp_path, button, her)
        with closing(sqlite3.connect(tmp_path / "p.db")) as memory, memory:
            memory.execute("update phone set button_highest = 65")
        await button.switch_on()
        await her.steps.wait_for("phone.frame_refused", reason="replay")
        await server.until(lambda: server.messages(Kind.NOTICE))
        assert server.messages(Kind.NOTICE)[0].body == Notice.FRAME_REFUSED.encode()
        assert [press.counter for press in button.store.pending()] == [1]
        assert len(her.steps.named("phone.stored")) == 2


async def test_a_forged_frame_is_refused_not_acknowledged_and_told_once_an_hour(tmp_path: Path) -> None:
    """A bonded button with another key: what a man in the middle of the pairing would be."""
    async with on_air() as air, scripted(KEY) as server:
        async with (
            Button(air, tmp_path / "b.db") as button,
            phone(air, tmp_path / "p.db", (server.url,), button=button) as her,
        ):
            assert her.radio.is_paired
        async with (
            Button(air, tmp_path / "b.db", OTHER_KEY) as forger,
            phone(air, tmp_path / "p.db", (server.url,)) as her,
        ):
            await forger.virtual.hold(2)
            await her.steps.wait_for("phone.frame_refused", 3, reason="mac")
            await server.until(lambda: server.messages(Kind.NOTICE))
            assert forger.store.pending() != []
            assert presses(server) == []
            assert len(server.messages(Kind.NOTICE)) == 1


async def test_a_press_overtakes_positions_that_wait(tmp_path: Path) -> None:
    """Hundreds of positions wait and the server takes its time over one of them; the press does not care."""
    async with carried(tmp_path) as (button, server, her):
        release = asyncio.Event()

        async def script(data: bytes) -> web.Response | None:
            if kind_of(data) is Kind.POSITION:
                await release.wait()
            return None

        server.script = script
        await button.virtual.hold(2)
        await her.receipt()
        await server.until(lambda: server.messages(Kind.POSITION))
        await button.virtual.hold(2)
        assert (await her.steps.wait_for("phone.receipt", 2))["seq"] > 0
        assert len(server.messages(Kind.POSITION)) == 1
        release.set()


async def test_a_press_says_its_true_time_although_it_arrives_late(tmp_path: Path) -> None:
    clock = SetClock(1_790_000_000_000_000)
    async with (
        on_air() as air,
        Button(air, tmp_path / "b.db", clock=clock) as button,
        scripted(KEY) as server,
    ):
        async with phone(air, tmp_path / "p.db", (server.url,), clock=clock, button=button):
            pass
        await button.virtual.hold(2)
        clock.advance_s(100)
        async with phone(air, tmp_path / "p.db", (server.url,), clock=clock) as her:
            await her.receipt()
        assert server.messages(Kind.PRESS)[0].sent_at_s == 1_790_000_000


async def test_what_was_unsent_goes_on_after_a_restart(tmp_path: Path) -> None:
    clock = SetClock(1_790_000_000_000_000)
    async with (
        on_air() as air,
        Button(air, tmp_path / "b.db", clock=clock) as button,
        scripted(KEY) as server,
    ):
        async with phone(air, tmp_path / "p.db", (server.url,), clock=clock, button=button) as her:
            answers(server, *[web.Response(status=503)] * 1000)
            await button.virtual.hold(2)
            await her.steps.wait_for("phone.refused", status=503)
        first = presses(server)[0]
        clock.advance_s(500)
        server.script = None
        async with phone(air, tmp_path / "p.db", (server.url,), clock=clock) as her:
            await her.receipt()
            assert set(presses(server)) == {first}
            assert server.messages(Kind.PRESS)[-1].sent_at_s == 1_790_000_000


async def test_the_trail_goes_on_until_the_alarm_is_closed(tmp_path: Path) -> None:
    settings = Settings(position_interval_s=1, heartbeat_interval_s=3600)
    async with (
        on_air() as air,
        Button(air, tmp_path / "b.db") as button,
        scripted(KEY, settings) as server,
        phone(
            air, tmp_path / "p.db", (server.url,), positions=StandingStill(50.0, 4.0, 30), button=button
        ) as her,
    ):
        await button.virtual.hold(2)
        await server.until(lambda: len(server.messages(Kind.POSITION)) >= 2)
        position = server.messages(Kind.POSITION)[0]
        assert position.press == server.messages(Kind.PRESS)[0].counter
        server.state = "closed"
        await her.steps.wait_for("phone.told", state="closed")
        assert her.store.open_press() is None


async def test_counters_of_the_server_are_adopted(tmp_path: Path) -> None:
    async with (
        on_air() as air,
        Button(air, tmp_path / "b.db") as button,
        scripted(KEY) as server,
        phone(air, tmp_path / "p.db", (server.url,), button=button),
    ):
        server.next_counter = 9000
        await button.virtual.hold(2)
        await server.until(lambda: server.messages(Kind.POSITION))
        assert server.messages(Kind.POSITION)[0].counter >= 9000


async def test_an_enrolled_address_that_shows_the_trail_to_the_network_is_left_out(tmp_path: Path) -> None:
    async with scripted(KEY) as server, Sender((server.url,)) as sender:
        store = phone_store(tmp_path / "p.db")
        reply = await enrol(store, sender, "code", random.Random(), Steps())
        servers = ("http://intake.example", "https://intake.example")
        assert sender.trust(structs.replace(reply, servers=servers)) == ["http://intake.example"]


async def test_a_press_goes_on_to_the_next_address_when_a_receipt_is_not_signed_by_our_server(
    tmp_path: Path,
) -> None:
    store = phone_store(tmp_path / "p.db")
    envelope = encode(Message(kind=Kind.PRESS, counter=1, sent_at_s=1), store.key)
    async with scripted(KEY) as stranger, scripted(KEY) as ours:
        async with Sender((ours.url,)) as sender:
            reply = await enrol(store, sender, "code", random.Random(), Steps())
        async with Sender((stranger.url, ours.url)) as sender:
            sender.trust(reply)
            await sender.send(envelope)
        assert (stranger.got, ours.got) == ([envelope], [envelope])


async def test_an_address_that_is_silent_is_not_waited_for_alone(tmp_path: Path) -> None:
    store = phone_store(tmp_path / "p.db")
    envelope = encode(Message(kind=Kind.PRESS, counter=1, sent_at_s=1), store.key)
    asked, over = list[str](), asyncio.Event()

    async def say_nothing(_data: bytes) -> web.Response | None:
        asked.append("silent")
        await over.wait()
        return None

    async def say_yes(_data: bytes) -> web.Response | None:
        asked.append("well")
        return None

    async with scripted(KEY) as silent, scripted(KEY) as well:
        async with Sender((well.url,)) as sender:
            reply = structs.replace(await enrol(store, sender, "code", random.Random(), Steps()), servers=())
        silent.script, well.script = say_nothing, say_yes
        async with Sender((silent.url, well.url), beside_s=0.05) as sender:
            sender.trust(reply)
            assert (await sender.send(envelope)).alarm
            assert asked == ["silent", "well"]
            # The one that answered comes first from then on; on a slow machine the other may be asked beside it.
            assert (await sender.send(envelope)).alarm
            assert asked[2] == "well"
        over.set()


async def test_a_receipt_that_cannot_be_kept_is_asked_for_again(tmp_path: Path) -> None:
    async with carried(tmp_path) as (button, server, her):

        async def script(data: bytes) -> web.Response | None:
            if kind_of(data) is Kind.PRESS:
                forbid_writing(her, len(presses(server)) == 1)
            return None

        server.script = script
        await button.virtual.hold(2)
        await her.steps.wait_for("phone.not_stored")
        await her.receipt()
        assert len(set(presses(server))) == 1
