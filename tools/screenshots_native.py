"""The pictures of the pages in the app for Android, for `tools.screenshots`: the native engine is behind them.

What is the same as in the web app is pictured there (`tools.screenshots_phone`).
"""

import tempfile
from functools import partial
from pathlib import Path

from playwright.sync_api import expect

from egide.fleet.native.published import do_publish, do_withdraw
from tests.fleet import apks
from tests.support.native_phone import Engine, Window
from tests.support.one_host import OneHost, ask
from tools import android_core
from tools.android.build import build_pages
from tools.screenshots_camera import LANGUAGES
from tools.screenshots_phone import DURESS, MONS, PIN, Telephone, offered_code
from tools.screenshots_studio import Shot, Studio

# So often the phone looks for a newer app here.
A_DAY_MS = 500


def shoot_native_app(studio: Studio) -> None:
    """Setting the app for Android up, and what lies behind its decoy."""
    try:
        android_core.build()
    except android_core.Missing as missing:
        raise ValueError(f"the app's engine cannot be built: {missing}") from missing
    with tempfile.TemporaryDirectory(prefix="egide-native-") as made:
        pages = build_pages(Path(made) / "pages")
        for language in sorted(LANGUAGES, key=lambda language: language != "en"):
            own = Path(made) / f"{language}.apk"
            own.write_bytes(apks.app(code=7))
            engine = Engine(Path(made) / language, own, A_DAY_MS)
            engine.start()
            config = studio.stack.config
            host = OneHost(partial(ask, config.web_origins[0]), config.intake_urls[0])
            try:
                with host, studio.window(f"{language}-BE") as page:
                    _shoot_all(Telephone(studio, page, language), pages, engine, host.url)
            finally:
                engine.kill()


def _shoot_all(phone: Telephone, pages: Path, engine: Engine, server: str) -> None:
    page, stack = phone.page, phone.studio.stack
    person = stack.demo["kits"][MONS]
    window = Window(page.context, pages, engine, person)
    code = offered_code(stack)
    window.open(page)
    page.locator("#decoy h1").click(click_count=3)
    page.locator("#code").fill("7K2M-QX4T-9D")
    page.locator("#enrol-next").click()
    expect(page.locator("#enrol-fault")).not_to_be_empty()
    phone.shoot("native-app-code", "The app for Android: the officer's line, of which the address is missing")
    page.locator("#code").fill(f"{server} {code}")
    page.locator("#enrol-next").click()
    page.locator("#pin").fill(PIN)
    page.locator("#duress-pin").fill(DURESS)
    page.locator("#pin-next").click()
    page.locator("#allow:has([data-shows=place])").click()
    expect(page.locator("#allow [data-shows=microphone]")).to_be_visible()
    page.locator("#deny").click()
    expect(page.locator("#button-steps")).to_be_visible()
    phone.shoot("native-app-button", "The app for Android: linking the button")
    page.locator("#deny").click()
    expect(page.locator("#allow [data-shows=phone]")).to_be_visible()
    phone.shoot("native-app-battery", "The app for Android: why it asks to be spared by the battery saver")
    page.locator("#allow").click()
    expect(page.locator("#allow [data-shows=place]")).to_be_visible()
    phone.shoot("native-app-unseen", "The app for Android: why it asks for the position with the screen off")
    page.locator("#allow").click()
    page.locator("#send-test").click()
    expect(page.locator("#first-test[data-received=true]")).to_be_visible()
    phone.shoot("native-app-done", "The app for Android: the first test")
    page.locator("#done").click()
    expect(page.locator("#honest[data-honest=screen]")).to_be_visible()
    phone.shoot("native-app-home", "The app for Android: would an alarm get through now?", whole=True)
    do_publish(apks.app(code=8), stack.config.android_dir)
    # Each sign of life is a moment to look for a newer one.
    is_offered = page.locator("#update")

    def prove() -> int:
        engine.say(ask='{"what":"prove"}')
        return is_offered.count()

    phone.studio.wait_until(page, prove, "a newer app is offered")
    do_withdraw(stack.config.android_dir)
    phone.shoot(
        "native-app-update", "The app for Android: a newer version is offered, and no more", whole=True
    )
    page.locator("#settings").click()
    expect(page.locator("#decoy-choice")).to_be_visible()
    phone.shoot("native-app-settings", "The app for Android: what is hers to choose", whole=True)


SHOTS: tuple[Shot, ...] = (shoot_native_app,)
