"""Safety rule 22 for the web app: cleared storage reaches the zone within the hour, by push or by a shorter silence."""

from collections.abc import Iterator
from dataclasses import replace

import http_ece
import pytest

from egide.common.config import Config
from egide.connectors.webpush.client import WebPush
from egide.entrypoints.worker.probing import AGAIN_S, AT_ONCE, Prober
from egide.fleet.supervision import rules as r
from egide.fleet.supervision.limit_faults import WrongSettings, check_settings, faults_in
from egide.protocol.enrolment import NATIVE, WEB
from egide.protocol.envelope import Kind
from egide.protocol.link import PUSH, PUSH_OFF
from tests.fleet.watching import Watch
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation, Phone
from tests.support.push_service import PushService, push_service

SETTINGS = r.Settings()
TO_ZONE = (r.CLEARED, r.ZONE)


@pytest.fixture
def watch(installation: Installation, intake: IntakeClient) -> Watch:
    return Watch(installation, intake, SETTINGS)


@pytest.fixture
def push() -> Iterator[PushService]:
    with push_service() as running:
        yield running


@pytest.fixture
def prober(watch: Watch, push: PushService) -> Iterator[Prober]:
    config: Config = replace(
        watch.installation.config, push_contact="mailto:keeper@egide.example", push_services=(push.origin,)
    )
    probe = WebPush.of(config).probe
    made = Prober(
        watch.installation.journal, watch.heartbeats, watch.installation.clock, probe, SETTINGS.probe_s
    )
    yield made
    made.close()


async def say(watch: Watch, phone: Phone, word: str) -> None:
    """A notice of the phone over the real intake."""
    await watch.intake.send(phone.envelope(Kind.NOTICE, body=word.encode(), sent_at_s=watch.now_s))
    await watch.noted(phone)
    watch.step()


async def page(watch: Watch, push: PushService, level: str = r.ORDINARY, name: str = "one") -> Phone:
    """A kit whose phone is a web page that may be reached by push."""
    phone = watch.kit(level, WEB)
    await watch.beat(phone)
    await say(watch, phone, PUSH + push.browser(name).endpoint)
    return phone


