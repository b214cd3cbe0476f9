"""An operator signs out: their alarms ring again as new (safety rule 1)."""

from egide.access.service import scope_of
from egide.boards.desk.service import do_sign_out


def hand_back(user: object = None, **_signal: object) -> None:
    """Receiver of Django's `user_logged_out`; `user` is None when nobody was signed in."""
    if user is None:
        return
    scope = scope_of(user)
    if scope.has_desk:
        do_sign_out(scope)
