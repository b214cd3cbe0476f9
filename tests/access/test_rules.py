"""What a role may see, and when guessing is slowed down."""

from dataclasses import replace

import pytest

from egide.access.rules import (
    FAILURE_WINDOW_S,
    FAILURES_ALLOWED,
    FIGURE_ROLES,
    FILE_ROLES,
    HELD_ALONE,
    PLACE_OF,
    ROLES,
    TEAM_PREFIX,
    FileFacts,
    OpenAlarm,
    Opening,
    Post,
    Scope,
    is_complete,
    may_agree,
    may_break_glass,
    may_keep_half,
    may_open_file,
    must_wait,
    reader_marks,
    team_scope,
)
from egide.access.rules import scope_for as scope_of_posts

NOW_US = 1_800_000_000_000_000


def scope_for(*posts: Post) -> Scope:
    return scope_of_posts("x", "X", posts)


def test_an_operator_sees_the_own_centre_only() -> None:
    scope = scope_for(Post("operator", "HAI"))
    assert scope.covers(("HAI", "NAM"), (), routed=True)
    assert not scope.covers(("NAM",), ("5324",), routed=True)


def test_what_has_no_route_yet_is_shown_to_supervisors_and_to_nobody_else() -> None:
    assert scope_for(Post("supervisor", "HAI")).covers((), (), routed=False)
    assert not scope_for(Post("operator", "HAI")).covers((), (), routed=False)


def test_a_zone_officer_sees_the_own_zone_and_has_no_desk() -> None:
    scope = scope_for(Post("zone-officer", "5324"))
    assert scope.covers(("HAI",), ("5324",), routed=True)
    assert not scope.covers(("HAI",), ("5325",), routed=True)
    assert not scope.has_desk


@pytest.mark.parametrize("role", ["administrator", "operator", "zone-officer", "made-up"])
def test_a_role_without_a_place_sees_nothing(role: str) -> None:
    scope = scope_for(Post(role))
    assert not scope.covers(("HAI",), ("5324",), routed=True)
    assert not scope.covers((), (), routed=False)


def test_an_administrator_with_a_centre_still_sees_nothing() -> None:
    assert not scope_for(Post("administrator", "HAI")).covers(("HAI",), (), routed=True)


def test_guessing_must_wait_after_several_failures_and_no_longer_than_the_window() -> None:
    failures = [NOW_US] * FAILURES_ALLOWED
    assert must_wait(failures, NOW_US)
    assert not must_wait(failures[1:], NOW_US)
    assert not must_wait(failures, NOW_US + FAILURE_WINDOW_S * 1_000_000)


def test_several_posts_add_up_and_a_role_counts_only_where_it_was_given() -> None:
    scope = scope_for(Post("operator", "HAI"), Post("supervisor", "LIE"), Post("magistrate", "mons"))
    assert scope.centres == {"HAI", "LIE"} and scope.offices == {"mons"} and scope.supervisor
    assert scope.holds("supervisor", "LIE") and not scope.holds("supervisor", "HAI")
    assert scope.places("operator", "supervisor") == {"HAI", "LIE"}
    assert scope.has_desk and scope.has_files


@pytest.mark.parametrize("alone", ["administrator", "data-protection", "support"])
def test_a_role_that_is_held_alone_silences_every_other(alone: str) -> None:
    scope = scope_for(Post(alone), Post("operator", "HAI"), Post("zone-officer", "5324"))
    assert scope.roles == {alone}
    assert not (scope.centres or scope.zones or scope.offices or scope.posts - {Post(alone)})


@pytest.mark.parametrize(
    "post", [Post("operator"), Post("administrator", "HAI"), Post("made-up", "HAI"), Post("", "")]
)
def test_a_post_that_is_not_complete_gives_nothing(post: Post) -> None:
    assert not is_complete(post)
    assert scope_for(post).roles == frozenset()


