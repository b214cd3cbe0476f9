"""What may be told, named, sent and reported of an alarm, and each refusal with its word (safety rules 1-3, 11, 14)."""

from collections.abc import Callable
from typing import Any

import pytest

from egide.alarm import rules as r
from egide.alarm.events import (
    FEDERAL,
    Candidate,
    FollowUpDone,
    HelpNeeded,
    HelpSeen,
    NoPatrolFree,
    Route,
    TeamLinkMade,
    TeamLinkOpened,
    TeamNamed,
    TeamOnSite,
    TeamReported,
    TeamUnderWay,
    ZoneConfirmed,
)
from egide.alarm.events.steps import BY_TEAM
from egide.alarm.state import AlarmState, Help, Team, TeamLink, TeamReport
from egide.protocol.envelope import Position
from tests.support.standing import standing

TEAM, OTHER_TEAM = Team("5324", "M 12", "0470"), Team("5330", "B 1", "")
REPORT = TeamReport("M 12", "arrest", "As seen", 9)
ROUTE = Route(
    zone="5324",
    centre="HAI",
    managing_zone="5325",
    basis="position",
    candidates=(Candidate("5330", 0.3), Candidate("5324", 0.6), Candidate("5328", 0.1)),
)
HERE = Position(504_542_000, 39_523_000, 12, 3, 1)
LINK = TeamLink("link-hash", "code-hash", "op", 1, expires_at_s=1000, call_sign="M 12")
OPENED = TeamLink("link-2", "code-2", "op", 1, expires_at_s=1000, call_sign="M 12", device="dev-1")


def alarm(**fields: Any) -> AlarmState:
    """An open alarm that the zone 5324 leads, by name."""
    known = {
        "received_at_us": 1,
        "route": ROUTE,
        "zone": "5324",
        "zone_reference": "Insp. 21",
        "zone_confirmed_at_us": 4,
    }
    return standing(alarm="a", **(known | fields))


CLOSED = alarm(named=TEAM, closed_at_us=8, closed_by="op-2")


def refusal(decide: Callable[..., object], *given: Any, **more: Any) -> tuple[str, str]:
    """The word of the refusal, and who was first."""
    with pytest.raises(r.Refused) as caught:
        decide(*given, **more)
    assert str(caught.value) == f"{caught.value.why} {caught.value.by}".strip()
    return caught.value.why, caught.value.by


def test_a_refusal_reads_as_its_word_and_who_was_first() -> None:
    assert (str(r.Refused("taken", "op-1")), str(r.Refused("no-name"))) == ("taken op-1", "no-name")
    assert (r.Refused("no-name").why, r.Refused("no-name").by) == ("no-name", "")


# --- zones ----------------------------------------------------------------------------------------------------------


