"""Every address × every role × in and out of scope: held against a committed table. An address that it lacks fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import get_resolver

from egide.outbox import service as outbox
from tests.matrix import table
from tests.matrix.ask import ENTERS, MISSING, SIGN_IN, Row, body_of
from tests.matrix.world import VIEWERS, Sample, World, routes


@pytest.fixture(scope="module")
def everybody(pytestconfig: pytest.Config) -> bool:
    """Whether everybody is asked even where the method is refused to those who are asked first."""
    return bool(pytestconfig.getoption("--full"))


@pytest.fixture(scope="module")
def looked(world: World, quick_dir: Path, everybody: bool) -> table.Looked:
    """What everybody finds who looks at every address."""
    return table.look_at_everything(world, quick_dir, everybody=everybody)


def test_every_address_gives_each_role_what_the_table_says(
    world: World,
    quick_dir: Path,
    looked: table.Looked,
    everybody: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # No worker copies here, so nobody waits for one.
    monkeypatch.setattr(outbox, "COPIED_WITHIN_S", 0.0)
    expected = table.read()
    found = table.ask_everything(world, quick_dir, looked, everybody=everybody)
    unknown = sorted(found.keys() - expected.keys())
    assert not unknown, f"not in matrix.csv; decide who may enter, then `python -m tests.matrix`: {unknown}"
    differing = [
        f"{key}: {viewer} has {now!r}, the table says {was!r}"
        for key, row in found.items()
        for viewer, was, now in zip(VIEWERS, expected[key].cells, row.cells, strict=True)
        if now not in (was, table.NOT_ASKED_NOW)
    ]
    assert not differing, "\n".join(differing)
    assert found.keys() == expected.keys(), "matrix.csv names addresses that are gone"


def of_one_thing() -> list[Row]:
    """The rows of one file or alarm; a team's own address is held by its link."""
    found = [
        row
        for row in table.read().values()
        if ("<alarm:alarm>" in row.address or "<slug:case>" in row.address)
        and not row.address.startswith("team/")
    ]
    assert len(found) > 50
    return found


def test_nobody_elsewhere_enters_what_belongs_to_one_file_kit_or_alarm() -> None:
    """The rows that name one thing of Mons show nothing to those who work elsewhere, are barred, or have no place."""
    columns = list(VIEWERS)
    outside = [name for name in columns if "elsewhere" in name] + [
        "anonymous",
        "coordinator",
        "steering",
        "evaluator",
        "data-protection",
        "administrator",
    ]
    rows = of_one_thing()
    for row in rows:
        entering = [name for name in outside if row.cells[columns.index(name)] == ENTERS]
        assert not entering, f"{row.key}: {entering}"
    assert any(row.cells[columns.index("operator")] == ENTERS for row in rows)


def test_rule_27_a_barred_reader_enters_nothing_of_the_file_whatever_the_role() -> None:
    columns = list(VIEWERS)
    barred = [name for name in columns if name.startswith("barred")]
    assert len(barred) == 3
    for row in of_one_thing():
        assert all(row.cells[columns.index(name)] != ENTERS for name in barred), row.key


def test_without_a_session_only_the_ways_in_are_open() -> None:
    open_to_all = {row.address for row in table.read().values() if row.cells[0] == ENTERS}
    assert open_to_all == {
        "",
        # Which films in sign language there are, for the phone's app.
        "app/sign/",
        # A signature is the right to answer and to fetch; without one both say 401 to everybody (tests/boards/).
        "dispatch/<slug:name>/answers",
        "dispatch/<slug:name>/messages",
        "healthz",
        "invitation/<str:token>",
        "language",
        "live-ticket",
        # A password is the right to ask; without one it says 401 to everybody (tests/boards/test_lost.py).
        "lost",
        "q/<str:token>",
        "session",
        "sign-in",
        "sign-in/code",
        "sign-in/emergency",
        "sign-in/passkey",
        "sign-out",
        "team/",
        "team/l/<str:secret>",
    }


def test_fragments_without_a_session_say_so_instead_of_leading_away(world: World, quick_dir: Path) -> None:
    rows = [row for row in table.read().values() if row.cells[0] == SIGN_IN]
    names = dict(routes())
    assert len(rows) > 50
    with world.copied(quick_dir / "asked"):
        for row in rows:
            path = world.sample.fill(row.address, names[row.address])
            for header in ({"HX-Request": "true"}, {"X-Egide-Fragment": "1"}):
                status = Client(headers=header).generic(row.method, path).status_code
                # Saying once more who one is happens on a whole page.
                assert status == (302 if row.address.startswith("again") else 401), row.key


