"""A web page is to leave as a lent phone: by an officer's post, by a changed or repeated enrolment, by a later word.

What no test can hold: anyone who writes a client of their own can have its key sign a lie (THREAT_MODEL.md).
"""

import json

import msgspec
import pytest

from egide.access.models import User
from egide.fleet.kits import kits, rules
from egide.fleet.models import Kit, KitState
from egide.fleet.service import hand_over, view_of
from egide.protocol.enrolment import NATIVE, WEB, Client, make_request
from egide.protocol.envelope import Kind, encode
from egide.protocol.keys import SigningKey, kid_of
from tests.fleet.files import House, build_house
from tests.support.asgi import IntakeClient, Reply
from tests.support.installation import Installation
from tests.support.pages import Pages

CODE = "7KQM-2XVD"
JSON = "application/json"
PAGE, APP = Client(WEB, "0.1.0"), Client(NATIVE, "1.0")


def web_page_kit(pages: Pages) -> tuple[House, Kit]:
    """Nothing but that its phone is a web page keeps this kit in the house."""
    house = build_house(pages)
    kit = house.prepare()
    house.test(house.enrol(kit, WEB))
    kits.do_note_press(kit, rules.PAGE_OPEN, house.officer.user)
    return house, kit


def test_no_form_says_for_a_phone_what_it_is_or_under_which_conditions_it_was_pressed(pages: Pages) -> None:
    house, _kit = web_page_kit(pages)
    officer = pages.client(User.objects.get(name=house.officer.user))
    kits.do_undo(house.kit, house.officer.user)
    chosen = {"means": "web", "button": house.button().id, "phone": house.phone().id}
    assert officer.post(f"/kits/for/{house.case.id}", chosen).status_code == 422
    officer.post(f"/kits/for/{house.case.id}", chosen | {"means": "lent", "client": "native"})
    kit = house.kit
    house.test(house.enrol(kit, WEB))
    for condition in rules.CONDITIONS:
        assert officer.post(f"/kits/{kit.id}/press", {"condition": condition}).status_code == 422
    assert rules.WAY in {gate.name for gate in view_of(house.officer, kit.id).closed}


def test_a_web_page_that_enrols_after_the_app_shuts_the_gates_again(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.ready_kit()
    house.enrol(kit, WEB)
    officer = pages.client(User.objects.get(name=house.officer.user))
    assert officer.post(f"/kits/{kit.id}/hand-over", {"told": "yes"}).status_code == 422
    assert Kit.objects.get().state == KitState.PREPARED


def test_a_web_page_that_replaces_the_app_of_a_kit_that_is_out_shows_as_a_second_way(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.ready_kit()
    hand_over(house.officer, kit.id)
    house.enrol(kit, WEB)
    officer = pages.client(User.objects.get(name=house.officer.user))
    assert "A second way only" in officer.get(f"/kits/{kit.id}/").content.decode()
    assert "Lend a phone with the app" in officer.get("/start").content.decode()


# Over the wire


async def enrol(intake: IntakeClient, request: object) -> Reply:
    return await intake.request("POST", "/v1/enrolments", msgspec.json.encode(request), JSON)


def said_by(installation: Installation, key: SigningKey) -> tuple[str, str]:
    """What the journal has of the phone with this key."""
    rows = installation.journal.stream(f"device:{kid_of(bytes(key.verify_key)).hex()}")
    events = [installation.journal.open_event(row) for row in rows if row.kind == "DeviceEnrolled"]
    [enrolled] = events
    return enrolled.client, enrolled.client_version  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "changes",
    [
        {"client": APP},
        {"client": None},
        {"client": Client(WEB, "9.9")},
        {"client": Client("companion", "0.1.0")},
    ],
    ids=str,
)
async def test_an_enrolment_that_was_changed_on_its_way_is_refused_and_uses_no_code(
    installation: Installation, intake: IntakeClient, changes: dict[str, object]
) -> None:
    installation.offer(installation.issue_kit(), CODE)
    key = SigningKey.generate()
    good = make_request(CODE, key, PAGE)
    refused = await enrol(intake, msgspec.structs.replace(good, **changes))
    assert (refused.status, refused.reason) == (400, "bad-enrolment")
    assert (await enrol(intake, good)).status == 201
    assert said_by(installation, key) == (WEB, "0.1.0")


async def test_an_enrolment_of_before_cannot_be_given_a_kind_afterwards(
    installation: Installation, intake: IntakeClient
) -> None:
    installation.offer(installation.issue_kit(), CODE)
    key = SigningKey.generate()
    old = make_request(CODE, key)
    assert (await enrol(intake, msgspec.structs.replace(old, client=APP))).status == 400
    assert (await enrol(intake, old)).status == 201
    assert said_by(installation, key) == ("", "")


async def test_a_second_enrolment_of_the_same_key_says_nothing_new(
    installation: Installation, intake: IntakeClient
) -> None:
    """Repeated with the same code, signed anew by the page's own key: the first word stands."""
    installation.offer(installation.issue_kit(), CODE)
    key = SigningKey.generate()
    assert (await enrol(intake, make_request(CODE, key, PAGE))).status == 201
    assert (await enrol(intake, make_request(CODE, key, APP))).status == 201
    assert said_by(installation, key) == (WEB, "0.1.0")


async def test_an_apps_enrolment_that_was_overheard_enrols_nothing_for_another_kit(
    installation: Installation, intake: IntakeClient
) -> None:
    """His page repeats hers: its code is used, and under a fresh code its signature does not hold."""
    for code in (CODE, "NEXT-CODE"):
        installation.offer(installation.issue_kit(), code)
    overheard = make_request(CODE, SigningKey.generate(), APP)
    assert (await enrol(intake, overheard)).status == 201
    assert (await enrol(intake, msgspec.structs.replace(overheard, code="NEXT-CODE"))).status == 400


async def test_a_notice_of_its_version_does_not_turn_a_page_into_an_app(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol(client=WEB)
    for word in ("app-version:native 2.0", 'client:{"kind":"native"}'):
        message = phone.message(Kind.NOTICE, body=word.encode())
        reply = await intake.request("POST", "/v1/messages", encode(message, phone.key), "application/cose")
        assert reply.status == 201, reply.body
    rows = installation.journal.connection.execute(
        "SELECT kind FROM client WHERE device = ?", (phone.device,)
    )
    assert rows.fetchall() == [(WEB,)]


@pytest.mark.parametrize(
    "client",
    [
        {"kind": "Native", "version": "1"},
        {"kind": "native\0", "version": "1"},
        {"kind": "native", "version": "1\x002"},
        {"kind": "", "version": "1"},
        {"kind": "native", "version": ""},
        {"kind": "native"},
        {"kind": "native", "version": "1", "attested": True},
        "native",
        ["native", "1"],
    ],
    ids=str,
)
async def test_a_kind_that_is_not_well_formed_is_no_enrolment(
    installation: Installation, intake: IntakeClient, client: object
) -> None:
    installation.offer(installation.issue_kit(), CODE)
    fields = msgspec.to_builtins(make_request(CODE, SigningKey.generate())) | {"client": client}
    reply = await intake.request("POST", "/v1/enrolments", json.dumps(fields).encode(), JSON)
    assert (reply.status, reply.reason) == (400, "bad-enrolment")
