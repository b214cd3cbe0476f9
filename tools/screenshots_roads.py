"""The pictures of what comes in and goes out by other systems, for `tools.screenshots`: administrators' roads, a kit's
other devices, an alarm of a source, a copy for a neighbour, the chat with a control room."""

import secrets
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from egide.common.clock import SystemClock
from egide.events.sources import SourceEnrolled, SourceHeard
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import Signs
from egide.journal.service import Entry
from egide.protocol.bthome import KEY_BYTES
from egide.protocol.envelope import Position, Source
from egide.protocol.sources import BTHOME, DC09, PURPOSE, TRACCAR, source_id
from tests.support.certificates import Authority
from tests.support.dispatch_system import dispatch_system, settings_file
from tests.support.knowing import knowing
from tests.support.ng112.agents import control_room
from tests.support.ng112.trunk import PASSWORD, entry
from tests.support.sandbox import Sandbox
from tests.support.sip.servers import kamailio
from tests.support.sources import Button
from tests.support.ucri2.exchange import exchange
from tools.screenshots_camera import BOARD, DIALOG
from tools.screenshots_desk_dialogs import back_at, by_key, choose
from tools.screenshots_studio import Shot, Studio

OFFICER, ADMINISTRATOR, OPERATOR = "mons-quevy-21", "admin-01", "hainaut-12"
MONS = 0
SYSTEMS = "EGIDE_DISPATCH_SYSTEMS"
TOLD = ("web", "worker")


def enrol(studio: Studio, road: str, name: str, every_s: int = 0) -> Button:
    """A device of the kit in Mons that stands in her house, as an officer enrols it."""
    journal, person = studio.stack.journal(), studio.stack.demo["kits"][MONS]
    key = secrets.token_bytes(KEY_BYTES) if road != TRACCAR else b""
    by_key_too = (key,) if road == BTHOME else ()
    source = source_id(journal.keys.purpose_key(PURPOSE).raw, road, name, *by_key_too)
    place = Position(round(person["lat"] * 1e7), round(person["lon"] * 1e7), 30, 0, Source.MANUAL)
    event = SourceEnrolled(
        source=source,
        kit=person["kit"],
        road=road,
        name=name,
        user=OFFICER,
        key=key,
        place=None if road == TRACCAR else place,
        every_s=every_s,
    )
    journal.append([Entry(stream=f"source:{source}", event=event, case=person["case"])])
    return Button(source, person["kit"], person["case"], name, key)


def shoot_sources(studio: Studio) -> None:
    """The other devices of a kit: a button at home that was heard, a tracker that never was, an alarm device."""
    button = enrol(studio, BTHOME, "0C:EF:F6:01:02:03")
    enrol(studio, TRACCAR, "356938035643809")
    enrol(studio, DC09, "1A2B", every_s=300)
    heard = SourceHeard(source=button.source, counter=7, battery_pct=88)
    studio.stack.journal().append([Entry(stream=f"source:{button.source}", event=heard, case=button.case)])
    with studio.window() as page:
        studio.enter(page, OFFICER, f"/kits/{button.kit}/sources", "fr")
        expect(page.locator("#devices section")).to_have_count(3)
        studio.shoot(page, "kit-sources", "A kit's other devices, and what each proves (French)", whole=True)
        studio.sheet(page, "kit-sources")


def shoot_roads(studio: Studio) -> None:
    """Every road outside, for administrators: of two dispatch systems one takes nothing, and traces do no more."""
    with (
        tempfile.TemporaryDirectory(prefix="egide-roads-") as made,
        dispatch_system(Path(made) / "ccic") as ccic,
        dispatch_system(Path(made) / "mute") as mute,
        studio.window() as page,
    ):
        mute.behave(status=503)
        path = settings_file(Path(made), (ccic.entry("ccic"), mute.entry("mute")))
        clock = SystemClock()
        came = Outcomes(Signs(studio.stack.config, clock), clock)
        came.worked("traces", "out")
        came.do_keep()
        came.failed("traces", "out", "timeout")
        came.do_keep()
        more = {SYSTEMS: str(path), "EGIDE_TRACES_URL": "http://127.0.0.1:1/traces"}
        with knowing(studio.stack, TOLD, **more):
            studio.enter(page, ADMINISTRATOR, "/systems/", "fr")
            for number in range(2):
                page.locator("section.card form button").nth(number).click()
                expect(page.locator(".messages")).to_be_visible()
            page.goto(studio.stack.host(ADMINISTRATOR) + "/systems/")
            studio.shoot(page, "roads", "Every road outside, and how it goes (French)", whole=True)
            studio.sheet(page, "roads")


