"""What is to do before a kit can leave, one line a subject, and which page comes after the one just saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from egide.access.rules import Scope
from egide.access.service import ScopedRequest
from egide.casework.file import rules_life
from egide.casework.file import steps as s
from egide.casework.file import words as w
from egide.casework.file.reading import File, read_file
from egide.casework.file.rules_life import Stage
from egide.casework.life.living import roles_at
from egide.casework.life.tasks import GOING_ON, NEXT, THEN
from egide.casework.models import Case
from egide.casework.pages.presenting import manages

# From the request to the kit; a file that runs or is closed has no such list.
STAGES = (
    Stage.REQUEST,
    Stage.ANALYSIS,
    Stage.CONSULTATION,
    Stage.DECISION,
    Stage.MORE_ASKED,
    Stage.AGREEMENT,
    Stage.ISSUE,
)
TITLES: dict[str, Promise] = {
    "person": _("The person, and how to reach them safely"),
    "home": _("Where the person lives"),
    "perpetrator": _("The perpetrator, weapons and measures"),
    "conditions": _("Questions about the conditions"),
    "request": _("Ask the prosecutor’s office"),
    "analysis": _("Risk analysis"),
    "consultation": _("Consultation"),
    "answer": _("Answer the magistrate"),
    "decision": _("Decision of the magistrate"),
    "agreement": _("Signed agreement"),
    "kit": _("A kit, bound to the file"),
}
# What a subject of the file lacks, as `rules_life.find_missing` says it.
PERSON = ("name", "language", "safe-contact", "consent")
# Part of the file, as addresses name it -> its line.
OF_PART = {"beneficiary": "person", "place": "home"}
LISTED = ("beneficiary", "place", "perpetrator")
STEPS: dict[str, type[s.StepFacts]] = {
    "request": s.Requested,
    "analysis": s.Analysed,
    "consultation": s.Consulted,
    "answer": s.Answered,
    "decision": s.Decided,
    "agreement": s.Signed,
}


class State(StrEnum):
    """Done, to be done by this reader now, or waiting for something or somebody else."""

    DONE = "done"
    OPEN = "open"
    WAITS = "waits"


STATE_WORDS: dict[State, Promise] = {
    State.DONE: _("done"),
    State.OPEN: _("to do"),
    State.WAITS: _("not yet"),
}


@dataclass(frozen=True)
class TaskLine:
    """One line: `url` is empty where this reader has no page for it; `missing` says what a subject lacks."""

    name: str
    state: State
    url: str = ""
    missing: Sequence[str] = ()

    @property
    def title(self) -> Promise:
        return TITLES[self.name]

    @property
    def word(self) -> Promise:
        return STATE_WORDS[self.state]


def lines_of(file: File, scope: Scope) -> list[TaskLine]:
    """The lines in the order of the work; none once the kit is out or the file closed."""
    if file.case.stage not in STAGES:
        return []
    urls = _urls_of_parts(file) if manages(scope, file.case) else {}
    lines = [
        _subject("person", PERSON, file, urls),
        _subject("home", ("home",), file, urls),
        _subject("perpetrator", ("perpetrator",), file, urls),
        _subject("conditions", ("conditions",), file, urls),
    ]
    return lines + [_step(name, file, scope) for name in STEPS if _is_asked(name, file)] + [_kit(file, scope)]


def is_ready_to_ask(file: File) -> bool:
    """Whether nothing but the questions of the conditions stands before the request."""
    lacking = set(file.missing) - {"conditions", "analysis"}
    return file.life.stage == Stage.REQUEST and not lacking


def after(request: ScopedRequest, case: str, done: str, otherwise: str = "") -> HttpResponse:
    """Where somebody goes after saving `done`: to the next line that is open, where they go from line to line."""
    if request.POST.get(THEN) == NEXT:
        names = list(TITLES)
        for line in lines_of(read_file(case), request.scope):
            if line.state == State.OPEN and names.index(line.name) > names.index(done):
                return redirect(line.url)
    return redirect(otherwise or reverse("file", args=[case]))


def goes_on(request: ScopedRequest) -> str:
    """What the form hands on so that saving goes to the next line; empty for somebody who came from elsewhere."""
    return NEXT if NEXT in (request.GET.get(THEN), request.POST.get(THEN)) else ""


def kit_url(case: Case) -> str:
    """Where a kit is made ready: a page of the stock, which stands above this package."""
    try:
        return reverse("kit-prepare", args=[case.id])
    except NoReverseMatch:
        return ""


def _urls_of_parts(file: File) -> dict[str, str]:
    """The page on which each subject of the file is written."""
    case = file.case.id
    home = next((row.id for row in file.places if row.facts.kind == "home"), "")
    known = file.perpetrators[0].id if file.perpetrators else ""

    def row_or_new(part: str, row: str) -> str:
        return reverse("file-edit", args=[case, part, row]) if row else reverse("file-add", args=[case, part])

    urls = {
        "person": reverse("file-edit", args=[case, "beneficiary", file.beneficiary.id]),
        "home": row_or_new("place", home),
        "perpetrator": row_or_new("perpetrator", known),
        "conditions": reverse("file-step", args=[case, "conditions"]),
    }
    return {name: url + GOING_ON for name, url in urls.items()}


def _subject(name: str, needs: Sequence[str], file: File, urls: dict[str, str]) -> TaskLine:
    missing = tuple(code for code in needs if code in file.missing)
    open_or_waits = State.OPEN if name in urls else State.WAITS
    return TaskLine(
        name, open_or_waits if missing else State.DONE, urls.get(name, ""), w.missing_words(missing)
    )


def _is_asked(name: str, file: File) -> bool:
    """The magistrate's question is a line only where one was asked."""
    return name != "answer" or file.life.stage == Stage.MORE_ASKED or file.last(s.Answered) is not None


def _step(name: str, file: File, scope: Scope) -> TaskLine:
    """A step that is behind may still be open: a risk analysis is written anew when something changes."""
    is_open, is_behind = (
        rules_life.may_take(STEPS[name], file.life, roles_at(scope, file.case)),
        _is_behind(name, file),
    )
    if name == "request":
        # Asked for on the page of the conditions, as soon as nothing else is missing.
        is_open, page = is_open and is_ready_to_ask(file), "conditions"
    else:
        page = name
    view, args = (
        ("file-decision", [file.case.id]) if name == "decision" else ("file-step", [file.case.id, page])
    )
    state = State.DONE if is_behind else State.OPEN if is_open else State.WAITS
    return TaskLine(name, state, reverse(view, args=args) + GOING_ON if is_open else "")


# The stages in which a step is still to come.
BEFORE: dict[str, tuple[Stage, ...]] = {
    "request": STAGES[:1],
    "analysis": STAGES[:2],
    "consultation": STAGES[:3],
    "answer": (Stage.MORE_ASKED,),
    "decision": STAGES[:5],
    "agreement": STAGES[:6],
}


def _is_behind(name: str, file: File) -> bool:
    return file.life.stage not in BEFORE[name]


def _kit(file: File, scope: Scope) -> TaskLine:
    """Bound by the zone once the magistrate has granted it."""
    may = manages(scope, file.case) and file.life.stage in (Stage.AGREEMENT, Stage.ISSUE)
    return (
        TaskLine("kit", State.OPEN, kit_url(file.case))
        if may and kit_url(file.case)
        else TaskLine("kit", State.WAITS)
    )
