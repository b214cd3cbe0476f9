"""Passwords are hashed one after the other, in a thread of its own that gives way to everything else (safety rule 42).

A hash is slow on purpose. On the threads that serve boards, a few people who guess would hold up every alarm.
"""

import os
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.hashers import ScryptPasswordHasher

# Added to the niceness of the process, on Linux for this thread alone: lowering it would take a privilege.
_NICER = 10

_hashing = ThreadPoolExecutor(1, "hashing", initializer=os.nice, initargs=(_NICER,))


class ScryptApart(ScryptPasswordHasher):
    """scrypt (RFC 7914) with Django's parameters; callers wait for their turn."""

    def encode(
        self, password: str, salt: str, n: int | None = None, r: int | None = None, p: int | None = None
    ) -> str:
        return _hashing.submit(super().encode, password, salt, n, r, p).result()
