"""The wall: what the board says, for a whole room: no name, no file that bars anybody, and nothing to press."""

import re

from egide.alarm.events import AlarmAcknowledged, CancelReceived
from egide.casework.models import BarredReader
from egide.protocol.envelope import Trigger
from tests.support.pages import GENT, MONS, Pages, near, text_of

ADDRESSES = ("/desk/wall", "/desk/wall/rows")


def test_the_wall_says_what_comes_next_in_each_alarm_and_whose_it_is_of_nobody(pages: Pages) -> None:
    pages.user("op-1")
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone, near(pages.files[MONS]))
    pages.alarm(pages.phone(GENT), centre="OVL")
    pages.send(alarm, CancelReceived, phone, trigger=Trigger.DURESS)
    client = pages.client(pages.user("op-2"))
    for address in ADDRESSES:
        text = text_of(client.get(address))
        assert re.search(
            r"Open alarms · 1 .*Mons/Quévy · 5324 nobody has it yet ■ Under duress .*To take", text
        )
        assert "desk · 0:00" in text and "Alix" not in text and alarm not in text
    pages.installation.act(alarm, AlarmAcknowledged(user="op-1"))
    assert re.search(r"Op-1 ■ Under duress .{0,4}Inform the zone", text_of(client.get("/desk/wall/rows")))
    assert "Alix" in text_of(client.get("/desk/board"))


def test_rule_27_an_alarm_of_a_file_that_bars_anybody_is_on_no_wall(pages: Pages) -> None:
    pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    # Not this reader: somebody else, who may walk into the room.
    BarredReader.objects.create(case_id=pages.files[MONS].case.id, mark="user:cousin")
    client = pages.client(pages.user())
    assert "Alix" in text_of(client.get("/desk/board"))
    for address in ADDRESSES:
        text = text_of(client.get(address))
        assert "Open alarms · 0" in text and "5324" not in text


def test_a_wall_has_nothing_to_press_and_is_no_board(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    page = pages.client(pages.user()).get("/desk/wall").content.decode()
    assert not re.search(r"<(button|form|input|a)\b", page)
    assert "ShownOnBoard" not in pages.installation.kinds(f"alarm:{alarm}")
