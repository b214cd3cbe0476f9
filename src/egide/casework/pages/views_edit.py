"""Writing the parts of a file: one form for each row. A form that is older than the row never overwrites it."""

from typing import Any

import msgspec
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER
from egide.access.service import ScopedRequest, for_roles, titles
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import store
from egide.casework.file import words as w
from egide.casework.file.store import CONTEXT, NoSuchRow, Stale
from egide.casework.forms.beside import Beside, beside, do_add_beside
from egide.casework.forms.offering import initial_for, offer
from egide.casework.forms.parts import FORMS, ITEMS, ExtensionForm, FactsForm
from egide.casework.life.tasks import THEN
from egide.casework.pages.picking import has_addresses, picking_of
from egide.casework.pages.presenting import ITEM_WORDS
from egide.casework.pages.task_list import LISTED, OF_PART, after, goes_on
from egide.casework.pages.views import own_case, seen_version
from egide.journal.sealing.keys import KeyErased
from egide.outbox.service import keys

officers = for_roles(ZONE_OFFICER, REFERENCE_OFFICER)


def _case(request: ScopedRequest, case: str, part: str) -> m.Case:
    """The row of an own file which has such a part. Raises Http404."""
    if part not in FORMS:
        raise Http404
    return own_case(request, case)


def _form(case: m.Case, part: str, given: Any = None, initial: dict[str, Any] | None = None) -> FactsForm:
    """The form of a part, with what it must know of the rest of the file."""
    form = FORMS[part](given, initial=initial)
    offer(form, case)
    return form


def _saved(request: ScopedRequest, case: str, part: str) -> HttpResponse:
    """The next page of the task list for somebody who goes from line to line, else the part on the file's page."""
    file = f"{reverse('file', args=[case])}#{part}"
    return after(request, case, OF_PART.get(part, part), file) if part in LISTED else redirect(file)


@require_http_methods(["GET", "POST"])
@officers
def add(request: ScopedRequest, case: str, part: str) -> HttpResponse:
    """Add a row."""
    row = _case(request, case, part)
    if part not in w.ADD:
        raise Http404
    form = _form(row, part, request.POST or None, initial_for(row, part))
    more = beside(row, part, request.POST or None)
    # Each is looked at, so that every fault is listed at once.
    if request.method == "POST" and all([form.is_valid(), *(one.form.is_valid() for one in more)]):
        _do_add(request, row, part, form, more)
        return _saved(request, case, part)
    return _page(request, row, form, {"title": w.ADD[part], "part": part, "beside": more})


@transaction.atomic
def _do_add(request: ScopedRequest, case: m.Case, part: str, form: FactsForm, more: list[Beside]) -> None:
    content = form.content()
    store.do_add_row(case, part, content, request.scope.user, **form.clear())
    do_add_beside(case, content, more, request.scope.user)


@require_http_methods(["GET", "POST"])
@officers
def edit(request: ScopedRequest, case: str, part: str, row: str) -> HttpResponse:
    """Change a row. When somebody else was faster: both are shown, and nothing is lost."""
    owner = _case(request, case, part)
    found, form_class = _read(owner, part, row), FORMS[part]
    if found is None:
        return _gone_page(request, owner, part, row)
    now, version, clear = found
    initial = form_class.initial_of(now) | clear
    if request.method != "POST":
        form = _form(owner, part, initial=initial)
        return _page(request, owner, form, {"version": version, **_about(part, row)})
    form = _form(owner, part, request.POST, initial)
    if not form.is_valid():
        return _page(request, owner, form, {"version": seen_version(request), **_about(part, row)})
    try:
        _write(request, owner, part, row, form, now)
    except Stale as stale:
        return _stale_page(request, owner, form, stale, _about(part, row))
    return _saved(request, case, part)


def _about(part: str, row: str) -> dict[str, Any]:
    return {"title": w.PARTS[part], "part": part, "row": row, "may_remove": part in w.ADD}


def _read(case: m.Case, part: str, row: str) -> tuple[f.Facts, int, dict[str, Any]] | None:
    """(content, version, clear columns) of a row; None when it is not there (any more). Raises Http404."""
    try:
        key = keys().record_key(case.id)
    except KeyErased as error:
        raise Http404 from error
    if part == CONTEXT:
        return store.unseal(key, case, f.CaseFacts), case.content_version, {}
    model, kind = store.PARTS[part]
    found = model._default_manager.filter(case=case, id=row).first()
    if found is None:
        return None
    clear = {"non_disclosed": found.non_disclosed} if isinstance(found, m.Place) else {}
    return store.unseal(key, found, kind), found.version, clear


