"""Which account a person of the provider opens: the one that their invitation linked, found by the subject alone.

Never by a name or an address that the provider claims: its operator could claim anybody's (decision 0055).
"""

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from egide.access.accounts.invitations import do_use_up
from egide.access.authority.marks import mark_of
from egide.access.models import Invitation, User
from egide.common.ticket import account_stream
from egide.events.accounts import AccountLinked
from egide.outbox.service import clock, offer

# Under which name allauth keeps the link.
PROVIDER = "authority"


class LinkedElsewhere(Exception):
    """This person of the provider opens another account already."""


def linked_user(sub: str) -> User | None:
    """The account that this subject opens, while it is open; None for everybody else."""
    found = SocialAccount.objects.filter(provider=PROVIDER, uid=mark_of(sub)).select_related("user").first()
    return found.user if found and found.user.is_active else None


def open_invitation(number: int) -> Invitation | None:
    """The invitation whose two halves fitted a moment ago, while it is open."""
    found = Invitation.objects.filter(pk=number, expires_at_us__gt=clock().now_us(), user__is_active=True)
    return found.select_related("user").first()


@transaction.atomic
def do_accept_linked(accepted: Invitation, sub: str) -> User:
    """Use an invitation up: this subject opens the account from now on, and no password does. Raises LinkedElsewhere.

    A new start comes the same way, with the same two people: nothing else ever links an account.
    """
    user, mark = accepted.user, mark_of(sub)
    if SocialAccount.objects.filter(provider=PROVIDER, uid=mark).exclude(user=user).exists():
        raise LinkedElsewhere
    SocialAccount.objects.filter(user=user).delete()
    SocialAccount.objects.create(user=user, provider=PROVIDER, uid=mark, extra_data={})
    user.set_unusable_password()
    user.save(update_fields=["password"])
    do_use_up(accepted)
    offer(AccountLinked(user=user.name), account_stream(user.name))
    return user
