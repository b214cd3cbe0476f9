"""Whose address counts: the connection's, or what a trusted proxy says; a caller's own claim is worth nothing."""

import pytest

from egide.common.callers import Proxies, neighbourhood

PROXIES = Proxies(["10.0.0.0/24", "::1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.5", [], "10.0.0.5"),
        ("10.0.0.5", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.5", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.5", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.5", ["1.1.1.1, 198.51.100.1, 10.0.0.9"], "198.51.100.1"),
        ("10.0.0.5", ["1.1.1.1, nonsense"], "10.0.0.5"),
        ("10.0.0.5", ["10.0.0.1"], "10.0.0.1"),
        ("::1", ["2001:db8::5"], "2001:db8::5"),
        ("::ffff:10.0.0.5", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_the_last_that_is_no_proxy_of_ours_is_the_caller(
    peer: str, forwarded: list[str], caller: str
) -> None:
    assert PROXIES.caller(peer, forwarded) == caller


def test_without_proxies_nobody_is_believed() -> None:
    assert Proxies().caller("127.0.0.1", ["198.51.100.1"]) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "together"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_line_counts_as_one(address: str, together: str) -> None:
    assert neighbourhood(address) == together


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.5/24"):
        Proxies(["10.0.0.5/24"])
