"""Silent unpairing: elsewhere a wearer could unpair for months and nobody noticed. Here the phone does, and says so."""

from pathlib import Path

from bumble.keys import MemoryKeyStore

from egide.alarm.events import NoticeReceived
from egide.protocol.enrolment import Settings
from egide.protocol.envelope import Kind
from egide.protocol.link import LinkFlag, Notice
from tests.companion.intake import Server
from tests.companion.phones import ScriptedServer, carried, phone, scripted
from tests.companion.test_chain import presence
from tests.support.waiting import until_async
from tests.virtual import KEY, Button, Steps, on_air, pair, phone_radio, phone_store

SLOW = Settings(position_interval_s=3600, heartbeat_interval_s=3600)
LINKED = LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED


async def told(server: ScriptedServer) -> None:
    """The zone has the notice, and the newest heartbeat says that nothing is paired."""
    unpaired = Notice.BUTTON_UNPAIRED.encode()
    await server.until(lambda: unpaired in [message.body for message in server.messages(Kind.NOTICE)])
    await server.until(lambda: not (server.messages(Kind.HEARTBEAT)[-1].link or 0) & LinkFlag.BUTTON_PAIRED)


def forget_bonds(button: Button) -> None:
    button.store._db.execute("delete from bond")


async def test_a_button_that_forgot_its_phone_is_noticed(tmp_path: Path) -> None:
    async with carried(tmp_path, SLOW) as (button, server, her):
        await her.steps.wait_for("phone.connected")
        await button.switch_off()
        await her.steps.wait_for("phone.disconnected")
        assert her.radio.is_paired
        await button.switch_on()
        forget_bonds(button)
        await her.steps.wait_for("phone.bond_lost")
        assert not her.radio.is_paired
        await told(server)


async def test_a_button_that_another_phone_took_over_is_noticed(tmp_path: Path) -> None:
    async with (
        on_air() as air,
        Button(air, tmp_path / "b.db") as button,
        scripted(KEY, SLOW) as server,
        phone(air, tmp_path / "p.db", (server.url,), button=button) as her,
    ):
        await her.steps.wait_for("phone.connected")
        await pair(button, phone_radio(air, phone_store(tmp_path / "other.db"), Steps()))
        await her.steps.wait_for("phone.bond_lost")
        await told(server)


async def test_it_is_said_once_and_known_after_a_restart_of_the_phone(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, scripted(KEY, SLOW) as server:
        async with phone(air, tmp_path / "p.db", (server.url,), button=button) as her:
            await her.steps.wait_for("phone.connected")
            await button.switch_off()
            await button.switch_on()
            forget_bonds(button)
            await her.steps.wait_for("phone.bond_lost")
            await button.steps.wait_for("button.refused", 3)
            assert len(her.steps.named("phone.bond_lost")) == 1
        await button.switch_off()
        async with phone(air, tmp_path / "p.db", (server.url,)) as her:
            assert not her.radio.is_paired
        await button.switch_on()


async def test_a_button_that_knows_the_phone_again_is_paired_again(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, scripted(KEY, SLOW) as server:
        async with phone(air, tmp_path / "p.db", (server.url,), button=button) as her:
            await her.steps.wait_for("phone.connected")
        device = button.virtual._device
        assert device is not None
        keys, device.keystore = device.keystore, MemoryKeyStore()
        async with phone(air, tmp_path / "p.db", (server.url,)) as her:
            await her.steps.wait_for("phone.bond_lost")
            device.keystore = keys
            await her.steps.wait_for("phone.connected")
            assert her.radio.is_paired
            await server.until(lambda: server.messages(Kind.HEARTBEAT)[-1].link == LINKED)
            await button.virtual.hold(2)
            await her.receipt()


async def test_a_button_out_of_reach_is_not_taken_for_unpaired(tmp_path: Path) -> None:
    async with carried(tmp_path, SLOW) as (button, server, her):
        for count in (1, 2):
            await her.steps.wait_for("phone.connected", count)
            await button.switch_off()
            await her.steps.wait_for("phone.disconnected", count)
            await server.until(lambda: server.messages(Kind.HEARTBEAT)[-1].link == LinkFlag.BUTTON_PAIRED)
            await button.switch_on()
        await her.steps.wait_for("phone.connected", 3)
        assert her.steps.named("phone.bond_lost") == []


async def test_the_zone_finds_it_in_the_journal_and_in_the_heartbeat(server: Server, tmp_path: Path) -> None:
    kit = server.issue()
    async with (
        on_air() as air,
        Button(air, tmp_path / "b.db", kit.button_key) as button,
        phone(air, tmp_path / "p.db", (server.url,), kit.code, button=button) as her,
    ):
        device = her.store.kid
        await until_async(lambda: (presence(server, device) or (0, 0))[1] == LINKED)
        await button.switch_off()
        await button.switch_on()
        forget_bonds(button)
        await her.steps.wait_for("phone.bond_lost")
        await until_async(lambda: Notice.BUTTON_UNPAIRED.encode() in notices(server, device))
        await until_async(lambda: (presence(server, device) or (0, LINKED))[1] == 0)


def notices(server: Server, device: str) -> list[bytes]:
    events = [server.journal.open_event(row) for row in server.journal.stream(f"device:{device}")]
    return [event.body for event in events if isinstance(event, NoticeReceived)]
