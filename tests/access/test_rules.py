"""What a role may see, and when guessing is slowed down."""

import pytest

from egide.access.rules import FAILURE_WINDOW_S, FAILURES_ALLOWED, Post, Scope, must_wait
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