def test_what_is_not_for_a_reader_is_the_same_as_what_is_not_there(
    world: World, quick_dir: Path, looked: table.Looked
) -> None:
    """The same address with an id that nobody ever had answers byte for byte the same."""
    nobody = {
        "alarm": "00aa00aa00aa00aa-1",
        "case": "0123456789abcdef",
        "kit": "0123456789abcdef",
        "item": "0123456789abcdef",
        "seq": "999999",
        "name": "nobody-at-all",
        "token": "never-was",
    }
    columns, sample, expected = list(VIEWERS), world.sample, table.read()
    with world.copied(quick_dir / "asked"):
        for route, name in routes():
            row = expected.get(f"GET {route}")
            if row is None or not any(f":{part}>" in route for part in nobody):
                continue
            gone = Sample(sample.parts | nobody, {}).fill(route, name)
            for viewer in VIEWERS:
                if row.cells[columns.index(viewer)] == MISSING and (route, viewer) in looked.bodies:
                    reply = world.client(viewer).get(gone)
                    assert looked.bodies[route, viewer] == body_of(reply), (route, viewer)


def test_rule_27_no_page_that_somebody_outside_can_open_names_person_file_kit_phone_or_alarm(
    world: World, quick_dir: Path, looked: table.Looked
) -> None:
    """Every page, list and fragment, as each reader who is barred, works elsewhere or has no files."""
    blind = [viewer for viewer in VIEWERS if viewer.startswith("barred") or viewer.endswith("elsewhere")]
    blind += ["anonymous", "steering", "evaluator", "administrator"]
    # Those who know of files by number, or of kits, and of nobody's name.
    nameless = ["coordinator", "data-protection"]
    with world.copied(quick_dir / "asked"):
        names, marks = world.names(), world.traces()
    known = b"".join(body for (_, viewer), body in looked.bodies.items() if viewer not in blind)
    assert all(world.sample.parts[part][:8].encode() in known for part in ("kit", "device")), (
        "there is nothing to find"
    )
    for route, name in routes():
        path = world.sample.fill(route, name)
        # What somebody asks for may stand in the page's own links, such as the way to the sign-in page.
        told = [mark for mark in (*names, *marks) if mark not in path]
        for viewer in (*blind, *nameless):
            body = looked.bodies.get((route, viewer), b"").decode(errors="replace")
            secret = told if viewer in blind else [mark for mark in told if mark in names]
            assert not [mark for mark in secret if mark in body], (route, viewer)


def test_the_search_finds_nobody_for_a_reader_outside(world: World, quick_dir: Path) -> None:
    with world.copied(quick_dir / "asked"):
        for viewer in VIEWERS:
            wanted = world.names()[0]
            body = body_of(world.client(viewer).post("/search", {"text": wanted})).decode()
            # Once it stands in the field where it was typed.
            found = body.count(wanted) > 1
            # At the desk the open alarm, elsewhere the file.
            finding = ("operator", "supervisor", "zone-officer", "reference-officer", "magistrate", "clerk")
            assert found is (viewer in finding), viewer


def test_the_palette_finds_for_each_role_what_its_own_pages_show_and_for_others_not_that_it_exists(
    world: World, quick_dir: Path
) -> None:
    desk, zone, office = (
        ("operator", "supervisor"),
        ("zone-officer", "reference-officer"),
        ("magistrate", "clerk"),
    )
    parts = world.sample.parts
    finding = {
        f"/desk/#row-{parts['alarm']}": {*desk},
        f"/zone/#card-{parts['alarm']}": {*zone},
        f"/files/{parts['case']}/": {*zone, *office},
        f"/kits/{parts['kit']}/": {*zone},
    }
    # The barred find other files of Mons, and the coordinator items of the stock.
    finding_others = {"coordinator", *(viewer for viewer in VIEWERS if viewer.startswith("barred"))}
    with world.copied(quick_dir / "asked"):
        secrets = [*world.names(), *world.traces()]
        for viewer in VIEWERS:
            client = world.client(viewer)
            nothing, *found = (
                body_of(client.post("/palette", {"text": text})).decode() for text in ("no such", *secrets)
            )
            for address, viewers in finding.items():
                is_found = any(f'data-url="{address}"' in body for body in found)
                assert is_found is (viewer in viewers), (viewer, address)
            if viewer not in finding_others.union(*finding.values()):
                assert set(found) == {nothing}, viewer


def test_no_view_takes_a_form_from_a_foreign_page() -> None:
    def exempt(patterns: list, prefix: str = "") -> Iterator[str]:  # type: ignore[type-arg]
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from exempt(pattern.url_patterns, route)
            elif getattr(pattern.callback, "csrf_exempt", False):
                yield route

    # One page knows no session: link and number are the only right to answer, and a cookie would be a trace (0020).
    # And the authority's provider has none: its signed word ends sessions (0055).
    found = list(exempt(get_resolver().url_patterns))
    assert found == ["sign-in/authority/ended", "dispatch/<slug:name>/answers", "lost", "q/<str:token>"]
