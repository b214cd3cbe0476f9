"""Accounts by file: looked at, every fault by its line, all or none, and each waits for its second person."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from egide.access.models import AccountRequest, Membership, User
from egide.access.registries import places
from egide.common.ids import new_id
from egide.imports.accounts import MOST_ACCOUNTS
from egide.imports.models import ImportDraft
from egide.outbox.models import OutboxRow
from egide.rollout.reference import do_load_reference
from tests.access.test_accounts import NEW_PASSWORD, agree
from tests.support.clear_text import find_clear_text
from tests.support.pages import Pages, text_of

PATH = "/import/accounts"
HEAD = "name;title;language;role;place\n"
GOOD = (
    HEAD
    + "zone-5324-09;Inspecteur 09 · Mons/Quévy;fr;zone-officer;5324\n"
    + "parquet-09;Substitut 09;fr;magistrate;mons\n"
    + "steering-09;Comité 09;nl;steering;\n"
)


@pytest.fixture
def admin(pages: Pages) -> Client:
    do_load_reference()
    return pages.client(pages.user("admin-1", role="administrator"))


def look(client: Client, text: str) -> HttpResponse:
    reply: HttpResponse = client.post(PATH, {"file": SimpleUploadedFile("a.csv", text.encode(), "text/csv")})
    return reply


def draft_on(page: HttpResponse) -> str:
    found = re.search(r'name="draft" value="([0-9a-z]+)"', page.content.decode())
    assert found, text_of(page)
    return found[1]


def do_all(admin: Client, text: str = GOOD) -> HttpResponse:
    reply: HttpResponse = admin.post(PATH, {"draft": draft_on(look(admin, text))})
    assert reply.status_code == 200, text_of(reply)
    return reply


def codes_on(page: HttpResponse) -> list[str]:
    return re.findall(r'class="num code">([0-9A-Z-]+)<', page.content.decode())


def test_a_look_changes_nothing(admin: Client) -> None:
    page = text_of(look(admin, GOOD))
    assert "3 new, 0 changed, 0 unchanged" in page
    assert User.objects.count() == 1 and not AccountRequest.objects.exists()


def test_every_account_waits_for_its_second_person_and_opens_with_both_halves(
    pages: Pages, admin: Client
) -> None:
    codes = codes_on(do_all(admin))
    assert len(set(codes)) == 3
    assert not Membership.objects.filter(user__name="zone-5324-09").exists()
    asked = AccountRequest.objects.order_by("id")
    assert [(one.by, one.state, one.posts) for one in asked] == [
        ("admin-1", "open", "zone-officer 5324"),
        ("admin-1", "open", "magistrate mons"),
        ("admin-1", "open", "steering"),
    ]
    # Each by the person who answers for its place, as a single one.
    reference = pages.client(pages.user("ref-1", role="reference-officer", zone="5324"))
    assert "zone-5324-09" in text_of(reference.get("/accounts/requests"))
    assert "parquet-09" not in text_of(reference.get("/accounts/requests"))
    link = agree(reference, "zone-5324-09")
    form = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD, "code": codes[0]}
    assert pages.client().post(link, form)["Location"] == "/"
    other = AccountRequest.objects.get(user__name="parquet-09").pk
    assert reference.post(f"/accounts/requests/{other}/agree").status_code == 404


@pytest.mark.files("looks for it in the files")
def test_an_administrator_sees_codes_and_no_link_and_agrees_to_none(pages: Pages, admin: Client) -> None:
    page = do_all(admin)
    assert "/invitation/" not in page.content.decode()
    for one in AccountRequest.objects.all():
        assert admin.post(f"/accounts/requests/{one.pk}/agree").status_code == 404
    halves = [*codes_on(page), *(code.replace("-", "") for code in codes_on(page))]
    assert find_clear_text(pages.config.data_dir, [], ["zone-5324-09"]) != []
    assert find_clear_text(pages.config.data_dir, [], halves) == []
    assert OutboxRow.objects.filter(kind="AccountAsked").count() == 3


WRONG = {
    "Zone 9;T;fr;zone-officer;5324": (2, "name", "small letters"),
    "admin-1;T;fr;zone-officer;5324": (2, "name", "already"),
    "emergency;T;fr;zone-officer;5324": (2, "name", "already"),
    f"zone-9;{'x' * 81};fr;zone-officer;5324": (2, "title", "80"),
    "zone-9;T;es;zone-officer;5324": (2, "language", "Use one of"),
    "zone-9;T;fr;emperor;5324": (2, "role", "Use one of"),
    "zone-9;T;fr;zone-officer;": (2, "place", "needs a place"),
    "zone-9;T;fr;zone-officer;no-such-zone": (2, "place", "needs a place"),
    "zone-9;T;fr;steering;5324": (2, "place", "has none"),
    "zone-9;;fr;steering;": (2, "title", "empty"),
    "zone-9;T;fr;steering;\nzone-9;T;fr;evaluator;": (3, "name", "The same as in line 2"),
}


@pytest.mark.parametrize(("lines", "fault"), WRONG.items(), ids=[str(number) for number in range(len(WRONG))])
def test_a_fault_is_named_by_its_line_and_nothing_is_imported(
    admin: Client, lines: str, fault: tuple[int, str, str]
) -> None:
    page = look(admin, f"{HEAD}{lines}\nzone-10;T;fr;steering;\n")
    number, column, word = fault
    row = re.search(
        rf"<td class=\"num\"[^>]*>{number}</td>\s*<td[^>]*><code[^>]*>{column}</code></td>\s*<td[^>]*>([^<]*)",
        page.content.decode(),
    )
    assert page.status_code == 422 and row and word in row[1]
    assert User.objects.count() == 1 and not ImportDraft.objects.exists()


def test_what_was_overtaken_meanwhile_imports_none_of_them(pages: Pages, admin: Client) -> None:
    draft = draft_on(look(admin, GOOD))
    pages.user("parquet-09", role="magistrate", office="mons")
    page = admin.post(PATH, {"draft": draft})
    assert page.status_code == 422 and "already" in text_of(page)
    assert not User.objects.filter(name="zone-5324-09").exists()


def test_a_file_is_imported_once_and_by_who_looked_at_it(pages: Pages, admin: Client) -> None:
    draft = draft_on(look(admin, GOOD))
    other = pages.client(pages.user("admin-2", role="administrator"))
    for client, text in ((other, draft), (admin, new_id())):
        assert client.post(PATH, {"draft": text}).status_code == 422
    assert admin.post(PATH, {"draft": draft}).status_code == 200
    assert admin.post(PATH, {"draft": draft}).status_code == 422
    assert AccountRequest.objects.count() == 3


def test_at_most_two_hundred_a_file(admin: Client) -> None:
    lines = "".join(f"steering-{number};T;fr;steering;\n" for number in range(MOST_ACCOUNTS + 1))
    page = look(admin, HEAD + lines)
    assert page.status_code == 422 and "More than 200 accounts" in text_of(page)


def test_places_may_stand_there_by_their_names(admin: Client) -> None:
    name = places.places_of("zone")["5324"]
    do_all(admin, f"{HEAD}zone-11;T;fr;zone-officer;{name}\n")
    assert AccountRequest.objects.get().posts == "zone-officer 5324"
