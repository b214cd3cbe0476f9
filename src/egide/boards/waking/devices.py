"""Devices that may be woken: where, for whom, and until when. What a browser said of itself is kept sealed.

A zone's device belongs to one session of one officer, a team's to the device that opened its link, one that reminds
somebody of what waits to their account.
"""

import hashlib
import secrets
from collections.abc import Iterable

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest, QueryDict

from egide.access.models import User
from egide.access.registries.barring import files_that_bar
from egide.access.rules import Scope, team_scope
from egide.access.service import scope_of
from egide.alarm import rules
from egide.alarm.rules import Refused
from egide.alarm.state import AlarmState
from egide.boards import service
from egide.boards.models import WakeDevice
from egide.boards.waking.rules import TEAM, Wake
from egide.common.encoding import decoder_of, from_base64url
from egide.common.sealing import UnsealError
from egide.common.ticket import mark_of
from egide.journal.sealing.keys import SYSTEM
from egide.outbox.service import clock, keys

_ID_BYTES = 8
_POINT_BYTES, _AUTH_BYTES = 65, 16
_LONGEST_ENDPOINT = 1000
# One session, one link, or one account, on the few devices that somebody really has.
_AT_MOST = 5
# A device that reminds somebody outlives sessions, and says no more than that something waits.
_REMINDS_US = 90 * 86_400_000_000


class Device(msgspec.Struct, frozen=True):
    """A device with its address and keys, as `egide.connectors.base.Subscription` wants them."""

    id: str
    endpoint: str
    p256dh: str
    auth: str


class _Sealed(msgspec.Struct, frozen=True):
    endpoint: str
    p256dh: str
    auth: str


def do_keep_for_session(request: HttpRequest, lasts_s: int) -> None:
    """Wake this browser for its officer's zone, until the session ends. Raises Refused "no-push"."""
    assert isinstance(request.user, User)
    owner: dict[str, str | int] = {
        "session": _mark(request),
        "user": request.user.name,
        "epoch": request.user.sessions_epoch,
        "zones": " ".join(sorted(scope_of(request.user).zones)),
    }
    _do_keep(request.POST, owner, clock().now_us() + lasts_s * 1_000_000)


def do_keep_for_team(post: QueryDict, alarm: str, device: str, expires_at_s: int) -> None:
    """Wake the browser that opened a link, by the hash of its secret. Raises Refused "no-push"."""
    _do_keep(post, {"alarm": alarm, "link_device": device}, expires_at_s * 1_000_000)


def do_keep_for_account(request: HttpRequest) -> None:
    """Remind its owner on this browser, signed in or not, for three months. Raises Refused "no-push"."""
    assert isinstance(request.user, User)
    user = request.user
    owner: dict[str, str | int] = {"session": "", "user": user.name, "epoch": user.sessions_epoch}
    _do_keep(request.POST, owner, clock().now_us() + _REMINDS_US)


def do_forget_account(user: str) -> None:
    """Remind this person on no browser any more."""
    _of_account(user).delete()


def devices_of_account(user: User) -> list[Device]:
    """The browsers on which this person is reminded; none of before all their sessions were ended."""
    lasting = _of_account(user.name).filter(expires_at_us__gt=clock().now_us(), epoch=user.sessions_epoch)
    return [found for row in lasting if (found := _opened(row)) is not None]


def do_forget_session(request: HttpRequest) -> None:
    """Wake no device of this session any more."""
    WakeDevice.objects.filter(session=_mark(request)).delete()


def do_forget_team(alarm: str, device: str) -> None:
    """Wake this device of a team no more."""
    WakeDevice.objects.filter(alarm=alarm, link_device=device).delete()


def do_forget(ids: Iterable[str]) -> None:
    """Devices that cannot be woken any more."""
    WakeDevice.objects.filter(id__in=list(ids)).delete()


@receiver(user_logged_out)
def forget_at_sign_out(sender: object, request: HttpRequest, **_more: object) -> None:
    """A person who signed out is woken no more."""
    if request.session.session_key:
        do_forget_session(request)


def devices_for(wake: Wake, state: AlarmState, actor: str = "") -> list[Device]:
    """The devices that this wake-up goes to: of people who may see the alarm now, besides who caused it.

    A file that bars its reader wakes nobody of them (safety rule 27).
    """
    lasting = WakeDevice.objects.filter(expires_at_us__gt=clock().now_us())
    if wake.to == TEAM:
        rows = [row for row in lasting.filter(alarm=state.alarm) if _may_wake_team(row, state, wake.unit)]
    else:
        others = lasting.exclude(zones="").exclude(user=actor)
        told = (row for row in others if wake.unit in row.zones.split())
        rows = [row for row in told if _may_wake_officer(row, state, wake.unit)]
    return [found for row in rows if (found := _opened(row)) is not None]


