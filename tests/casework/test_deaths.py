"""A death in a file: what it closes and what it does not, who may enter it, what is known later, and a mistake."""

import random
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from egide.access.rules import Post, scope_for
from egide.alarm import events as a
from egide.casework import models as m
from egide.casework.file import rules_life as rules
from egide.casework.file import steps as s
from egide.casework.file.reading import read_file
from egide.casework.file.rules_life import Stage, StepRefused
from egide.casework.life.living import do_take_step
from egide.casework.life.retention import retention_days
from egide.casework.life.tasks import tasks_of
from egide.casework.service import standing_of
from egide.demo.kits import DemoFile, create_demo_kits
from egide.evaluation.surveys.service import NotDue, do_hand_link, due_files
from egide.events.casework import DeathNoted, DeathTakenBack
from egide.events.register import GrantChanged
from egide.fleet.pages.tasks import tasks_of as kit_tasks_of
from egide.outbox.copy import copy_waiting
from egide.outbox.days import today
from egide.outbox.service import waiting
from tests.boards.teams import act, with_team
from tests.casework.people import CENTRE, ZONE, Office, decision, magistrate, officer, text_of
from tests.evaluation.people import house_with_kit
from tests.support.clear_text import find_clear_text
from tests.support.pages import MONS, Pages

SOURCE = "Kantschrift 4711 of the prosecutor"


def given(case: m.Case, **more: str) -> dict[str, str]:
    case.refresh_from_db()
    said = {"who": "protected", "on": str(today()), "violence": "suspected", "source": SOURCE}
    return said | {"version": str(case.version)} | more


def enter(client: Client, case: m.Case, **more: str) -> Any:
    return client.post(f"/files/{case.id}/step/death", given(case, **more))


def entry(case: m.Case) -> str:
    return read_file(case.id).life.deaths[-1].death


def put_right(client: Client, case: m.Case, **more: str) -> Any:
    return client.post(f"/files/{case.id}/death/{entry(case)}", given(case, **more))


def take_back(client: Client, case: m.Case, reasons: str = "Another file") -> Any:
    case.refresh_from_db()
    said = {"version": str(case.version), "mistake": "yes", "reasons": reasons}
    return client.post(f"/files/{case.id}/death/{entry(case)}", said)


def later(office: Office, days: int, role: str = "reference-officer") -> Client:
    """Somebody who signs in so many days on: sessions end sooner."""
    office.pages.clock.advance_s(days * 86_400)
    place = {"office": "mons"} if role == "magistrate" else {"zone": ZONE}
    return office.client(f"{role}-{office.pages.clock.now_us()}", role, **place)


def died(death: str = "d1", **more: Any) -> s.Died:
    return s.Died(
        **{"death": death, "who": "protected", "on": today(), "violence": "unknown", "source": "x"} | more
    )


def events(office: Office, case: m.Case, kind: type) -> list[Any]:
    copy_waiting(office.pages.config, office.pages.journal)
    journal = office.pages.journal
    return [journal.open_event(row) for row in journal.every() if row.kind == kind.__name__]


def test_the_death_of_the_protected_person_closes_the_file_at_once(office: Office) -> None:
    case = office.running()
    create_demo_kits([DemoFile(case.id, ZONE, CENTRE)])
    page = text_of(office.officer.get(f"/files/{case.id}/"))
    assert 'id="step-death"' in page
    assert "No more is asked than what stands here" in text_of(
        office.officer.get(f"/files/{case.id}/step/death")
    )
    assert enter(office.officer, case).status_code == 302
    case.refresh_from_db()
    assert (case.stage, case.grant_ends_on) == (Stage.DIED, today())
    assert case.erase_on == today() + timedelta(days=retention_days(office.pages.config.data_dir)["died"])
    assert not standing_of(case.id).is_granted
    page = text_of(office.officer.get(f"/files/{case.id}/"))
    assert "Closed: the person died" in page and SOURCE in page
    assert "It is suspected" in page and "Review on" not in page
    # What follows for a kit that is being made ready is what follows at every end.
    assert [one.grant_ends_at_s is not None for one in events(office, case, GrantChanged)] == [True]


