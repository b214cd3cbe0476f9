"""For administrators: which dispatch systems are told of alarms, what each may know, how it goes, and a test.

Nothing of an alarm is here: an administrator sees none. Who is told what is changed in the file of the settings alone.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from egide.access.rules import ADMINISTRATOR
from egide.access.service import ScopedRequest, for_roles
from egide.common.clock import SystemClock
from egide.connectors.dispatch.facts import HEARD, TOLD, Refused
from egide.connectors.dispatch.kinds import kind_of
from egide.connectors.dispatch.receivers import (
    CATEGORY,
    CIRCLE,
    ID,
    LINK,
    TALK,
    WEAPON,
    Receiver,
    problems,
    receivers_of,
)
from egide.connectors.dispatch.trying import do_try
from egide.journal.now.signs import Last, Signs
from egide.outbox.service import clock
from egide.rollout.service import centre_names

_FIELDS: dict[str, Promise] = {
    ID: _("numbers made for it alone, and times"),
    CIRCLE: _("where the phone is"),
    CATEGORY: _("that it is a protection alarm"),
    WEAPON: _("whether the file names a weapon"),
    LINK: _("an address that opens the alarm for who is signed in here and may see it"),
    TALK: _("what the person is asked and answers without a sound, while its people chat with us"),
}
_SAID: dict[str, Promise] = {
    "fetched": _("fetched what is due"),
    "message.taken": _("took a message"),
    "alarm.shown": _("an alarm is shown there"),
    "alarm.answered": _("a person there answered an alarm"),
    "chat.begun": _("began a chat in an alarm"),
    "chat.said": _("wrote in the chat of an alarm"),
    "chat.over": _("ended the chat of an alarm"),
}


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
    heard_word: str

    @property
    def is_taken(self) -> bool:
        """Whether the last message was taken."""
        return self.told is not None and self.told.word == "taken"


@for_roles(ADMINISTRATOR)
@require_GET
def index(request: ScopedRequest) -> HttpResponse:
    """All of them; and what is wrong in their file, for which none is told anything."""
    wrong = problems(settings.EGIDE)
    signs = _signs()
    told, heard = signs.last(TOLD), signs.last(HEARD)
    names = centre_names()
    systems = [
        _system(one, names, told.get(one.name), heard.get(one.name))
        for one in (() if wrong else receivers_of(settings.EGIDE))
    ]
    return render(request, "cad/systems.html", {"systems": systems, "wrong": wrong})


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
    messages.success(request, (text if message else waits) % {"name": name})
    return redirect("systems")


def _system(one: Receiver, names: dict[str, str], told: Last | None, heard: Last | None) -> System:
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
        tuple(str(_FIELDS[field]) for field in _FIELDS if field in one.fields),
        keys,
        since_us,
        told,
        heard,
        str(_SAID.get(word, _("said how far a unit is"))) if word else "",
    )


def _signs() -> Signs:
    return Signs(settings.EGIDE, clock())
