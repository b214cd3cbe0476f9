"""A support worker proposes a review, reports a trouble, asks for a call-back while she lets them; the zone answers."""

import pytest
from django.test import Client

from egide.casework import models as m
from egide.casework.sharing.telling import LONGEST, MOST_OPEN
from egide.casework.sharing.workers import do_share, do_unshare
from egide.events.casework import SupportAnswered, SupportTold
from egide.outbox.service import waiting
from tests.casework.people import officer
from tests.support.pages import MONS, Pages, text_of


def case_of(pages: Pages) -> m.Case:
    case: m.Case = m.Case.objects.get(id=pages.files[MONS].case.id)
    return case


def worker(pages: Pages, name: str = "helper", *, shared: bool = True) -> Client:
    # Before anything else is written, so that the files are a copy (`Pages.files`).
    case = case_of(pages)
    user = pages.user(name, role="support")
    if shared:
        do_share(officer(), case, name, ["contact"], she_agrees=True)
    return pages.client(user)


def zone(pages: Pages, name: str = "ref") -> Client:
    return pages.client(pages.user(name, role="reference-officer", zone="5324"))


def tell(
    client: Client, pages: Pages, kind: str = "trouble", text: str = "The <button> does not answer."
) -> int:
    return client.post(f"/allowed/{case_of(pages).id}/", {"kind": kind, "text": text}).status_code


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("review", "a review is proposed"),
        ("trouble", "something is wrong"),
        ("call-back", "a call-back is asked for"),
    ],
)
def test_what_is_told_is_a_task_of_the_zone_until_somebody_has_seen_to_it(
    pages: Pages, kind: str, words: str
) -> None:
    helper, ref, case = worker(pages), zone(pages), case_of(pages)
    assert tell(helper, pages, kind) == 302
    told = waiting(f"case:{case.id}", SupportTold)
    assert told is not None and (told[0].user, told[0].what) == ("helper", kind)
    assert f"From her support worker: {words}" in text_of(ref.get("/start"))
    page = text_of(ref.get(f"/files/{case.id}/"))
    assert "The <button> does not answer." in page and "Helper" in page
    assert "The zone has it as a task." in text_of(helper.get(f"/allowed/{case.id}/"))
    row = m.SupportWord.objects.get()
    for _ in range(2):
        assert ref.post(f"/files/{case.id}/support/{row.id}").status_code == 302
    answered = waiting(f"case:{case.id}", SupportAnswered)
    assert answered is not None and answered[0].user == "ref"
    assert "From her support worker" not in text_of(ref.get("/start"))
    assert "The zone has seen to it" in text_of(helper.get(f"/allowed/{case.id}/"))
    assert b"button> does" not in pages.stored()


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("", "long enough", "Choose what it is about."),
        ("alarm", "long enough", "Choose what it is about."),
        ("review", "  x ", "Say it in 3 to 1,000 letters."),
        ("review", "x" * (LONGEST + 1), "Say it in 3 to 1,000 letters."),
    ],
)
def test_what_cannot_be_told_is_said_and_what_was_typed_stays(
    pages: Pages, kind: str, text: str, words: str
) -> None:
    helper = worker(pages)
    reply = helper.post(f"/allowed/{case_of(pages).id}/", {"kind": kind, "text": text})
    assert reply.status_code == 422 and words in text_of(reply) and text in reply.content.decode()
    assert not m.SupportWord.objects.exists()


def test_five_of_one_worker_wait_at_most(pages: Pages) -> None:
    helper = worker(pages)
    assert [tell(helper, pages) for _ in range(MOST_OPEN + 1)] == [302] * MOST_OPEN + [422]
    m.SupportWord.objects.update(answered_at_us=1)
    assert tell(helper, pages) == 302


def test_rule_33_without_her_yes_there_is_nothing_to_tell_about(pages: Pages) -> None:
    stranger, case = worker(pages, "stranger", shared=False), case_of(pages)
    assert tell(stranger, pages) == 404
    helper = worker(pages)
    do_unshare(officer(), case, "helper")
    assert tell(helper, pages) == 404
    barred = worker(pages, "barred")
    m.BarredReader.objects.create(case=case, mark="user:barred")
    assert tell(barred, pages) == 404
    assert not m.SupportWord.objects.exists()
    for role, place in (("zone-officer", {"zone": "5324"}), ("magistrate", {"office": "mons"})):
        client = pages.client(pages.user(role, role=role, **place))
        assert tell(client, pages) == 404


def test_one_worker_reads_nothing_of_another_and_no_other_zone_answers(pages: Pages) -> None:
    one, other, case = worker(pages, "one"), worker(pages, "other"), case_of(pages)
    tell(one, pages, text="Of the first alone.")
    assert "Of the first alone." not in text_of(other.get(f"/allowed/{case.id}/"))
    row = m.SupportWord.objects.get()
    elsewhere = pages.client(pages.user("elsewhere", role="reference-officer", zone="5330"))
    magistrate = pages.client(pages.user("magistrate", role="magistrate", office="mons"))
    for client in (elsewhere, magistrate, one):
        assert client.post(f"/files/{case.id}/support/{row.id}").status_code == 404
    assert "Of the first alone." not in text_of(magistrate.get(f"/files/{case.id}/"))
    # Nor by the address of another file.
    theirs = m.Case.objects.exclude(id=case.id).filter(managing_zone="5415").first()
    assert theirs is not None
    gent = pages.client(pages.user("gent", role="reference-officer", zone="5415"))
    gent.post(f"/files/{theirs.id}/support/{row.id}")
    row.refresh_from_db()
    assert row.answered_at_us is None
