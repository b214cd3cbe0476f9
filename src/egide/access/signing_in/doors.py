"""Doors of a demo: an address that signs in to an account by itself; only a demo opens it."""

from django.core import signing
from django.urls import reverse

from egide.access.models import User

DOOR_S = 24 * 3600
_DOOR = "egide.demo.door"


def door_of(name: str) -> str:
    """The path that signs in to the account of this name, for a day."""
    return reverse("demo-door", args=[signing.dumps(name, salt=_DOOR)])


def user_behind(token: str) -> User | None:
    """The account that a door's token names; None for any other text, and after a day."""
    try:
        name = signing.loads(token, salt=_DOOR, max_age=DOOR_S)
    except signing.BadSignature:
        return None
    return User.objects.filter(name=name).first()
