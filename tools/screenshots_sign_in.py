"""The pictures of work accounts and of emergency accounts, for `tools.screenshots`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support import browser as b
from tests.support.work_accounts import Place, running_place, say_who
from tools.screenshots_access import ADMINISTRATOR, REVIEWER
from tools.screenshots_studio import Shot, Studio

HOLDERS, COLLEAGUE = ("gent-44", "mons-quevy-21"), "gent-ref"
ACCOUNT, WRONG_HALF = "nood-5415", "0000-0000-0000-0000-0000"
ROLE, PLACE = "zone-officer", "5415"


def shoot_work_accounts(studio: Studio) -> None:
    """Signing in with the authority's accounts, on an installation that is no demo: each page of ours on the way."""
    with (
        tempfile.TemporaryDirectory(prefix="egide-work-accounts-") as made,
        running_place(Path(made), LANG="fr_BE.UTF-8") as place,
    ):
        with studio.window("fr-BE", trusts_all=True) as page:
            _shoot_away(studio, page, place)
            _shoot_linking(studio, page, place)
        with studio.window("nl-BE", trusts_all=True) as page:
            page.goto(f"{place.url}/sign-in")
            studio.shoot(page, "work-account", "Signing in with a work account (Dutch)", whole=True)
            studio.sheet(page, "work-account")
            page.click("#authority-sign-in")
            say_who(page, "nobody")
            expect(page.locator("#authority-error")).to_be_visible()
            studio.shoot(
                page, "work-account-unknown", "A work account that opens nothing here (Dutch)", whole=True
            )
            studio.sheet(page, "work-account-unknown", lambda: _is_unknown(page, place))


def _is_unknown(page: Page, place: Place) -> None:
    """The provider knows the account, and no post belongs to it. Said once, so asked for again each time."""
    page.goto(f"{place.url}/sign-in/authority")
    if page.locator("[name=sub]").count():
        say_who(page, "nobody")
    expect(page.locator("#authority-error")).to_be_visible()


def _shoot_away(studio: Studio, page: Page, place: Place) -> None:
    place.provider.is_away = True
    page.goto(f"{place.url}/sign-in/authority")
    expect(page.locator("#authority-error")).to_be_visible()
    studio.shoot(
        page, "work-account-away", "The provider of work accounts does not answer (French)", whole=True
    )
    studio.sheet(page, "work-account-away")
    place.provider.is_away = False


def _shoot_linking(studio: Studio, page: Page, place: Place) -> None:
    page.goto(place.first_link("admin-01", "--title", "Administrateur 01"))
    studio.shoot(
        page,
        "work-account-invitation",
        "An invitation: with a work account or a password (French)",
        whole=True,
    )
    studio.sheet(page, "work-account-invitation")
    # An answer without content leaves the browser where it is.
    link = f"{place.url}/sign-in/authority/link"
    page.route(link, lambda route: route.fulfill(status=204))
    page.click("#link-authority")
    expect(page.locator("#go-on")).to_be_visible()
    studio.shoot(
        page, "work-account-moment", "On the way to the provider of work accounts (French)", whole=True
    )
    page.unroute(link)
    studio.wait_until(page, lambda: _has_gone_on(page, link), "the provider is asked again")
    say_who(page, "4711")
    page.wait_for_url("**/start")
    page.goto(f"{place.url}/again")
    studio.shoot(page, "work-account-again", "Still you? Say it with the work account (French)", whole=True)


def _has_gone_on(page: Page, link: str) -> bool:
    """It was away a moment ago, and is not asked again at once."""
    page.goto(link)
    return page.locator("[name=sub]").count() > 0