def test_a_team_sees_its_alarm_and_nothing_else() -> None:
    scope = team_scope("Mons 12", "00aa-1")
    assert scope.covers(("HAI",), ("5324",), routed=True, alarm="00aa-1")
    assert not scope.covers(("HAI",), ("5324",), routed=True, alarm="00aa-2")
    assert not scope.covers((), (), routed=False)
    assert not (scope.has_desk or scope.has_zone_page or scope.has_files)


FILE = FileFacts("ca5e", zone="5324", office="mons")
RUNNING = FileFacts("ca5e", "5324", "mons", alarms=(OpenAlarm("00aa-1", frozenset({"HAI", "OVL"})),))
WHY = "She called from another province"


@pytest.mark.parametrize(
    ("posts", "facts", "basis"),
    [
        ((Post("zone-officer", "5324"),), FILE, "zone"),
        ((Post("reference-officer", "5324"),), FILE, "zone"),
        ((Post("magistrate", "mons"),), FILE, "office"),
        ((Post("clerk", "mons"),), FILE, "office"),
        ((Post("operator", "HAI"),), FILE, None),
        ((Post("operator", "HAI"),), RUNNING, "alarm"),
        ((Post("supervisor", "OVL"),), RUNNING, "alarm"),
        ((Post("operator", "LIE"),), RUNNING, None),
        ((Post("zone-officer", "5415"),), RUNNING, None),
        ((Post("magistrate", "oost-vlaanderen"),), RUNNING, None),
        ((Post("coordinator"),), RUNNING, None),
        ((Post("steering"),), RUNNING, None),
        ((Post("evaluator"),), RUNNING, None),
        ((Post("administrator"),), RUNNING, None),
        ((Post("data-protection"),), RUNNING, None),
        ((), FileFacts("ca5e", zone="", office=""), None),
    ],
)
def test_a_file_opens_to_its_zone_its_office_and_while_an_alarm_runs_to_those_concerned(
    posts: tuple[Post, ...], facts: FileFacts, basis: str | None
) -> None:
    opening = may_open_file(scope_for(*posts), facts)
    assert (opening.basis if opening else None) == basis


def test_a_team_opens_the_file_of_its_alarm_while_it_runs() -> None:
    assert may_open_file(team_scope("Mons 12", "00aa-1"), RUNNING) == Opening("alarm", alarm="00aa-1")
    assert may_open_file(team_scope("Mons 12", "00aa-2"), RUNNING) is None
    assert may_open_file(team_scope("Mons 12", "00aa-1"), FILE) is None


@pytest.mark.parametrize(
    ("post", "why", "opens"),
    [
        (Post("operator", "LIE"), WHY, True),
        (Post("zone-officer", "5415"), WHY, True),
        (Post("magistrate", "oost-vlaanderen"), WHY, True),
        (Post("operator", "LIE"), "", False),
        (Post("operator", "LIE"), "   . . .   ", False),
        (Post("support"), WHY, False),
        (Post("coordinator"), WHY, False),
        (Post("evaluator"), WHY, False),
        (Post("administrator"), WHY, False),
        (Post("data-protection"), WHY, False),
    ],
)
def test_a_stated_reason_opens_another_file_to_those_whose_work_is_files(
    post: Post, why: str, opens: bool
) -> None:
    opening = may_break_glass(scope_for(post), FILE, why)
    assert (opening is not None) is opens
    if opening:
        assert (opening.basis, opening.why) == ("reason", WHY)


@pytest.mark.parametrize(
    ("post", "mark"),
    [
        (Post("zone-officer", "5324"), "user:x"),
        (Post("zone-officer", "5324"), "zone:5324"),
        (Post("magistrate", "mons"), "office:mons"),
        (Post("operator", "HAI"), "centre:HAI"),
        (Post("supervisor", "HAI"), "user:x"),
    ],
)
def test_rule_27_a_barred_person_or_unit_opens_nothing_by_role_by_alarm_or_by_reason(
    post: Post, mark: str
) -> None:
    barred = replace(RUNNING, barred=frozenset({mark, "user:somebody-else"}))
    assert may_open_file(scope_for(post), RUNNING) is not None
    assert may_open_file(scope_for(post), barred) is None
    assert may_break_glass(scope_for(post), barred, WHY) is None


