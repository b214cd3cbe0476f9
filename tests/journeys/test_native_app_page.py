"""The page from which a phone fetches the app for Android, in a browser: readable at every size, without a script."""

import pytest
from playwright.sync_api import expect

from egide.fleet.native.published import do_publish, do_withdraw
from tests.fleet import apks
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.journeys.inspecting import LANGUAGES
from tests.support.browser import DESKTOP, NARROW, TELEPHONE

pytestmark = pytest.mark.full("tests/fleet/test_native_app.py")


@pytest.mark.parametrize("size", [DESKTOP, TELEPHONE, NARROW], ids=["desktop", "telephone", "narrow"])
def test_it_is_readable_at_every_size_in_four_languages(world: World, size: dict[str, int]) -> None:
    folder = world.stack.config.android_dir
    data = apks.app()
    apk = do_publish(data, folder)
    try:
        page = world.window(size)
        for language in LANGUAGES:
            page.goto(
                f"http://localhost:{world.stack.ports['web']}/app/android/?lang={language}", wait_until="load"
            )
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), language
            assert violations(page, asks_all=True) == []
            expect(page.locator("#signer")).to_have_text(" ".join(_fours(apk.signer)))
        with page.expect_download() as fetched:
            page.click("#get")
        assert fetched.value.suggested_filename == "notes.apk"
        assert fetched.value.path().read_bytes() == data
        assert page.context.cookies() == []
    finally:
        do_withdraw(folder)


def _fours(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]
