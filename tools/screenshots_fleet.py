"""The pictures of supervision, for `tools.screenshots`: a zone's kits, a kit's life, the whole fleet, its limits."""

from playwright.sync_api import expect

from tools.screenshots_kits import COORDINATOR, OFFICER
from tools.screenshots_studio import Shot, Studio

DUTCH_OFFICER, ADMINISTRATOR = "gent-44", "admin-01"


def shoot_zone(studio: Studio) -> None:
    """What a zone does next about each kit, and one kit's life."""
    with studio.window() as page:
        studio.enter(page, OFFICER, "/kits/", "fr")
        expect(page.locator("#out .care > li.life").first).to_be_visible()
        studio.shoot(
            page, "kits-next", "A zone's kits, whose comes first, and what to do next (French)", whole=True
        )
        studio.sheet(page, "kits-next")
        page.locator("#out .care-top a").first.click()
        page.locator("details:has(ol.life) > summary").click()
        expect(page.locator("ol.life")).to_be_visible()
        studio.shoot(page, "kit-life", "One kit: how it does, and its life so far (French)", whole=True)
        studio.sheet(page, "kit-life", page.locator("details:has(ol.life) > summary").click)
    with studio.window() as page:
        studio.enter(page, DUTCH_OFFICER, "/kits/", "nl")
        studio.shoot(page, "kits-next-dutch", "The kits of another zone (Dutch)", whole=True)


def shoot_fleet(studio: Studio) -> None:
    """The whole country in numbers."""
    with studio.window() as page:
        studio.enter(page, COORDINATOR, "/fleet/", "de")
        studio.shoot(
            page, "fleet", "All kits: in stock, in use, silent, in repair, over time (German)", whole=True
        )
        studio.sheet(page, "fleet")
        caption = "All kits by zone and by model, each plot with its table (German)"
        studio.shoot(page, "fleet-zones", caption, at=page.locator("#section-2"))
    with studio.window() as page:
        studio.enter(page, ADMINISTRATOR, "/fleet/?over=days", "en")
        studio.shoot(page, "fleet-days", "The last thirty days, for an administrator", whole=True)
        studio.sheet(page, "fleet-days")


def shoot_limits(studio: Studio) -> None:
    """The limits, and one that is refused."""
    with studio.window() as page:
        studio.enter(page, COORDINATOR, "/fleet/limits", "nl")
        studio.shoot(
            page, "limits", "How long a fault may last before somebody is notified (Dutch)", whole=True
        )
        studio.sheet(page, "limits")
        page.fill("[name='highest.silent.officer']", "1 d")
        page.click("#limits-save")
        expect(page.locator("[id='highest.silent.officer-error']")).to_be_visible()
        studio.shoot(
            page, "limits-refused", "A day of silence at the highest danger is refused (Dutch)", whole=True
        )


SHOTS: tuple[Shot, ...] = (shoot_zone, shoot_fleet, shoot_limits)
