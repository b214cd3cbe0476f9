"""One-time links for teams: made for one alarm, opened by the first device, good until the report is written."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.urls import reverse

from egide.access.rules import FAILURE_WINDOW_S, Scope, must_wait
from egide.alarm import rules
from egide.alarm.rules import Refused
from egide.alarm.state import AlarmState, TeamLink
from egide.boards import service
from egide.boards.models import FailedCode
from egide.common.files import secret_file
from egide.outbox.service import clock, journal

SECRET_BYTES = 18  # 144 bits; a secret that is never typed
DEVICE_BYTES = 32
# No sign that looks or sounds like another one: B and Z are mended to 8 and 2, the others are not used.
CODE_SIGNS = "2346789ACDEFGHJKMNPQRTUVWXY"
CODE_LENGTH = 8
_MENDED = str.maketrans("BZ", "82")
_CODE_KEY_BYTES = 32


@dataclass(frozen=True)
class MadeLink:
    """A fresh link: shown once, kept by nobody. `qr` is SVG text."""

    url: str
    address: str
    code: str
    qr: str
    call_sign: str
    expires_at_us: int


@dataclass(frozen=True)
class Following:
    """A device that follows an alarm by its link."""

    state: AlarmState
    link: TeamLink


def do_make_link(scope: Scope, alarm: str) -> MadeLink:
    """A link for the team that was named. Raises NotForYou, Refused."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    now_s = _now_s()
    state = service.do_decide(
        scope,
        alarm,
        lambda state: rules.decide_make_link(
            state, scope.user, hash_of_secret(secret), hash_of_code(code), now_s
        ),
    )
    made = state.team.links[-1]
    url = settings.EGIDE.page(reverse("team-link", args=[secret]))
    return MadeLink(
        url=url,
        address=urlsplit(url).netloc + reverse("team-code").rstrip("/"),
        code=f"{code[:4]} {code[4:]}",
        qr=segno.make(url, error="m", micro=False).svg_inline(
            border=4, omitsize=True, dark="#000", light="#fff"
        ),
        call_sign=made.call_sign,
        expires_at_us=made.expires_at_s * 1_000_000,
    )


def check_link(secret_hash: str) -> AlarmState:
    """The alarm of a link that somebody holds but has not opened. Raises Refused "no-link", "reported" or
    "link-expired"; whether another device was first shows only when it is opened."""
    state = _alarm_of(secret_hash)
    link = rules.link_of(state, secret_hash)
    if link is None:
        raise Refused("no-link")
    rules.check_lasts(state, link, _now_s())
    return state


def do_open_link(secret_hash: str, device: str) -> AlarmState:
    """Bind a link to the device that opens it first. `device` is the device's own secret.

    Raises Refused "no-link", "link-used", "link-expired" or "reported".
    """
    alarm, now_s = _alarm_of(secret_hash).alarm, _now_s()
    journal().decide(
        alarm, lambda state: rules.decide_open_link(state, secret_hash, hash_of_secret(device), now_s)
    )
    return _state_of(alarm)


def do_open_code(text: str, device: str, address: str) -> AlarmState:
    """The same by the short code. Too many guesses from one place have to wait, and learn nothing else."""
    code, now_us = normal_code(text), clock().now_us()
    key = hashlib.sha256(f"{address}\0{code[:2]}".encode()).hexdigest()
    failures = FailedCode.objects.filter(key=key)
    if must_wait(list(failures.values_list("at_us", flat=True)), now_us):
        raise Refused("no-link")
    try:
        return do_open_link(hash_of_code(code), device)
    except Refused as refused:
        if refused.why == "no-link":
            FailedCode.objects.filter(at_us__lt=now_us - FAILURE_WINDOW_S * 1_000_000).delete()
            FailedCode.objects.create(key=key, at_us=now_us)
        raise


def following(alarm: str, device: str) -> Following | None:
    """What the device with this secret follows; None when it opened no link of the alarm, as when there is none."""
    state = journal().last_known_alarm(alarm)
    link = rules.link_of_device(state, hash_of_secret(device)) if state and device else None
    return Following(state, link) if state and link else None


def check_may_read(follows: Following) -> None:
    """Raises Refused "reported" or "link-expired"."""
    rules.check_lasts(follows.state, follows.link, _now_s())


def is_heard(follows: Following) -> bool:
    """Whether what was tapped in time may still arrive: for one more day, since a phone may have had no network."""
    return _now_s() < follows.link.expires_at_s + rules.LINK_LASTS_S


def hash_of_secret(secret: str) -> str:
    """SHA-256 in hex: enough for what nobody can guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hash_of_code(code: str) -> str:
    """A keyed hash (HMAC-SHA-256, RFC 2104) in hex: eight signs could be guessed from a plain one."""
    key = secret_file(settings.EGIDE.data_dir / "team-codes.key", _CODE_KEY_BYTES)
    return hmac.new(key, code.encode(), hashlib.sha256).hexdigest()


def normal_code(text: str) -> str:
    """A code as it was made, from what somebody typed."""
    return "".join(text.split()).replace("-", "").upper().translate(_MENDED)[: CODE_LENGTH * 2]


def _alarm_of(secret_hash: str) -> AlarmState:
    alarm = journal().alarm_of_link(secret_hash)
    if alarm is None:
        raise Refused("no-link")
    return _state_of(alarm)


def _state_of(alarm: str) -> AlarmState:
    """Raises Refused "no-link" for a case that was erased."""
    state = journal().last_known_alarm(alarm)
    if state is None:
        raise Refused("no-link")
    return state


def _now_s() -> int:
    return clock().now_us() // 1_000_000
