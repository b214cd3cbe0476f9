"""The team's link and page: one device, one alarm, until the report; every tap once, whatever is sent again."""

import io
import json
import logging
import re
from http.cookies import Morsel

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from egide.access.service import titles
from egide.events import alarm as a
from egide.events.register import FileOpened
from egide.events.state import AlarmState
from egide.response import links
from tests.support.installation import MANAGING_ZONE
from tests.support.pages import LIEGE, MONS, Pages, near

TAP = "0b0e8f4e-2d3c-4f6a-9a51-6f0f6a1f0c0"
DAY_S = 86_400


def text_of(reply) -> str:  # type: ignore[no-untyped-def]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.content.decode()))


def officer(pages: Pages, zone: str = "5324", language: str = "en") -> Client:
    return pages.client(pages.user(f"officer-{zone}", role="zone-officer", zone=zone), language)


def with_team(pages: Pages, file: int = MONS, north_m: int = 0, call_sign: str = "M 12") -> str:
    """An alarm that a centre has taken, whose zone has named a team."""
    alarm = pages.alarm(pages.phone(file), near(pages.files[file], north_m=north_m), zone="5324")
    pages.user("op-1")
    act(pages, alarm, a.AlarmAcknowledged(user="op-1"))
    act(pages, alarm, a.ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"))
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5324", call_sign=call_sign))
    return alarm


def act(pages: Pages, alarm: str, event: object) -> None:
    pages.installation.act(alarm, event)  # type: ignore[arg-type]


def make_link(pages: Pages, alarm: str, client: Client | None = None) -> tuple[str, str]:
    """Path and code of a fresh link, as an officer's screen shows them."""
    client = client or officer(pages)
    reply = client.post(f"/zone/alarms/{alarm}/link")
    assert reply.status_code == 200, text_of(reply)
    page = reply.content.decode()
    code = re.search(r'id="team-code">([^<]+)<', page)
    assert code and "<svg" in page and "style=" not in page, "the policy of the pages allows no inline style"
    return MADE[-1], code.group(1)


MADE: list[str] = []


@pytest.fixture(autouse=True)
def seen_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the picture holds, read where it is drawn: nobody else ever sees the secret."""
    MADE.clear()
    draw = links.segno.make

    def noted(url: str, **options: object) -> object:
        MADE.append("/team/" + url.split("/team/")[1])
        return draw(url, **options)

    monkeypatch.setattr(links.segno, "make", noted)


def phone(pages: Pages, path: str, language: str = "en") -> Client:
    """A phone that opened the link."""
    client = pages.client(language=language)
    reply = client.post(path)
    assert reply.status_code == 302, text_of(reply)
    return client


def cookie(client: Client, alarm: str) -> Morsel[str]:
    found: Morsel[str] = client.cookies[f"egide_team_{alarm}"]
    return found


def tap(client: Client, alarm: str, kind: str, number: int = 0, **more: object):  # type: ignore[no-untyped-def]
    return client.post(f"/team/{alarm}/tap", {"kind": kind, "id": f"{TAP}{number}", **more})


def state(pages: Pages, alarm: str) -> AlarmState:
    found = pages.journal.alarm(alarm)
    assert found is not None
    return found


def readings(pages: Pages, file: int = MONS) -> list[FileOpened]:
    return [
        event
        for row in pages.journal.stream(f"case:{pages.files[file].case.id}")
        if isinstance(event := pages.journal.open_event(row), FileOpened)
    ]


# --- the link -------------------------------------------------------------------------------------------------------


def test_looking_at_a_link_opens_nothing_and_one_press_binds_it_to_this_device(pages: Pages) -> None:
    alarm = with_team(pages)
    path, _code = make_link(pages, alarm)
    for _ in range(3):
        assert "Open on this phone" in text_of(pages.client().get(path))
    assert state(pages, alarm).links[0].device == ""
    client = phone(pages, path)
    held = cookie(client, alarm)
    assert held["httponly"] and held["samesite"] == "Strict" and len(held.value) == 43
    [link] = state(pages, alarm).links
    assert link.device == links.hash_of_secret(held.value) and held.value not in repr(link)
    assert "TeamLinkOpened" in pages.installation.kinds(f"alarm:{alarm}")


def test_a_link_has_at_least_128_bits_and_no_event_or_table_holds_its_secret(pages: Pages) -> None:
    alarm = with_team(pages)
    path, code = make_link(pages, alarm)
    secret = path.removeprefix("/team/l/")
    assert len(secret) >= 22
    rows = [json.dumps(repr(pages.journal.open_event(row))) for row in pages.journal.stream(f"alarm:{alarm}")]
    rows += map(repr, pages.journal.connection.execute("SELECT * FROM team_link"))
    for hidden in (secret, code, code.replace(" ", "")):
        assert not any(hidden in row for row in rows)


def test_a_second_device_is_refused_and_the_first_may_open_it_again(pages: Pages) -> None:
    alarm = with_team(pages)
    path, code = make_link(pages, alarm)
    first = phone(pages, path)
    second = pages.client()
    for reply in (second.post(path), second.post("/team/", {"code": code})):
        assert reply.status_code == 422 and "opened on another device already" in text_of(reply)
    assert second.get(f"/team/{alarm}/").status_code == 404
    assert first.post(path).status_code == 302
    assert first.get(f"/team/{alarm}/").status_code == 200
    assert pages.installation.kinds(f"alarm:{alarm}").count("TeamLinkOpened") == 1


def test_the_short_code_opens_the_same_page_however_it_is_typed(pages: Pages) -> None:
    alarm = with_team(pages)
    _path, code = make_link(pages, alarm)
    assert re.fullmatch(r"[2346789ACDEFGHJKMNPQRTUVWXY]{4} [2346789ACDEFGHJKMNPQRTUVWXY]{4}", code)
    client = pages.client()
    typed = code.lower().replace(" ", "-").replace("8", "b").replace("2", "z")
    reply = client.post("/team/", {"code": typed})
    assert reply.status_code == 302 and reply.headers["Location"] == f"/team/{alarm}/"


def test_every_wrong_code_gets_the_same_answer_and_guessing_is_slowed_down(pages: Pages) -> None:
    alarm = with_team(pages)
    _path, code = make_link(pages, alarm)
    client = pages.client()
    wrong = code[:2] + "".join("A" if sign != "A" else "C" for sign in code[2:].replace(" ", ""))
    answers = {text_of(client.post("/team/", {"code": wrong})) for _ in range(6)}
    assert len(answers) == 1 and "opens nothing" in answers.pop()
    waiting = client.post("/team/", {"code": code})
    assert waiting.status_code == 422 and "opens nothing" in text_of(waiting)
    assert state(pages, alarm).links[0].device == ""
    pages.clock.advance_s(301)
    assert client.post("/team/", {"code": code}).status_code == 302


def test_a_wrong_link_and_the_code_that_was_typed_stay_on_the_page(pages: Pages) -> None:
    reply = pages.client().get("/team/l/" + "A" * 24)
    assert reply.status_code == 422 and "opens nothing" in text_of(reply)
    assert 'value="XXXX YYYY"' in pages.client().post("/team/", {"code": "XXXX YYYY"}).content.decode()


def test_a_link_that_is_a_day_old_opens_nothing_any_more(pages: Pages) -> None:
    alarm = with_team(pages)
    path, _code = make_link(pages, alarm)
    opened_path, _code = make_link(pages, alarm, pages.client(titled(pages)))
    client = phone(pages, opened_path)
    pages.clock.advance_s(DAY_S)
    assert "older than a day" in text_of(pages.client().get(path))
    assert "older than a day" in text_of(pages.client().post(path))
    ended = client.get(f"/team/{alarm}/")
    assert ended.status_code == 410 and "older than a day" in text_of(ended) and "Alix" not in text_of(ended)


def titled(pages: Pages):  # type: ignore[no-untyped-def]
    return pages.user("officer-b", role="zone-officer", zone="5324")


def test_a_link_is_made_for_a_named_team_only_and_not_for_another_zone(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324", candidates=())
    client = officer(pages)
    early = client.post(f"/zone/alarms/{alarm}/link")
    assert early.status_code == 422 and "Inform the zone first" in text_of(early)
    assert officer(pages, "5415").post(f"/zone/alarms/{alarm}/link").status_code == 404


def test_the_desk_makes_a_link_too(pages: Pages) -> None:
    alarm = with_team(pages)
    reply = pages.client(pages.user("op-2")).post(f"/response/alarms/{alarm}/link")
    assert reply.status_code == 200 and "Page for team M 12" in text_of(reply)
    elsewhere = pages.client(pages.user("op-3", centre="OVL"))
    assert elsewhere.post(f"/response/alarms/{alarm}/link").status_code == 404


def test_no_secret_of_a_link_reaches_a_log(pages: Pages) -> None:
    handler = next(each for each in logging.getLogger("django").handlers if each.filters)
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(io.StringIO())
    try:
        pages.client().get("/team/l/" + "B" * 24)
        pages.client().put("/team/l/" + "B" * 24)
        Client(enforce_csrf_checks=True).post("/team/l/" + "B" * 24)
    finally:
        written = handler.setStream(before).getvalue()
    assert written.count("/team/l/…") == 3 and "B" * 24 not in written


# --- the page -------------------------------------------------------------------------------------------------------


def test_rule_12_weapons_come_first_with_source_and_date(pages: Pages) -> None:
    alarm = with_team(pages)
    page = phone(pages, make_link(pages, alarm)[0]).get(f"/team/{alarm}/").content.decode()
    main = page[page.index("<main") :]
    order = [
        main.index(mark) for mark in ('id="weapons"', 'id="team-where"', 'id="person"', 'id="last-metres"')
    ]
    assert order == sorted(order)
    assert "Alix" not in main[: main.index('id="weapons"')]
    assert re.search(r"Couteau</b>.*?PV MO.*?<time", main, re.S)


def test_rule_13_the_last_metres_and_how_to_make_contact_are_on_the_page(pages: Pages) -> None:
    alarm = with_team(pages)
    text = text_of(phone(pages, make_link(pages, alarm)[0]).get(f"/team/{alarm}/"))
    facts = pages.files[MONS]
    assert "Last 50 metres" in text and "Entrance" in text and "Bell" in text
    assert "2 children in the file" in text and "alarm comes from inside" in text and facts


def test_rule_11_every_view_is_recorded_under_the_call_sign_and_the_page_ends_with_the_report(
    pages: Pages,
) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    for _ in range(2):
        client.get(f"/team/{alarm}/")
    assert [(reading.user, reading.alarm) for reading in readings(pages)] == [("team:M 12", alarm)] * 2
    client.get(f"/team/{alarm}/now")
    assert len(readings(pages)) == 2, "the position alone is no reading of the file"
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    assert "Closed by Op-1: Arrest. Your report is still to be written." in text_of(
        client.get(f"/team/{alarm}/")
    )
    assert tap(client, alarm, "report", outcome="arrest", text="One person taken along.").status_code == 200
    ended = client.get(f"/team/{alarm}/")
    assert ended.status_code == 410 and "The report is written already, by M 12" in text_of(ended)
    assert client.get(f"/team/{alarm}/now").status_code == 410
    assert len(readings(pages)) == 3


def test_rule_08_a_duress_shows_to_the_team_and_a_pin_stands_nobody_down(pages: Pages) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    pages.send(alarm, a.CancelReceived, _sender(pages, alarm))
    assert "It ends nothing" in text_of(client.get(f"/team/{alarm}/now"))


def _sender(pages: Pages, alarm: str):  # type: ignore[no-untyped-def]
    """Another phone of the same kind: only the event's content counts here."""
    return pages.phone(MONS)


def test_only_notes_for_the_team_are_shown_with_their_author(pages: Pages) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    act(pages, alarm, a.NoteAdded(user="op-1", text="Dog in the yard", for_team=True))
    act(pages, alarm, a.NoteAdded(user="op-1", text="Called the prosecutor"))
    text = text_of(client.get(f"/team/{alarm}/now"))
    assert "Dog in the yard" in text and "Op-1" in text and "prosecutor" not in text


def test_a_non_disclosed_address_stays_hidden_from_the_team_too(pages: Pages) -> None:
    alarm = with_team(pages, LIEGE, north_m=5000)
    client = phone(pages, make_link(pages, alarm)[0])
    assert "rue du Spécimen" not in text_of(client.get(f"/team/{alarm}/"))


def test_what_changes_on_the_way_costs_few_queries_and_always_the_same(pages: Pages) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    client.get(f"/team/{alarm}/now")
    counts = []
    for number in range(3):
        act(pages, alarm, a.NoteAdded(user="op-1", text=f"Note {number}", for_team=True))
        counts.append(_queries(client, f"/team/{alarm}/now"))
    assert counts == [4, 4, 4]


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("language", "word"), [("fr", "Armes"), ("nl", "Wapens"), ("de", "Waffen")])
def test_the_page_speaks_the_teams_language(pages: Pages, language: str, word: str) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0], language)
    assert word in text_of(client.get(f"/team/{alarm}/"))


