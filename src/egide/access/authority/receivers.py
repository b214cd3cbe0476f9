"""What follows for the authority's provider when somebody has signed in."""

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from egide.access.authority.sessions import note_session
from egide.access.models import User


@receiver(user_logged_in)
def remember_session(sender: object, request: HttpRequest, user: User, **_more: object) -> None:
    """It ends when the provider's ends."""
    note_session(request, user)
