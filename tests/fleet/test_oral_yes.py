"""Where a duty magistrate's oral yes is written down, whoever is on duty is found, rung and chosen (safety rule 25)."""

from egide.rollout.models import Duty, Zone
from tests.fleet.files import build_house
from tests.fleet.test_pages import browser, local
from tests.support.pages import Pages, text_of


def test_rule_25_the_magistrate_on_duty_is_found_rung_and_chosen_as_who_said_yes(pages: Pages) -> None:
    house = build_house(pages, signed=False)
    Zone.objects.filter(id=house.case.managing_zone).update(office_id="mons")
    now_us = pages.clock.now_us()
    said = {"number": "+32 65 00 00 01", "starts_us": now_us - 1, "ends_us": now_us + 3_600_000_000}
    for place, name in (("mons", "Substitut (démo)"), ("liege", "Elsewhere")):
        Duty.objects.create(kind="office", place=place, name=name, **said)
    kit = house.prepare()
    house.test(house.enrol(kit))
    client = browser(house)
    page = client.get(f"/kits/{kit.id}/").content.decode()
    assert 'href="tel:+3265000001"' in page and "Elsewhere" not in page
    assert 'name="on_duty" value="Substitut (démo)"' in page and "checked" not in page.split("on_duty")[1]
    yes = {"on_duty": "Substitut (démo)", "magistrate": "", "said_at": "2020-01-01T10:00"}
    reply = client.post(f"/kits/{kit.id}/provisional", yes)
    assert reply.status_code == 422 and 'value="Substitut (démo)" checked' in reply.content.decode()
    client.post(f"/kits/{kit.id}/provisional", yes | {"said_at": local(now_us - 600_000_000)})
    assert "Substitut (démo) said yes on" in text_of(client.get(f"/kits/{kit.id}/"))
    # Somebody else is typed, as ever.
    other = {"on_duty": "", "magistrate": "Mag. Autre", "said_at": local(now_us - 600_000_000)}
    client.post(f"/kits/{kit.id}/provisional", other)
    assert "Mag. Autre said yes on" in text_of(client.get(f"/kits/{kit.id}/"))