def test_rule_03_a_zone_is_informed_by_a_name_and_leads() -> None:
    new = alarm(zone="", zone_reference="", zone_confirmed_at_us=0)
    told = [ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21")]
    assert r.decide_confirm_zone(new, "op-1", "5324", "  Insp. \n 21 ") == told
    assert refusal(r.decide_confirm_zone, new, "op-1", "5324", " x ") == ("no-name", "")
    assert refusal(r.decide_confirm_zone, new, "op-1", "5324", "x" * 81) == ("too-long", "")
    assert r.decide_confirm_zone(new, "op-1", "5324", "xy") != []
    assert r.decide_confirm_zone(new, "op-1", "5324", "x" * 80) != []
    assert refusal(r.decide_confirm_zone, new, "op-1", "5999", "Insp. 21") == ("no-zone", "")
    assert refusal(r.decide_confirm_zone, CLOSED, "op-1", "5324", "Insp. 21") == ("closed", "op-2")


@pytest.mark.parametrize(
    ("known", "zone", "reference", "is_news"),
    [
        ({}, "5324", "Insp. 21", False),
        ({}, "5324", "Insp. 22", True),
        ({}, "5330", "Insp. 21", True),
        # After "no patrol free" the same name says it anew.
        ({"zone_confirmed_at_us": 0}, "5324", "Insp. 21", True),
    ],
)
def test_rule_03_the_same_name_of_the_same_zone_is_written_once(
    known: dict[str, Any], zone: str, reference: str, is_news: bool
) -> None:
    expected = [ZoneConfirmed(user="op-1", zone=zone, reference=reference)] if is_news else []
    assert r.decide_confirm_zone(alarm(**known), "op-1", zone, reference) == expected


def test_rule_02_zones_are_offered_by_nearness_and_those_without_a_patrol_last() -> None:
    told = alarm(zones=("5325", "5324", ""))
    assert r.zones_to_inform(told) == ("5324", "5330", "5328", "5325", FEDERAL)
    without = alarm(zones=("5325",), no_patrol=("5324", "5328"))
    assert r.zones_to_inform(without) == ("5330", "5325", FEDERAL, "5324", "5328")
    assert r.zones_to_inform(alarm(route=None)) == (FEDERAL,)


def test_rule_03_a_zone_that_leads_says_once_that_it_has_nobody_to_send() -> None:
    assert r.decide_no_patrol(alarm(), "op-1") == [NoPatrolFree(user="op-1", zone="5324")]
    assert r.decide_no_patrol(alarm(no_patrol=("5324",)), "op-1") == []
    assert refusal(r.decide_no_patrol, alarm(zone=""), "op-1") == ("zone-first", "")
    assert refusal(r.decide_no_patrol, alarm(on_site_at_us=7), "op-1") == ("arrived", "")
    assert refusal(r.decide_no_patrol, CLOSED, "op-1") == ("closed", "op-2")


# --- the team -------------------------------------------------------------------------------------------------------


def test_a_team_of_the_leading_zone_is_named_with_its_telephone() -> None:
    named = [TeamNamed(user="op-1", zone="5324", call_sign="M 12", telephone="0470 1")]
    assert r.decide_name_team(alarm(), "op-1", " M  12 ", " 0470 1 ") == named
    assert refusal(r.decide_name_team, alarm(), "op-1", "M", "") == ("no-name", "")
    assert refusal(r.decide_name_team, alarm(), "op-1", "M 12", "1" * 81) == ("too-long", "")
    assert r.decide_name_team(alarm(), "op-1", "M 12", "1" * 80) != []
    without_zone = alarm(zone_confirmed_at_us=0)
    assert refusal(r.decide_name_team, without_zone, "op-1", "M 12", "") == ("zone-first", "")
    assert refusal(r.decide_name_team, CLOSED, "op-1", "M 12", "") == ("closed", "op-2")


def test_a_team_that_is_there_is_not_replaced_until_it_has_reported() -> None:
    there = alarm(named=TEAM, on_site_at_us=7)
    assert refusal(r.decide_name_team, there, "op-1", "M 14", "") == ("arrived", "")
    reported = alarm(named=TEAM, on_site_at_us=7, report=REPORT)
    named = [TeamNamed(user="op-1", zone="5324", call_sign="M 14", telephone="")]
    assert r.decide_name_team(reported, "op-1", "M 14", "") == named


@pytest.mark.parametrize(
    ("call_sign", "telephone", "lead", "is_news"),
    [
        ("M 12", "0470", "5324", False),
        ("M 14", "0470", "5324", True),
        ("M 12", "0471", "5324", True),
        ("M 12", "0470", "5330", True),
    ],
)
def test_the_same_team_named_twice_is_written_once(
    call_sign: str, telephone: str, lead: str, is_news: bool
) -> None:
    named = TeamNamed(user="op-1", zone=lead, call_sign=call_sign, telephone=telephone)
    state = alarm(named=TEAM, zone=lead)
    assert r.decide_name_team(state, "op-1", call_sign, telephone) == ([named] if is_news else [])


def test_what_the_team_taps_on_its_way_counts_the_first_time() -> None:
    sent = alarm(named=TEAM)
    assert r.decide_under_way(sent, "M 12", BY_TEAM, 3, "t1") == [TeamUnderWay(by="M 12", age_s=3, tap="t1")]
    assert r.decide_under_way(sent, "M 12", BY_TEAM) == [TeamUnderWay(by="M 12", age_s=0, tap="")]
    assert r.decide_under_way(alarm(named=TEAM, under_way_at_us=6), "M 12", BY_TEAM) == []
    assert r.decide_under_way(alarm(named=TEAM, on_site_at_us=7), "M 12", BY_TEAM) == []
    assert r.decide_on_site(sent, "M 12", BY_TEAM, 4, "t2") == [TeamOnSite(by="M 12", age_s=4, tap="t2")]
    assert r.decide_on_site(sent, "M 12", BY_TEAM) == [TeamOnSite(by="M 12", age_s=0, tap="")]
    assert r.decide_on_site(alarm(named=TEAM, under_way_at_us=6), "M 12", BY_TEAM) != []
    assert r.decide_on_site(alarm(named=TEAM, on_site_at_us=7), "M 12", BY_TEAM) == []


@pytest.mark.parametrize("decide", [r.decide_under_way, r.decide_on_site])
def test_without_a_team_nobody_is_under_way_or_there_and_after_the_closing_neither(
    decide: Callable[..., object],
) -> None:
    assert refusal(decide, alarm(), "M 12", BY_TEAM) == ("team-first", "")
    assert refusal(decide, CLOSED, "M 12", BY_TEAM) == ("closed", "op-2")


@pytest.mark.parametrize(
    ("decide", "given"),
    [
        (r.decide_under_way, ("M 12", BY_TEAM, 0)),
        (r.decide_on_site, ("M 12", BY_TEAM, 0)),
        (r.decide_help, ("M 12", None, 0)),
        (r.decide_report, ("M 12", "arrest", "As seen", 0)),
    ],
)
def test_a_tap_that_is_sent_again_changes_nothing_whatever_happened_since(
    decide: Callable[..., object], given: tuple[Any, ...]
) -> None:
    """Also after the closing, and where its team is not known any more: it was answered the first time."""
    assert decide(standing(alarm="a", taps=("t0", "t1"), closed_at_us=8), *given, "t1") == []
    assert decide(alarm(named=TEAM, taps=("t0",)), *given, "t1") != []
    assert decide(alarm(named=TEAM, taps=("",)), *given, "") != [], "who taps on no phone repeats no tap"


# --- help and report ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [{"named": TEAM}, {"earlier": (TEAM,)}, {"links": (LINK,)}, {"named": TEAM, "closed_at_us": 8}],
)
def test_rule_14_anyone_who_was_sent_is_heard(sent: dict[str, Any]) -> None:
    called = [HelpNeeded(by="M 12", position=HERE, age_s=5, tap="t1")]
    assert r.decide_help(alarm(**sent), "M 12", HERE, 5, "t1") == called
    assert r.decide_help(alarm(**sent), "M 12", None) == [HelpNeeded(by="M 12")]