def shoot_sandbox(studio: Studio) -> None:
    """The console for integrators: calls, faults that were played, keys."""
    with (
        tempfile.TemporaryDirectory(prefix="egide-roads-", ignore_cleanup_errors=True) as made,
        studio.window(locale="fr") as page,
    ):
        sandbox = Sandbox(Path(made))
        try:
            studio.wait_until(page, lambda: sandbox.done("clock +300 s"), "its script is at its end")
            page.goto(f"{sandbox.url}/sandbox/")
            expect(page.locator("#rows .played").first).to_be_visible()
            studio.shoot(page, "sandbox", "The console of a sandbox for integrators (French)", whole=True)
            studio.sheet(page, "sandbox")
        finally:
            sandbox.stop()


def shoot_source_alarm(studio: Studio) -> None:
    """An alarm that no phone signed, and what its frame proves."""
    button = enrol(studio, BTHOME, "0C:EF:F6:01:02:04")
    studio.report(button.source, button.held())
    (alarm,) = [one for one in studio.stack.journal().open_alarms() if one.startswith(button.source)]
    with studio.desk(OPERATOR) as page:
        choose(page, alarm)
        expect(page.locator("#alarm .source")).to_be_visible()
        studio.shoot(page, "desk-source", "A button at home without a phone: what its frame proves")
        studio.sheet(page, "desk-source", back_at(page, alarm), BOARD)
    studio.clear()


def shoot_neighbour(studio: Studio) -> None:
    """A copy for a control room of others: one key and a question."""
    with tempfile.TemporaryDirectory(prefix="egide-roads-") as made, exchange(Path(made) / "ucrm") as ucrm:
        path = settings_file(Path(made), (ucrm.entry(),))
        with knowing(studio.stack, TOLD, **{SYSTEMS: str(path)}), studio.desk(OPERATOR) as page:
            alarm = studio.phone(MONS).press()
            choose(page, alarm)
            page.keyboard.press("Space")
            expect(page.locator("#taken-by")).to_be_visible()
            by_key(page, "f", "#neighbour-receiver")
            studio.shoot(
                page,
                "neighbour",
                "A copy for a control room of others: which one, and that it cannot be taken back",
            )
            studio.sheet(page, "neighbour", back_at(page, alarm, "f", "#neighbour-receiver"), DIALOG)
        studio.clear()


def shoot_chat(studio: Studio) -> None:
    """People of a control room write beside the alarm; the phone shows nothing of it."""
    with tempfile.TemporaryDirectory(prefix="egide-roads-") as made:
        folder = Path(made)
        authority = Authority(folder)
        authority.server("127.0.0.1")
        more = {"password": PASSWORD, "algorithm": "MD5", "qop": "0", "nobody": "404"}
        with (
            kamailio(folder / "proxy", "chat", authority=authority, more=more) as proxy,
            control_room(proxy.tcp_port) as room,
            knowing(
                studio.stack,
                TOLD,
                **{SYSTEMS: str(settings_file(folder, (entry(folder, proxy.tls, authority.pem),)))},
            ),
            studio.desk(OPERATOR) as page,
        ):
            studio.wait_until(page, lambda: "REGISTERED|sip:egide@" in proxy.said, "it is registered")
            alarm = studio.phone(MONS).press()
            room.wait("came", type=257)
            choose(page, alarm)
            page.keyboard.press("Space")
            expect(page.locator("#taken-by")).to_be_visible()
            room.do("start", "Meldkamer 7")
            room.do("say", "Is hij nog daar?")
            chat = page.locator("#chat")
            expect(chat).to_contain_text("Is hij nog daar?")
            studio.shoot(page, "chat", "The chat with people of a control room, beside the alarm", at=chat)
            studio.sheet(page, "chat", back_at(page, alarm), BOARD, at=chat)
        studio.clear()


DESK_SHOTS: tuple[Shot, ...] = (shoot_source_alarm, shoot_neighbour, shoot_chat)
SHOTS: tuple[Shot, ...] = (shoot_sources, shoot_roads, shoot_sandbox)