def pass_by(watch: Watch, prober: Prober, seconds: int) -> None:
    """Time passes; both threads of the worker look every minute."""
    for _ in range(seconds // 60):
        watch.installation.set_clock.advance_s(60)
        prober.step()
        watch.step()


async def test_a_probe_is_sealed_for_nobody_and_kept_for_nobody(
    watch: Watch, push: PushService, prober: Prober
) -> None:
    """What a browser cannot open it discards (Push API); what is not taken at once is dropped (RFC 8030, TTL 0)."""
    await page(watch, push)
    assert prober.step() == 1
    came = push.next()
    assert (came.headers["ttl"], came.headers["urgency"]) == ("0", "very-low")
    assert "topic" not in came.headers and came.headers["authorization"].startswith("vapid ")
    with pytest.raises(http_ece.ECEException):
        push.browser("one").read(came.body)


async def test_a_worker_that_is_stopped_asks_about_no_further_pages(
    watch: Watch, push: PushService, prober: Prober
) -> None:
    for number in range(AT_ONCE + 1):
        await page(watch, push, name=str(number))
    assert prober.step(lambda: bool(push.deliveries)) == AT_ONCE == len(push.deliveries)
    assert prober.step() == 1


@pytest.mark.parametrize("level", r.LEVELS)
@pytest.mark.parametrize("status", [404, 410])
async def test_cleared_storage_reaches_the_zone_within_the_hour_though_the_page_was_closed_anyway(
    watch: Watch, push: PushService, prober: Prober, level: str, status: int
) -> None:
    phone = await page(watch, push, level)
    prober.step()
    # Somebody clears the browser: from now on its push service knows no such subscription.
    push.answers["one"] = [status]
    cleared_s = watch.now_s
    while TO_ZONE not in watch.told(phone):
        pass_by(watch, prober, 60)
        assert watch.now_s - cleared_s < r.HOUR_S
    assert (r.CLEARED, r.PERSON) in watch.told(phone)


async def test_a_page_that_push_vouches_for_may_be_closed_as_long_as_any_other_kit(
    watch: Watch, push: PushService, prober: Prober
) -> None:
    phone = await page(watch, push)
    prober.step()
    pass_by(watch, prober, 3 * r.HOUR_S)
    assert watch.told(phone) == [(r.SILENT, r.PERSON)]
    assert len(push.deliveries) == 1 + 3 * r.HOUR_S // SETTINGS.probe_s


@pytest.mark.parametrize("level", r.LEVELS)
async def test_a_page_that_no_push_reaches_is_missed_within_the_hour(watch: Watch, level: str) -> None:
    phone, app = watch.kit(level, WEB), watch.kit(level, NATIVE)
    await watch.beat(phone)
    await watch.beat(app)
    watch.wait(r.HOUR_S)
    assert (r.SILENT, r.ZONE) in watch.told(phone)
    assert ((r.SILENT, r.ZONE) in watch.told(app)) == (level == r.HIGHEST)


async def test_a_push_service_that_is_away_for_an_hour_vouches_for_nobody(
    watch: Watch, push: PushService, prober: Prober
) -> None:
    phone = await page(watch, push)
    prober.step()
    push.answers["one"] = [503] * 200
    pass_by(watch, prober, SETTINGS.probe_s)
    before = len(push.deliveries)
    pass_by(watch, prober, AGAIN_S)
    assert len(push.deliveries) == before + 1, "asked again soon, and not without end"
    pass_by(watch, prober, r.HOUR_S)
    assert (r.SILENT, r.ZONE) in watch.told(phone) and TO_ZONE not in watch.told(phone)


async def test_a_push_server_that_takes_everything_vouches_for_nobody(
    watch: Watch, push: PushService, prober: Prober
) -> None:
    """One of UnifiedPush may know no addresses, only names: its yes says nothing of a page's storage."""
    phone = await page(watch, push)
    push.answers["one"] = [200] * 200
    prober.step()
    pass_by(watch, prober, SETTINGS.probe_s)
    assert len(push.deliveries) == 2, "asked as seldom as any other"
    pass_by(watch, prober, r.HOUR_S)
    assert (r.SILENT, r.ZONE) in watch.told(phone) and TO_ZONE not in watch.told(phone)


async def test_a_page_that_speaks_after_it_was_gone_has_its_storage(
    watch: Watch, push: PushService, prober: Prober
) -> None:
    """She took the permission back. It is asked about no more, and waited for less long."""
    phone = await page(watch, push)
    push.answers["one"] = [410]
    prober.step()
    watch.step()
    assert TO_ZONE in watch.told(phone)
    watch.installation.set_clock.advance_s(5)
    assert await watch.beat(phone) == (), "nothing for her to read: she knows"
    watch.step()
    assert watch.told(phone)[-1] == (r.CLEARED, "solved")
    asked = len(push.deliveries)
    pass_by(watch, prober, r.HOUR_S)
    assert len(push.deliveries) == asked
    assert (r.SILENT, r.ZONE) in watch.told(phone)


async def test_a_new_subscription_is_asked_about_at_once_and_one_that_ended_never_again(
    watch: Watch, push: PushService, prober: Prober
) -> None:
    phone = await page(watch, push)
    prober.step()
    await say(watch, phone, PUSH + push.browser("two").endpoint)
    assert prober.step() == 1 and push.deliveries[-1].path == "/push/two"
    await say(watch, phone, PUSH_OFF)
    pass_by(watch, prober, r.HOUR_S)
    assert push.deliveries[-1].path == "/push/two" and len(push.deliveries) == 2


async def test_nobody_asks_at_an_address_that_is_no_push_service(
    watch: Watch, push: PushService, prober: Prober
) -> None:
    """Anyone who enrols a page could have our machines call anywhere: not this way."""
    phone = watch.kit(r.ORDINARY, WEB)
    await watch.beat(phone)
    await say(watch, phone, f"{PUSH}{push.origin.replace('127.0.0.1', 'localhost')}/admin")
    prober.step()
    assert push.deliveries == []


async def test_an_earlier_phone_of_the_kit_is_not_asked_about(
    watch: Watch, push: PushService, prober: Prober
) -> None:
    phone = await page(watch, push)
    issued = watch.installation.journal.open_event(watch.installation.journal.stream(f"kit:{phone.kit}")[0])
    watch.installation.enrol(issued, WEB)  # type: ignore[arg-type]
    assert prober.step() == 0


async def test_the_address_stands_nowhere_in_clear(watch: Watch, push: PushService, prober: Prober) -> None:
    await page(watch, push)
    prober.step()
    kept = b"".join(
        path.read_bytes() for path in watch.installation.config.data_dir.rglob("*") if path.is_file()
    )
    assert push.origin.encode() not in kept


def with_zone_after(what: str, zone_s: int) -> r.Settings:
    """Limits under which the zone hears of an ordinary kit so late."""
    ordinary = {**SETTINGS.ladders[r.ORDINARY], what: r.Ladder(0, zone_s, r.DAY_S)}
    return replace(SETTINGS, ladders={**SETTINGS.ladders, r.ORDINARY: ordinary})


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (replace(SETTINGS, probe_s=51 * 60), "probe"),
        (with_zone_after(r.SILENT_PAGE, 61 * 60), "page"),
        (with_zone_after(r.CLEARED, 11 * 60), "page"),
    ],
)
def test_no_setting_may_let_the_hour_pass(settings: r.Settings, why: str) -> None:
    assert why in {fault.why for fault in faults_in(settings)}
    with pytest.raises(WrongSettings):
        check_settings(settings)
