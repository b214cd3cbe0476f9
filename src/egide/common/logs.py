"""Keeps one-time secrets that stand in addresses out of every log."""

import logging
import re


class WithoutSecrets(logging.Filter):
    """Cuts an address off behind one of `prefixes`, in the message and in its arguments alike."""

    def __init__(self, prefixes: tuple[str, ...]) -> None:
        super().__init__()
        self._secret = re.compile(f"({'|'.join(map(re.escape, prefixes))})[^\\s\"'?]+")

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: nothing is left out, only what must not be read."""
        record.msg, record.args = self._secret.sub(r"\1…", record.getMessage()), ()
        return True
