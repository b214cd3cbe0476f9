"""What is handed out can be reached: no default that only this machine knows goes to a phone."""

from pathlib import Path

import pytest

from egide.common.addresses import check_public
from egide.common.config import Config, NotSetUp

REACHED = {
    "web_origins": ("https://pages.example.org",),
    "live_url": "https://pages.example.org",
    "intake_urls": ("https://weather.example.net",),
    "phone_url": "https://weather.example.net/app/",
}


def test_an_installation_whose_addresses_are_reached_starts(tmp_path: Path) -> None:
    check_public(Config(tmp_path, **REACHED))


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("phone_url", "", "EGIDE_PHONE_URL is ''"),
        ("phone_url", "http://weather.example.net/app/", "EGIDE_PHONE_URL"),
        ("intake_urls", Config(Path()).intake_urls, "EGIDE_INTAKE_URLS is 'http://127.0.0.1:8402'"),
        ("intake_urls", ("https://weather.example.net", "https://localhost"), "EGIDE_INTAKE_URLS"),
        ("intake_urls", (), "EGIDE_INTAKE_URLS"),
        ("live_url", Config(Path()).live_url, "EGIDE_LIVE_URL"),
        ("web_origins", (), "EGIDE_WEB_ORIGINS"),
        ("web_origins", ("https://pages.example.org", "http://pages.example.org"), "EGIDE_WEB_ORIGINS"),
        ("web_origins", ("https://",), "EGIDE_WEB_ORIGINS"),
    ],
)
def test_an_address_that_cannot_work_is_named(
    tmp_path: Path, field: str, value: str | tuple[str, ...], named: str
) -> None:
    with pytest.raises(NotSetUp, match=named):
        check_public(Config(tmp_path, **{**REACHED, field: value}))


def test_on_one_machine_and_in_the_demo_everything_may_be_local(tmp_path: Path) -> None:
    check_public(Config(tmp_path, web_origins=("http://localhost:8400", "http://a.localhost:8400")))
    check_public(Config(tmp_path, web_origins=("http://localhost:8400",), demo=True))
