"""Duty rosters: who keeps which, what a line may say, who is on duty now, and who finds the number to ring."""

import pytest

from egide.access.models import User
from egide.events.rollout import DutiesKept
from egide.outbox.models import OutboxRow
from egide.outbox.service import waiting
from egide.rollout.models import Duty
from egide.rollout.service import do_load_reference, on_duty
from tests.support.duties import HEAD, keep, line, preview, who
from tests.support.pages import Pages, text_of

PAGE, IMPORT, TAKEN = "/rollout/duties/", "/rollout/import/duties", "/rollout/duties/roster.csv"
NAMED = f"{HEAD};account"


def begin(_pages: Pages) -> None:
    do_load_reference()


def test_an_office_imports_its_roster_and_whoever_is_on_duty_now_is_found_and_rung(pages: Pages) -> None:
    pages.begin("reference", begin)
    clerk = who(pages, "clerk", office="mons")
    assert keep(clerk, line(), line(10, 20, name="The next one")) == 302
    told = waiting("rollout:office:mons", DutiesKept)
    assert told is not None and (told[0].number, told[0].subject) == (2, "office:mons")
    assert [one.name for one in on_duty("office", ["mons"])["mons"]] == ["Substitut"]
    for client in (
        who(pages, "operator", centre="HAI"),
        who(pages, "zone-officer", zone="5324"),
        who(pages, "magistrate", office="mons"),
    ):
        page = client.get(PAGE).content.decode()
        assert "Substitut" in page and 'href="tel:+3265000001"' in page
    assert "Substitut" not in text_of(who(pages, "operator", centre="LIE").get(PAGE))
    pages.clock.advance_s(11 * 3600)
    assert [one.name for one in on_duty("office", ["mons"])["mons"]] == ["The next one"]
    pages.clock.advance_s(24 * 3600)
    assert on_duty("office", ["mons"])["mons"] == []


def test_whoever_began_last_comes_first_and_the_same_line_is_kept_once(pages: Pages) -> None:
    pages.begin("reference", begin)
    officer = who(pages, "reference-officer", zone="5324")
    first, second = (
        line(-3, kind="zone", place="5324", name="A"),
        line(-1, kind="zone", place="5324", name="B"),
    )
    for _ in range(2):
        keep(officer, first, second)
    assert [one.name for one in on_duty("zone", ["5324"])["5324"]] == ["B", "A"]
    assert Duty.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("office;mons;X;ring me;2026-11-28 18:00;2026-11-28 20:00", "no telephone number"),
        ("office;mons;X;+32 65 00 00 01;tomorrow;2026-11-28 20:00", "is no moment"),
        ("office;mons;X;+32 65 00 00 01;2026-11-28 18:00;2026-11-28 17:00", "ends after it began"),
        ("office;mons;X;+32 65 00 00 01;2026-11-01 18:00;2026-11-28 17:00", "within fourteen days"),
        ("office;liege;X;+32 65 00 00 01;2026-11-28 18:00;2026-11-28 20:00", "You keep no roster"),
        ("street;mons;X;+32 65 00 00 01;2026-11-28 18:00;2026-11-28 20:00", "is not known"),
        (f"office;mons;{'X' * 121};+32 65 00 00 01;2026-11-28 18:00;2026-11-28 20:00", "At most 120"),
    ],
)
def test_each_fault_is_named_and_nothing_is_kept(pages: Pages, wrong: str, words: str) -> None:
    pages.begin("reference", begin)
    assert words in preview(who(pages, "clerk", office="mons"), line(), wrong)
    assert not Duty.objects.exists()


def test_nobody_keeps_or_takes_out_the_roster_of_another(pages: Pages) -> None:
    pages.begin("reference", begin)
    clerk = who(pages, "clerk", office="mons")
    keep(clerk, line())
    row = Duty.objects.get()
    said = {"kind": "office", "place": "mons", "id": str(row.id)}
    for client in (who(pages, "clerk", office="liege"), who(pages, "reference-officer", zone="5324")):
        assert client.post(PAGE, said).status_code == 404
    for role, place in (("operator", {"centre": "HAI"}), ("zone-officer", {"zone": "5324"})):
        client = who(pages, role, **place)
        assert client.post(PAGE, said).status_code == client.get(IMPORT).status_code == 404
    for role in ("evaluator", "administrator", "support"):
        assert who(pages, role).get(PAGE).status_code == 404
    assert Duty.objects.count() == 1
    assert clerk.post(PAGE, said).status_code == 302 and not Duty.objects.exists()


