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
    """An administrator asked for something that needs a second person.

    `what` is invitation, post, renewal, or emergency (an emergency account, or new halves for it). `posts` ("role
    place") are those that the account would hold, or begin anew with.
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
    """Somebody signed in. `method` is password, passkey, authority (its provider) or emergency, with second factors."""

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


class EmergencyNamed(Event, frozen=True):
    """From now on `holders` (account names) keep the two halves that open an emergency account; others are void."""

    user: str
    by: str
    holders: tuple[str, ...]


class EmergencyHalfTaken(Event, frozen=True):
    """Somebody was shown the half that they keep."""

    user: str
    by: str


class EmergencyHalfRefused(Event, frozen=True):
    """Somebody gave a half that opens nothing; told once in a while, however often they try."""

    user: str


class EmergencyOpened(Event, frozen=True):
    """Two halves, kept by `first` and `second`, opened an emergency account until `until_s` (Unix time)."""

    user: str
    first: str
    second: str
    until_s: int


class EmergencyEnded(Event, frozen=True):
    """An emergency account was closed again before its time, by `by`; its halves are void."""

    user: str
    by: str


class EmergencyNoted(Event, frozen=True):
    """Somebody took note of the opening of an emergency account at `opened_at_us`."""

    user: str
    by: str
    opened_at_us: int


class ReadingNoted(Event, frozen=True):
    """Somebody took note of a reading outside of the ordinary; `reading` is the seq of its `FileOpened`."""

    reading: int
    user: str
    note: str = ""
