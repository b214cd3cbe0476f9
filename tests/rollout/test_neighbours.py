"""Border centres hold their neighbours' 24-hour numbers (safety rule 7)."""

from egide.demo.neighbours import do_load_demo_neighbours
from egide.rollout.service import neighbours_of
from tests.support.pages import Pages


def test_rule_07_a_border_centre_holds_the_number_of_the_country_asked_for(pages: Pages) -> None:
    do_load_demo_neighbours()
    assert [found.country for found in neighbours_of("LIE", "DE")] == ["DE"]


def test_a_country_without_a_number_gives_every_number_that_is_held(pages: Pages) -> None:
    do_load_demo_neighbours()
    assert {found.country for found in neighbours_of("LIE", "GB")} == {"DE", "LU", "NL"}


def test_a_centre_inland_holds_none_and_loading_twice_changes_nothing(pages: Pages) -> None:
    do_load_demo_neighbours()
    do_load_demo_neighbours()
    assert neighbours_of("BRU") == []
    assert len(neighbours_of("HAI")) == 1
