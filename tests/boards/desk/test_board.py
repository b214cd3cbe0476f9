"""The board and its fragments, over a real journal."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from egide.alarm.events import (
    AlarmAcknowledged,
    AlarmClosed,
    CancelReceived,
    Candidate,
    Place,
    PositionReceived,
    PressConflicted,
    PressedAgain,
    TeamOnSite,
    VerificationFailed,
)
from egide.demo.telephones import do_load_demo_telephones
from egide.protocol.envelope import Battery, Position, Trigger
from tests.boards.teams import following, officer, with_team
from tests.support.pages import EUPEN, GENT, LIEGE, MONS, Pages, by_hand, near, text_of


def order_on(reply) -> list[str]:  # type: ignore[no-untyped-def]
    return re.findall(r'<li id="row-([^"]+)"', reply.content.decode())


def panel(pages: Pages, alarm: str, name: str = "op-1"):  # type: ignore[no-untyped-def]
    return pages.client(pages.user(name)).get(f"/desk/alarms/{alarm}")


def test_an_alarm_of_the_centre_is_on_the_board_with_name_zone_and_time(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    reply = pages.client(pages.user()).get("/desk/board")
    assert order_on(reply) == [alarm]
    assert "Alix Exemple (démo)" in text_of(reply) and "Mons/Quévy · 5324" in text_of(reply)
    assert f'data-clock="{pages.clock.now_us() // 1000}"' in reply.content.decode()


def test_another_centres_alarm_is_neither_on_the_board_nor_anywhere_else(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(GENT), centre="OVL")
    client = pages.client(pages.user())
    missing = client.get("/no-such-page")
    assert order_on(client.get("/desk/board")) == []
    assert client.get(f"/desk/alarms/{alarm}").content == missing.content
    for action in ("acknowledge", "note", "close", "shown"):
        assert client.post(f"/desk/alarms/{alarm}/{action}", {"text": "x"}).status_code == 404
    assert pages.installation.kinds(f"alarm:{alarm}") == ["PressReceived", "AlarmRouted"]


def test_an_alarm_without_a_route_is_shown_to_the_supervisor(pages: Pages) -> None:
    alarm = pages.installation.open_alarm(pages.phone(MONS))
    operator, supervisor = pages.user("op"), pages.user("chief", role="supervisor")
    assert order_on(pages.client(operator).get("/desk/board")) == []
    reply = pages.client(supervisor).get("/desk/board")
    assert order_on(reply) == [alarm] and "Not routed yet" in text_of(reply)


def test_the_board_says_up_to_which_event_it_is_true(pages: Pages) -> None:
    pages.alarm(pages.phone(MONS))
    page = pages.client(pages.user()).get("/desk/board").content.decode()
    assert f'data-head="{pages.journal.head()}"' in page


def test_the_whole_page_holds_the_board_and_the_address_of_the_live_stream(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS))
    page = pages.client(pages.user()).get("/desk/").content.decode()
    assert f'id="row-{alarm}"' in page and 'data-live="http://localhost:8401/v1/live"' in page
    assert "Reference zones, not the official map" in page


def test_rule_05_the_board_stands_in_order_of_urgency(pages: Pages) -> None:
    taken, waiting, duress = (pages.phone(file) for file in (MONS, GENT, LIEGE))
    first = pages.alarm(taken)
    pages.installation.act(first, AlarmAcknowledged(user="op-1"))
    pages.clock.advance_s(60)
    second = pages.alarm(waiting)
    pages.clock.advance_s(60)
    third = pages.alarm(duress)
    pages.send(third, CancelReceived, duress, trigger=Trigger.DURESS)
    reply = pages.client(pages.user()).get("/desk/board")
    assert order_on(reply) == [third, second, first]
    assert re.search(r"Under duress .{0,3}To take .* nobody has it yet", text_of(reply))


def test_rule_09_presses_of_the_same_kit_fold_into_one_row_that_counts_them(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone)
    pages.send(alarm, PressedAgain, phone)
    pages.send(alarm, PressedAgain, phone)
    client = pages.client(pages.user())
    reply = client.get("/desk/board")
    assert order_on(reply) == [alarm]
    assert "pressed ×3" in text_of(reply) and 'data-presses="3"' in reply.content.decode()
    assert "Pressed 3 times." in text_of(client.get(f"/desk/alarms/{alarm}"))


def test_rule_09_a_press_after_closing_opens_the_alarm_again_as_new(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone)
    client = pages.client(pages.user())
    client.post(f"/desk/alarms/{alarm}/acknowledge")
    pages.installation.act(alarm, TeamOnSite(by="op-1"))
    client.post(f"/desk/alarms/{alarm}/close", {"outcome": "perpetrator-gone", "reason": "seen leaving"})
    assert order_on(client.get("/desk/board")) == []
    pages.send(alarm, PressedAgain, phone)
    reply = client.get("/desk/board")
    assert order_on(reply) == [alarm]
    assert "To take" in text_of(reply) and "open again" in text_of(reply)
    assert client.post(f"/desk/alarms/{alarm}/shown").status_code == 204
    assert pages.installation.kinds(f"alarm:{alarm}")[-1] == "ShownOnBoard"


def test_rule_10_what_could_not_be_verified_is_in_the_technical_lane_and_no_alarm(pages: Pages) -> None:
    phone = pages.phone(MONS)
    failed = VerificationFailed(
        device=phone.device, reason="bad-signature", envelope_hash="00", home_centre="HAI"
    )
    pages.installation.append(f"device:{phone.device}", failed, case=phone.case, centres=("HAI",))
    here, elsewhere = pages.client(pages.user()), pages.client(pages.user("far", centre="OVL"))
    reply = here.get("/desk/board")
    assert order_on(reply) == []
    assert f"{phone.device[:8]}" in text_of(reply) and "the signature is wrong" in text_of(reply)
    assert "not an alarm" in text_of(reply)
    assert "technical" not in elsewhere.get("/desk/board").content.decode()
    pages.clock.advance_s(25 * 3600)
    assert "technical" not in here.get("/desk/board").content.decode()


def test_rule_07_abroad_is_said_at_once_with_the_neighbours_number_and_the_nearest_zone(pages: Pages) -> None:
    do_load_demo_telephones()
    alarm = pages.alarm(
        pages.phone(EUPEN), near(pages.files[EUPEN]), outside="abroad:DE", zone="5292", centre="LIE"
    )
    client = pages.client(pages.user(centre="LIE"))
    text = text_of(client.get(f"/desk/alarms/{alarm}"))
    assert "Abroad: Germany" in text and "+49 000 000 0110" in text
    assert "to be informed all the same: Weser-Göhl · 5292" in text
    assert "+31" not in text


def test_rule_07_outside_of_everything_is_said_too(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), outside="unknown")
    assert "Outside every zone: decide by hand" in text_of(panel(pages, alarm))


def test_rule_08_a_pin_ends_nothing(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone)
    pages.send(alarm, CancelReceived, phone)
    client = pages.client(pages.user())
    assert order_on(client.get("/desk/board")) == [alarm]
    assert "It ends nothing" in text_of(client.get(f"/desk/alarms/{alarm}"))


def test_rule_06_time_of_the_last_contact_is_on_the_page_so_that_silence_shows(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone)
    pages.clock.advance_s(20)
    pages.send(alarm, PositionReceived, phone)
    page = panel(pages, alarm).content.decode()
    assert f'data-silent="{pages.clock.now_us() // 1000}"' in page


def test_flags_are_words_and_refuse_nothing(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.installation.open_alarm(phone, flags=("late", "clock-odd", "grant-ended", "kit-returned"))
    pages.installation.route(alarm, centre="HAI")
    pages.send(alarm, PressConflicted, phone)
    text = text_of(panel(pages, alarm))
    for word in ("Late: sent earlier", "clock is wrong", "grant has ended", "handed back", "Possible clone"):
        assert word in text
    assert "Take the alarm" in text


def test_a_position_near_a_border_names_every_zone_its_share_and_the_distance(pages: Pages) -> None:
    at = near(pages.files[MONS], accuracy_m=80)
    alarm = pages.alarm(
        pages.phone(MONS),
        at,
        border_m=40,
        candidates=(Candidate("5324", 0.62), Candidate("5329", 0.38)),
        place=Place("Mons", 1530, 224, "SW"),
    )
    text = text_of(panel(pages, alarm))
    assert "40 m from the zone’s border" in text and "± 80 m" in text
    assert re.search(r"Mons/Quévy · 5324 62 % ; Des Hauts-Pays · 5329 38 %", text)
    assert "1.5 km south-west of Mons (224°)" in text
    assert f"{at.lat_e7 / 1e7:.5f}, {at.lon_e7 / 1e7:.5f}" in text


def test_an_old_position_and_a_missing_one_are_said_so(pages: Pages) -> None:
    old = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), basis="last known")
    missing = pages.alarm(pages.phone(GENT), None, basis="home")
    client = pages.client(pages.user())
    assert "Last known position" in text_of(client.get(f"/desk/alarms/{old}"))
    assert "No position: home zone of the file" in text_of(client.get(f"/desk/alarms/{missing}"))


def test_desk_zone_and_team_read_that_a_position_was_entered_by_hand(pages: Pages) -> None:
    entered = with_team(pages, at=by_hand(pages.files[MONS]))
    measured = with_team(pages, phone=pages.phone(MONS))
    words = "± 20 m · entered by hand, not measured"
    desk, zone = pages.client(pages.user("op-2")), officer(pages)
    assert words in text_of(desk.get(f"/desk/alarms/{entered}"))
    assert words not in text_of(desk.get(f"/desk/alarms/{measured}"))
    assert text_of(zone.get("/zone/")).count(words) == 1
    assert words in text_of(following(pages, entered).get(f"/team/{entered}/"))


def test_the_map_gets_circle_trail_and_bans_as_plain_numbers(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone, near(pages.files[MONS]))
    pages.send(alarm, PositionReceived, phone, position=Position(504_600_000, 39_600_000, 15, 0, 1))
    page = panel(pages, alarm).content.decode()
    found = re.search(r'data-map="([^"]*)"', page)
    assert found is not None
    drawn = json.loads(found[1].replace("&quot;", '"'))
    assert drawn["position"] == {"lat": 50.46, "lon": 3.96, "accuracy": 15}
    assert len(drawn["trail"]) == 2 and drawn["zone"] == "5324"
    assert [ban["radius"] for ban in drawn["bans"]] == [300]


def test_the_first_to_take_wins_and_the_others_see_who(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS))
    first, second = pages.client(pages.user("op-1")), pages.client(pages.user("op-2"))
    assert "You have this alarm" in text_of(first.post(f"/desk/alarms/{alarm}/acknowledge"))
    reply = second.post(f"/desk/alarms/{alarm}/acknowledge")
    assert reply.status_code == 409 and "Already taken by Op-1" in text_of(reply)
    assert "Taken by Op-1" in text_of(second.get(f"/desk/alarms/{alarm}"))
    assert pages.installation.kinds(f"alarm:{alarm}").count("AlarmAcknowledged") == 1


def test_notes_are_kept_with_author_and_are_never_markup(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS))
    client = pages.client(pages.user("op-1"))
    page = client.post(f"/desk/alarms/{alarm}/note", {"text": "<script>alert(1)</script>"}).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "Op-1" in page


def test_closing_needs_outcome_and_reason_and_takes_the_alarm_off_the_board(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS))
    client = pages.client(pages.user("op-1"))
    address = f"/desk/alarms/{alarm}/close"
    assert client.post(address, {"outcome": "test", "reason": "agreed test"}).status_code == 422
    client.post(f"/desk/alarms/{alarm}/acknowledge")
    nobody_there = client.post(address, {"outcome": "test", "reason": "agreed test"})
    assert nobody_there.status_code == 422 and "No team was with the person" in text_of(nobody_there)
    pages.installation.act(alarm, TeamOnSite(by="op-1"))
    assert client.post(address, {"outcome": "test", "reason": ""}).status_code == 422
    reply = client.post(address, {"outcome": "arrest", "reason": "two officers on the spot"})
    assert "Arrest · Op-1" in text_of(reply) and "two officers" in text_of(reply)
    assert order_on(client.get("/desk/board")) == []
    state = pages.journal.alarm(alarm)
    assert state is not None and (state.closing.outcome, state.closing.closed_by) == ("arrest", "op-1")


def test_shown_is_kept_once_for_each_person(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS))
    client = pages.client(pages.user("op-1"))
    assert 'data-shown="no"' in client.get("/desk/board").content.decode()
    for _ in range(3):
        assert client.post(f"/desk/alarms/{alarm}/shown").status_code == 204
    assert pages.installation.kinds(f"alarm:{alarm}").count("ShownOnBoard") == 1
    assert 'data-shown="yes"' in client.get("/desk/board").content.decode()


def test_a_heard_test_sound_is_an_event_of_the_board(pages: Pages) -> None:
    assert pages.client(pages.user("op-1")).post("/desk/sound").status_code == 204
    assert pages.installation.kinds("board:HAI") == ["SoundTested"]


@pytest.mark.files("a quota of the file")
def test_with_the_journal_down_the_panel_says_so_and_still_shows_the_alarm(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS))
    client = pages.client(pages.user())
    pages.fill_disk()
    replies = [client.post(f"/desk/alarms/{alarm}/note", {"text": "x" * 2000}) for _ in range(20)]
    assert replies[-1].status_code == 503
    assert "takes nothing at the moment" in text_of(replies[-1]) and "Alix Exemple" in text_of(replies[-1])


def test_a_full_board_costs_a_fixed_number_of_queries(pages: Pages) -> None:
    client = pages.client(pages.user())

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/desk/board").status_code == 200
        return len(queries)

    pages.alarm(pages.phone(MONS))
    client.get("/desk/board")
    one = cost()
    for _ in range(8):
        pages.installation.act(pages.alarm(pages.phone(MONS)), AlarmAcknowledged(user="op-1"))
    client.get("/desk/board")
    assert cost() <= one + 1 <= 6


def test_zones_around_a_position_are_geojson_with_named_places(pages: Pages) -> None:
    client = pages.client(pages.user())
    reply = client.get("/desk/zones.json?at=50.5,4.0")
    features = reply.json()["features"]
    ids = {feature["properties"].get("id") for feature in features}
    assert "5324" in ids and "5292" not in ids
    assert "Mons" in {feature["properties"].get("place") for feature in features}
    assert len(reply.content) < 400_000
    again = client.get("/desk/zones.json?at=50.5,4.0", headers={"If-None-Match": reply["ETag"]})
    assert again.status_code == 304
    for wrong in ("", "x,y", "50.5"):
        assert client.get(f"/desk/zones.json?at={wrong}").status_code == 404
    assert client.get("/desk/zones.json?at=nan,nan").json()["features"] == []


def test_battery_is_shown_and_an_unknown_part_left_out(pages: Pages) -> None:
    alarm = pages.installation.open_alarm(pages.phone(MONS), battery=Battery(8, None))
    pages.installation.route(alarm, centre="HAI")
    text = text_of(panel(pages, alarm))
    assert "phone 8 %" in text and "button" not in text


def test_an_erased_person_leaves_the_board_and_breaks_nothing(pages: Pages) -> None:
    phone, other = pages.phone(MONS), pages.phone(GENT)
    pages.alarm(phone)
    stays = pages.alarm(other)
    with pages.installation.keys._lock:
        pages.installation.keys._place.execute("DELETE FROM case_key WHERE case_id = ?", (phone.case,))
    pages.installation.keys._cases.clear()
    assert order_on(pages.client(pages.user()).get("/desk/board")) == [stays]


@pytest.mark.parametrize(
    ("language", "word"), [("fr", "À prendre"), ("nl", "Over te nemen"), ("de", "Zu übernehmen")]
)
def test_the_board_speaks_the_operators_language(pages: Pages, language: str, word: str) -> None:
    pages.alarm(pages.phone(MONS))
    client = pages.client(pages.user(), language)
    assert word in text_of(client.get("/desk/board"))


def test_a_closed_alarm_that_somebody_still_looks_at_says_who_closed_it(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS))
    pages.user("op-2")
    pages.installation.act(alarm, AlarmAcknowledged(user="op-2"))
    pages.installation.act(alarm, AlarmClosed(user="op-2", outcome="handling-error", reason="bag fell"))
    text = text_of(panel(pages, alarm))
    assert "Handling error · Op-2" in text and "Take the alarm" not in text