def test_the_kit_is_taken_back_as_at_every_end_and_nobody_is_asked_anything(pages: Pages) -> None:
    house = house_with_kit(pages)
    reference = scope_for("ref-1", "Reference", [Post("reference-officer", ZONE)])
    assert [one.case for one in due_files(house.officer)] == [house.case.id]
    version = m.Case.objects.get(id=house.case.id).version
    do_take_step(reference, house.case.id, version, died())
    tasks = [(task.word, task.detail) for task in kit_tasks_of(house.officer)]
    assert ("Take the kit back", "The file has ended") in tasks
    assert due_files(house.officer) == []
    with pytest.raises(NotDue):
        do_hand_link(house.officer, house.case.id)
    # A mistake: they may be asked again, and keep the kit.
    version = m.Case.objects.get(id=house.case.id).version
    do_take_step(reference, house.case.id, version, s.DeathTakenBack(death="d1", reasons="x"))
    assert [one.case for one in due_files(house.officer)] == [house.case.id]
    assert not [task for task in kit_tasks_of(house.officer) if task.word == "Take the kit back"]


@pytest.mark.files("looks for it in the files")
def test_the_event_says_what_figures_need_and_nothing_lies_open_on_the_disk(office: Office) -> None:
    case = office.running()
    enter(office.officer, case)
    (told,) = events(office, case, DeathNoted)
    fields = {name: getattr(told, name) for name in told.__struct_fields__}
    assert fields.pop("death") == entry(case) and fields == {
        "case": case.id,
        "user": "ref-1",
        "who": "protected",
        "on": today(),
        "violence": "suspected",
        "in_alarm": False,
        "due": None,
    }
    assert find_clear_text(office.pages.config.data_dir, [], [SOURCE, "suspected", "protected"]) == []


@pytest.mark.parametrize("who", ["child", "relative", "perpetrator"])
def test_rule_31_any_other_death_ends_nothing_and_calls_for_a_review(office: Office, who: str) -> None:
    case = office.running()
    before = case.review_on
    assert enter(office.officer, case, who=who).status_code == 302
    case.refresh_from_db()
    due = today() + timedelta(days=rules.AFTER_DEATH_DAYS)
    assert before is not None and due < before
    assert (case.stage, case.grant_ends_on, case.erase_on) == (Stage.RUNNING, None, None)
    assert case.review_on == due
    assert [task.word for task in tasks_of(officer())] == ["Review"]
    (told,) = events(office, case, DeathNoted)
    assert told.due == due and told.violence == ("not-asked" if who == "perpetrator" else "suspected")
    # Nobody's notice is skipped: the file ends as every file ends.
    with pytest.raises(StepRefused):
        office.take(case, officer(), s.Ended(kit="returned"))


@pytest.mark.parametrize("stage", ["request", "decision", "agreement", "refused", "ended", "withdrawn"])
def test_it_can_be_entered_before_a_decision_and_after_the_end(office: Office, stage: str) -> None:
    case = {
        "request": office.file,
        "decision": office.to_decision,
        "agreement": office.granted,
        "refused": lambda: office.take(office.to_decision(), magistrate(), decision("refused")),
        "ended": lambda: office.take(office.granted(), officer(), s.Dropped(reasons="x")),
        "withdrawn": lambda: office.take(office.running(), magistrate(), s.Withdrawn(reasons="x")),
    }[stage]()
    assert case.stage == stage
    client = later(office, 3)
    assert enter(client, case).status_code == 302
    case.refresh_from_db()
    assert case.stage == Stage.DIED
    # What was withdrawn earlier stays withdrawn since then.
    ended = today() - timedelta(days=3) if stage == "withdrawn" else today()
    assert case.grant_ends_on == ended
    assert take_back(client, case).status_code == 302
    case.refresh_from_db()
    assert case.stage == stage


def test_only_a_reference_officer_of_the_zone_and_a_magistrate_of_the_office_enter_it(office: Office) -> None:
    case = office.running()
    others = {
        "zone-officer": {"zone": ZONE},
        "clerk": {"office": "mons"},
        "operator": {"centre": CENTRE},
        "supervisor": {"centre": CENTRE},
        "coordinator": {},
        "evaluator": {},
    }
    clients = {role: office.client(f"{role}-x", role, **place) for role, place in others.items()}
    clients["elsewhere"] = office.client("ref-gent", "reference-officer", zone="5415")
    clients["other office"] = office.client("mag-namur", "magistrate", office="namur")
    m.BarredReader.objects.create(case=case, mark="user:cousin")
    clients["barred"] = office.client("cousin", "reference-officer", zone=ZONE)
    office.take(case, officer(), died(who="child", violence="excluded"))
    before = read_file(case.id)
    for name, client in clients.items():
        assert client.get(f"/files/{case.id}/step/death").status_code == 404, name
        assert enter(client, case).status_code == 404, name
        assert client.get(f"/files/{case.id}/death/d1").status_code == 404, name
        assert put_right(client, case).status_code == 404, name
        assert take_back(client, case).status_code == 404, name
    assert read_file(case.id).steps == before.steps
    # An officer of the zone reads it, and is offered nothing.
    page = text_of(clients["zone-officer"].get(f"/files/{case.id}/"))
    assert 'id="deaths"' in page and "step-death" not in page and "/death/d1" not in page
    assert office.magistrate.get(f"/files/{case.id}/step/death").status_code == 200
    assert office.officer.get(f"/files/{case.id}/death/d2").status_code == 404