def test_only_the_teams_page_may_ask_where_the_phone_is(pages: Pages) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    page = client.get(f"/team/{alarm}/")
    assert "geolocation=(self)" in page.headers["Permissions-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert "geolocation=()" in client.get("/sign-in").headers["Permissions-Policy"]


# --- taps -----------------------------------------------------------------------------------------------------------


def test_taps_are_recorded_with_who_and_how_long_they_waited(pages: Pages) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    assert tap(client, alarm, "under-way", 1, age_s="240").status_code == 200
    assert tap(client, alarm, "on-site", 2).status_code == 200
    events = [pages.journal.open_event(row) for row in pages.journal.stream(f"alarm:{alarm}")]
    assert [(e.by, e.age_s) for e in events if isinstance(e, a.TeamUnderWay | a.TeamOnSite)] == [
        ("team:M 12", 240),
        ("team:M 12", 0),
    ]
    assert titles(["team:M 12"]) == {"team:M 12": "M 12"}


def test_rule_14_a_call_for_help_counts_once_also_when_it_was_answered_before_it_is_sent_again(
    pages: Pages,
) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    where = {"lat_e7": "504540000", "lon_e7": "39520000", "accuracy_m": "12"}
    assert tap(client, alarm, "help", 1, **where).status_code == 200
    act(pages, alarm, a.HelpSeen(user="op-1"))
    assert tap(client, alarm, "help", 1, **where).status_code == 200
    assert pages.installation.kinds(f"alarm:{alarm}").count("HelpNeeded") == 1
    assert "Seen by Op-1" in text_of(client.get(f"/team/{alarm}/now"))
    assert tap(client, alarm, "help", 2, **where).status_code == 200
    assert "No answer from the dispatch centre yet" in text_of(client.get(f"/team/{alarm}/now"))


def test_rule_14_help_after_the_closing_opens_the_alarm_again_and_a_bad_position_holds_up_nothing(
    pages: Pages,
) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    assert tap(client, alarm, "help", 1, lat_e7="x", lon_e7="9999999999", accuracy_m="-1").status_code == 200
    found = state(pages, alarm)
    assert found.is_open and found.help and found.help.position is None


def test_rule_14_a_team_that_was_replaced_can_still_call_for_help_and_not_move_the_others_clock(
    pages: Pages,
) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5324", call_sign="M 14"))
    refused = tap(client, alarm, "under-way", 1)
    assert refused.status_code == 422 and "M 14 was sent instead of you" in refused.json()["said"]
    assert tap(client, alarm, "help", 2).status_code == 200
    act(pages, alarm, a.NoPatrolFree(user="op-1", zone="5324"))
    assert tap(client, alarm, "help", 3).status_code == 200


def test_a_tap_on_an_alarm_that_was_closed_meanwhile_says_by_whom_and_what_to_do(pages: Pages) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    refused = tap(client, alarm, "on-site", 1)
    assert refused.status_code == 422
    assert refused.json()["said"].startswith("Op-1 closed the alarm meanwhile.")
    assert "report" in refused.json()["said"]


def test_a_second_report_is_refused_with_who_was_first_and_the_same_one_again_is_not(pages: Pages) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    words = {"outcome": "arrest", "text": "One person taken along."}
    assert tap(client, alarm, "report", 1, **words).status_code == 200
    assert tap(client, alarm, "report", 1, **words).status_code == 200
    assert pages.installation.kinds(f"alarm:{alarm}").count("TeamReported") == 1
    other = tap(client, alarm, "report", 2, outcome="test", text="Another one")
    assert other.status_code == 422 and other.json()["said"].startswith("M 12 wrote the report meanwhile.")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"kind": "report", "id": TAP + "1", "outcome": "", "text": "abc"}, "Choose an outcome"),
        ({"kind": "report", "id": TAP + "1", "outcome": "arrest", "text": " "}, "Write a few words"),
        ({"kind": "arrest", "id": TAP + "1"}, "could not be understood"),
        ({"kind": "on-site", "id": "x"}, "could not be understood"),
    ],
)
def test_what_a_tap_lacks_is_said(pages: Pages, form: dict[str, str], said: str) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    reply = client.post(f"/team/{alarm}/tap", form)
    assert reply.status_code == 422 and said in reply.json()["said"]


