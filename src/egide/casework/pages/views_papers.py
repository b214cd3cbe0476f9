"""Photos, documents, scans and the export of a person's own data: sealed at rest, never cached, never inline."""

import logging

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.readings.page_views import is_of_view, view_mark
from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER
from egide.access.service import ScopedRequest, for_files, for_roles
from egide.casework import models as m
from egide.casework.file import files
from egide.casework.file import words as w
from egide.casework.file.reading import File, places_of
from egide.casework.forms.papers import SHOWN_WHOLE, AttachmentForm, MarkForm
from egide.casework.pages.export import export_of
from egide.casework.pages.views import case_for, file_for, own_case, own_file
from egide.casework.papers import documents
from egide.casework.papers import keeping as p
from egide.casework.papers.handing import NotLookedFor, do_mark, do_unmark, hidden_addresses
from egide.casework.papers.scans import PDF, clean_scan
from egide.casework.papers.uploads import JPEG, BadUpload, clean_photo, too_big
from egide.common.signature.pades import SigningError
from egide.events.casework import DocumentMade, FileExported
from egide.journal.sealing.keys import KeyErased
from egide.outbox.days import today
from egide.rollout.service import office_names, zone_names

log = logging.getLogger("egide.web")

HTML = "text/html; charset=utf-8"
_ENDINGS = {PDF: "pdf", JPEG: "jpg"}


@require_http_methods(["GET", "POST"])
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def add_photo(request: ScopedRequest, case: str, owner: str) -> HttpResponse:
    """A photo of a perpetrator or of the protected person."""
    file = own_file(request, case)
    people = {row.id: row.facts.name for row in file.perpetrators}
    people[file.beneficiary.id] = file.beneficiary.facts.name
    if owner not in people:
        raise Http404
    error = ""
    if request.method == "POST":
        try:
            _do_keep_photo(request, case, owner)
        except BadUpload as bad:
            error = str(bad)
        else:
            return redirect("file", case)
    context = {"scope": request.scope, "case": file.case, "name": people[owner], "error": error}
    context["errors"] = {"photo": error} if error else {}
    context["view_mark"] = view_mark(request.scope.user, case)
    context["photos"] = [one for one in p.papers_of(case, (p.PHOTO,)) if one.owner == owner]
    return render(request, "casework/photo.html", context, status=422 if error else 200)


def _do_keep_photo(request: ScopedRequest, case: str, owner: str) -> None:
    given = request.FILES.get("photo")
    if given is None:
        raise too_big() if request.META.get("egide.upload_too_big") else BadUpload(_("Choose a file."))
    content = clean_photo(given.read())
    facts = p.PaperFacts(media=JPEG, sha256=p.sha256_of(content), by=request.scope.user)
    p.do_add_paper(case, p.PHOTO, content, facts, owner)


@require_GET
@for_files
def paper(request: ScopedRequest, case: str, paper: str) -> HttpResponse:
    """The bytes of a photo, document or scan. That they were opened is recorded, except a photo's as part of a page."""
    row = case_for(request, case)
    try:
        found, facts, content = p.read_paper(row.id, paper)
    except (p.NoSuchPaper, KeyErased) as error:
        raise Http404 from error
    is_of_page = found.kind == p.PHOTO and is_of_view(request.GET.get("view", ""), request.scope.user, row.id)
    if not is_of_page:
        files.do_record_opening(request.scope, row)
    name = "-".join(filter(None, (row.number, facts.document or found.kind, facts.language)))
    return _bytes(content, facts.media, f"{name}.{_ENDINGS.get(facts.media, 'bin')}", found.kind == p.PHOTO)


def _bytes(content: bytes, media: str, name: str, inline: bool) -> HttpResponse:
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    return response


@require_POST
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def remove(request: ScopedRequest, case: str, paper: str) -> HttpResponse:
    """Take a photo or an attachment out for good."""
    row = own_case(request, case)
    try:
        p.do_remove(row.id, paper, request.scope.user)
    except p.NoSuchPaper as error:
        raise Http404 from error
    return redirect("file", case)


