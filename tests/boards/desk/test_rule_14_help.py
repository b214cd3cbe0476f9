"""Safety rule 14: a team that needs help is a red event, first on the board, with the team's position."""

import json
import re

import pytest

from egide.alarm.events import AlarmAcknowledged, CancelReceived, HelpNeeded, TeamNamed, ZoneConfirmed
from egide.alarm.state import AlarmState, Help
from egide.boards.desk.rules import urgency
from egide.protocol.envelope import Position, Trigger
from tests.boards.desk.reading import order_on, row_of
from tests.support.pages import LIEGE, MONS, Pages, near, text_of
from tests.support.standing import standing


def with_team(pages: Pages) -> str:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    for event in (
        AlarmAcknowledged(user="op-1"),
        ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"),
        TeamNamed(user="op-1", zone="5324", call_sign="M 12"),
    ):
        pages.installation.act(alarm, event)
    return alarm


def test_rule_14_the_call_stands_first_even_before_duress_and_rings_at_every_board(pages: Pages) -> None:
    phone = pages.phone(LIEGE)
    duress = pages.alarm(phone, near(pages.files[LIEGE]))
    pages.send(duress, CancelReceived, phone, trigger=Trigger.DURESS)
    pages.clock.advance_s(10)
    alarm = with_team(pages)
    client = pages.client(pages.user("op-2"))
    assert order_on(client.get("/desk/board")) == [duress, alarm]
    pages.installation.act(alarm, HelpNeeded(by="M 12"))
    reply = client.get("/desk/board")
    assert order_on(reply) == [alarm, duress]
    assert (row_of(reply, alarm)["looks"], row_of(reply, alarm)["rings"]) == ("help", "yes")
    assert "Team needs help" in text_of(reply)


def test_rule_14_the_teams_position_is_in_words_and_on_the_map(pages: Pages) -> None:
    alarm = with_team(pages)
    person = near(pages.files[MONS])
    team = Position(person.lat_e7 + 17_987, person.lon_e7, 25, 1, 1)
    pages.installation.act(alarm, HelpNeeded(by="M 12", position=team))
    page = pages.client(pages.user("op-2")).get(f"/desk/alarms/{alarm}")
    text = text_of(page)
    assert "The team needs help: M 12" in text
    assert "200 m north of the person" in text and f"{team.lat_e7 / 1e7:.5f}" in text and "± 25 m" in text
    found = re.search(r'data-map="([^"]*)"', page.content.decode())
    assert found is not None
    drawn = json.loads(found[1].replace("&quot;", '"'))
    assert drawn["help"] == {"lat": team.lat_e7 / 1e7, "lon": team.lon_e7 / 1e7, "accuracy": 25}


def test_rule_14_without_a_position_the_desk_says_so(pages: Pages) -> None:
    alarm = with_team(pages)
    pages.installation.act(alarm, HelpNeeded(by="M 12"))
    assert "gave no position" in text_of(pages.client(pages.user("op-2")).get(f"/desk/alarms/{alarm}"))


def test_rule_14_one_key_says_that_it_was_seen_and_by_whom(pages: Pages) -> None:
    alarm = with_team(pages)
    pages.installation.act(alarm, HelpNeeded(by="M 12"))
    client = pages.client(pages.user("op-2"))
    assert 'id="act-help-seen" data-next' in client.get(f"/desk/alarms/{alarm}").content.decode()
    refused = client.post(f"/desk/alarms/{alarm}/close", {"outcome": "arrest", "reason": "told by M 12"})
    assert refused.status_code == 422 and "The team needs help. Answer that first." in text_of(refused)
    seen = text_of(client.post(f"/desk/alarms/{alarm}/help-seen"))
    assert "Seen by Op-2" in seen
    client.post(f"/desk/alarms/{alarm}/help-seen")
    assert pages.installation.kinds(f"alarm:{alarm}").count("HelpSeen") == 1
    row = row_of(client.get("/desk/board"), alarm)
    assert (row["looks"], row["rings"]) == ("ack", "no")


@pytest.mark.parametrize(
    ("state", "place"),
    [
        (standing(alarm="a", help=Help("M 12", 1), duress=True), 0),
        (standing(alarm="a", help=Help("M 12", 1, seen_by="op"), duress=True), 1),
        (standing(alarm="a", help=Help("M 12", 1, seen_by="op"), acknowledged_by="op"), 4),
        (standing(alarm="a", help=Help("M 12", 1), closed_at_us=2, acknowledged_by="op"), 4),
    ],
)
def test_rule_05_a_team_in_danger_comes_before_all_until_it_is_answered(
    state: AlarmState, place: int
) -> None:
    assert urgency(state) == place
