"""The web app behind a certificate that real Chromium refuses: she is told 112, her press is kept, and it comes through
once when the certificate is mended. To the app it is an address that does not answer, whatever the reason."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from egide.alarm.events import PressedAgain, PressReceived
from tests.journeys.conftest import World
from tests.journeys.phone_app import PhoneApp, told
from tests.support import browser as b
from tests.support.certificates import Authority
from tests.support.proxy import NGINX, PHONES, Proxy, proxied

LASTS = timedelta(days=90)
# Why the browser refuses (net_error_list.h): what the page itself is never told.
ENDED, UNKNOWN, OTHER = "DATE", "AUTHORITY", "COMMON_NAME"


def certutil() -> str:
    """What tells Chromium whom to believe. The test is left out where it is not there."""
    unpacked = Path(sys.prefix, "certutil", "usr/bin/certutil")
    found = shutil.which("certutil") or (str(unpacked) if unpacked.exists() else "")
    if not found:
        pytest.skip("needs certutil: `make certutil`, or Debian's package libnss3-tools")
    return found


@pytest.fixture(scope="module")
def front(installed: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """nginx as documented, with app and intake under the phones' name."""
    ports = {name: installed.stack.ports[name] for name in ("web", "live", "intake")}
    # The demo's pages answer to the names that it prints.
    here = {"proxy_set_header Host $http_host;": f"proxy_set_header Host localhost:{ports['web']};"}
    with proxied(
        replace(NGINX, changes={**here, **NGINX.changes}), tmp_path_factory.mktemp("front"), **ports
    ) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def telephone(installed: World, front: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium that believes the front's authority, and finds its name on this machine."""
    home = tmp_path_factory.mktemp("home")
    believed = home / ".pki" / "nssdb"
    believed.mkdir(parents=True)
    for words in (["-N", "--empty-password"], ["-A", "-n", "tests", "-t", "C,,", "-i", str(front.authority)]):
        subprocess.run([certutil(), *words, "-d", f"sql:{believed}"], check=True, capture_output=True)
    browser = installed.browser.browser_type.launch(
        executable_path=b.path_of(*b.NAMES),
        # And no other address: that of the demo, of which it hears when it is enrolled, would take the press.
        args=[*b.ARGUMENTS, f"--host-resolver-rules=MAP {PHONES} 127.0.0.1, MAP 127.0.0.1 ~NOTFOUND"],
        env={**os.environ, "HOME": str(home)},
    )
    yield browser
    browser.close()


class Telephone(PhoneApp):
    """Its app comes from the phones' name, and speaks to that alone."""

    def __init__(self, world: World, browser: Browser, front: Proxy) -> None:
        self._front = front
        # The page's policy is that of the demo, which has no such name.
        super().__init__(world, browser=browser, bypass_csp=True)
        self.context.add_init_script(told("servers", f"https://{PHONES}:{front.port}"))
        self.refused: list[str] = []
        self.context.on("requestfailed", lambda request: self.refused.append(request.failure or ""))

    def address(self) -> str:
        return f"https://{PHONES}:{self._front.port}/app/"


@pytest.mark.full(
    "phone/tests/engine.test.ts",
    "phone/tests/sender.test.ts",
)
@pytest.mark.parametrize("why", [ENDED, UNKNOWN, OTHER])
def test_behind_a_certificate_that_is_refused_she_is_told_112_and_her_press_is_kept(
    world: World, front: Proxy, telephone: Browser, tmp_path: Path, why: str
) -> None:
    front.show(PHONES, LASTS)
    phone = Telephone(world, telephone, front).enrol()
    # The app is kept on the telephone: it opens although its own name is refused.
    phone.page.wait_for_function("navigator.serviceWorker.controller !== null")
    if why == ENDED:
        front.show(PHONES, -timedelta(minutes=1))
    elif why == UNKNOWN:
        front.show(PHONES, LASTS, Authority(tmp_path))
    else:
        front.show("elsewhere.example.net", LASTS)
    phone.page.reload()
    phone.hold()
    phone.until_stored()
    phone.until(lambda: [one for one in phone.refused if f"ERR_CERT_{why}" in one], "the browser refuses")
    phone.unlock()
    trouble = phone.page.locator("#trouble")
    expect(trouble).to_contain_text("Le serveur de la police ne répond pas.")
    expect(trouble).to_contain_text("112")
    # Closed and opened again, it has the press still.
    phone.page.reload()
    phone.until_stored()
    assert phone.events(PressReceived) == []
    front.show(PHONES, LASTS)
    phone.alarm()
    phone.unlock()
    expect(phone.page.locator("#alarm-panel")).to_have_attribute("data-state", "received")
    assert (len(phone.events(PressReceived)), phone.events(PressedAgain)) == (1, [])