def test_rule_14_who_was_not_sent_calls_by_other_ways() -> None:
    assert refusal(r.decide_help, alarm(), "M 12", HERE) == ("team-first", "")


@pytest.mark.parametrize(
    ("known", "by", "position", "is_news"),
    [
        (Help("M 12", 5, HERE), "M 12", HERE, False),
        (Help("M 12", 5), "M 12", None, False),
        (Help("M 12", 5, HERE), "M 12", None, True),
        (Help("M 12", 5, HERE), "B 1", HERE, True),
        (Help("M 12", 5, HERE, seen_by="op-1"), "M 12", HERE, True),
    ],
)
def test_rule_14_a_call_that_waits_is_written_again_when_it_says_something_new(
    known: Help, by: str, position: Position | None, is_news: bool
) -> None:
    expected = [HelpNeeded(by=by, position=position)] if is_news else []
    assert r.decide_help(alarm(named=TEAM, help=known), by, position) == expected


def test_rule_14_a_call_that_nobody_answered_before_the_closing_opens_the_alarm_again() -> None:
    closed = alarm(named=TEAM, help=Help("M 12", 5, HERE), closed_at_us=8)
    assert r.decide_help(closed, "M 12", HERE) == [HelpNeeded(by="M 12", position=HERE)]


def test_rule_14_an_operator_sees_a_call_once() -> None:
    assert r.decide_help_seen(alarm(help=Help("M 12", 5)), "op-1") == [HelpSeen(user="op-1")]
    assert r.decide_help_seen(alarm(help=Help("M 12", 5, seen_by="op-2")), "op-1") == []
    assert r.decide_help_seen(alarm(), "op-1") == []
    assert refusal(r.decide_help_seen, CLOSED, "op-1") == ("closed", "op-2")


def test_rule_11_a_team_reports_also_after_the_closing_and_what_it_writes_again_takes_its_place() -> None:
    written = [TeamReported(by="M 12", outcome="arrest", text="As seen", age_s=2, tap="t1")]
    for sent in (alarm(named=TEAM), alarm(earlier=(TEAM,)), CLOSED):
        assert r.decide_report(sent, "M 12", "arrest", "  As seen\n", 2, "t1") == written
    plain = [TeamReported(by="M 12", outcome="arrest", text="As seen")]
    assert r.decide_report(CLOSED, "M 12", "arrest", "As seen") == plain
    reported = alarm(named=TEAM, report=REPORT)
    assert r.decide_report(reported, "M 12", "arrest", "As seen ") == []
    assert refusal(r.decide_report, reported, "B 1", "arrest", "As seen") == ("reported", "M 12")
    for outcome, text in (("perpetrator-gone", "As seen"), ("arrest", "Otherwise")):
        again = [TeamReported(by="M 12", outcome=outcome, text=text, again=True)]
        assert r.decide_report(reported, "M 12", outcome, text) == again


def test_rule_11_a_report_has_a_team_an_outcome_and_words() -> None:
    assert refusal(r.decide_report, alarm(), "M 12", "arrest", "As seen") == ("team-first", "")
    sent = alarm(named=TEAM)
    assert refusal(r.decide_report, sent, "M 12", "holiday", "As seen") == ("no-outcome", "")
    assert refusal(r.decide_report, sent, "M 12", "arrest", " ab ") == ("empty", "")
    assert r.decide_report(sent, "M 12", "arrest", " abc ") != []
    assert refusal(r.decide_report, sent, "M 12", "arrest", "x" * 2001) == ("too-long", "")
    assert r.decide_report(sent, "M 12", "arrest", "x" * 2000) != []


