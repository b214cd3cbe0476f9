"""People of one roster exchange duties: whoever keeps it sees before and after, says yes once, and nobody else can."""

import re

import pytest
from django.test import Client

from egide.access.models import User
from egide.events.rollout import DutiesExchanged
from egide.outbox.models import OutboxRow
from egide.outbox.service import waiting
from egide.rollout.duties import SWAP, TAKE_OVER, Overtaken, do_exchange, exchange_of
from egide.rollout.models import Duty
from egide.rollout.service import do_load_reference
from tests.support.duties import HEAD, keep, line, who
from tests.support.pages import Pages, text_of

PAGE = "/rollout/duties/exchange/"


def begin(_pages: Pages) -> None:
    do_load_reference()


@pytest.fixture
def clerk(pages: Pages) -> Client:
    """Keeps a roster of A now, B tomorrow; C was on duty yesterday."""
    pages.begin("reference", begin)
    clerk = who(pages, "clerk", office="mons")
    keep(
        clerk,
        f"{line(name='A', number='+32 65 00 00 11')};clerk-mons",
        f"{line(23, 33, name='B')};",
        f"{line(-30, -20, name='C')};",
        head=f"{HEAD};account",
    )
    return clerk


def stand(name: str) -> Duty:
    return Duty.objects.get(name=name)


def shown(client: Client, line: Duty, how: str, other: Duty) -> tuple[str, dict[str, str]]:
    """Before and after, and what the form there says."""
    page = client.get(f"{PAGE}{line.id}", {"with": f"{how}:{other.id}"}).content.decode()
    found = dict(re.findall(r'name="(with|mark)" value="([^"]+)"', page))
    return " ".join(re.sub("<[^>]+>", " ", page).split()), found


def told() -> int:
    return OutboxRow.objects.filter(kind="DutiesExchanged").count()


def test_two_lines_are_swapped_after_before_and_after_were_seen_and_pressed_twice_once(clerk: Client) -> None:
    one, two = stand("A"), stand("B")
    text, said = shown(clerk, one, SWAP, two)
    assert re.search(r"Before.*After.* A \+32.* B \+32.* B \+32.* A \+32", text)
    for _press in range(2):
        assert clerk.post(f"{PAGE}{one.id}", said).status_code == 302
    first, second = Duty.objects.get(id=one.id), Duty.objects.get(id=two.id)
    assert (first.name, first.account) == ("B", None)
    assert (first.starts_us, first.ends_us) == (one.starts_us, one.ends_us)
    assert (second.name, second.number, second.account_id) == ("A", one.number, one.account_id)
    event = waiting("rollout:office:mons", DutiesExchanged)
    assert event is not None and told() == 1
    assert (event[0].subject, event[0].number, event[0].by) == ("office:mons", 2, "clerk-mons")
    assert (event[0].from_us, event[0].until_us) == (one.starts_us, two.ends_us)
    assert not {"A", "B"} & set(repr(event[0]).replace("'", " ").split()) and one.number not in repr(event[0])
    assert "Nothing was exchanged" in text_of(clerk.get("/rollout/duties/"))


def test_somebody_else_of_the_roster_takes_a_line_over_and_their_own_stays(clerk: Client) -> None:
    one, other = stand("B"), stand("C")
    text, said = shown(clerk, one, TAKE_OVER, other)
    assert "C" in text and clerk.post(f"{PAGE}{one.id}", said).status_code == 302
    assert Duty.objects.get(id=one.id).name == "C" and Duty.objects.get(id=other.id).name == "C"
    event = waiting("rollout:office:mons", DutiesExchanged)
    assert event is not None and (event[0].number, event[0].from_us) == (1, one.starts_us)