def test_what_was_tapped_in_time_arrives_after_the_link_has_ended_and_not_for_ever(pages: Pages) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    pages.clock.advance_s(DAY_S + 60)
    assert tap(client, alarm, "on-site", 1, age_s="120").status_code == 200
    pages.clock.advance_s(DAY_S)
    assert tap(client, alarm, "help", 2).status_code == 410


def test_with_the_journal_down_a_tap_is_to_be_sent_again(pages: Pages) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    pages.fill_disk()
    codes = set()
    for number in range(10, 50):
        where = {"lat_e7": str(number), "lon_e7": "0", "accuracy_m": "1"}
        codes.add(tap(client, alarm, "help", number, **where).status_code)
    assert codes <= {200, 503} and 503 in codes


def test_an_erased_case_ends_the_page(pages: Pages) -> None:
    alarm = with_team(pages)
    client = phone(pages, make_link(pages, alarm)[0])
    pages.installation.keys.destroy(pages.files[MONS].case.id)
    assert client.get(f"/team/{alarm}/").status_code == 404


# --- officers -------------------------------------------------------------------------------------------------------


def test_an_officer_of_the_leading_zone_opens_the_same_page_and_reports_for_the_team(pages: Pages) -> None:
    alarm = with_team(pages)
    client = officer(pages)
    base = f"/zone/alarms/{alarm}/file/"
    assert "Couteau" in text_of(client.get(base))
    assert [reading.user for reading in readings(pages)] == ["officer-5324"]
    form = {"kind": "report", "id": TAP + "1", "outcome": "arrest", "text": "By radio"}
    assert client.post(base + "tap", form).status_code == 200
    assert state(pages, alarm).report is not None


