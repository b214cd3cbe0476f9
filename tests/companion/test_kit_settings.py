"""Settings that an officer sets reach phone and button, over a real intake and a real radio, and outlive a restart."""

from pathlib import Path

import pytest

from egide.alarm.events import NoticeReceived
from egide.companion.officers import KitSettings
from egide.events.register import KitSettingsSet
from egide.journal.service import Entry
from egide.protocol.enrolment import Settings
from egide.protocol.receipt import Pending
from egide.protocol.settings import PENDING, settings_text
from tests.companion.intake import Kit, Server
from tests.companion.phones import Phone, phone
from tests.support.waiting import until_async
from tests.virtual import KEY, Air, Button, Steps, on_air, phone_radio, phone_store

WANTED = Settings(1500, 10, 600, 1800, 3000, version=7)


def set_for(server: Server, kit: Kit, settings: Settings = WANTED) -> None:
    case = server.journal.stream(f"kit:{kit.kit}")[0].key
    event = KitSettingsSet(kit=kit.kit, by="officer", settings=settings)
    server.journal.append([Entry(stream=f"kit:{kit.kit}", event=event, case=case)])


def taken(server: Server, her: Phone) -> set[str]:
    """What the phone said of it, as the journal has it."""
    rows = server.journal.stream(f"device:{her.store.kid}")
    events = (server.journal.open_event(row) for row in rows)
    bodies = (event.body.decode() for event in events if isinstance(event, NoticeReceived))
    return {body for body in bodies if "settings:" in body}


async def test_what_is_set_reaches_phone_and_button_and_stays(server: Server, tmp_path: Path) -> None:
    kit = server.issue()
    async with on_air() as air, Button(air, tmp_path / "b.db", kit.button_key) as button:
        async with phone(air, tmp_path / "p.db", (server.url,), kit.code, button=button) as her:
            await her.steps.wait_for("phone.connected")
            set_for(server, kit)
            her.companion.tell_now()
            await button.steps.wait_for("button.hold_set", hold_ms=3000, version=7)
            await until_async(lambda: taken(server, her) == {"settings:7", "button-settings:7"})
            assert await button.virtual.hold(2.9) is None
        async with phone(air, tmp_path / "p.db", (server.url,)) as her:
            enrolment = her.store.enrolment()
            assert enrolment is not None and enrolment.settings == WANTED
            # The button has it: nothing is said again.
            await her.steps.wait_for("phone.connected")
            assert her.store.button_settings() == 7
            set_for(server, kit, Settings(version=6))
            set_for(server, kit, Settings(button_hold_ms=1000, version=8))
            her.companion.tell_now()
            await button.steps.wait_for("button.hold_set", hold_ms=1000, version=8)


async def test_a_phone_that_enrols_later_has_them_from_the_start(server: Server, tmp_path: Path) -> None:
    kit = server.issue()
    set_for(server, kit)
    async with on_air() as air, phone(air, tmp_path / "p.db", (server.url,), kit.code) as her:
        enrolment = her.store.enrolment()
        assert enrolment is not None and enrolment.settings == WANTED


@pytest.mark.parametrize(
    "text",
    [
        settings_text(Settings(heartbeat_interval_s=86_400, version=9)),
        settings_text(Settings(version=0)),
        "{}",
    ],
)
def test_what_no_phone_may_take_is_not_taken(tmp_path: Path, text: str) -> None:
    store, steps, said = phone_store(tmp_path / "p.db"), Steps(), list[str]()
    # Never switched on: the button is out of reach.
    radio = phone_radio(Air(0), store, steps)
    kept = KitSettings(WANTED, store, radio, KEY, said.append, steps)
    assert not kept.take((Pending(PENDING, text), Pending("unheard-of", "x")))
    assert (kept.now, said) == (WANTED, [])
    store.close()
