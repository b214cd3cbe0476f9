"""What follows from steps that Django and allauth report: sessions begin and are renewed, factors become events."""

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from egide.access.models import User
from egide.access.signing_in import sessions
from egide.common.ticket import account_stream
from egide.events.accounts import SecondFactorChanged
from egide.outbox.service import offer


@receiver(user_logged_in)
def begin_session(sender: object, request: HttpRequest, user: User, **_more: object) -> None:
    """A session begins, whichever way somebody signed in."""
    records = get_authentication_records(request, user)
    with_passkey = any(record.get("passwordless") for record in records)
    factors = [record.get("type", "") for record in records if record.get("method") == "mfa"]
    there = [record for record in records if record.get("method") == sessions.AUTHORITY]
    first = "authority" if there else "password"
    if there and there[-1].get("second_factor"):
        sessions.note_second_factor(request)
        first = "authority with second factor"
    if any(record.get("method") == sessions.EMERGENCY for record in records):
        first = sessions.EMERGENCY
    sessions.begin(request, user, "passkey" if with_passkey else " + ".join([first, *factors]))


@receiver(authentication_step_completed)
def renew_session(sender: object, request: HttpRequest, **details: object) -> None:
    """Somebody who was idle has said again who they are."""
    if details.get("reauthenticated"):
        sessions.renew(request)


@receiver(authenticator_added)
@receiver(authenticator_reset)
def factor_added(sender: object, user: User, authenticator: Authenticator, **_more: object) -> None:
    """A second factor more, or new recovery codes."""
    _offer(user, authenticator, added=True)


@receiver(authenticator_removed)
def factor_removed(sender: object, user: User, authenticator: Authenticator, **_more: object) -> None:
    """A second factor less."""
    _offer(user, authenticator, added=False)


def _offer(user: User, authenticator: Authenticator, added: bool) -> None:
    event = SecondFactorChanged(user=user.name, factor=str(authenticator.type), added=added)
    with transaction.atomic():
        offer(event, account_stream(user.name))