@require_http_methods(["GET", "POST"])
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def attach(request: ScopedRequest, case: str) -> HttpResponse:
    """A paper from elsewhere, written anew from its pages or its picture, under seal."""
    # The form names addresses that must not be disclosed: that is a reading.
    file = own_file(request, case)
    form = AttachmentForm(request.POST or None, _hidden_of(case), files=request.FILES or None)
    is_whole = request.method == "POST" and form.is_valid()
    if request.META.get("egide.upload_too_big"):
        form.errors["paper"] = form.error_class([str(too_big())])
    elif is_whole:
        try:
            made = _do_attach(request, case, form)
            return redirect(f"{reverse('file', args=[case])}#paper-{made.id}")
        except BadUpload as bad:
            form.add_error("paper", str(bad))
        except NotLookedFor:
            # An address was hidden in this very moment: the form names it now.
            form = AttachmentForm(request.POST, _hidden_of(case), files=request.FILES)
    context = {"scope": request.scope, "case": file.case, "form": form, "title": _("Attach a paper")}
    context["back"] = reverse("file", args=[case])
    return render(request, "casework/form.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _do_attach(request: ScopedRequest, case: str, form: AttachmentForm) -> m.Paper:
    given, by = form.cleaned_data, request.scope.user
    media, content = clean_scan(given["paper"].read())
    about = {name: given[name] for name in ("title", "source", "on")}
    facts = p.PaperFacts(media=media, sha256=p.sha256_of(content), by=by, **about)
    made = p.do_add_paper(case, p.ATTACHMENT, content, facts)
    if form.is_for_team():
        do_mark(case, made.id, by, given.get("looked_for", ()))
    return made


@require_http_methods(["GET", "POST"])
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def for_team(request: ScopedRequest, case: str, paper: str) -> HttpResponse:
    """An attachment is marked as to be handed to teams; marked once more, nothing changes."""
    file = own_file(request, case)
    shown = next((one for one in p.papers_of(case, (p.ATTACHMENT,)) if one.id == paper), None)
    if shown is None:
        raise Http404
    form = MarkForm(request.POST if request.method == "POST" else None, _hidden_of(case))
    if form.is_valid():
        try:
            do_mark(case, paper, request.scope.user, form.cleaned_data.get("looked_for", ()))
            return redirect(f"{reverse('file', args=[case])}#paper-{paper}")
        except p.NoSuchPaper as error:
            raise Http404 from error
        except NotLookedFor:
            form = MarkForm(request.POST, _hidden_of(case))
    context = {
        "scope": request.scope,
        "case": file.case,
        "form": form,
        "paper": shown,
        "shown_whole": SHOWN_WHOLE,
    }
    context |= {"title": _("Hand a paper to the team"), "back": reverse("file", args=[case])}
    return render(request, "casework/for_team.html", context, status=422 if form.errors else 200)


def _hidden_of(case: str) -> dict[str, str]:
    return hidden_addresses(places_of(case))


@require_POST
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def not_for_team(request: ScopedRequest, case: str, paper: str) -> HttpResponse:
    """The mark is taken back."""
    row = own_case(request, case)
    try:
        do_unmark(row.id, paper, request.scope.user)
    except (p.NoSuchPaper, KeyErased) as error:
        raise Http404 from error
    return redirect(f"{reverse('file', args=[case])}#paper-{paper}")


@require_POST
@for_files
def document(request: ScopedRequest, case: str) -> HttpResponse:
    """Make a document, keep it, and write its hash into the journal."""
    file = file_for(request, case)
    kind, language = request.POST.get("document", ""), request.POST.get("language", "")
    if kind not in documents.DOCUMENTS or language not in w.LANGUAGES:
        raise Http404
    wanted = documents.WantedDocument(
        document=kind,
        language=language,
        criminal=request.POST.get("for") == "criminal",
        authority=_authority(file.case, kind),
        today=today(),
    )
    try:
        content = documents.make_document(file, wanted)
    except documents.NotYet as error:
        raise Http404 from error
    except SigningError as error:
        # A decision without the signature that it is expected to have would be taken for a forged one.
        log.error("a document was not made: %s", error)
        messages.error(
            request, _("The document was not made: it cannot be signed now. Tell the administrator.")
        )
        return redirect("file", case=case)
    made = _do_keep(request, file, wanted, content)
    return redirect(f"{reverse('file', args=[case])}#paper-{made.id}")


def _do_keep(request: ScopedRequest, file: File, wanted: documents.WantedDocument, content: bytes) -> m.Paper:
    sha256, by = p.sha256_of(content), request.scope.user
    facts = p.PaperFacts(
        media=PDF,
        sha256=sha256,
        by=by,
        document=wanted.document,
        language=wanted.language,
        criminal=wanted.criminal,
    )
    case = file.case.id
    event = DocumentMade(
        case=case, user=by, document=wanted.document, language=wanted.language, sha256=sha256
    )
    return p.do_add_paper(case, p.DOCUMENT, content, facts, event=event)


def _authority(case: m.Case, kind: str) -> str:
    if kind == documents.DECISION and case.office:
        return office_names(case.office)[case.office]
    return zone_names(case.managing_zone)[case.managing_zone]


@require_POST
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def export(request: ScopedRequest, case: str) -> HttpResponse:
    """A person's own data as one page that can be read and kept; without the non-disclosed address."""
    file = own_file(request, case)
    content = export_of(request, file, (get_language() or "en")[:2])
    event = FileExported(case=case, user=request.scope.user, sha256=p.sha256_of(content))
    files.do_tell(event)
    return _bytes(content, HTML, f"{file.case.number}.html", inline=False)
