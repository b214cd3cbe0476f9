"""Colleagues whom somebody looks for by name: few at a time, by three letters or more, and not too often."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import QuerySet

from egide.access.models import Role, User
from egide.access.registries.places import places_of
from egide.access.rules import HEARING_ROLES, PLACE_OF, Post
from egide.common.folding import fold

SHORTEST, MOST = 3, 8
# So that nobody reads the whole list of accounts by trying the alphabet.
LOOKED_UP, WITHIN_S = 30, 3600


class TooOften(Exception):
    """This reader has looked for people too often within the hour."""


@dataclass(frozen=True)
class Colleague:
    """An account as colleagues see it; `posts` in the reader's language."""

    name: str
    title: str
    posts: str


def check_not_too_often(user: str) -> None:
    """Count one more look by this reader. Raises TooOften."""
    key = f"colleagues-{hashlib.sha256(user.encode()).hexdigest()[:32]}"
    cache.add(key, 0, WITHIN_S)
    try:
        looks = cache.incr(key)
    except ValueError:
        # It ran out in between.
        looks = 1
    if looks > LOOKED_UP:
        raise TooOften


def find_colleagues(text: str, roles: Collection[str] = HEARING_ROLES) -> list[Colleague]:
    """Up to MOST + 1 accounts in whose title or name a word begins with each word of `text`.

    None for a text of fewer than SHORTEST letters. Only roles that can hear of a file at all.
    """
    words = fold(text).split()
    if len("".join(words)) < SHORTEST:
        return []
    rows = _hearing(roles).order_by("title", "name").values_list("name", "title").distinct()
    fits = [name for name, title in rows if is_fit(words, f"{title} {name}")]
    return named(fits[: MOST + 1])


def is_fit(words: Iterable[str], name: str) -> bool:
    """Whether each of `words`, folded, begins a word of `name`, or the whole of it."""
    folded = fold(name)
    return all(f" {word}" in f" {folded}" for word in words)


def is_colleague(name: str) -> bool:
    """Whether an open account of this name can hear of a file."""
    return _hearing().filter(name=name).exists()


def named(names: Iterable[str]) -> list[Colleague]:
    """These accounts, in the order of their titles; a name without an account is left out."""
    users = User.objects.filter(name__in=list(names)).order_by("title", "name")
    return [Colleague(user.name, user.title, ", ".join(map(post_words, user.posts()))) for user in users]


def post_words(post: Post) -> str:
    """A post as people read it."""
    role = str(Role(post.role).label)
    name = places_of(PLACE_OF.get(post.role, "")).get(post.place, post.place)
    return f"{role} · {name}" if name else role


def _hearing(roles: Collection[str] = HEARING_ROLES) -> QuerySet[User]:
    return User.objects.filter(is_active=True, memberships__role__in=roles)
