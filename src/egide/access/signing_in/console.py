"""Somebody at the server's own console, which takes no passkey: a second factor that can be typed, and a right."""

import hashlib

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from egide.access.models import FailedSignIn, User
from egide.access.rules import MAGISTRATE, is_barred, must_wait
from egide.access.scope import scope_of
from egide.common.clock import Clock

_TYPED = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


def needs_code(user: User) -> bool:
    """Whether the password is not enough: always, but for accounts of the demo without a second factor."""
    return not settings.EGIDE.demo or Authenticator.objects.filter(user=user, type__in=_TYPED).exists()


def check_code(user: User, code: str, clock: Clock) -> bool:
    """Whether `code` is one of the person's authenticator app, or a recovery code, and was not used before.

    Guessing is slowed down as with passwords, for the account, wherever it is tried.
    """
    key = hashlib.sha256(f"code\0{user.name}".encode()).hexdigest()
    now_us = clock.now_us()
    failures = FailedSignIn.objects.filter(key=key)
    if must_wait(list(failures.values_list("at_us", flat=True)), now_us):
        return False
    with transaction.atomic():
        factors = Authenticator.objects.filter(user=user, type__in=_TYPED)
        is_right = any(factor.wrap().validate_code(code) for factor in factors)
    if is_right:
        failures.delete()
    else:
        FailedSignIn.objects.create(key=key, at_us=now_us)
    return is_right


def may_erase(user: User, office: str, barred: frozenset[str] = frozenset()) -> bool:
    """Whether this person may be one of the two who have a file of `office` erased (safety rule 29).

    A data-protection officer, or a magistrate of that office; never a reader who is barred from the file (rule 27).
    """
    scope = scope_of(user)
    if is_barred(scope, barred):
        return False
    return scope.is_data_protection_officer or scope.holds(MAGISTRATE, office)
