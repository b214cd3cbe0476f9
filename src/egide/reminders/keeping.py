"""How somebody wants to be reminded: kept for their own account alone, at an address that they were shown to read."""

import hmac
import secrets
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F

from egide.access.answering import AnswerRefused
from egide.access.models import User
from egide.outbox.service import clock
from egide.reminders.models import Reminding

HOURS = range(24)
LIST_HOURS = range(5, 21)
CODE_LASTS_US = 1_800_000_000
_CODE_SIGNS = 6
_TRIES = 5
_LONGEST = 254


def of(user: User) -> Reminding:
    """How this account is reminded; not at all before somebody says so."""
    return Reminding.objects.filter(user=user).first() or Reminding(user=user)


@transaction.atomic
def do_keep(user: User, typed: Mapping[str, str]) -> Reminding:
    """Keep what the form says. A new address counts once its code is typed. Raises AnswerRefused."""
    address = _address(typed.get("address", "").strip())
    list_hour = _hour(typed, "list_hour") if typed.get("list_hour") else None
    if list_hour is not None and list_hour not in LIST_HOURS:
        raise AnswerRefused("list_hour", "no-hour")
    Reminding.objects.get_or_create(user=user)
    row = Reminding.objects.select_for_update().get(user=user)
    row.list_hour, row.at_once = list_hour, typed.get("at_once") == "yes"
    row.quiet_from, row.quiet_until = _hour(typed, "quiet_from"), _hour(typed, "quiet_until")
    if not address:
        row.former, row.address, row.pending, row.code = row.address or row.former, "", "", ""
    elif address == row.address:
        row.pending = row.code = ""
    else:
        row.pending, row.failures = address, 0
        row.code = "".join(secrets.choice("0123456789") for _ in range(_CODE_SIGNS))
        row.code_sent_us, row.code_until_us = 0, clock().now_us() + CODE_LASTS_US
    row.save()
    return row


def do_begin(user: User) -> None:
    """Somebody wants to be reminded on a device: at once of what is urgent, until they say something else."""
    Reminding.objects.get_or_create(user=user, defaults={"at_once": True})


def do_confirm(user: User, code: str) -> None:
    """The address reads what is sent to it. Raises AnswerRefused for another code, one too old, or after five tries."""
    waiting = Reminding.objects.filter(user=user, code_until_us__gt=clock().now_us(), failures__lt=_TRIES)
    # Counted before it is looked at: as many tries at once as somebody likes are five.
    if not waiting.exclude(pending="").update(failures=F("failures") + 1):
        raise AnswerRefused("code", "wrong-code")
    row = of(user)
    if not row.code or not hmac.compare_digest(row.code.encode(), code.strip().encode()):
        raise AnswerRefused("code", "wrong-code")
    kept = {"former": row.address, "address": row.pending, "pending": "", "code": "", "failures": 0}
    Reminding.objects.filter(user=user, code=row.code).update(**kept)


def _address(text: str) -> str:
    """Raises AnswerRefused."""
    if not text:
        return ""
    try:
        validate_email(text)
    except ValidationError as error:
        raise AnswerRefused("address", "no-address") from error
    if len(text) > _LONGEST or not text.isascii():
        raise AnswerRefused("address", "no-address")
    domains = settings.EGIDE.mail_domains
    if domains and text.rpartition("@")[2].lower() not in domains:
        raise AnswerRefused("address", "other-domain")
    return text


def _hour(typed: Mapping[str, str], name: str) -> int:
    """Raises AnswerRefused."""
    text = typed.get(name, "")
    if not text.isdecimal() or len(text) > 2 or int(text) not in HOURS:
        raise AnswerRefused(name, "no-hour")
    return int(text)