def test_the_coordinator_imports_for_all(pages: Pages) -> None:
    pages.begin("reference", begin)
    keep(who(pages, "coordinator"), line(), line(kind="zone", place="5330", name="Officer"))
    assert Duty.objects.count() == 2


@pytest.mark.parametrize("sign", list("=+-@"))
def test_no_name_is_what_a_spreadsheet_reckons_with(pages: Pages, sign: str) -> None:
    pages.begin("reference", begin)
    page = preview(who(pages, "clerk", office="mons"), line(name=f"{sign}1+1"))
    assert "a spreadsheet would calculate it" in page and not Duty.objects.exists()


# The file goes out as it comes in


def test_a_roster_that_is_taken_out_and_imported_again_changes_nothing(pages: Pages) -> None:
    pages.begin("reference", begin)
    clerk = who(pages, "clerk", office="mons")
    quoted = line(name='"Élise; dite ""la garde"""')
    keep(clerk, f"{quoted};clerk-mons", f"{line(10, 20)};", head=NAMED)
    assert Duty.objects.filter(name='Élise; dite "la garde"').exists()
    # Over: who was on duty then is nothing to exchange any more.
    keep(clerk, line(-40, -30, name="Before"))
    before = list(Duty.objects.values())
    told = OutboxRow.objects.count()
    reply = clerk.get(TAKEN)
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert reply["Content-Disposition"].startswith('attachment; filename="egide-duties-20')
    head, *lines = reply.content.decode().splitlines()
    assert head == NAMED and len(lines) == 2 and "Before" not in reply.content.decode()
    assert "2 unchanged" in text_of_preview(preview(clerk, *lines, head=head))
    assert keep(clerk, *lines, head=head) == 302
    assert list(Duty.objects.values()) == before and OutboxRow.objects.count() == told


def text_of_preview(page: str) -> str:
    return " ".join(page.split())


def test_who_keeps_no_roster_takes_none_out(pages: Pages) -> None:
    pages.begin("reference", begin)
    keep(who(pages, "clerk", office="mons"), line())
    assert "Substitut" not in who(pages, "clerk", office="liege").get(TAKEN).content.decode()
    assert "Substitut" in who(pages, "coordinator").get(TAKEN).content.decode()
    for role, place in (("operator", {"centre": "HAI"}), ("zone-officer", {"zone": "5324"})):
        assert who(pages, role, **place).get(TAKEN).status_code == 404
    assert who(pages, "administrator").get(TAKEN).status_code == 404


# The account of a line


@pytest.mark.parametrize("account", ["nobody", "elsewhere", "gone", "opened", "keeper"])
def test_an_account_without_a_role_at_the_place_is_refused_in_one_and_the_same_sentence(
    pages: Pages, account: str
) -> None:
    pages.begin("reference", begin)
    pages.user("elsewhere", role="clerk", office="liege")
    pages.user("gone", role="clerk", office="mons", is_active=False)  # type: ignore[arg-type]
    pages.user("opened", role="clerk", office="mons", is_emergency=True)  # type: ignore[arg-type]
    keeper = pages.user("keeper", role="clerk", office="mons")
    # Who keeps accounts does nothing else, whatever posts there are.
    keeper.memberships.create(role="administrator")
    page = preview(who(pages, "clerk", office="mons"), f"{line()};{account}", head=NAMED)
    assert f"There is no account “{account}” with a role at this place." in page
    assert not Duty.objects.exists()


def test_an_account_is_kept_and_stays_where_a_file_has_no_such_column(pages: Pages) -> None:
    pages.begin("reference", begin)
    clerk = who(pages, "clerk", office="mons")
    keep(clerk, f"{line()};clerk-mons", head=NAMED)
    row = Duty.objects.get()
    assert row.account == User.objects.get(name="clerk-mons")
    keep(clerk, line())
    assert Duty.objects.get().account == row.account
    keep(clerk, f"{line()};", head=NAMED)
    assert Duty.objects.get().account is None


def test_whose_account_it_is_stands_on_the_page_of_those_who_keep_it_and_in_no_event(pages: Pages) -> None:
    pages.begin("reference", begin)
    clerk = who(pages, "clerk", office="mons")
    keep(clerk, f"{line()};clerk-mons", head=NAMED)
    assert "account clerk-mons" in text_of(clerk.get(PAGE))
    assert "clerk-mons" not in text_of(who(pages, "operator", centre="HAI").get(PAGE))
    told = waiting("rollout:office:mons", DutiesKept)
    # By whom it was kept is said; of whom, never.
    assert told and "Substitut" not in repr(told[0]) and repr(told[0]).count("clerk-mons") == 1
