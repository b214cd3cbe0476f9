"""From the press to the words of a person at a control room that is not ours, and her answer back to that person.

Worker, pages, a registrar (kamailio) and the control room behind it (ng112-js): all of it runs.
"""

from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.journeys.inspecting import tab_to
from tests.journeys.test_dispatch_system import told_by
from tests.support import browser as b
from tests.support.certificates import Authority
from tests.support.dispatch_system import settings_file
from tests.support.ng112.agents import control_room
from tests.support.ng112.trunk import PASSWORD, entry
from tests.support.sip.servers import kamailio
from tests.support.waiting import until


def look_in_other_languages(world: World, alarm: str) -> None:
    """At the open chat in two widths, for its words and by axe: everything else of the story is told in French."""
    for language, words in (("de", "Chat offen"), ("nl", "chat open"), ("en", "chat open")):
        desk = world.desk(page=world.window(b.DESKTOP, language))
        desk.choose(alarm)
        expect(desk("#chat")).to_contain_text(words)
        expect(desk("#chat-ask-there")).to_be_visible()
        for size in (b.DESKTOP, b.TELEPHONE):
            desk.page.set_viewport_size(ViewportSize(width=size["width"], height=size["height"]))
            desk("#chat").scroll_into_view_if_needed()
            expect(desk("#alarm [aria-disabled=true]:visible")).to_have_count(0)
            assert violations(desk.page, world.is_full) == [], language
            assert desk.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        desk.page.close()


@pytest.mark.full(
    "tests/boards/test_talk_by_sip.py::test_their_words_stand_at_the_desk_and_her_answers_go_to_them"
)
def test_a_person_there_writes_the_operator_asks_with_one_press_and_her_answer_goes_back(
    world: World, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    authority.server("127.0.0.1")
    more = {"password": PASSWORD, "algorithm": "MD5", "qop": "0", "nobody": "404"}
    with (
        kamailio(tmp_path / "proxy", "chat", authority=authority, more=more) as proxy,
        control_room(proxy.tcp_port) as room,
        told_by(world, settings_file(tmp_path, (entry(tmp_path, proxy.tls, authority.pem),))),
    ):
        until(lambda: "REGISTERED|sip:egide@" in proxy.said, lambda: proxy.said)
        desk, phone = world.desk(), world.phone()
        alarm = phone.press()
        assert "Stil alarm" in room.wait("came", type=257)["text"]
        desk.acknowledge(alarm)
        assert room.do("start", "Meldkamer 7") == room.do("say", "Is hij nog daar?") == "sent"
        chat = desk("#chat")
        expect(chat).to_contain_text("Is hij nog daar?")
        expect(chat).to_contain_text("discussion ouverte")
        expect(desk("#told li")).to_contain_text("une personne y a répondu")

        expect(desk("#alarm [aria-disabled=true]:visible")).to_have_count(0)
        assert violations(desk.page, world.is_full) == []
        tab_to(desk.page, "#chat-ask-there")
        desk.page.keyboard.press("Enter")
        assert room.wait("came", type=259)["text"].endswith("Is hij daar?")
        phone.answer("here")
        assert room.wait("came", 2, type=259)["text"].startswith("Antwoord op de telefoon")
        expect(desk("#silent-talk .answered")).to_have_count(1)
        for size in (b.DESKTOP, b.TELEPHONE):
            desk.page.set_viewport_size(size)
            desk.page.evaluate("document.getElementById('chat').scrollIntoView()")
            desk.page.screenshot(path=tmp_path / f"chat-{size['width']}.png")
            wide = desk.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"]
        desk.page.set_viewport_size(b.DESKTOP)
        look_in_other_languages(world, alarm)

        assert room.do("stop") == "sent"
        expect(chat).to_contain_text("discussion terminée")
        expect(desk("#chat-ask-there")).to_have_count(0)
    assert world.state(alarm).is_open and world.kinds(alarm).count("SystemWrote") == 3