def devices_of_zone(zone: str, case: str) -> list[Device]:
    """The devices of a zone's officers whom this file does not bar."""
    lasting = WakeDevice.objects.filter(expires_at_us__gt=clock().now_us()).exclude(zones="")
    rows = [row for row in lasting if zone in row.zones.split() and _may_hear(row, zone, case)]
    return [found for row in rows if (found := _opened(row)) is not None]


def _may_hear(row: WakeDevice, zone: str, case: str) -> bool:
    scope = _scope_in(row, zone)
    return scope is not None and case not in files_that_bar(scope)


def _may_wake_officer(row: WakeDevice, state: AlarmState, zone: str) -> bool:
    scope = _scope_in(row, zone)
    return scope is not None and service.alarm_in_scope(scope, state.alarm) is not None


def _scope_in(row: WakeDevice, zone: str) -> Scope | None:
    """What the device's owner may see; None once they are signed out everywhere, gone, or no officer of the zone."""
    user = User.objects.filter(name=row.user, sessions_epoch=row.epoch, is_active=True).first()
    scope = scope_of(user) if user is not None else None
    return scope if scope is not None and zone in scope.zones else None


def _may_wake_team(row: WakeDevice, state: AlarmState, call_sign: str) -> bool:
    """By a link that still lasts, of the team that is meant; not when its zone is barred."""
    link = rules.link_of_device(state, row.link_device)
    if link is None or link.call_sign != call_sign or state.team.named is None:
        return False
    reader = team_scope(call_sign, state.alarm)
    zone = Scope(user=reader.user, title="", zones=frozenset({state.team.named.zone}))
    if state.case in files_that_bar(zone):
        return False
    try:
        rules.check_lasts(state, link, clock().now_us() // 1_000_000)
    except Refused:
        return False
    return True


def _do_keep(post: QueryDict, owner: dict[str, str | int], expires_at_us: int) -> None:
    sealed = _read(post)
    row = WakeDevice(id=secrets.token_hex(_ID_BYTES), expires_at_us=expires_at_us, **owner)
    row.endpoint_hash = hashlib.sha256(sealed.endpoint.encode()).hexdigest()
    row.sealed = keys().record_key(SYSTEM).seal(msgspec.json.encode(sealed), _label(row.id))
    with transaction.atomic():
        WakeDevice.objects.filter(expires_at_us__lte=clock().now_us()).delete()
        # A browser has one address for each page: the person who takes a device over is woken there, and nobody else.
        WakeDevice.objects.filter(endpoint_hash=row.endpoint_hash).delete()
        same = {name: owner[name] for name in ("session", "user", "alarm", "link_device") if name in owner}
        kept = WakeDevice.objects.filter(**same).order_by("-expires_at_us").values_list("id", flat=True)
        do_forget(list(kept)[_AT_MOST - 1 :])
        row.save(force_insert=True)


def _read(post: QueryDict) -> _Sealed:
    """What the browser said of itself. Raises Refused "no-push"."""
    endpoint, p256dh, auth = (post.get(name, "") for name in ("endpoint", "p256dh", "auth"))
    try:
        point = from_base64url(p256dh, _POINT_BYTES)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        from_base64url(auth, _AUTH_BYTES)
    except ValueError as error:
        raise Refused("no-push") from error
    if len(endpoint) > _LONGEST_ENDPOINT or not settings.EGIDE.is_push_service(endpoint):
        raise Refused("no-push")
    return _Sealed(endpoint, p256dh, auth)


def _opened(row: WakeDevice) -> Device | None:
    try:
        plain = keys().record_key(SYSTEM).unseal(bytes(row.sealed), _label(row.id))
    except UnsealError:
        return None
    sealed = decoder_of(_Sealed).decode(plain)
    return Device(row.id, sealed.endpoint, sealed.p256dh, sealed.auth)


def _of_account(user: str) -> QuerySet[WakeDevice]:
    """Those that belong to an account and to no session of it."""
    return WakeDevice.objects.filter(user=user, session="")


def _label(device: str) -> bytes:
    return b"wake-device:" + device.encode()


def _mark(request: HttpRequest) -> str:
    return mark_of(request.session.session_key or "")
