"""Asks one address as one viewer and says in a word what came back."""

from dataclasses import dataclass

from django.http import HttpResponseBase
from django.test import Client

# The words of the table.
ENTERS, MISSING, SIGN_IN, WRONG_METHOD, AGAIN, NOT_COMPARED = "yes", ".", "sign in", "405", "again", "*"


@dataclass(frozen=True)
class Row:
    """One line of the table: what each viewer gets from an address."""

    address: str
    method: str
    cells: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.method} {self.address}"


def reply_of(client: Client, method: str, path: str, form: str = "") -> HttpResponseBase:
    """What this viewer gets; a streamed answer can be read again and again."""
    reply: HttpResponseBase = client.generic(
        method, path, form if method == "POST" else "", content_type="application/x-www-form-urlencoded"
    )
    if reply.streaming:
        reply.streaming_content = list(reply)  # type: ignore[attr-defined,call-overload]
    return reply


def word_of(reply: HttpResponseBase, asked: str, missing: HttpResponseBase) -> str:
    """It in a word. Raises AssertionError for an answer that tells more than it may."""
    assert reply.status_code < 500, f"{asked}: {reply.status_code}"
    if reply.status_code == 404:
        assert body_of(reply) == body_of(missing), f"{asked}: not what a missing page looks like"
        differing = dict(_headers(reply).items() ^ _headers(missing).items())
        assert not differing, f"{asked}: other headers than a missing page: {differing}"
        return MISSING
    if reply.status_code == 405:
        return WRONG_METHOD
    target = reply.headers.get("Location", "")
    # The page itself, not only the way there that a sign-out takes.
    if target.startswith("/sign-in?"):
        return SIGN_IN
    return AGAIN if target.startswith("/again") else ENTERS


def body_of(reply: HttpResponseBase) -> bytes:
    """The whole body, also of a streamed answer."""
    return b"".join(reply) if reply.streaming else reply.content  # type: ignore[attr-defined,no-any-return,arg-type]


def _headers(reply: HttpResponseBase) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name not in ("Set-Cookie",)}
