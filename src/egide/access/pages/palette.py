"""The palette (Ctrl+K): what fits in alarms, files, kits and pages, each within the reader's scope."""

from collections.abc import Iterable, Iterator

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from egide.access.registries.finding import Found, find
from egide.access.registries.navigation import entries_for, own_for
from egide.access.rules import Scope
from egide.access.service import ScopedRequest, for_anybody
from egide.common.folding import fold


@require_POST
@for_anybody
def found(request: ScopedRequest) -> HttpResponse:
    """What fits, in groups. Asked by POST: a name must stand in no address. What is listed here is not opened by it."""
    text = request.POST.get("text", "")
    groups = _grouped([*find(request.scope, text), *find_pages(request.scope, text)])
    return render(request, "access/palette_found.html", {"groups": groups})


def find_pages(scope: Scope, text: str) -> Iterator[Found]:
    """The pages that stand in this reader's navigation, and their account's; all of them while nothing is typed."""
    entries = [*entries_for(scope), *own_for(scope)]
    pages = [(str(entry.title), entry.url_name) for entry in entries]
    for title, name in [*pages, (_("Account"), "account")]:
        if fold(text) in fold(title):
            yield Found(title, reverse(name), _("Page"))


def _grouped(finds: Iterable[Found]) -> dict[str, list[Found]]:
    """By the kind of thing, in the order in which each kind first comes."""
    groups: dict[str, list[Found]] = {}
    for one in finds:
        groups.setdefault(one.word, []).append(one)
    return groups
