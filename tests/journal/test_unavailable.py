"""Nobody outside knows which engine keeps the journal: whatever fails in it is JournalUnavailable."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from egide.events.system import CanaryRouted
from egide.journal.errors import JournalUnavailable
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.presence import Presence
from egide.journal.now.signs import Signs
from egide.journal.queries import general as queries
from egide.journal.queries import intake as queries_intake
from egide.journal.queries import kits as queries_kits
from egide.journal.queries import watched as queries_watched
from egide.journal.service import Entry, Journal
from tests.journal.conftest import ON_SQLITE
from tests.support.installation import Installation

_GIVEN = {str: "x", int: 1, Iterable[str]: ["x"], Sequence[str]: ["x"]}
QUESTIONS = [
    function
    for module in (queries, queries_kits, queries_watched)
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
    and next(iter(inspect.signature(function).parameters)) == "journal"
]
METHODS: list[Callable[[Journal], object]] = [
    Journal.head,
    Journal.read,
    Journal.last_given_seq,
    Journal.open_alarms,
    Journal.unreported,
    Journal.unrouted,
    Journal.unshown,
    Journal.rebuild_tables,
    Journal.write_unforced,
    lambda journal: list(journal.every()),
    lambda journal: journal.read_clear(0),
    lambda journal: journal.stream("x"),
    lambda journal: journal.follow_ups("x"),
    lambda journal: journal.alarm_of_link("x"),
    lambda journal: journal.home_centre("x"),
    lambda journal: journal.cursor("x"),
    lambda journal: journal.save_cursor("x", 1),
    lambda journal: journal.alarm("x"),
    lambda journal: journal.append([Entry(stream="x", event=CanaryRouted(device="x", counter=1))]),
]


def ask(question: Callable[..., Any], journal: Journal) -> None:
    """Ask it, and take the whole answer."""
    _journal, *others = inspect.signature(question).parameters.values()
    answer = question(journal, *(_GIVEN[one.annotation] for one in others))
    if isinstance(answer, Iterable):
        list(answer)


@pytest.fixture
def broken(installation: Installation) -> Journal:
    """A journal whose connection was closed under it."""
    installation.journal.connection.close()
    return installation.journal


def test_every_query_is_asked_here() -> None:
    assert len(QUESTIONS) > 30


@ON_SQLITE
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
def test_a_question_says_that_the_journal_is_unavailable(
    broken: Journal, question: Callable[..., Any]
) -> None:
    with pytest.raises(JournalUnavailable):
        ask(question, broken)


@ON_SQLITE
@pytest.mark.parametrize("method", METHODS)
def test_the_journal_itself_says_so(broken: Journal, method: Callable[[Journal], object]) -> None:
    with pytest.raises(JournalUnavailable):
        method(broken)


@ON_SQLITE
def test_what_a_message_asks_says_so_within_a_reading_and_a_transaction(installation: Installation) -> None:
    journal = installation.journal
    with pytest.raises(JournalUnavailable), journal.transaction() as transaction:
        transaction.execute("DROP TABLE message")
        queries_intake.kept_messages(transaction, [("x", 1)])
    with journal.reading() as reader:
        assert queries_intake.kept_messages(reader, [("x", 1)]) == {}
    with pytest.raises(JournalUnavailable), journal.reading() as reader:
        journal.connection.close()
        queries_intake.senders(reader, ["x"])


@ON_SQLITE
def test_keys_and_the_small_files_say_so_too(installation: Installation) -> None:
    heartbeats, presence = Heartbeats(installation.config), Presence(installation.config)
    signs = Signs(installation.config, installation.clock)
    for database in (heartbeats, presence, signs):
        database.connection.close()
    asked: list[Callable[[], object]] = [
        lambda: heartbeats.counters(["0" * 16]),
        lambda: heartbeats.find("0" * 16),
        lambda: heartbeats.waiting(1),
        presence.boards,
        signs.troubles,
    ]
    for ask in asked:
        with pytest.raises(JournalUnavailable):
            ask()
    installation.keys._place.close()
    with pytest.raises(JournalUnavailable):
        installation.keys.forget_erased()
    with pytest.raises(JournalUnavailable):
        installation.keys.has("x")