def test_an_officer_does_not_speak_for_a_magistrate(office: Office) -> None:
    case = office.running()
    with pytest.raises(StepRefused) as refused:
        office.take(case, officer(), died(by_magistrate=True))
    assert refused.value.code == "not-your-step"
    enter(office.officer, case, by_magistrate="yes")
    assert not read_file(case.id).life.deaths[0].by_magistrate


def test_a_magistrate_reads_what_an_officer_entered_and_is_asked_again_while_it_is_not_known(
    office: Office,
) -> None:
    word = "A death: read it, and say what is known of it"
    case = office.running()
    enter(office.officer, case, violence="unknown")
    assert [task.word for task in tasks_of(magistrate())] == [word] and not list(tasks_of(officer()))
    assert not list(tasks_of(magistrate(office="namur")))
    assert "No magistrate has looked at it yet." in text_of(office.magistrate.get(f"/files/{case.id}/"))
    form = text_of(office.magistrate.get(f"/files/{case.id}/death/{entry(case)}"))
    assert SOURCE in form and 'name="violence"' in form
    # Whoever says it anew says it themselves: no answer is filled in (rule 15).
    checked = re.findall(r"<input[^>]*checked[^>]*>", form)
    assert len(checked) == 1 and 'name="who"' in checked[0]
    assert put_right(office.magistrate, case, violence="unknown").status_code == 302
    assert not list(tasks_of(magistrate()))
    client = later(office, rules.ASK_AGAIN_DAYS, "magistrate")
    assert [task.word for task in tasks_of(magistrate())] == [word]
    assert put_right(client, case, violence="known").status_code == 302
    assert not list(tasks_of(magistrate()))
    office.pages.clock.advance_s(4 * rules.ASK_AGAIN_DAYS * 86_400)
    assert not list(tasks_of(magistrate()))


def test_the_latest_word_counts_and_what_was_said_before_stays(office: Office) -> None:
    case = office.running()
    enter(office.officer, case, violence="suspected")
    first = entry(case)
    client = later(office, 40)
    assert put_right(client, case, violence="excluded", source="Autopsy").status_code == 302
    file = read_file(case.id)
    assert [(one.death, one.violence, one.source) for one in file.life.deaths] == [
        (first, "excluded", "Autopsy")
    ]
    said = [taken.step.violence for taken in file.steps if isinstance(taken.step, s.Died)]
    assert said == ["suspected", "excluded"]
    # It is kept for its time from the last word on; the end itself stays the day of the first.
    case.refresh_from_db()
    assert case.erase_on == today() + timedelta(days=1826)
    assert case.grant_ends_on == today() - timedelta(days=40)
    assert [one.violence for one in events(office, case, DeathNoted)] == ["suspected", "excluded"]


def test_a_mistake_is_taken_back_and_the_file_stands_where_it_stood(office: Office) -> None:
    case = office.running()
    review = case.review_on
    create_demo_kits([DemoFile(case.id, ZONE, CENTRE)])
    enter(office.officer, case)
    assert take_back(office.officer, case, reasons=" ").status_code == 422
    assert take_back(office.officer, case).status_code == 302
    case.refresh_from_db()
    assert (case.stage, case.review_on, case.grant_ends_on, case.erase_on) == (
        Stage.RUNNING,
        review,
        None,
        None,
    )
    assert [one.grant_ends_at_s is None for one in events(office, case, GrantChanged)] == [False, True]
    (told,) = events(office, case, DeathTakenBack)
    assert told.case == case.id and not read_file(case.id).life.deaths
    page = text_of(office.officer.get(f"/files/{case.id}/"))
    assert 'id="deaths"' not in page and "A death taken back: a mistake" in page and "Another file" in page
    assert office.officer.get(f"/files/{case.id}/death/{told.death}").status_code == 404


