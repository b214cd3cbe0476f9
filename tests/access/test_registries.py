"""What packages above tell the offices' pages: tasks in order, finds within the scope, entries by role."""

import pytest

from egide.access.registries import finding, navigation, tasks
from egide.access.registries.finding import Found
from egide.access.registries.navigation import NavigationEntry
from egide.access.registries.tasks import Level, Task
from egide.access.rules import Post, Scope, scope_for
from tests.support.pages import Pages

SCOPE = scope_for("x", "X", [Post("magistrate", "mons")])


def task(title: str, since_us: int, level: Level = Level.ORDINARY, due_us: int | None = None) -> Task:
    return Task(title=title, url="/", word="Request", since_us=since_us, level=level, due_us=due_us)


def test_rule_05_tasks_stand_by_what_people_answered_then_by_their_day_then_by_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = [
        task("old", 1),
        task("due later", 2, due_us=90),
        task("due soon", 9, due_us=50),
        task("life", 8, Level.DANGER_TO_LIFE),
        task("urgent, waits longer", 3, Level.URGENT),
        task("urgent", 4, Level.URGENT),
    ]
    monkeypatch.setattr(tasks, "_providers", [lambda scope: given[:3], lambda scope: given[3:]])
    order = ["life", "urgent, waits longer", "urgent", "due soon", "due later", "old"]
    assert [one.title for one in tasks.tasks_of(SCOPE)] == order


def test_the_start_page_shows_them_with_their_words(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [task("Request 2026-00412", pages.clock.now_us(), Level.DANGER_TO_LIFE)]
    monkeypatch.setattr(tasks, "_providers", [lambda scope: given if "mons" in scope.offices else []])
    page = pages.client(pages.user("m", role="magistrate", office="mons")).get("/start").content.decode()
    assert "Request 2026-00412" in page and "Danger to life" in page and "since 15 January 2027" in page
    other = pages.client(pages.user("n", role="magistrate", office="liege")).get("/start").content.decode()
    assert "Nothing waits for you" in other


@pytest.mark.parametrize(("text", "finds"), [("al", 1), (" al  ix ", 1), ("a", 0), ("", 0), (" ", 0)])
def test_search_asks_each_finder_for_two_letters_or_more(
    monkeypatch: pytest.MonkeyPatch, text: str, finds: int
) -> None:
    asked: list[str] = []

    def finder(scope: Scope, wanted: str) -> list[Found]:
        asked.append(wanted)
        return [Found("Alix", "/", "File")]

    monkeypatch.setattr(finding, "_finders", [finder])
    assert len(finding.find(SCOPE, text)) == finds
    assert asked == [" ".join(text.split())] * finds


def test_a_name_that_is_searched_stands_in_no_address(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_finders", [lambda scope, text: [Found(f"{text} found", "/x", "File")]])
    client = pages.client(pages.user("m", role="magistrate", office="mons"))
    page = client.get("/start").content.decode()
    assert 'action="/search" method="post"' in page
    assert "Alix found" in client.post("/search", {"text": "Alix"}).content.decode()
    assert "Alix found" not in client.get("/search?text=Alix").content.decode()


def test_entries_are_shown_to_those_who_may_enter_and_the_present_one_is_marked(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [
        NavigationEntry("Later", "accounts", lambda scope: scope.has_files, order=90),
        NavigationEntry("Now", "start", lambda scope: True, order=0),
        NavigationEntry("Others", "readings", lambda scope: scope.is_evaluator),
    ]
    monkeypatch.setattr(navigation, "_entries", entries)
    page = pages.client(pages.user("m", role="magistrate", office="mons")).get("/start").content.decode()
    assert page.index(">Now<") < page.index(">Later<") and "Others" not in page
    assert '<a href="/start" aria-current="page">Now</a>' in page


def test_an_open_page_learns_whether_its_session_lives_and_the_token_that_its_forms_need(
    pages: Pages,
) -> None:
    client = pages.client(pages.user("m", role="magistrate", office="mons"))
    assert len(client.get("/session").json()["token"]) == 64
    assert pages.client().get("/session").status_code == 401
