"""Web Push against a real push service on this machine: encrypted for one browser, signed, and empty of meaning."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import http_ece
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from py_vapid.jwt import decode

from egide.common.config import Config
from egide.common.encoding import to_base64url
from egide.common.vapid import public_key
from egide.connectors.base import Subscription, WakeError
from egide.connectors.registry import problems_of
from egide.connectors.wakers import waker_of
from egide.connectors.webpush import client
from egide.connectors.webpush.client import WebPush
from tests.support.push_service import Browser, PushService, push_service, record, recorded

WAKE = "0f" * 16
CONTACT = "mailto:keeper@egide.example"


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as running:
        yield running


@pytest.fixture
def waker(service: PushService, tmp_path: Path) -> WebPush:
    return WebPush.of(Config(tmp_path, push_contact=CONTACT, push_services=(service.origin,)))


def of(browser: Browser) -> Subscription:
    return Subscription(**browser.subscription)


def test_a_wake_up_holds_its_own_name_and_nothing_else(waker: WebPush, service: PushService) -> None:
    browser = service.browser("one")
    waker.wake(of(browser), WAKE)
    came = service.next()
    assert browser.read(came.body) == WAKE
    assert came.headers["content-encoding"] == "aes128gcm"
    assert (came.headers["ttl"], came.headers["urgency"], came.headers["topic"]) == ("300", "high", WAKE)
    with pytest.raises(http_ece.ECEException):
        service.browser("another").read(came.body)
    if os.environ.get("EGIDE_RECORD"):
        record(browser, came)


def test_it_is_signed_by_this_installation_for_this_push_service(
    waker: WebPush, service: PushService, tmp_path: Path
) -> None:
    waker.wake(of(service.browser("one")), WAKE)
    scheme, _space, fields = service.next().headers["authorization"].partition(" ")
    token, key = (dict(field.split("=", 1) for field in fields.split(","))[name] for name in ("t", "k"))
    assert scheme == "vapid" and key == public_key(Config(tmp_path, push_contact=CONTACT))
    claims = decode(token, key)
    assert claims["aud"] == service.origin and claims["sub"] == CONTACT
    stranger = Vapid02()
    stranger.generate_keys()
    point = stranger.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    with pytest.raises(InvalidSignature):
        decode(token, to_base64url(point))


def test_what_is_sent_today_looks_like_what_was_recorded(waker: WebPush, service: PushService) -> None:
    browser, before = recorded()
    assert browser.read(before.body) == WAKE
    today = service.browser("one")
    waker.wake(of(today), WAKE)
    came = service.next()
    own = {"host", "authorization", "user-agent"}
    assert {k: v for k, v in came.headers.items() if k not in own} == {
        k: v for k, v in before.headers.items() if k not in own
    }
    assert came.headers.keys() == before.headers.keys() and len(came.body) == len(before.body)


@pytest.mark.parametrize(
    ("status", "why", "is_gone", "is_final"),
    [
        (404, "gone", True, True),
        (410, "gone", True, True),
        (403, "refused-403", False, True),
        (429, "refused-429", False, False),
        (503, "refused-503", False, False),
        (307, "unreachable", False, False),
    ],
)
def test_a_refusal_says_in_a_word_whether_to_try_again(
    waker: WebPush, service: PushService, status: int, why: str, is_gone: bool, is_final: bool
) -> None:
    service.answers["one"] = [status]
    with pytest.raises(WakeError) as caught:
        waker.wake(of(service.browser("one")), WAKE)
    assert (caught.value.why, caught.value.is_gone, caught.value.is_final) == (why, is_gone, is_final)
    assert [came.path for came in service.deliveries] == ["/push/one"], "nobody is followed elsewhere"
    assert service.origin not in str(caught.value)


def test_a_push_service_that_does_not_answer_holds_nobody_up(
    waker: WebPush, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "DEADLINE_S", 0.2)
    service.may_answer.clear()
    with pytest.raises(WakeError, match="timeout"):
        waker.wake(of(service.browser("one")), WAKE)


def test_no_other_address_is_called_whatever_a_browser_says(waker: WebPush, service: PushService) -> None:
    port = service.origin.rsplit(":", 1)[1]
    for endpoint in (
        f"http://localhost:{port}/push/one",
        f"http://x@127.0.0.1:{port}/push/one",
        "http://127.0.0.1:1/",
        "http://[",
        "file:///etc/passwd",
        "",
    ):
        with pytest.raises(WakeError, match="not-a-push-service") as caught:
            waker.wake(Subscription(endpoint, *list(service.browser("one").subscription.values())[1:]), WAKE)
        assert caught.value.is_gone
    assert service.deliveries == []


def test_keys_that_are_none_are_an_answer_and_no_crash(waker: WebPush, service: PushService) -> None:
    good = service.browser("one").subscription
    for change in ({"p256dh": "AAAA"}, {"p256dh": "BA" + "A" * 85}, {"p256dh": "é"}):
        with pytest.raises(WakeError, match="bad-keys"):
            waker.wake(Subscription(**{**good, **change}), WAKE)
    assert service.deliveries == []


def test_settings_that_cannot_be_right_are_named(tmp_path: Path) -> None:
    config = Config(tmp_path)
    assert waker_of(config) is None and problems_of(config) == [], "nobody is to be woken"
    good = replace(config, push_contact=CONTACT)
    assert problems_of(good) == [] and waker_of(good) is not None
    for wrong, named in (
        (replace(good, push_contact="keeper"), "EGIDE_PUSH_CONTACT"),
        (replace(good, push_services=("http://push.example",)), "EGIDE_PUSH_SERVICES"),
        (replace(good, push_services=("https://push.example/x",)), "EGIDE_PUSH_SERVICES"),
        (replace(good, push_services=("push.example",)), "EGIDE_PUSH_SERVICES"),
    ):
        (found,) = problems_of(wrong)
        assert named in found[1]
        with pytest.raises(ValueError, match=named):
            waker_of(wrong)
    (tmp_path / "vapid.key").write_bytes(b"short")
    ((_connector, problem),) = problems_of(good)
    assert "vapid.key is damaged (bytes: 5" in problem


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/x", True),
        ("https://push.services.mozilla.com/x", False),
        ("https://fcm.googleapis.com.evil.example/x", False),
        ("https://evilpush.apple.com/x", False),
        ("http://fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://web.push.apple.com:8443/x", False),
    ],
)
def test_the_push_services_of_the_usual_browsers_are_known(tmp_path: Path, url: str, is_one: bool) -> None:
    assert Config(tmp_path).is_push_service(url) == is_one
