"""`egide sources`, as an officer uses it on the server: a road like any other (safety rule 41)."""

from dataclasses import replace

from egide.access.models import User
from egide.events.sources import SourceEnrolled
from tests.fleet.files import build_house
from tests.support.commands import let_prove, run
from tests.support.pages import PASSWORD, Pages
from tests.support.sources import ADDRESS

KEY = "00112233445566778899aabbccddeeff"
BUTTON = ("--road", "bthome", "--name", ADDRESS)


def test_an_officer_enrols_a_button_reads_the_list_and_takes_it_off(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare().id
    let_prove(User.objects.get(name="officer-1"))
    by = ("--as", "officer-1")

    def egide(*arguments: str, stdin: str = "") -> str:
        answer = run(
            replace(pages.config, demo=True), "sources", *arguments, *by, stdin=f"{PASSWORD}\n{stdin}\n"
        )
        return f"{answer.stdout}{answer.stderr}".strip()

    assert "--at" in egide("enrol", kit, *BUTTON, stdin=KEY)
    source = egide("enrol", kit, *BUTTON, "--at", "50.455,3.952", stdin=KEY)
    house.copy()
    (row,) = pages.journal.stream(f"source:{source}")
    event = pages.journal.open_event(row)
    assert isinstance(event, SourceEnrolled) and event.place is not None
    assert (event.key.hex(), event.place.lat_e7, event.place.accuracy_m) == (KEY, 504_550_000, 30)
    assert egide("list", kit) == f"{source}\tbthome\tnever heard"
    assert egide("end", kit, source) == ""
    house.copy()
    assert egide("list", kit).endswith("taken off")
    assert "no such kit" in egide("list", "0" * 16)
    assert "not hexadecimal" in egide("enrol", kit, *BUTTON, "--at", "50.455,3.952", stdin="xx")
    assert "LAT,LON" in egide("enrol", kit, *BUTTON, "--at", "far", stdin=KEY)


def test_nobody_enrols_without_being_somebody(pages: Pages) -> None:
    kit = build_house(pages).prepare().id
    answer = run(pages.config, "sources", "enrol", kit, *BUTTON, "--as", "nobody", stdin="wrong\n\n")
    assert answer.returncode == 1 and "wrong" in answer.stderr
