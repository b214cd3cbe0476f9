"""The console's page and its rows, in the reader's language. Django's templates alone, without its pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.template import Context, Engine
from django.utils import translation

from egide.common.clock import utc
from egide.common.text import LANGUAGES, LOCALE_DIR, _, read_in
from egide.entrypoints.stack.sandbox import script, words
from egide.entrypoints.stack.sandbox.calls import KEPT, Call, Noted

_HERE = Path(__file__).parent
_NAMES = {"fr": "Français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}


def prepare() -> None:
    """Once, before the first page: Django's translations want to know where the catalogues are."""
    if not settings.configured:
        settings.configure(USE_I18N=True, LOCALE_PATHS=[LOCALE_DIR], LANGUAGES=list(_NAMES.items()))
        django.setup()


def language_of(asked: str, accepted: str) -> str:
    """The one that was chosen, else the first of the browser's that is one of ours, else English."""
    wished = [asked, *(part.strip()[:2] for part in accepted.split(","))]
    return next((one for one in wished if one in LANGUAGES), "en")


class Pages:
    """What is shown; made once `prepare` was called."""

    def __init__(self) -> None:
        self._engine = Engine(
            dirs=[str(_HERE / "templates")], libraries={"i18n": "django.templatetags.i18n"}, autoescape=True
        )

    def page(self, language: str, shown: dict[str, Any], noted: list[Noted]) -> str:
        """The whole page; `shown`: kits, keys, code, receiver, gateway, script, ahead_s, problems, at."""
        with _spoken(language):
            values = shown | {
                "languages": [(code, _NAMES[code]) for code in LANGUAGES],
                "rows": [row(one) for one in reversed(noted)],
                "kept": KEPT,
                "steps": steps(),
                "turns": [(60, "+1 min"), (3600, "+1 h"), (86_400, _("+1 day"))],
                "ahead": span(shown["ahead_s"]),
                "problem_title": _("This cannot be done:"),
            }
            return self._engine.get_template("console.html").render(Context(values))

    def row(self, language: str, noted: Noted) -> str:
        """One row alone."""
        with _spoken(language):
            return self._engine.get_template("row.html").render(Context({"row": row(noted)})).strip()


@contextmanager
def _spoken(language: str) -> Iterator[None]:
    with translation.override(language), read_in(language):
        yield


def row(noted: Noted) -> dict[str, Any]:
    """One row in the language in force."""
    at = utc(noted.at_us).strftime("%H:%M:%S.%f")[:-3]
    if not isinstance(noted, Call):
        kind = "refused" if noted.failed else ""
        return {
            "number": noted.number,
            "at": at,
            "kind": kind,
            "direction": _("sandbox"),
            "what": words.done(noted),
        }
    is_refused = noted.status is not None and noted.status >= 400
    return {
        "number": noted.number,
        "at": at,
        "kind": "refused" if is_refused else "out" if noted.outwards else "in",
        "colour": "ack" if noted.outwards else "info",
        "direction": _("from Egide") if noted.outwards else _("to Egide"),
        "what": words.what(noted),
        "nth": f"{noted.road} {noted.nth}",
        "outcome": words.outcome(noted),
        "played": words.played(noted),
        "line": f"{noted.method} {noted.path} → {'…' if noted.status is None else noted.status}",
        "asked": noted.asked,
        "answered": noted.answered,
    }


def steps() -> list[tuple[str, str]]:
    """The steps that have a button, with its text."""
    return [(step, _(text)) for step, (_board, text) in script.STEPS.items()]


def span(seconds: int) -> str:
    """So many days, hours and minutes."""
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (left, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
