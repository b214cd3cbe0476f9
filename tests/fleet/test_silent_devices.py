"""An alarm device that says every so often that it works and falls silent is a trouble of its kit (decision 0108)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from egide.events.sources import SourceEnded, SourceHeard
from egide.fleet.supervision import rules as r
from egide.fleet.supervision.devices import limit_s
from tests.fleet.watching import Watch
from tests.support.alarm_device import AlarmDevice, enrol_device
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation

EVERY_S = 300
LADDER = r.Settings().ladders[r.HIGHEST][r.SILENT]


@pytest.fixture
async def watch(installation: Installation, tmp_path: Path) -> AsyncIterator[Watch]:
    async with IntakeClient(installation) as intake:
        yield Watch(installation, intake, r.Settings())


def heard(watch: Watch, device: AlarmDevice) -> None:
    """It polled, and that was noted."""
    event = SourceHeard(source=device.source, counter=watch.now_s)
    watch.installation.append(f"source:{device.source}", event, case=device.case)


def told(watch: Watch, phone: object) -> list[tuple[str, ...]]:
    return [one for one in watch.told(phone) if one[0] == r.DEVICE]  # type: ignore[arg-type]


async def test_rule_35_a_silent_device_is_told_to_zone_and_officer_and_never_to_her(watch: Watch) -> None:
    phone = watch.kit(r.HIGHEST)
    device = enrol_device(watch.installation, phone, every_s=EVERY_S)
    heard(watch, device)
    watch.wait(LADDER.zone - 60)
    assert told(watch, phone) == []
    watch.wait(120)
    assert told(watch, phone) == [(r.DEVICE, r.ZONE)]
    watch.wait(LADDER.officer - LADDER.zone)
    assert told(watch, phone) == [(r.DEVICE, r.ZONE), (r.DEVICE, r.OFFICER)]
    # What the phone says of itself ends nothing of it.
    await watch.beat(phone)
    watch.wait(60)
    assert len(told(watch, phone)) == 2
    heard(watch, device)
    watch.wait(60)
    assert told(watch, phone)[-1] == (r.DEVICE, "solved")


async def test_one_that_goes_on_polling_or_never_promised_to_is_missed_by_nobody(watch: Watch) -> None:
    phone, other = watch.kit(r.HIGHEST), watch.kit(r.HIGHEST)
    device = enrol_device(watch.installation, phone, every_s=EVERY_S)
    enrol_device(watch.installation, other, account="5E1D")
    for _ in range(10):
        heard(watch, device)
        watch.wait(600)
    assert told(watch, phone) == told(watch, other) == []


async def test_its_own_interval_and_a_pause_of_ours_count_for_it(watch: Watch) -> None:
    phone = watch.kit(r.HIGHEST)
    enrol_device(watch.installation, phone, every_s=7200)
    watch.wait(LADDER.officer + 60)
    assert told(watch, phone) == []
    # Nobody listened: that is nobody's silence.
    watch.installation.set_clock.advance_s(3 * 7200)
    watch.step()
    assert told(watch, phone) == []
    watch.wait(limit_s(7200) + 60)
    assert told(watch, phone) == [(r.DEVICE, r.ZONE), (r.DEVICE, r.OFFICER)]


async def test_a_device_that_is_taken_off_is_missed_no_more(watch: Watch) -> None:
    phone = watch.kit(r.HIGHEST)
    device = enrol_device(watch.installation, phone, every_s=EVERY_S)
    watch.wait(LADDER.zone + 60)
    assert told(watch, phone) == [(r.DEVICE, r.ZONE)]
    ended = SourceEnded(source=device.source, kit=device.kit, user="officer")
    watch.installation.append(f"source:{device.source}", ended, case=device.case)
    watch.wait(60)
    assert told(watch, phone)[-1] == (r.DEVICE, "solved")
