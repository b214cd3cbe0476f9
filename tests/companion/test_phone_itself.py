"""Test mode, and what the phone says of itself: heartbeats, versions, permissions, the trail after closing."""

from pathlib import Path

from egide.common.clock import SetClock
from egide.companion import rules
from egide.protocol.enrolment import Settings
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.link import LinkFlag, Notice
from tests.companion.alone import SLOW, one, without_button
from tests.companion.phones import phone, scripted
from tests.virtual import KEY, Button, on_air


async def test_rule_20_an_armed_test_is_one_press_and_the_next_is_real(tmp_path: Path) -> None:
    clock = SetClock(1_790_000_000_000_000)
    async with (
        on_air() as air,
        Button(air, tmp_path / "b.db", clock=clock) as button,
        scripted(KEY, SLOW) as server,
        phone(air, tmp_path / "p.db", (server.url,), clock=clock, button=button) as her,
    ):
        await her.steps.wait_for("phone.test_due")
        her.app.arm_test()
        clock.advance_s(2)
        await button.virtual.hold(2)
        await her.steps.wait_for("phone.test_received")
        await button.steps.wait_for("button.acknowledged", counter=1)
        assert (await one(server, Kind.TEST)).trigger == Trigger.BUTTON
        assert her.store.open_press() is None
        await button.virtual.hold(2)
        await her.receipt()
        assert [len(server.messages(kind)) for kind in (Kind.TEST, Kind.PRESS)] == [1, 1]


async def test_rule_20_an_armed_test_ends_after_two_minutes(tmp_path: Path) -> None:
    clock = SetClock(1_790_000_000_000_000)
    async with (
        scripted(KEY, SLOW) as server,
        without_button(tmp_path / "p.db", server, clock=clock) as her,
    ):
        her.app.arm_test()
        clock.advance_s(rules.TEST_LASTS_S)
        her.app.press_on_screen()
        await her.receipt()
        assert server.messages(Kind.TEST) == []


async def test_rule_20_a_press_that_the_button_kept_before_the_test_was_armed_is_real(tmp_path: Path) -> None:
    clock = SetClock(1_790_000_000_000_000)
    async with (
        on_air() as air,
        scripted(KEY, SLOW) as server,
        Button(air, tmp_path / "b.db", clock=clock) as button,
    ):
        async with phone(air, tmp_path / "p.db", (server.url,), clock=clock, button=button):
            pass
        await button.virtual.hold(2)
        # The button tells whole seconds, so to the phone this press has no age.
        clock.advance_s(0.9)
        async with phone(air, tmp_path / "p.db", (server.url,), clock=clock) as her:
            her.app.arm_test()
            await her.receipt()
            assert server.messages(Kind.TEST) == []


async def test_rule_20_while_an_alarm_is_open_there_is_no_test(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        her.app.press_on_screen()
        await her.receipt()
        her.app.arm_test()
        her.app.press_on_screen()
        await her.receipt(2)
        assert server.messages(Kind.TEST) == []


async def test_a_heartbeat_says_everything_that_the_zone_should_know(tmp_path: Path) -> None:
    async with on_air() as air, Button(air, tmp_path / "b.db") as button, scripted(KEY, SLOW) as server:
        button.store.do_set_battery_pct(41)
        async with phone(
            air, tmp_path / "p.db", (server.url,), button=button, phone_pct=63, version="test-1"
        ) as her:
            her.app.around.permit_position(False)
            linked = LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED | LinkFlag.POSITION_REFUSED

            def is_told() -> bool:
                beats = server.messages(Kind.HEARTBEAT)
                return any(
                    beat.link == linked and beat.battery.button_pct == 41 for beat in beats if beat.battery
                )

            await her.steps.wait_for("phone.connected")
            her.app.core.tell_now()
            await server.until(is_told)
            beat = server.messages(Kind.HEARTBEAT)[-1]
            assert beat.battery is not None
            assert beat.battery.phone_pct == 63
            assert beat.position is None
            bodies = [notice.body for notice in server.messages(Kind.NOTICE)]
            assert Notice.POSITION_REFUSED.encode() in bodies
            assert b"app-version:test-1" in bodies


async def test_the_version_is_told_once_and_again_when_it_changed(tmp_path: Path) -> None:
    told = []
    async with scripted(KEY, SLOW) as server, on_air() as air:
        for version in ("test-1", "test-1", "test-2"):
            async with phone(air, tmp_path / "p.db", (server.url,), version=version):
                await one(server, Kind.HEARTBEAT, len(server.messages(Kind.HEARTBEAT)) + 1)
            told = [message.body for message in server.messages(Kind.NOTICE)]
    assert told == [b"app-version:test-1", b"app-version:test-2"]


async def test_a_refused_position_is_said_with_the_press_and_nothing_of_it_leaks(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        her.app.around.permit_position(False)
        her.app.press_on_screen()
        await her.receipt()
        press = await one(server, Kind.PRESS)
        assert press.position is None
        assert LinkFlag(press.link or 0) & LinkFlag.POSITION_REFUSED
        assert all(message.position is None for message in server.messages())


async def test_positions_go_on_for_the_tail_after_the_alarm_was_closed_and_no_longer(tmp_path: Path) -> None:
    clock = SetClock(1_790_000_000_000_000)
    settings = Settings(position_interval_s=1, heartbeat_interval_s=1, tail_s=60)
    async with (
        scripted(KEY, settings) as server,
        without_button(tmp_path / "p.db", server, clock=clock) as her,
    ):
        her.app.press_on_screen()
        await her.receipt()
        server.state = "closed"
        await her.steps.wait_for("phone.told", state="closed")
        await one(server, Kind.POSITION, len(server.messages(Kind.POSITION)) + 2)
        clock.advance_s(60)
        at_rest = len(server.messages(Kind.HEARTBEAT))
        await one(server, Kind.HEARTBEAT, at_rest + 1)
        told = len(server.messages(Kind.POSITION))
        await one(server, Kind.HEARTBEAT, at_rest + 2)
        assert len(server.messages(Kind.POSITION)) == told
