"""The phone that he kept, as desk and zone see it: beside the alarm, where it says it is, with a way to block it."""

from egide.alarm.events import EARLIER_PHONE, Candidate, PressedAgain, VerificationFailed
from egide.events.register import DeviceEnrolled
from egide.protocol.envelope import Position
from egide.protocol.keys import SigningKey, kid_of
from tests.support.installation import Phone
from tests.support.pages import MONS, Pages, near, text_of

# Eupen, where she is not.
THERE = Position(506_280_000, 60_360_000, 8, 0, 1)
NEAR = (Candidate("5324", 0.8), Candidate("5330", 0.2))


def next_phone(pages: Pages, before: Phone) -> Phone:
    """The phone that enrols after `before` for the same kit."""
    phone = Phone(SigningKey.generate(), before.kit, before.case)
    public = bytes(phone.key.verify_key)
    enrolled = DeviceEnrolled(device=kid_of(public).hex(), kit=phone.kit, public_key=public, code_hash="")
    pages.installation.append(f"device:{phone.device}", enrolled, case=phone.case)
    return phone


def joined_by_his(pages: Pages) -> tuple[str, Phone, Phone]:
    """Her alarm, which his phone joined."""
    his = pages.phone(MONS)
    hers = next_phone(pages, his)
    alarm = pages.alarm(hers, near(pages.files[MONS]))
    pages.send(alarm, PressedAgain, his, position=THERE, flags=(EARLIER_PHONE,))
    return alarm, his, hers


def test_the_desk_shows_it_beside_and_blocks_it_once(pages: Pages) -> None:
    alarm, his, hers = joined_by_his(pages)
    desk = pages.client(pages.user("op-1"))
    shown = desk.get(f"/desk/alarms/{alarm}")
    assert "An earlier phone of this kit pressed." in text_of(shown)
    assert "50.62800, 6.03600" in text_of(shown) and '"lat": 50.628' not in shown.content.decode()
    assert "Eupen" not in text_of(desk.get("/desk/board"))
    for device in (hers.device, "0" * 16, ""):
        refused = desk.post(f"/desk/alarms/{alarm}/block-phone", {"device": device})
        assert refused.status_code == 422 and "Only a phone that pressed after" in text_of(refused)
    for _ in range(2):
        blocked = desk.post(f"/desk/alarms/{alarm}/block-phone", {"device": his.device})
        assert blocked.status_code == 200 and "Blocked: it raises no alarm any more." in text_of(blocked)
        assert "Block this phone" not in text_of(blocked)
    assert pages.installation.kinds(f"alarm:{alarm}").count("PhoneBlocked") == 1
    seen = VerificationFailed(
        device=his.device,
        reason="blocked-phone",
        envelope_hash="",
        home_centre=pages.files[MONS].case.managing_centre,
    )
    pages.installation.append(f"device:{his.device}", seen, case=his.case, centres=("HAI",))
    assert "pressed on a phone that was blocked" in text_of(desk.get("/desk/board"))


def test_the_zone_that_leads_or_manages_blocks_it_and_no_other(pages: Pages) -> None:
    alarm, his, _hers = joined_by_his(pages)
    zone = pages.client(pages.user("zone-1", "zone-officer", zone="5324"))
    assert "An earlier phone of this kit pressed." in text_of(zone.get("/zone/"))
    other = pages.client(pages.user("zone-2", "zone-officer", zone="5415"))
    assert other.post(f"/zone/alarms/{alarm}/block-phone", {"device": his.device}).status_code == 404
    assert "PhoneBlocked" not in pages.installation.kinds(f"alarm:{alarm}")
    done = zone.post(f"/zone/alarms/{alarm}/block-phone", {"device": his.device}, follow=True)
    assert "Blocked: it raises no alarm any more." in text_of(done)


def test_a_neighbouring_zone_learns_nothing_of_it(pages: Pages) -> None:
    alarm, his, _hers = joined_by_his(pages)
    pages.installation.route(
        alarm, zone="5324", centre="HAI", candidates=NEAR, position=near(pages.files[MONS])
    )
    neighbour = pages.client(pages.user("zone-3", "zone-officer", zone="5330"))
    page = text_of(neighbour.get("/zone/"))
    assert "Alarm close to this zone" in page and "earlier phone" not in page
    assert neighbour.post(f"/zone/alarms/{alarm}/block-phone", {"device": his.device}).status_code == 404
