"""A person's own data as one readable page: what the file says about them, what was decided, their alarms with every
position, and when somebody read the file."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from egide.access.readings.readings import readers_of
from egide.access.rules import Scope
from egide.casework.file import words as w
from egide.casework.file.files import for_outsiders
from egide.casework.file.reading import File
from egide.casework.life.alarms import own_alarms
from egide.casework.pages.presenting import sections_of

# A mere reader sees no non-disclosed address and no word agreed for a call-back: the export may lie on a kitchen
# table one day.
_READER = Scope(user="", title="")
# What concerns the person themselves; other people's data are theirs.
_READINGS_MOST = 10_000
PARTS = ("beneficiary", "place", "child", "report", "measure", "context")


def export_of(request: HttpRequest, file: File, language: str) -> bytes:
    """One HTML page without scripts, styles or links, in UTF-8."""
    sections = [section for section in sections_of(for_outsiders(file), _READER) if section.part in PARTS]
    timeline = [(w.STEPS[str(one.step.__struct_config__.tag)], one) for one in file.steps]
    context = {
        "case": file.case,
        "sections": sections,
        "timeline": timeline,
        "language": language,
        "alarms": own_alarms(file),
        # Whose readings they were stands with the officer who answers for it, not on a copy.
        "readings": readers_of(file.case.id, most=_READINGS_MOST),
    }
    return render_to_string("casework/export.html", context, request).encode()
