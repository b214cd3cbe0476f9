"""An event of a newer version stops no figures (safety rule 47): it is counted, said, and the rest is there."""

from egide.alarm import events as a
from egide.evaluation import service
from egide.events.base import REGISTRY, Event
from egide.journal.transaction import Entry
from tests.evaluation.people import house_with_figures
from tests.evaluation.test_dashboard import member, text_of
from tests.evaluation.test_records import built
from tests.support.installation import Installation
from tests.support.newer import unknown
from tests.support.pages import Pages


def reshaped_closing() -> Event:
    """A closing whose outcome became a list."""
    known = REGISTRY["AlarmClosed"]

    class AlarmClosed(Event, frozen=True):
        user: str
        outcome: list[str]

    REGISTRY["AlarmClosed"] = known
    return AlarmClosed(user="a newer version", outcome=["arrest", "test"])


def test_rule_47_what_cannot_be_read_is_counted_and_the_rest_is_there(installation: Installation) -> None:
    alarm = installation.open_alarm(installation.enrol())
    installation.act(alarm, reshaped_closing())
    installation.act(alarm, unknown())
    other = installation.open_alarm(installation.enrol())
    installation.act(other, a.AlarmClosed(user="op", outcome="arrest", reason="seen"))
    records = built(installation)
    assert records.about.unread == 1
    assert sorted(records["alarms"]["outcome"].to_list(), key=str) == [None, "arrest"]


def test_rule_47_the_figures_are_built_and_say_what_they_lack(pages: Pages) -> None:
    house = house_with_figures(pages)
    house.pages.journal.append([Entry(stream="alarm:made-up-1", event=reshaped_closing())])
    assert service.rebuild().unread == 1
    page = text_of(member(house.pages, "evaluator").get("/figures/").content)
    assert "1 event was written by a newer version and cannot be read: these figures lack it." in page
