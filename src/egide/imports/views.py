"""One page for every file that is imported: choose it, see every fault or what it would do, say yes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from egide.access.service import ScopedRequest
from egide.imports.reading import MOST_BYTES, CsvLine, Fault
from egide.imports.service import (
    SHOWN_ROWS,
    DraftGone,
    FileRefused,
    Importer,
    Plan,
    do_import,
    do_keep,
    plan_of,
)

SHOWN_FAULTS = 200


@dataclass(frozen=True)
class ImportPage:
    """What the page says around one kind of file; `back` is the name of the address to return to.

    `done` answers instead, where there is something to see after the import. `example` is the name of the address of
    a file to begin with. `rules` say what belongs into the file; `effect` tells, beside the preview, what these lines
    would change elsewhere: heads with their values, under a title.
    """

    importer: Importer
    title: str | Promise
    explanation: str | Promise
    sample: str
    back: str
    done: Callable[[ScopedRequest], HttpResponse] | None = None
    example: str = ""
    rules: Sequence[str | Promise] = ()
    effect_title: str | Promise = ""
    effect: Callable[[Sequence[CsvLine]], Sequence[tuple[str, str]]] | None = None


def import_page(request: ScopedRequest, page: ImportPage) -> HttpResponse:
    """Show, preview or import, by what was sent."""
    if request.method == "GET":
        return _show(request, page)
    if "draft" in request.POST:
        return _import(request, page, request.POST["draft"])
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return _show(request, page, error=_("Choose a file first."), status=422)
    # One byte more than is allowed is enough to be refused; the rest is never read.
    data = file.read(MOST_BYTES + 1)
    plan = plan_of(page.importer, data)
    if plan.faults:
        return _show(request, page, plan, status=422)
    return _show(request, page, plan, draft=do_keep(page.importer, data, request.scope.user))


def _import(request: ScopedRequest, page: ImportPage, draft: str) -> HttpResponse:
    try:
        number = do_import(page.importer, draft, request.scope.user)
    except DraftGone:
        return _show(
            request,
            page,
            error=_("The preview is older than an hour, or was used. Choose the file again."),
            status=422,
        )
    except FileRefused as refused:
        return _show(request, page, refused.plan, status=422)
    if page.done is not None:
        return page.done(request)
    done = ngettext("%(number)s line imported.", "%(number)s lines imported.", number)
    messages.success(request, done % {"number": number})
    return redirect(page.back)


def _show(
    request: ScopedRequest,
    page: ImportPage,
    plan: Plan | None = None,
    draft: str = "",
    error: str | Promise = "",
    status: int = 200,
) -> HttpResponse:
    faults: list[Fault] = plan.faults if plan else []
    context = {
        "scope": request.scope,
        "page": page,
        "plan": plan,
        "draft": draft,
        "error": error,
        "errors": {"file": error} if error else {},
        "faults": faults[:SHOWN_FAULTS],
        "more_faults": max(0, len(faults) - SHOWN_FAULTS),
        "rows": _rows(plan) if plan else [],
        "more_rows": max(0, len(plan.changes) - SHOWN_ROWS) if plan else 0,
        "effect": page.effect(plan.lines) if plan and draft and page.effect else (),
        "counts": {verb: plan.count(verb) for verb in ("new", "changed", "same")} if plan else {},
    }
    return render(request, "imports/import.html", context, status=status)


def _rows(plan: Plan) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each line that is shown, what would become of it and its texts, each with its heading."""
    return [
        (change.verb, list(zip(plan.headings, change.texts, strict=True)))
        for change in plan.changes[:SHOWN_ROWS]
    ]