def shoot_emergency(studio: Studio) -> None:
    """An emergency account: asked for, agreed to, taken in halves, opened by two, seen by everybody there, closed."""
    halves = _prepare(studio)
    host = studio.stack.host(ADMINISTRATOR)
    with studio.window("nl-BE") as page:
        page.goto(f"{host}/sign-in/emergency")
        _type_half(page, WRONG_HALF)
        expect(page.locator("#emergency-error")).to_be_visible()
        studio.shoot(page, "emergency-refused", "A half that opens nothing (Dutch)", whole=True)
        page.goto(f"{host}/sign-in/emergency")
        studio.sheet(page, "emergency-refused", lambda: _type_half(page, WRONG_HALF))
        _type_half(page, halves[0])
        expect(page.locator(".notice")).to_be_visible()
        studio.shoot(
            page, "emergency-second", "The first half fits; the second person types theirs (Dutch)", True
        )
        page.fill("#half", halves[1])
        page.click("#emergency-submit")
        page.wait_for_url("**/zone/")
        b.hear_test(page)
        studio.shoot(page, "emergency-zone", "The zone's page, by the emergency account (Dutch)")
    with studio.window() as page:
        studio.enter(page, COLLEAGUE, "/start", "nl")
        studio.shoot(
            page, "emergency-told", "Everybody at the place sees that it is open (Dutch)", whole=True
        )
        studio.sheet(page, "emergency-told")
    _look_and_close(studio)


def _type_half(page: Page, half: str) -> None:
    page.fill("#name", ACCOUNT)
    page.fill("#half", half)
    page.click("#emergency-submit")


def _prepare(studio: Studio) -> list[str]:
    """Ask for it and agree to it; the two halves."""
    host, halves = studio.stack.host(ADMINISTRATOR), []
    with studio.window() as page:
        studio.enter(page, ADMINISTRATOR, "/accounts/emergency", "fr")
        _ask_for_emergency(page)
        studio.shoot(page, "emergency-account", "Asking for an emergency account (French)", whole=True)
        studio.sheet(page, "emergency-account", lambda: _ask_for_emergency(page))
        _ask_for_emergency(page)
        page.click("main button.primary")
        expect(page.locator("#name-holders")).to_be_visible()
    with studio.window() as page:
        studio.enter(page, REVIEWER, "/accounts/requests", "nl")
        card = page.locator("section.card", has_text=ACCOUNT)
        studio.shoot(
            page, "emergency-asked", "An emergency account waits for a second person (Dutch)", True, at=card
        )
        studio.sheet(page, "emergency-asked", at=card)
        card.locator("button").first.click()
        expect(page.locator(".messages")).to_be_visible()
    for holder in HOLDERS:
        with studio.window() as page:
            studio.enter(page, holder, "/emergency", "fr")
            page.locator("section.card", has_text=ACCOUNT).locator("button").click()
            halves.append(page.locator("#emergency-half").inner_text())
            if holder == HOLDERS[0]:
                studio.shoot(
                    page, "emergency-half", "One half, shown this once, for a safe (French)", whole=True
                )
    with studio.window() as page:
        studio.enter(page, ADMINISTRATOR, "/accounts", "fr")
        page.goto(f"{host}/accounts/{ACCOUNT}")
        studio.shoot(page, "emergency-sealed", "Both halves are taken (French)", whole=True)
        studio.sheet(page, "emergency-sealed")
    return halves


def _ask_for_emergency(page: Page) -> None:
    for field, text in {"account-name": ACCOUNT, "account-title": "Nood · Gent"}.items():
        page.fill(f"#{field}", text)
    page.select_option("#account-language", "nl")
    page.select_option("#role", ROLE)
    page.fill("#place", PLACE)
    for field, holder in zip(("first", "second"), HOLDERS, strict=True):
        page.fill(f"#{field}", holder)


def _look_and_close(studio: Studio) -> None:
    with studio.window() as page:
        studio.enter(page, REVIEWER, "/emergency", "nl")
        studio.shoot(
            page, "emergencies", "Who opened an emergency account, when and until when (Dutch)", True
        )
        studio.sheet(page, "emergencies")
        card = page.locator("section.card", has_text=ACCOUNT)
        for left in (1, 0):
            card.locator("button").first.click()
            expect(card.locator("button")).to_have_count(left)
    with studio.window() as page:
        studio.enter(page, COLLEAGUE, "/emergency", "nl")
        page.locator("section.card", has_text=ACCOUNT).locator("button").click()


SHOTS: tuple[Shot, ...] = (shoot_work_accounts, shoot_emergency)
