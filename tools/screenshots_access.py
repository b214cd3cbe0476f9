"""The pictures of accounts, sign-in and readings, for `tools.screenshots`."""

from playwright.sync_api import Page, expect

from tools.screenshots_studio import Shot, Studio

OFFICER, OTHER, MAGISTRATE = "mons-quevy-ref", "gent-ref", "parquet-mons-01"
ADMINISTRATOR, REVIEWER = "admin-01", "dpo-01"
WHY = "De persoon belt vanuit Gent en wordt gevolgd; ik moet weten wie zij is."


def shoot_start(studio: Studio) -> None:
    """What each office finds first."""
    with studio.window() as page:
        studio.enter(page, OFFICER, "/start", "fr")
        studio.shoot(page, "start-zone", "What needs the zone's reference officer now (French)", whole=True)
        studio.sheet(page, "start-zone")
    with studio.window() as page:
        studio.enter(page, MAGISTRATE, "/start", "nl")
        studio.shoot(page, "start-magistrate", "What needs a magistrate now (Dutch)", whole=True)
        studio.sheet(page, "start-magistrate")
        page.goto(studio.stack.host(MAGISTRATE) + "/reminders/")
        page.select_option("#list_hour", "7")
        page.fill("#address", "magistrate@parket.example")
        page.locator("#address").press("Enter")
        expect(page.locator("#code")).to_be_visible()
        studio.shoot(page, "reminders", "How somebody is reminded of what waits (Dutch)", whole=True)
        studio.sheet(page, "reminders")
        page.goto(studio.stack.host(MAGISTRATE) + "/start")
        page.fill("#find", str(studio.stack.demo["kits"][0]["name"]).split()[0])
        page.press("#find", "Enter")
        expect(page.locator("h1")).to_be_visible()
        studio.shoot(page, "search", "Search, among what one may see (Dutch)", whole=True)
        studio.sheet(page, "search")


def shoot_accounts(studio: Studio) -> None:
    """The administrator's pages."""
    host = studio.stack.host(ADMINISTRATOR)
    with studio.window() as page:
        studio.enter(page, ADMINISTRATOR, "/accounts", "fr")
        studio.shoot(
            page, "accounts", "Accounts: no file and no alarm can be seen from here (French)", whole=True
        )
        studio.sheet(page, "accounts")
        page.goto(host + "/accounts/invite")
        page.fill("#account-name", "zone-5324-09")
        page.fill("#account-title", "Inspecteur 09 · Mons/Quévy")
        page.select_option("#role", "zone-officer")
        page.locator("main button.primary").click()
        expect(page.locator("#role-error")).to_be_visible()
        studio.shoot(
            page, "invite-refused", "A role needs its place; what was typed stays (French)", whole=True
        )
        page.goto(host + "/accounts/gent-44")
        studio.shoot(page, "one-account", "Posts, sessions, a new start, leaving (French)", whole=True)
        studio.sheet(page, "one-account")
        page.goto(host + "/account/second-factor")
        studio.shoot(
            page, "second-factor", "The first thing after the password: a second factor (French)", whole=True
        )
        studio.sheet(page, "second-factor")


def shoot_readings(studio: Studio) -> None:
    """A file opened for a stated reason, and who is notified of it."""
    with studio.window() as keeper, studio.window() as asker:
        studio.enter(keeper, OFFICER, "/files/", "fr")
        keeper.locator("#files a", has_text=studio.stack.demo["kits"][0]["name"]).click()
        keeper.locator("#beneficiary .row-actions a").first.click()
        studio.enter(asker, OTHER, "/files/by-reason", "nl")
        for field in ("#id_name", "#id_born"):
            asker.fill(field, keeper.locator(field).input_value())
        asker.fill("#id_why", WHY)
        asker.click("#ask")
        expect(asker.locator("#own")).to_be_visible()
        keeper.goto(studio.stack.host(OFFICER) + "/files/asked")
        studio.shoot(keeper, "asked", "Somebody asks to read a file: yes or no (French)", whole=True)
        studio.sheet(keeper, "asked")
        keeper.click("button[value=yes]")
        asker.reload()
        studio.shoot(
            asker, "by-reason-yes", "A second person said yes: the file opens once (Dutch)", whole=True
        )
        asker.click("#own button")
        expect(asker.locator("main .notice").first).to_be_visible()
    with studio.window() as page:
        studio.enter(page, REVIEWER, "/readings/exceptional", "nl")
        studio.wait_until(page, lambda: _is_told(page), "the reading is told")
        studio.shoot(
            page, "exceptional", "Told of a file that was opened for a stated reason (Dutch)", whole=True
        )
        studio.sheet(page, "exceptional")
        page.goto(studio.stack.host(REVIEWER) + "/readings")
        studio.shoot(page, "readings", "Who read what, when and why (Dutch)", whole=True)
        studio.sheet(page, "readings")


def _is_told(page: Page) -> bool:
    page.reload()
    return page.locator("blockquote").count() > 0


SHOTS: tuple[Shot, ...] = (shoot_start, shoot_accounts, shoot_readings)
