"""An account is linked once, by the two halves of its way in; a new start links it anew, with two people again."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.http import HttpResponse
from django.test import Client

from egide.access.models import User
from tests.access.signing import SUB, Person, is_in, linked, provider, running
from tests.access.test_accounts import Invited, admin, agree, invite, kinds, officer, shown
from tests.support.openid.provider import Provider
from tests.support.pages import Pages, text_of

__all__ = ["admin", "officer", "provider", "running"]
LINK = "/sign-in/authority/link"


def begin(client: Client, invited: Invited, code: str | None = None) -> HttpResponse:
    form = {"authority": "1", "code": invited.code if code is None else code}
    reply: HttpResponse = client.post(invited.link, form)
    return reply


def test_both_halves_link_the_account_and_it_is_at_work(
    pages: Pages, provider: Provider, admin: Client, officer: Client
) -> None:
    invited = invite(admin, officer)
    person = Person(pages, provider)
    assert 'id="link-authority"' in person.client.get(invited.link).content.decode()
    page = begin(person.client, invited)
    assert page.status_code == 200 and f'href="{LINK}"' in page.content.decode()
    assert person.sign_in(begin=LINK, acr="gold")["Location"] == "/"
    assert person.client.get("/zone/").status_code == 200
    assert kinds()[-4:] == ["AccountInvited", "InvitationAccepted", "AccountLinked", "SignedIn"]
    user = User.objects.get(name="zone-7")
    assert not user.has_usable_password()
    assert person.client.get(invited.link).status_code == 404, "used up"
    again = Person(pages, provider)
    assert again.sign_in(acr="gold")["Location"] == "/" and is_in(again.client)


def test_without_a_second_factor_of_the_provider_one_is_set_up_next(
    pages: Pages, provider: Provider, admin: Client, officer: Client
) -> None:
    person = Person(pages, provider)
    begin(person.client, invite(admin, officer))
    person.sign_in(begin=LINK)
    assert person.client.get("/zone/")["Location"] == "/account/second-factor"
    assert person.client.get("/account/app/add").status_code == 200


@pytest.mark.parametrize("code", ["", "0000-0000-0000"])
def test_the_link_without_the_code_leads_to_no_provider(
    pages: Pages, provider: Provider, admin: Client, officer: Client, code: str
) -> None:
    person = Person(pages, provider)
    page = begin(person.client, invite(admin, officer), code)
    assert page.status_code == 422 and 'id="code-error"' in page.content.decode()
    assert "required" not in text_of(page).replace("Type the code", "")
    assert person.client.get(LINK).status_code == 404
    assert provider.asked == []


def test_an_invitation_that_ran_out_or_was_used_meanwhile_links_nobody(
    pages: Pages, provider: Provider, admin: Client, officer: Client
) -> None:
    invited = invite(admin, officer)
    person = Person(pages, provider)
    begin(person.client, invited)
    address = person.address_back(begin=LINK, acr="gold")
    other = Person(pages, provider)
    begin(other.client, invited)
    other.sign_in("another", begin=LINK, acr="gold")
    assert person.come_back(address).status_code == 403
    assert SocialAccount.objects.count() == 1 and not is_in(person.client)


def test_one_person_of_the_provider_opens_one_account(
    pages: Pages, provider: Provider, admin: Client, officer: Client
) -> None:
    linked(pages)
    person = Person(pages, provider)
    begin(person.client, invite(admin, officer))
    answer = person.sign_in(SUB, begin=LINK, acr="gold")
    assert answer.status_code == 403 and "opens another account already" in text_of(answer)
    assert SocialAccount.objects.get().user.name == "op-1"


def test_a_new_start_unlinks_and_another_person_of_the_provider_may_be_linked(
    pages: Pages, provider: Provider, admin: Client, officer: Client
) -> None:
    linked(pages, "zone-7", role="zone-officer", zone="5324")
    code = shown(admin.post("/accounts/zone-7/new-link"), "invitation-code")
    assert SocialAccount.objects.count() == 1, "nothing changes before the yes"
    link = agree(officer, "zone-7")
    assert SocialAccount.objects.count() == 0
    old = Person(pages, provider)
    assert old.sign_in(acr="gold").status_code == 403
    new = Person(pages, provider)
    begin(new.client, Invited(link, code))
    assert new.sign_in("new-subject", begin=LINK, acr="gold")["Location"] == "/"
    assert is_in(new.client) and SocialAccount.objects.count() == 1


def test_somebody_who_left_signs_in_no_more_and_may_come_back_by_an_account_of_their_own(
    pages: Pages, provider: Provider, admin: Client, officer: Client
) -> None:
    linked(pages, "zone-6", role="zone-officer", zone="5324")
    admin.post("/accounts/zone-6/close", {"sure": "1"})
    person = Person(pages, provider)
    assert person.sign_in(acr="gold").status_code == 403
    begin(person.client, invite(admin, officer))
    assert person.sign_in(begin=LINK, acr="gold")["Location"] == "/"


def test_a_password_is_still_a_way_in(
    pages: Pages, provider: Provider, admin: Client, officer: Client
) -> None:
    invited = invite(admin, officer)
    client = pages.client()
    form = {
        "new_password1": "eleven green boats",
        "new_password2": "eleven green boats",
        "code": invited.code,
    }
    assert client.post(invited.link, form)["Location"] == "/"
    assert SocialAccount.objects.count() == 0


def test_without_a_provider_the_button_is_gone_and_pressing_it_sets_no_password(
    pages: Pages, admin: Client, officer: Client
) -> None:
    invited = invite(admin, officer)
    assert "link-authority" not in pages.client().get(invited.link).content.decode()
    assert begin(pages.client(), invited).status_code == 422
    assert not User.objects.get(name="zone-7").has_usable_password()