def test_what_cannot_be_is_refused_and_said(office: Office) -> None:
    case = office.running()
    assert enter(office.officer, case, on=str(today() + timedelta(days=1))).status_code == 422
    early = enter(office.officer, case, on="2020-01-01")
    assert early.status_code == 409 and "between the opening of the file and today" in text_of(early)
    empty = enter(office.officer, case, violence="")
    assert empty.status_code == 422 and "“not known yet” is an answer too" in text_of(empty)
    for wrong in ({"who": "neighbour"}, {"violence": "maybe"}, {"violence": "not-asked"}, {"source": ""}):
        assert enter(office.officer, case, **wrong).status_code == 422, wrong
    assert not read_file(case.id).life.deaths
    assert enter(office.officer, case).status_code == 302
    twice = enter(office.officer, case)
    assert twice.status_code == 409 and "correct that entry" in text_of(twice)
    stale = office.officer.post(f"/files/{case.id}/death/{entry(case)}", given(case, version="1"))
    assert stale.status_code == 409 and len(read_file(case.id).life.deaths) == 1


def test_a_death_in_an_alarm_is_asked_for_only_where_there_is_one_and_closes_the_file(pages: Pages) -> None:
    case = pages.files[MONS].case
    client = pages.client(pages.user("ref", role="reference-officer", zone=ZONE))
    url = f"/files/{case.id}/step/death"
    assert "in_alarm" not in text_of(client.get(url))
    alarm = with_team(pages)
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="killed", reason="over"))
    assert "in_alarm" in text_of(client.get(url))
    assert client.post(url, given(case)).status_code == 422
    assert client.post(url, given(case, in_alarm="yes")).status_code == 302
    told = waiting(f"case:{case.id}", DeathNoted)
    assert told is not None and told[0].in_alarm
    case.refresh_from_db()
    assert case.stage == Stage.DIED


def test_a_file_of_periods_that_does_not_name_deaths_keeps_them_as_long_as_ended_files(
    office: Office,
) -> None:
    own = office.pages.config.data_dir / "retention.toml"
    own.write_text("[days]\nended = 400\nrefused = 9\nwithdrawn = 9\n")
    case = office.running()
    enter(office.officer, case)
    case.refresh_from_db()
    assert case.erase_on == today() + timedelta(days=400)
    own.write_text("[days]\nended = 400\ndied = 4000\n")
    put_right(office.officer, case)
    case.refresh_from_db()
    assert case.erase_on == today() + timedelta(days=4000)


def test_an_ended_grant_stays_ended_when_the_file_moves(office: Office) -> None:
    case = office.take(office.running(), magistrate(), s.Withdrawn(reasons="x"))
    ended = case.grant_ends_on
    moved = s.Moved(from_zone=ZONE, to_zone="5415", from_office="mons", to_office="mons", reasons="x")
    assert ended is not None and office.take(case, officer(), moved).grant_ends_on == ended


def test_whatever_is_entered_corrected_and_taken_back_a_life_without_a_death_is_the_life_before() -> None:
    chance, on = random.Random(31), date(2027, 3, 1)
    for _round in range(300):
        stage = chance.choice(list(rules.Stage))
        life = before = rules.Life(
            stage=stage, review_due_on=chance.choice((None, on)), closed_on=chance.choice((None, on))
        )
        for number in range(chance.randint(1, 8)):
            day = on + timedelta(days=number)
            if life.deaths and chance.random() < 0.4:
                life = rules.fold(
                    life, s.DeathTakenBack(death=chance.choice(life.deaths).death, reasons="x"), day
                )
            else:
                who = chance.choice(s.DEATHS)
                violence = s.NOT_ASKED if who == s.PERPETRATOR else chance.choice(s.VIOLENCE)
                step = s.Died(
                    death=chance.choice("abc"), who=who, on=day, violence=violence, source="x", due=None
                )
                if who != s.PROTECTED or rules.died_of(life) in (None, *life.deaths):
                    life = rules.fold(life, step, day)
            assert (life.stage == Stage.DIED) == (stage == Stage.DIED or rules.died_of(life) is not None)
        for one in life.deaths:
            life = rules.fold(life, s.DeathTakenBack(death=one.death, reasons="x"), on)
        assert life == before
