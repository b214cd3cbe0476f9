"""What happens to accounts: who was invited, who signed in, whose posts changed, whose sessions ended.

Streams are `account:MARK` and `session:MARK` with marks from `egide.common.ticket`, so that `live` can end what it
sends to somebody without learning who that is.
"""

from egide.events.base import Event


class AccountInvited(Event, frozen=True):
    """An account was made, or given a new start, with a one-time link. `posts` are "role place"."""

    user: str
    by: str
    posts: tuple[str, ...] = ()


class AccountAsked(Event, frozen=True):
    """An administrator asked for something that needs a second person: `what` is invitation, post or renewal.

    `posts` ("role place") are those that the account would hold, or begin anew with.
    """

    user: str
    by: str
    what: str
    posts: tuple[str, ...] = ()


class AccountAnswered(Event, frozen=True):
    """A second person said yes or no to it; `by` is the account itself when its person refused a new start."""

    user: str
    by: str
    what: str
    agreed: bool
    posts: tuple[str, ...] = ()


class AccountNoted(Event, frozen=True):
    """Somebody who was told of an account's change took note; `request` is its number."""

    user: str
    by: str
    request: int


class InvitationSpoiled(Event, frozen=True):
    """Somebody who held a link gave a wrong code too often: the link is void."""

    user: str


class InvitationAccepted(Event, frozen=True):
    """The person came in through the link, with a password or by the authority's provider."""

    user: str


class AccountLinked(Event, frozen=True):
    """From now on a person of the authority's provider opens this account, and no password."""

    user: str


class PostsChanged(Event, frozen=True):
    """The account's posts are now `posts` ("role place"); its live streams end and are asked for again."""

    user: str
    by: str
    posts: tuple[str, ...] = ()


class SecondFactorChanged(Event, frozen=True):
    """A second factor was added or removed: `factor` is webauthn, totp or recovery_codes."""

    user: str
    factor: str
    added: bool


class SignedIn(Event, frozen=True):
    """Somebody signed in. `method` is password, passkey or authority (its provider), with the second factor."""

    user: str
    method: str


class SignedOut(Event, frozen=True):
    """Somebody ended this session; its live streams end."""

    user: str


class SessionsEnded(Event, frozen=True):
    """Every session of an account was ended at once, by an administrator, the person, or "openid:provider"."""

    user: str
    by: str


class AccountClosed(Event, frozen=True):
    """Somebody left: posts, sessions, password and second factors are gone."""

    user: str
    by: str


class ReadingNoted(Event, frozen=True):
    """Somebody took note of a reading outside of the ordinary; `reading` is the seq of its `FileOpened`."""

    reading: int
    user: str
    note: str = ""