def test_the_managing_zone_reads_and_reports_nothing_and_a_neighbour_sees_no_file(pages: Pages) -> None:
    shares = (a.Candidate("5330", 0.6), a.Candidate("5328", 0.3))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5330", candidates=shares)
    pages.user("op-1")
    act(pages, alarm, a.ZoneConfirmed(user="op-1", zone="5330", reference="Insp. 30"))
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5330", call_sign="B 1"))
    managing = officer(pages, MANAGING_ZONE)
    base = f"/zone/alarms/{alarm}/file/"
    assert (
        "Couteau" in text_of(managing.get(base)) and "report-form" not in managing.get(base).content.decode()
    )
    refused = managing.post(base + "tap", {"kind": "on-site", "id": TAP + "1"})
    assert refused.status_code == 422 and "only the zone that leads" in refused.json()["said"]
    neighbour = officer(pages, "5328")
    assert neighbour.get(base).status_code == 404
    assert neighbour.post(base + "tap", {"kind": "help", "id": TAP + "2"}).status_code == 404


def test_after_the_report_or_a_day_the_file_is_closed_for_officers_too(pages: Pages) -> None:
    alarm = with_team(pages)
    client = officer(pages)
    base = f"/zone/alarms/{alarm}/file/"
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    assert "Couteau" in text_of(client.get(base))
    pages.clock.advance_s(DAY_S)
    client = pages.client(titled(pages))
    late = client.get(base)
    assert "Couteau" not in text_of(late) and "report-form" in late.content.decode(), (
        "the report can still be written"
    )
    act(pages, alarm, a.TeamReported(by="officer-5324", outcome="arrest", text="told"))
    assert client.get(base).status_code == 404
