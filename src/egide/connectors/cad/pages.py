"""For administrators: every road outside. Which dispatch systems are told of alarms, which other roads are set up, what
each may know, how it goes, and a test.

Nothing of an alarm is here: an administrator sees none. Who is told what is changed in the file of the settings alone.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from egide.access.rules import ADMINISTRATOR
from egide.access.service import ScopedRequest, for_roles
from egide.common.clock import SystemClock
from egide.connectors.base import RoadError
from egide.connectors.calling import why_not
from egide.connectors.dispatch.facts import HEARD, TOLD, TRIED, Refused
from egide.connectors.dispatch.kinds import kind_of
from egide.connectors.dispatch.receivers import ALL_WORDS, TALK_WORDS, Receiver, problems, receivers_of
from egide.connectors.dispatch.trying import do_try
from egide.connectors.looking import IT_WORKED, SAID, SAID_UNIT, WELL, Standing, standings
from egide.connectors.looking import do_try as do_try_road
from egide.connectors.registry import declared
from egide.journal.now.outcomes import TAKEN, Outcome
from egide.journal.now.signs import Last, Signs
from egide.outbox.service import clock
from egide.rollout.service import centre_names


@dataclass(frozen=True)
class System:
    """One receiver as the page shows it. `keys` is 0 where they cannot be read; times in µs since 1970."""

    name: str
    way: str
    centres: tuple[str, ...]
    fields: tuple[str, ...]
    keys: int
    keys_since_us: int
    told: Last | None
    heard: Last | None
    tried: Last | None
    heard_word: str
    teams: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the last message was taken."""
        return self.told is not None and self.told.word == TAKEN

    @property
    def is_tried_well(self) -> bool:
        """Whether the last test was taken."""
        return self.tried is not None and self.tried.word == TAKEN


@dataclass(frozen=True)
class RoadCard:
    """One other road as the page shows it."""

    standing: Standing
    title: str
    whom: str
    carries: tuple[str, ...]
    # Each part of it, how that went last, and the word of success for a person.
    came: tuple[tuple[str, Outcome | None, str], ...]

    @property
    def is_taken(self) -> bool:
        """Whether the last try by hand was taken."""
        return self.standing.tried is not None and self.standing.tried.word == TAKEN

    @property
    def is_message(self) -> bool:
        """Whether somebody gets the test."""
        attempt = self.standing.connector.attempt
        return attempt is not None and attempt.is_message


@for_roles(ADMINISTRATOR)
@require_GET
def index(request: ScopedRequest) -> HttpResponse:
    """All of them; and what is wrong in their file, for which none is told anything."""
    wrong = problems(settings.EGIDE)
    signs = _signs()
    told, heard, tried = signs.last(TOLD), signs.last(HEARD), signs.last(TRIED)
    names = centre_names()
    receivers = () if wrong else receivers_of(settings.EGIDE)
    systems = [
        _system(one, names, (told.get(one.name), heard.get(one.name), tried.get(one.name)))
        for one in receivers
    ]
    # Dispatch systems stand above, each by itself.
    found = [one for one in standings(settings.EGIDE, signs, receivers) if one.connector.name != "cad"]
    shown = {
        "systems": systems,
        "wrong": wrong,
        "roads": [_road(one) for one in found if one.is_set_up],
        "others": [_road(one) for one in found if not one.is_set_up],
    }
    return render(request, "cad/systems.html", shown)


@for_roles(ADMINISTRATOR)
@require_POST
def test(request: ScopedRequest, name: str) -> HttpResponse:
    """Send it a message that is marked as a test."""
    try:
        receiver = next((one for one in receivers_of(settings.EGIDE) if one.name == name), None)
    except ValueError:
        receiver = None
    if receiver is None:
        raise Http404
    try:
        message = do_try(receiver, _signs(), SystemClock())
    except Refused as refused:
        words = gettext("%(name)s did not take the test: %(why)s.") % {"name": name, "why": refused.why}
        messages.error(request, words)
        return redirect("systems")
    text = _("A machine at %(name)s took the test. That a person saw it only they can tell you.")
    waits = _("%(name)s fetches by itself: the test waits there for a minute. Look again then.")
    if receiver.is_by_hand:
        # Its exchange was asked whether it knows them: no person and no machine of theirs got anything.
        text = _("%(name)s answers; nothing was sent.")
    messages.success(request, (text if message else waits) % {"name": name})
    return redirect("systems")


@for_roles(ADMINISTRATOR)
@require_POST
def test_road(request: ScopedRequest, name: str) -> HttpResponse:
    """Try another road, as it declares: a test message, or a connection alone."""
    one = declared().get(name)
    if (
        one is None
        or one.attempt is None
        or not one.is_set_up(settings.EGIDE)
        or [*one.faults(settings.EGIDE)]
    ):
        raise Http404
    try:
        do_try_road(one, settings.EGIDE, _signs())
    except RoadError as error:
        words = gettext("%(name)s did not take the test: %(why)s.")
        messages.error(request, words % {"name": gettext(one.title), "why": why_not(error)})
        return redirect("systems")
    sent = _("%(name)s took the test. Ask those who get it.")
    answered = _("%(name)s answers; nothing was sent.")
    messages.success(request, (sent if one.attempt.is_message else answered) % {"name": gettext(one.title)})
    return redirect("systems")


def _road(one: Standing) -> RoadCard:
    connector = one.connector
    return RoadCard(
        one,
        gettext(connector.title),
        gettext(connector.whom),
        tuple(gettext(words) for words in connector.carries.values()),
        tuple(_came(gettext(words), one.came.get(part)) for part, words in connector.parts.items()),
    )


def _came(part: str, came: Outcome | None) -> tuple[str, Outcome | None, str]:
    return part, came, gettext(WELL.get(came.word, IT_WORKED)) if came else ""


def _system(
    one: Receiver, names: dict[str, str], last: tuple[Last | None, Last | None, Last | None]
) -> System:
    """`last`: what it was told, what was heard of it, and what became of a test."""
    told, heard, tried = last
    try:
        keys, since_us = len(one.secrets()), round(Path(one.secret_file).stat().st_mtime * 1e6)
    except (OSError, ValueError):
        keys, since_us = 0, 0
    if kind_of(one).PATIENCE_S:
        way = gettext("fetches by itself")
    else:
        # An address for SIP has no slashes before its host.
        host = urlsplit(one.url).hostname or one.url.partition(":")[2].partition(";")[0]
        way = gettext("is called at %(host)s") % {"host": host}
    word = heard.word if heard else ""
    return System(
        one.name,
        way,
        tuple(names.get(code, code) for code in one.centres),
        tuple(gettext(words) for field, words in (ALL_WORDS | TALK_WORDS).items() if field in one.fields),
        keys,
        since_us,
        told,
        heard,
        tried,
        gettext(SAID.get(word, SAID_UNIT)) if word else "",
        one.teams,
    )


def _signs() -> Signs:
    return Signs(settings.EGIDE, clock())