def test_rule_11_the_managing_zone_follows_up_once_and_after_the_closing() -> None:
    assert r.decide_follow_up(CLOSED, "officer", " Visited ") == [
        FollowUpDone(user="officer", text="Visited")
    ]
    assert refusal(r.decide_follow_up, alarm(), "officer", "Visited") == ("open", "")
    done = alarm(closed_at_us=8, followed_up_at_us=9, followed_up_by="officer-1")
    assert refusal(r.decide_follow_up, done, "officer", "Visited") == ("followed-up", "officer-1")
    assert refusal(r.decide_follow_up, CLOSED, "officer", "ab") == ("empty", "")
    assert refusal(r.decide_follow_up, CLOSED, "officer", "x" * 2001) == ("too-long", "")


# --- links ----------------------------------------------------------------------------------------------------------


def test_a_link_lasts_a_day_and_is_made_for_a_team_that_has_not_reported() -> None:
    made = [TeamLinkMade(user="op", link="l", code="c", expires_at_s=1000 + 86_400)]
    assert r.decide_make_link(alarm(named=TEAM), "op", "l", "c", 1000) == made
    assert refusal(r.decide_make_link, alarm(), "op", "l", "c", 1000) == ("team-first", "")
    reported = alarm(named=TEAM, report=REPORT)
    assert refusal(r.decide_make_link, reported, "op", "l", "c", 1000) == ("reported", "M 12")
    assert refusal(r.decide_make_link, CLOSED, "op", "l", "c", 1000) == ("closed", "op-2")


def test_an_alarm_keeps_twenty_links() -> None:
    assert r.decide_make_link(alarm(named=TEAM, links=(LINK,) * 19), "op", "l", "c", 1000) != []
    full = alarm(named=TEAM, links=(LINK,) * 20)
    assert refusal(r.decide_make_link, full, "op", "l", "c", 1000) == ("too-many", "")


@pytest.mark.parametrize("secret", ["link-hash", "code-hash"])
def test_the_first_device_owns_a_link_by_its_secret_or_its_code(secret: str) -> None:
    state = alarm(named=TEAM, links=(OPENED, LINK))
    assert r.decide_open_link(state, secret, "dev-9", 999) == [
        TeamLinkOpened(link="link-hash", device="dev-9")
    ]
    assert refusal(r.decide_open_link, state, secret, "dev-9", 1000) == ("link-expired", "")
    reported = alarm(named=TEAM, links=(LINK,), report=REPORT)
    assert refusal(r.decide_open_link, reported, secret, "dev-9", 999) == ("reported", "M 12")


def test_a_link_that_is_opened_already_opens_for_the_same_device_alone() -> None:
    state = alarm(named=TEAM, links=(LINK, OPENED))
    assert r.decide_open_link(state, "link-2", "dev-1", 10**9) == []
    assert refusal(r.decide_open_link, state, "code-2", "dev-9", 999) == ("link-used", "")
    assert refusal(r.decide_open_link, state, "unknown", "dev-1", 999) == ("no-link", "")


def test_the_device_follows_until_the_report_and_a_day_at_most() -> None:
    state = alarm(named=TEAM, links=(LINK, OPENED))
    r.check_lasts(state, OPENED, 999)
    assert refusal(r.check_lasts, state, OPENED, 1000) == ("link-expired", "")
    reported = alarm(named=TEAM, links=(OPENED,), report=REPORT)
    assert refusal(r.check_lasts, reported, OPENED, 999) == ("reported", "M 12")
    r.check_lasts(alarm(named=TEAM, links=(OPENED,), closed_at_us=8), OPENED, 999)


def test_a_device_is_known_by_the_latest_link_that_it_opened() -> None:
    later = TeamLink("link-3", "code-3", "op", 5, expires_at_s=2000, call_sign="M 14", device="dev-1")
    state = alarm(links=(OPENED, later, LINK))
    assert r.link_of_device(state, "dev-1") == later
    assert r.link_of_device(state, "dev-9") is None
    assert r.link_of(state, "code-3") == later
    assert r.link_of(state, "dev-1") is None


def test_the_clocks_are_those_of_the_team_that_was_named_last() -> None:
    r.check_sent(alarm(named=TEAM), "M 12")
    r.check_sent(alarm(), "M 12")
    assert refusal(r.check_sent, alarm(named=TEAM), "B 1") == ("other-team", "M 12")