def test_rule_27_barring_one_zone_bars_no_other() -> None:
    barred = replace(RUNNING, barred=frozenset({"zone:5325", "user:y", "centre:LIE"}))
    assert may_open_file(scope_for(Post("zone-officer", "5324")), barred) is not None
    assert may_open_file(scope_for(Post("operator", "HAI")), barred) is not None


def test_a_reason_of_ten_signs_is_one_and_is_kept_without_its_spare_spaces() -> None:
    scope = scope_for(Post("operator", "LIE"))
    assert may_break_glass(scope, FILE, "123456789") is None
    assert may_break_glass(scope, FILE, " 1234\n  6789 ") is None
    assert may_break_glass(scope, FILE, " 1234\n  67890 ") == Opening("reason", why="1234 67890")


def test_an_alarm_that_runs_elsewhere_does_not_hide_the_one_that_runs_here() -> None:
    two = replace(
        RUNNING, alarms=(OpenAlarm("00aa-1", frozenset({"OVL"})), OpenAlarm("00aa-2", frozenset({"HAI"})))
    )
    assert may_open_file(scope_for(Post("operator", "HAI")), two) == Opening("alarm", alarm="00aa-2")
    assert may_open_file(scope_for(Post("zone-officer", "5324")), two) == Opening("zone")
    assert may_open_file(scope_for(Post("magistrate", "mons")), two) == Opening("office")


# What each role is and has: everything that is not named here is false for it.
WORK = {
    "operator": {"has_desk"},
    "supervisor": {"has_desk", "supervisor"},
    "zone-officer": {"has_zone_page", "has_files"},
    "reference-officer": {"has_zone_page", "has_files", "is_reference_officer"},
    "magistrate": {"has_files"},
    "clerk": {"has_files"},
    "coordinator": {"is_coordinator"},
    "steering": set(),
    "evaluator": {"is_evaluator"},
    "administrator": {"is_administrator"},
    "data-protection": {"is_data_protection_officer"},
    "support": {"is_support_worker"},
}


@pytest.mark.parametrize("role", WORK)
def test_each_role_is_one_thing_and_has_the_pages_of_its_work(role: str) -> None:
    scope = scope_for(Post(role, "place" if PLACE_OF[role] else ""))
    words = {name for name in dir(scope) if name.startswith(("is_", "has_"))} | {"supervisor"}
    assert {name for name in words if getattr(scope, name)} == WORK[role]


def test_the_roles_with_their_places_and_what_they_may_be_held_with() -> None:
    assert set(ROLES) == set(WORK)
    places = {
        kind: {role for role, of in PLACE_OF.items() if of == kind} for kind in ("centre", "zone", "office")
    }
    assert places == {
        "centre": {"operator", "supervisor"},
        "zone": {"zone-officer", "reference-officer"},
        "office": {"magistrate", "clerk"},
    }
    assert {role for role, kind in PLACE_OF.items() if kind} == FILE_ROLES
    assert {"administrator", "data-protection", "support"} == HELD_ALONE
    assert set(FIGURE_ROLES) == {"evaluator", "steering", "coordinator"}


def test_a_scope_is_that_of_its_user_with_the_first_place_of_each_kind() -> None:
    posts = (
        Post("operator", "LIE"),
        Post("operator", "HAI"),
        Post("zone-officer", "5415"),
        Post("zone-officer", "5324"),
        Post("clerk", "namur"),
        Post("clerk", "mons"),
    )
    scope = scope_of_posts("op-1", "Op 1", posts)
    assert (scope.user, scope.title, scope.posts) == ("op-1", "Op 1", set(posts))
    assert (scope.centre, scope.zone, scope.office) == ("HAI", "5324", "mons")
    assert (scope.centres, scope.zones, scope.offices) == (
        {"HAI", "LIE"},
        {"5324", "5415"},
        {"mons", "namur"},
    )
    nobody = scope_for()
    assert (nobody.centre, nobody.zone, nobody.office, nobody.alarms) == ("", "", "", frozenset())


