"""A press, from the finger to the journal of a real intake and back to the phone."""

from pathlib import Path

from egide.alarm.events import AlarmAcknowledged, AlarmClosed
from egide.companion.positions import NoFix
from egide.journal.now.heartbeats import Heartbeats
from egide.protocol.enrolment import Settings
from egide.protocol.link import LinkFlag
from tests.companion.intake import Server
from tests.companion.phones import phone
from tests.support.waiting import until_async
from tests.virtual import Button, on_air


async def test_a_press_reaches_the_journal_and_the_phone_learns_what_becomes_of_it(
    server: Server, tmp_path: Path
) -> None:
    kit = server.issue()
    async with (
        on_air() as air,
        Button(air, tmp_path / "b.db", kit.button_key) as button,
        phone(air, tmp_path / "p.db", (server.url,), kit.code, button=button) as her,
    ):
        assert await button.virtual.hold(2) == 1
        alarm = await her.stored()
        assert await her.receipt() == alarm
        assert server.kinds(alarm)[0] == "PressReceived"
        await button.steps.wait_for("button.acknowledged", counter=1)
        state = server.alarm(alarm)
        assert state.press.trail[0].position.lat_e7 == 504542000
        server.decide(alarm, AlarmAcknowledged(user="op1"))
        await her.steps.wait_for("phone.told", state="acknowledged", alarm=alarm)
        assert her.steps.named("phone.shows")[-1]["text"] == "An operator has seen the alarm."
        server.decide(alarm, AlarmClosed(user="op1", outcome="test", reason="test"))
        await her.steps.wait_for("phone.told", state="closed", alarm=alarm)
        assert her.store.open_press() is None
        assert "PositionReceived" in server.kinds(alarm)


async def test_the_first_position_follows_the_receipt_at_once(server: Server, tmp_path: Path) -> None:
    kit = server.issue(Settings(position_interval_s=300))
    async with (
        on_air() as air,
        Button(air, tmp_path / "b.db", kit.button_key) as button,
        phone(air, tmp_path / "p.db", (server.url,), kit.code, button=button) as her,
    ):
        await button.virtual.hold(2)
        alarm = await her.receipt()
        await until_async(lambda: "PositionReceived" in server.kinds(alarm))


async def test_without_a_fix_the_press_and_the_trail_say_so(server: Server, tmp_path: Path) -> None:
    kit = server.issue()
    async with (
        on_air() as air,
        Button(air, tmp_path / "b.db", kit.button_key) as button,
        phone(air, tmp_path / "p.db", (server.url,), kit.code, NoFix(), button=button) as her,
    ):
        await button.virtual.hold(2)
        alarm = await her.receipt()
        assert "no-position" in server.alarm(alarm).press.flags
        await until_async(lambda: len(server.kinds(alarm)) > 1)
        assert server.alarm(alarm).press.without_fix
        assert server.alarm(alarm).press.trail == ()


async def test_at_rest_the_phone_says_that_it_lives_and_how_its_button_is(
    server: Server, tmp_path: Path
) -> None:
    kit = server.issue(Settings(heartbeat_interval_s=1))
    async with on_air() as air, Button(air, tmp_path / "b.db", kit.button_key) as button:
        button.store.do_set_battery_pct(41)
        async with phone(air, tmp_path / "p.db", (server.url,), kit.code, button=button) as her:
            linked = LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED
            await until_async(lambda: presence(server, her.store.kid) == (41, linked))


def presence(server: Server, device: str) -> tuple[int | None, int | None] | None:
    heard = Heartbeats(server.config).find(device)
    return (heard.button_pct, heard.link) if heard else None


async def test_a_second_press_joins_the_open_alarm(server: Server, tmp_path: Path) -> None:
    """Rule 9, seen from the phone: both presses have their receipt, and both belong to one alarm."""
    kit = server.issue()
    async with (
        on_air() as air,
        Button(air, tmp_path / "b.db", kit.button_key) as button,
        phone(air, tmp_path / "p.db", (server.url,), kit.code, button=button) as her,
    ):
        await button.virtual.hold(2)
        first = await her.receipt(1)
        await button.virtual.hold(2)
        assert await her.receipt(2) == first
        assert server.alarm(first).press.presses == 2
