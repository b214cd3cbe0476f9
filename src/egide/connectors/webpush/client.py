"""One call to a push service: encrypted for the device (RFC 8291), signed by us (RFC 8292), and empty of meaning."""

import secrets
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import WebPusher, WebPushException

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.encoding import from_base64url, to_base64url
from egide.common.vapid import private_key
from egide.connectors.base import UNPROVEN, Subscription, WakeError
from egide.connectors.calling import DEADLINE_S, CallRefused, ask
from egide.connectors.webpush.checks import problems

SIGNED_FOR_S = 12 * 3600
# People who come back later look at the page anyway.
KEPT_S = 300
_GONE = (404, 410)
_TOO_MANY = 429
# What a push service says that has found the address among those that it gave out (RFC 8030, section 5). A server of
# UnifiedPush may answer with another 2xx, and then for every address: ntfy opens a topic by its name alone.
_CREATED, _ACCEPTED = 201, 202
_POINT_BYTES, _AUTH_BYTES = 65, 16


class WebPush:
    """See `base.Waker`."""

    name = "webpush"

    def __init__(self, config: Config) -> None:
        self._contact = config.push_contact
        self._may_call = config.is_push_service
        self._key = Vapid02(private_key(config))

    @classmethod
    def of(cls, config: Config) -> "WebPush":
        """Raises ValueError naming what is wrong."""
        found = problems(config)
        if found:
            raise ValueError(" ".join(found))
        return cls(config)

    def wake(self, device: Subscription, wake: str, kept_s: int = KEPT_S) -> None:
        """The message holds the wake-up's own name and nothing else, so that a repeat is known as one."""
        self._send(device, wake, {"Urgency": "high", "Topic": wake}, kept_s)

    def probe(self, endpoint: str) -> None:
        """Ask the push service for the address alone: the message is sealed for keys that nobody has.

        A browser that gets it acknowledges and discards it, and fires no event (Push API, W3C, "receiving a push
        message"); a browser that is not connected never gets it (RFC 8030, section 5.2: TTL 0). Raises WakeError with
        UNPROVEN where the answer would have been the same for an address that never was one.
        """
        point = ec.generate_private_key(ec.SECP256R1()).public_key()
        p256dh = to_base64url(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
        nobody = Subscription(endpoint, p256dh, to_base64url(secrets.token_bytes(_AUTH_BYTES)))
        status = self._send(nobody, secrets.token_hex(_AUTH_BYTES), {"Urgency": "very-low"}, 0)
        if status not in (_CREATED, _ACCEPTED):
            raise WakeError(UNPROVEN)

    def _send(self, device: Subscription, data: str, headers: dict[str, str], ttl: int) -> int:
        """The status with which it was taken. Raises WakeError."""
        if not self._may_call(device.endpoint):
            raise WakeError("not-a-push-service", is_gone=True)
        keys = _keys_of(device)
        try:
            sealed = WebPusher({"endpoint": device.endpoint, "keys": keys}).encode(data.encode())["body"]
        except (WebPushException, ValueError) as error:
            raise WakeError("bad-keys", is_gone=True) from error
        headers |= {"Content-Encoding": "aes128gcm", "TTL": str(ttl), **self._signed_for(device.endpoint)}
        try:
            return ask(device.endpoint, sealed, headers, DEADLINE_S).status
        except CallRefused as error:
            raise _refused(error.status, error.wait_s) from error
        except TimeoutError as error:
            raise WakeError("timeout") from error
        except OSError as error:
            raise WakeError("unreachable") from error

    def _signed_for(self, endpoint: str) -> dict[str, str]:
        """Who calls (RFC 8292): valid for this push service alone, and for half of the longest time allowed."""
        parts = urlsplit(endpoint)
        until_s = SystemClock().now_us() // 1_000_000 + SIGNED_FOR_S
        claims = {"sub": self._contact, "aud": f"{parts.scheme}://{parts.netloc}", "exp": until_s}
        return dict(self._key.sign(claims))


def _keys_of(device: Subscription) -> dict[str, str]:
    """Raises WakeError for what is not a pair of keys; the library would fail on some of them in its own ways."""
    try:
        from_base64url(device.p256dh, _POINT_BYTES)
        from_base64url(device.auth, _AUTH_BYTES)
    except ValueError as error:
        raise WakeError("bad-keys", is_gone=True) from error
    return {"p256dh": device.p256dh, "auth": device.auth}


def _refused(status: int, wait_s: int) -> WakeError:
    if status in _GONE:
        return WakeError("gone", is_gone=True)
    # A push service answers for itself; an address that redirects is none.
    if status < 400:
        return WakeError("unreachable")
    is_final = status < 500 and status != _TOO_MANY
    return WakeError(f"refused-{status}", is_final=is_final, wait_s=wait_s)