def test_the_scope_of_a_team_is_written_out() -> None:
    expected = Scope(
        user=TEAM_PREFIX + "Mons 12", title="Mons 12", roles=frozenset({"team"}), alarms=frozenset({"00aa-1"})
    )
    assert team_scope("Mons 12", "00aa-1") == expected
    assert expected.user == "team:Mons 12"


def test_rule_27_a_reader_is_known_by_account_and_every_unit() -> None:
    scope = scope_for(Post("operator", "HAI"), Post("zone-officer", "5324"), Post("clerk", "mons"))
    assert reader_marks(scope) == {"user:x", "centre:HAI", "zone:5324", "office:mons"}


def test_what_waits_for_its_route_goes_to_the_centre_that_stands_in_and_no_longer_than_that() -> None:
    scope = scope_for(Post("operator", "HAI"))
    assert scope.covers((), (), routed=False, stand_in="HAI")
    assert not scope.covers((), (), routed=False, stand_in="LIE")
    assert not scope.covers((), (), routed=True, stand_in="HAI")
    assert not scope_for(Post("supervisor", "HAI")).covers(("LIE",), (), routed=True)


def test_a_role_counts_at_its_place_and_for_the_roles_that_are_asked_for() -> None:
    scope = scope_for(Post("operator", "HAI"), Post("magistrate", "mons"))
    assert scope.places("magistrate") == {"mons"} and scope.places("clerk") == frozenset()
    assert not scope.holds("magistrate", "HAI") and not scope.holds("operator", "mons")


def test_six_failures_within_five_minutes_make_the_next_try_wait() -> None:
    last_us = NOW_US - 5 * 60 * 1_000_000
    assert must_wait([last_us + 1] * 6, NOW_US)
    assert not must_wait([last_us + 1] * 5 + [last_us] * 20, NOW_US)


MONS, BINCHE = Post("zone-officer", "5324"), Post("zone-officer", "5334")
CHIEF = Post("reference-officer", "5324")


@pytest.mark.parametrize(
    ("own", "posts", "account", "asked_by", "may"),
    [
        ([CHIEF], [MONS], "new", "admin", True),
        ([CHIEF], [MONS, BINCHE], "new", "admin", False),
        ([CHIEF], [], "new", "admin", False),
        ([MONS], [MONS], "new", "admin", False),
        ([Post("data-protection")], [MONS, BINCHE], "new", "admin", True),
        ([Post("data-protection")], [], "new", "admin", True),
        ([Post("data-protection")], [MONS], "x", "admin", False),
        ([CHIEF], [MONS], "x", "admin", False),
        ([CHIEF], [MONS], "new", "x", False),
    ],
)
def test_rule_41_the_second_person_answers_for_every_place_or_reviews_readings(
    own: list[Post], posts: list[Post], account: str, asked_by: str, may: bool
) -> None:
    scope = scope_for(*own)
    assert may_agree(scope, posts, account, asked_by) is may
    assert not may_agree(replace(scope, behind=frozenset({"a", "b"})), posts, account, asked_by), (
        "an emergency account"
    )


@pytest.mark.parametrize(
    ("posts", "may"),
    [([MONS], True), ([], False), ([Post("administrator")], False), ([MONS, Post("data-protection")], False)],
)
def test_who_keeps_accounts_or_reviews_readings_keeps_no_half_of_an_emergency_account(
    posts: list[Post], may: bool
) -> None:
    assert may_keep_half(posts) is may