def test_a_line_that_is_over_is_offered_to_nobody_and_cannot_be_exchanged(
    clerk: Client, pages: Pages
) -> None:
    now, over = stand("A"), stand("C")
    assert clerk.get(f"{PAGE}{over.id}").status_code == 404
    page = clerk.get(f"{PAGE}{now.id}").content.decode()
    assert f"swap:{over.id}" not in page and f"over:{over.id}" in page
    assert clerk.get(f"{PAGE}{now.id}", {"with": f"swap:{over.id}"}).status_code == 302
    # Shown while it lasted, said yes to after it was over.
    _text, said = shown(clerk, now, SWAP, stand("B"))
    pages.clock.advance_s(10 * 3600)
    again = pages.client(User.objects.get(name="clerk-mons"))
    assert again.post(f"{PAGE}{now.id}", said).status_code == 404
    assert stand("A").id == now.id and not told()


def test_what_changed_since_it_was_shown_is_not_exchanged(clerk: Client) -> None:
    one, two = stand("A"), stand("B")
    _text, said = shown(clerk, one, SWAP, two)
    Duty.objects.filter(id=two.id).update(number="+32 65 00 00 99")
    assert clerk.post(f"{PAGE}{one.id}", said).status_code == 302
    assert clerk.post(f"{PAGE}{one.id}", said | {"mark": ""}).status_code == 302
    assert stand("A").id == one.id and not told()


def test_nobody_stands_twice_in_one_begin(clerk: Client) -> None:
    one, other = stand("B"), stand("A")
    keep(clerk, line(23, 28, name="A", number=other.number))
    text, said = shown(clerk, one, TAKE_OVER, other)
    assert "has a duty that begins at the same moment" in text and "mark" not in said
    mark = exchange_of({("office", "mons")}, one.id, TAKE_OVER, other.id).mark
    said = {"with": f"over:{other.id}", "mark": mark}
    assert clerk.post(f"{PAGE}{one.id}", said).status_code == 422 and not told()


def test_two_of_one_begin_swap_as_any(clerk: Client) -> None:
    keep(clerk, line(50, 52, name="D"), line(50, 60, name="E"))
    one, two = stand("D"), stand("E")
    _text, said = shown(clerk, one, SWAP, two)
    assert clerk.post(f"{PAGE}{one.id}", said).status_code == 302
    assert (stand("E").ends_us, stand("D").ends_us) == (one.ends_us, two.ends_us)


def test_only_whoever_keeps_the_roster_exchanges_and_only_within_it(clerk: Client, pages: Pages) -> None:
    one, two = stand("A"), stand("B")
    _text, said = shown(clerk, one, SWAP, two)
    officer = who(pages, "reference-officer", zone="5324")
    keep(officer, line(kind="zone", place="5324", name="Officer"))
    zones = stand("Officer")
    strangers = [
        officer,
        who(pages, "clerk", office="liege"),
        who(pages, "zone-officer", zone="5324"),
        who(pages, "operator", centre="HAI"),
        who(pages, "administrator"),
    ]
    for client in strangers:
        assert client.get(f"{PAGE}{one.id}").status_code == 404
        assert client.post(f"{PAGE}{one.id}", said).status_code == 404
    # Not with a line of another roster either.
    assert clerk.get(f"{PAGE}{one.id}", {"with": f"swap:{zones.id}"}).status_code == 302
    with pytest.raises(LookupError):
        exchange_of({("office", "mons"), ("zone", "5324")}, one.id, SWAP, zones.id)
    for wrong in ("swap:", "swap:x", "other:1", f"swap:{one.id}", f"swap:{'9' * 30}"):
        assert clerk.get(f"{PAGE}{one.id}", {"with": wrong}).status_code == 302
    assert stand("A").id == one.id and not told()


def test_two_who_say_yes_at_once_exchange_once(clerk: Client) -> None:
    one, two = stand("A"), stand("B")
    kept = {("office", "mons")}
    mark = exchange_of(kept, one.id, SWAP, two.id).mark
    do_exchange(kept, one.id, SWAP, two.id, mark, "first")
    with pytest.raises(Overtaken):
        do_exchange(kept, one.id, SWAP, two.id, mark, "second")
    assert stand("A").id == two.id and told() == 1
