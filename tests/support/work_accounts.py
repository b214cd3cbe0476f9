"""The pages of an installation that is no demo, with a real provider of work accounts beside them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from egide.entrypoints.stack.children import Child, open_listener
from tests.support.openid.provider import CLIENT, SECRET, Provider, running_provider


@dataclass(frozen=True)
class Place:
    """The web process: its address, its environment, and who says there who people are."""

    url: str
    environment: dict[str, str]
    provider: Provider

    def first_link(self, name: str, *more: str) -> str:
        """The link of the first administrator."""
        command = [sys.executable, "-m", "egide.entrypoints.cli", "accounts", "first", name, *more]
        made = subprocess.run(
            command, env=os.environ | self.environment, capture_output=True, text=True, check=True
        )
        return made.stdout.strip()


@contextmanager
def running_place(folder: Path, **more: str) -> Iterator[Place]:
    """Web without the demo's waivers, with a provider; `more` environment."""
    listener = open_listener()
    url = f"http://localhost:{listener.getsockname()[1]}"
    provided, data = folder / "provider", folder / "installation"
    for made in (provided, data):
        made.mkdir()
    with running_provider(provided, url) as provider:
        environment = {
            "EGIDE_DATA": str(data),
            "EGIDE_WEB_ORIGINS": url,
            "EGIDE_DEMO": "0",
            "EGIDE_SIGNIN_ISSUER": provider.issuer,
            "EGIDE_SIGNIN_CLIENT": CLIENT,
            "EGIDE_SIGNIN_SECRET": SECRET,
            "EGIDE_SIGNIN_FACTORS": "gold",
            "SSL_CERT_FILE": str(provider.pem),
            **more,
        }
        child = Child("egide.entrypoints.web", [], environment, listener)
        child.ready()
        yield Place(url, environment, provider)
        child.stop()
    listener.close()


def say_who(page: Page, sub: str) -> None:
    """Answer the provider's form."""
    page.fill("[name=sub]", sub)
    page.fill("[name=acr]", "gold")
    page.click("#in")