def _gone_page(request: ScopedRequest, case: m.Case, part: str, row: str) -> HttpResponse:
    """The row was taken out while a form was open: the form's words can still be added. Raises Http404."""
    try:
        store.check_row(case.id, part, row, 0)
    except NoSuchRow as error:
        raise Http404 from error
    except Stale as stale:
        if request.method == "POST":
            return _stale_page(request, case, _form(case, part, request.POST), stale, _about(part, row))
    raise Http404


def _write(request: ScopedRequest, case: m.Case, part: str, row: str, form: FactsForm, now: f.Facts) -> None:
    """Raises Stale."""
    version, by = seen_version(request), request.scope.user
    if part == CONTEXT:
        content = form.content(now)
        assert isinstance(content, f.CaseFacts)
        store.do_change_context(case, version, content, by)
        return
    store.do_change_row(case, part, row, version, form.content(now), by, **form.clear())


def _stale_page(
    request: ScopedRequest, case: m.Case, form: FactsForm, stale: Stale, about: dict[str, Any]
) -> HttpResponse:
    """What the file says now beside what was typed; saving again takes the reader's own words."""
    theirs = []
    if stale.now is not None and form.is_valid():
        shown = form.initial_of(stale.now)
        typed = form.initial_of(form.content(stale.now))
        theirs = [
            (form.fields[name].label, value)
            for name, value in shown.items()
            if str(value) != str(typed[name])
        ]
    context = {
        **about,
        "version": stale.version,
        "stale": stale,
        "stale_by": titles([stale.by]).get(stale.by, stale.by),
        "theirs": theirs,
        "gone": stale.now is None,
        "action": reverse("file-add", args=[case.id, about["part"]]) if stale.now is None else "",
    }
    return _page(request, case, form, context, status=409)


def _page(
    request: ScopedRequest, case: m.Case, form: FactsForm, context: dict[str, Any], status: int = 0
) -> HttpResponse:
    context |= {"scope": request.scope, "form": form, "case": case, "back": reverse("file", args=[case.id])}
    part = context.get("part", "")
    context["picking"], context["suggests"] = picking_of(case.managing_zone, part), has_addresses(part)
    context[THEN] = goes_on(request)
    forms = [form, *(one.form for one in context.get("beside", ()))]
    code = status or (422 if any(one.is_bound and one.errors for one in forms) else 200)
    return render(request, "casework/form.html", context, status=code)


@require_POST
@officers
def remove(request: ScopedRequest, case: str, part: str, row: str) -> HttpResponse:
    """Take a row out; the history keeps it."""
    owner = _case(request, case, part)
    if part not in w.ADD:
        raise Http404
    try:
        store.do_remove_row(owner, part, row, seen_version(request), request.scope.user)
    except NoSuchRow as error:
        raise Http404 from error
    except Stale as stale:
        if stale.now is not None:
            form = _form(owner, part, initial=FORMS[part].initial_of(stale.now))
            return _removed_meanwhile(request, owner, form, stale, _about(part, row))
    return redirect(f"{reverse('file', args=[case])}#{part}")


def _removed_meanwhile(
    request: ScopedRequest, case: m.Case, form: FactsForm, stale: Stale, about: dict[str, Any]
) -> HttpResponse:
    """Somebody changed what was to be taken out: nothing is taken out, the row is shown as it is now."""
    by = titles([stale.by]).get(stale.by, stale.by)
    context = {**about, "version": stale.version, "stale": stale, "stale_by": by, "theirs": (), "gone": False}
    return _page(request, case, form, context, status=409)


@require_http_methods(["GET", "POST"])
@officers
def item(request: ScopedRequest, case: str, part: str, row: str, item: str) -> HttpResponse:
    """Add a breach, an extension, an assessment or an instruction to a row."""
    owner = _case(request, case, part)
    if (part, item) not in ITEMS:
        raise Http404
    name, form_class = ITEMS[part, item]
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _add_item(request, owner, part, row, name, form)
        return redirect(f"{reverse('file', args=[case])}#{part}")
    if _read(owner, part, row) is None:
        raise Http404
    return _page(request, owner, form, {"title": ITEM_WORDS[item], "part": part})


@transaction.atomic
def _add_item(request: ScopedRequest, case: m.Case, part: str, row: str, name: str, form: FactsForm) -> None:
    """Adding never overwrites: it takes the row as it is now."""
    found = _read(m.Case.objects.get(id=case.id), part, row)
    if found is None:
        raise Http404
    now, version, clear = found
    added = form.content()
    changes: dict[str, Any] = {name: (*getattr(now, name), added)}
    if isinstance(form, ExtensionForm) and isinstance(added, f.Extension):
        changes["ends"] = added.until
    content = msgspec.structs.replace(now, **changes)
    if part == CONTEXT and isinstance(content, f.CaseFacts):
        store.do_change_context(case, version, content, request.scope.user)
    else:
        store.do_change_row(case, part, row, version, content, request.scope.user, **clear)
