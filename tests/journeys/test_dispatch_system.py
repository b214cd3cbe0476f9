"""From the press to the answer of a person in another system, and back on the operator's board: all of it runs.

Two systems are told: one works, one does not answer, and holds up neither the other nor the alarm.
"""

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.support import browser as b
from tests.support.dispatch_system import DispatchSystem, dispatch_system, settings_file, wait_for
from tests.support.knowing import knowing

SETTING = "EGIDE_DISPATCH_SYSTEMS"


@contextmanager
def told_by(world: World, path: Path, **more: str) -> Iterator[None]:
    """Pages and worker of this installation know of the systems in this file, and of `more` settings, until the end of
    the block."""
    with knowing(world.stack, ("web", "worker"), **{SETTING: str(path)}, **more):
        yield


def answer(world: World, system: DispatchSystem, said: dict[str, object], name: str = "ccic") -> int:
    body, headers = system.signed(said)
    headers["Host"] = urlsplit(world.stack.host("www")).netloc
    url = f"http://127.0.0.1:{world.stack.ports['web']}/dispatch/{name}/answers"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as reply:
        return int(reply.status)


def test_a_person_in_another_system_answers_an_alarm_and_the_board_says_so(
    world: World, tmp_path: Path
) -> None:
    with dispatch_system(tmp_path / "ccic") as system, dispatch_system(tmp_path / "mute") as mute:
        mute.behave(status=503)
        with told_by(world, settings_file(tmp_path, (system.entry(), mute.entry("mute")))):
            desk = world.desk()
            alarm = world.phone().press()
            (raised,) = wait_for(system, "alarm.raised")
            desk.acknowledge(alarm)
            told = desk("#told li")
            expect(told).to_have_count(2)
            expect(told.nth(0)).to_contain_text("ccic: une machine y a pris l’alarme")
            expect(told.nth(1)).to_contain_text("mute: ne prend pas l’alarme")

            number = raised["alarm"]
            assert answer(world, system, {"type": "alarm.shown", "alarm": number}) == 204
            expect(told.nth(0)).to_contain_text("affichée là-bas")
            said = {"type": "alarm.answered", "alarm": number, "by": "Op. 7", "reference": "2026-000123"}
            assert answer(world, system, said) == 204
            expect(told.nth(0)).to_contain_text("une personne y a répondu")
            expect(told.nth(0)).to_contain_text("Op. 7")
            expect(told.nth(0)).to_contain_text("2026-000123")
            unit = {"type": "unit.under_way", "alarm": number, "unit": "M 12"}
            assert answer(world, system, unit) == 204
            expect(told.nth(0)).to_contain_text("M 12: en route")
            assert violations(desk.page, world.is_full) == []

            office = world.window(language="fr")
            b.sign_in(office, world.stack, "admin-01", "/systems/", hears=False)
            card = office.locator("section.card")
            expect(card.nth(0)).to_contain_text("a dit où en est une unité")
            expect(card.nth(1)).to_contain_text("refused-503")
            mute.behave()
            card.nth(1).get_by_role("button").click()
            expect(card.nth(1)).to_contain_text("une machine y l’a pris")
            assert [one["test"] for one in wait_for(mute, "test")] == [True]
            assert violations(office, world.is_full) == []

            # From that system's own screen: the link asks who one is, and leads to the alarm.
            there, path = world.window(b.TELEPHONE), urlsplit(raised["link"]).path
            there.goto(world.stack.host("hainaut-07") + path)
            expect(there.locator("#sign-in-submit")).to_be_visible()
            b.sign_in(there, world.stack, "hainaut-07", path, hears=False)
            expect(there.locator(f"#alarm[data-alarm='{alarm}']")).to_be_attached()
    assert world.kinds(alarm).count("SystemAnswered") == 2
    assert world.state(alarm).is_open
