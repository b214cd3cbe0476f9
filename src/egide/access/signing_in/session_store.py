"""Sessions in `app.db`, found by a hash of the key: a row alone opens no session."""

import hashlib
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection

from egide.common.clock import SystemClock, utc

# Django's column takes 40 signs: 160 of the 256 bits.
_DIGITS = 40
# Every request asks this: having Django build the query would take four times as long as everything else here.
_FIND = 'SELECT * FROM "django_session" WHERE session_key = %s AND expire_date > %s'


class SessionStore(DatabaseStore):
    """Django's own store, except that the cookie alone holds the key. For the pages, which are synchronous."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        # Django reckons the end of a session by the machine's clock.
        now = connection.ops.adapt_datetimefield_value(utc(SystemClock().now_us()))
        rows = self.model.objects.raw(_FIND, [stored_key(self.session_key or ""), now])
        found: AbstractBaseSession | None = next(iter(rows), None)
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(stored_key(key))


def stored_key(session_key: str) -> str:
    """Under which key a session lies in the database: 40 hex digits of a SHA-256 (FIPS 180-4).

    The key itself has 165 random bits, so that nobody finds it by trying.
    """
    return hashlib.sha256(b"egide-session-1\0" + session_key.encode()).hexdigest()[:_DIGITS]
