"""The log: what stands in a line of it, and what never does."""

import json
import logging
import re
import traceback
from pathlib import PurePath

from egide.common.clock import utc

LINE = "%(asctime)s %(name)s %(levelname)s %(message)s"


class JsonLines(logging.Formatter):
    """One JSON object a line: `at` (RFC 3339, UTC), `level`, `part`, `pid`, `said`.

    Of an error stand its type and where it arose ("file:line function", the innermost last). Its own words do not: they
    may repeat what somebody typed.
    """

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": utc(round(record.created * 1e6)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "part": record.name,
            "pid": record.process,
            "said": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            told["error"] = type(error).__name__
            told["arose"] = [
                f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def formatter(is_json: bool) -> logging.Formatter:
    """How this installation writes its lines."""
    return JsonLines() if is_json else logging.Formatter(LINE)


def begin(is_json: bool) -> None:
    """Warnings and worse go to standard error from here on."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(is_json))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class WithoutSecrets(logging.Filter):
    """Keeps out what stands in addresses and nobody may read: one-time secrets, numbers of files. Cuts an address off
    behind one of `prefixes`, in the message and in its arguments alike."""

    def __init__(self, prefixes: tuple[str, ...]) -> None:
        super().__init__()
        self._secret = re.compile(f"({'|'.join(map(re.escape, prefixes))})[^\\s\"'?]+")

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: nothing is left out, only what must not be read."""
        record.msg, record.args = self._secret.sub(r"\1…", record.getMessage()), ()
        return True
