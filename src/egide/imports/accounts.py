"""Accounts by file: many at once are asked for as one is, and each waits for its second person (safety rule 41).

An administrator is shown the code that goes with each link, once; the links are printed by those who say yes.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from egide.access.accounts.accounts import NAME, RESERVED, do_ask_invitation
from egide.access.models import User
from egide.access.registries.places import is_known, place_for
from egide.access.rules import ADMINISTRATOR, ROLES, Post, is_complete
from egide.access.service import ScopedRequest, for_roles
from egide.imports.checks import check_length, check_one_of
from egide.imports.reading import CsvLine, Fault
from egide.imports.service import Importer
from egide.imports.views import ImportPage, import_page

# Each costs a second person a conversation, and the administrator a code to tell.
MOST_ACCOUNTS = 200


class Code(NamedTuple):
    """What an administrator tells a person: the half of their way in that is on no paper."""

    name: str
    title: str
    code: str


def _faults(lines: Sequence[CsvLine]) -> Iterator[Fault]:
    taken = set(User.objects.values_list("name", flat=True)) | RESERVED
    languages = dict(settings.LANGUAGES)
    if len(lines) > MOST_ACCOUNTS:
        yield lines[MOST_ACCOUNTS].fault("name", _("More than 200 accounts. Split the file."))
    for line in lines:
        if not NAME.fullmatch(line["name"]):
            yield line.fault("name", _("Three letters or more: small letters, digits and dashes."))
        elif line["name"] in taken:
            yield line.fault("name", _("Somebody has this name already."))
        yield from check_length(line, "title", 80)
        yield from check_one_of(line, "language", languages)
        yield from check_one_of(line, "role", ROLES)
        post = _post(line)
        if line["role"] in ROLES and not (is_complete(post) and is_known(post)):
            text = _("This role needs a place that exists, and a role for the whole country has none.")
            yield line.fault("place", text)


def _post(line: CsvLine) -> Post:
    return Post(line["role"], place_for(line["role"], line["place"]))


def _verbs(lines: Sequence[CsvLine]) -> Iterator[str]:
    for _line in lines:
        yield "new"


def _do(codes: list[Code], lines: Sequence[CsvLine], by: str) -> int:
    for line in lines:
        user, code = do_ask_invitation(by, line["name"], line["title"], line["language"], _post(line))
        codes.append(Code(user.name, user.title, code))
    return len(lines)


def _importer(codes: list[Code]) -> Importer:
    """Asks for the accounts of a file; the codes are added to `codes`, and kept nowhere."""
    return Importer(
        "accounts",
        ("name", "title", "language", "role"),
        _faults,
        _verbs,
        partial(_do, codes),
        optional=("place",),
        unique=("name",),
    )


@require_http_methods(["GET", "POST"])
@for_roles(ADMINISTRATOR)
def accounts(request: ScopedRequest) -> HttpResponse:
    """Choose a file, look at it, say yes; then the codes, shown this once."""
    codes: list[Code] = []

    def show_codes(request: ScopedRequest) -> HttpResponse:
        return render(request, "imports/codes.html", {"scope": request.scope, "codes": codes})

    page = ImportPage(
        _importer(codes),
        _("Import accounts"),
        _(
            "Each line is one new account with one post, at most 200 a file. Place is the code or the name of a centre,"
            " a zone or an office, and empty for a role in the whole country. Each account waits for a second person,"
            " as if you had asked for it alone. Then you see the code of each person, this once."
        ),
        "name;title;language;role;place\nzone-5324-09;Inspecteur 09 · Mons/Quévy;fr;zone-officer;5324",
        "accounts",
        show_codes,
    )
    return import_page(request, page)
