"""Passwords are hashed one after the other, in a thread of its own that gives way to everything else (safety rule 42).

A hash is slow on purpose. On the threads that serve boards, a few people who guess would hold up every alarm.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.hashers import ScryptPasswordHasher

# setpriority(2): on Linux each thread has a niceness of its own.
_NICENESS = 10


def _give_way() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


_hashing = ThreadPoolExecutor(1, "hashing", initializer=_give_way)


class ScryptApart(ScryptPasswordHasher):
    """scrypt (RFC 7914) with Django's parameters; whoever asks waits for their turn."""

    def encode(
        self, password: str, salt: str, n: int | None = None, r: int | None = None, p: int | None = None
    ) -> str:
        return _hashing.submit(super().encode, password, salt, n, r, p).result()
