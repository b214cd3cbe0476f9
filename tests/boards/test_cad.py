"""A dispatch system is told of an alarm: once by id, in its order, and no more than it may know."""

import json
import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from egide.alarm import events as a
from egide.alarm.undoing import decide_undo
from egide.boards import telling
from egide.connectors.dispatch import receivers as cad
from egide.connectors.dispatch.receivers import Receiver, problems, receivers_of
from egide.connectors.registry import problems_of
from egide.entrypoints.worker.telling import Teller, tellers_of
from egide.entrypoints.worker.turns import AGAIN_AFTER_S
from egide.journal.now.signs import Signs
from tests.support.dispatch_system import DispatchSystem, dispatch_system, settings_file
from tests.support.pages import GENT, MONS, Pages, near
from tests.support.telling import Told, close, raised_closed_and_pressed_again, receiver_of

pytestmark = pytest.mark.usefixtures("with_files")

RAISED, MOVED, CLOSED = "alarm.raised", "alarm.moved", "alarm.closed"
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
NAMES = ("Inventé", "Fictif", "Verzonnen")


def move(pages: Pages, alarm: str, file: int = MONS, north_m: int = 100, age_s: int = 0) -> None:
    at = near(pages.files[file], north_m=north_m)
    place = type(at)(at.lat_e7, at.lon_e7, at.accuracy_m, age_s, at.source)
    pages.send(alarm, a.PositionReceived, pages.phone(file), position=place)


def test_it_hears_of_the_alarm_of_each_later_position_and_of_the_end(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    pages.clock.advance_s(5)
    move(pages, alarm)
    told.turn()
    told.turn()
    pages.clock.advance_s(5)
    close(pages, alarm)
    told.turn()
    told.turn()
    assert (
        [one["type"] for one in system.taken()]
        == [RAISED, MOVED, CLOSED]
        == [one["said"]["type"] for one in system.came]
    )
    raised, moved, closed = system.taken()
    assert raised["alarm"] == moved["alarm"] == closed["alarm"] and alarm not in json.dumps(system.came)
    assert raised["circle"]["lat"] < moved["circle"]["lat"] and closed["circle"] is None
    assert (raised["test"], raised["category"]) == (False, "protection-alarm")
    assert told.noted(alarm) == [("raised", "", 1), ("closed", "", 1)]


def test_cap_is_valid_follows_the_first_message_and_says_what_the_rest_says(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    """Its schema (an XSD of the WMO) was asked by the other side for each message: 422 where it is not."""
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS], accuracy_m=40))
    told.turn()
    pages.clock.advance_s(5)
    close(pages, alarm)
    told.turn()
    first, last = (etree.fromstring(one["cap"].encode()) for one in system.taken())
    raised = system.taken()[0]
    circle = first.findtext(f"{CAP}info/{CAP}area/{CAP}circle")
    assert circle == f"{raised['circle']['lat']:.7f},{raised['circle']['lon']:.7f} 0.040"
    assert [one.findtext(f"{CAP}msgType") for one in (first, last)] == ["Alert", "Cancel"]
    assert first.findtext(f"{CAP}status") == "Actual" and first.findtext(f"{CAP}scope") == "Private"
    assert last.findtext(f"{CAP}references") == f"egide,{raised['id']},{first.findtext(f'{CAP}sent')}"
    assert not re.search(r"[\s,<&]", str(first.findtext(f"{CAP}identifier")))


def test_it_hears_what_its_list_says_and_no_name_ever(pages: Pages, system: DispatchSystem) -> None:
    narrow = Told(pages, receiver_of(system, fields=(cad.ID, cad.CIRCLE)))
    pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    narrow.turn()
    (said,) = system.taken()
    assert {"category", "weapon", "link"}.isdisjoint(said)
    assert "weapon" not in said["cap"] and "<web>" not in said["cap"]
    whole = Told(pages, receiver_of(system))
    pages.clock.advance_s(60)
    pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    whole.turn()
    file = pages.files[MONS]
    everything = json.dumps(system.came, ensure_ascii=False)
    assert file.name not in everything and file.case.id not in everything
    assert not any(name in everything for name in NAMES)


def test_whether_there_is_a_weapon_is_what_the_file_says(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    (said,) = system.taken()
    assert said["weapon"] is telling.has_weapon(pages.files[MONS].case.id) is True


def test_an_alarm_of_another_centre_is_nothing_for_it(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    alarm = pages.alarm(pages.phone(GENT), near(pages.files[GENT]), centre="OVL")
    told.turn()
    assert system.came == [] == told.noted(alarm)
    assert told.teller.failing == 0


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"status": 503}, "refused-503"),
        ({"status": 401}, "refused-401"),
        ({"status": 302}, "refused-302"),
        ({"wait_s": 6}, "timeout"),
    ],
)
def test_one_that_refuses_or_hangs_is_tried_again_under_the_same_id_and_noted_once(
    pages: Pages, system: DispatchSystem, told: Told, how: dict[str, int], why: str
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    system.behave(**how)
    told.turn()
    # Not before its time.
    told.turn()
    told.turn(AGAIN_AFTER_S[0])
    assert told.teller.failing == 1
    system.behave()
    told.turn(AGAIN_AFTER_S[1])
    assert told.teller.failing == 0
    assert len({one["said"]["id"] for one in system.came}) == 1
    assert [one["type"] for one in system.taken()] == [RAISED]
    assert told.noted(alarm) == [("raised", why, 1), ("raised", "", 3)]


def test_a_worker_that_was_killed_says_it_again_under_the_same_id(
    pages: Pages, system: DispatchSystem, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the answer and the note: the next one does not know that it was told."""
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(Teller, "_note", _killed)
        told.turn()
    next_one = Told(pages, told.receiver)
    next_one.turn()
    assert len(system.came) == 2 and len(system.taken()) == 1
    assert next_one.noted(alarm) == [("raised", "", 1)]


def test_a_system_that_left_the_settings_of_a_worker_that_was_killed_is_missed_by_nobody(
    pages: Pages, system: DispatchSystem, tmp_path: Path
) -> None:
    signs, stopped = Signs(pages.installation.config, pages.clock), threading.Event()
    for name in ("cad ccic", "cad gone", "worker"):
        signs.beat(name, 1, 2)
    config = replace(
        pages.installation.config, dispatch_systems=str(settings_file(tmp_path, (system.entry(),)))
    )
    threads = tellers_of(stopped, config, pages.journal, pages.clock)
    assert [thread.name for thread in threads] == ["cad ccic"]
    assert {"cad ccic", "worker"} <= signs.beats().keys() and "cad gone" not in signs.beats()
    # What is wrong in the settings takes nothing back that is missed.
    wrong = replace(config, dispatch_systems=str(tmp_path / "none.toml"))
    assert tellers_of(stopped, wrong, pages.journal, pages.clock) == []
    assert "cad ccic" in signs.beats()
    assert tellers_of(stopped, replace(config, dispatch_systems=""), pages.journal, pages.clock) == []
    assert "cad ccic" not in signs.beats() and "worker" in signs.beats()


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_alarm_that_is_open_again_is_another_message_about_the_same_alarm(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    raised_closed_and_pressed_again(pages, told)
    told.turn()
    said = system.taken()
    assert [one["type"] for one in said] == [RAISED, CLOSED, RAISED]
    assert said[0]["alarm"] == said[2]["alarm"] and said[0]["id"] != said[2]["id"]


def test_a_closing_that_is_undone_raises_it_anew_and_the_next_closing_is_told_too(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    pages.clock.advance_s(5)
    close(pages, alarm)
    told.turn()
    state = pages.journal.alarm(alarm)
    assert state is not None
    version = str(state.undoable[-1].version)
    pages.journal.decide(alarm, lambda now: decide_undo(now, "op-1", version, pages.clock.now_us()))
    told.turn()
    told.turn()
    pages.clock.advance_s(5)
    close(pages, alarm)
    told.turn()
    said = system.taken()
    assert (
        [one["type"] for one in said]
        == [RAISED, CLOSED, RAISED, CLOSED]
        == [one["said"]["type"] for one in system.came]
    )
    assert f"egide,{said[2]['id']}," in said[3]["cap"]


def test_an_end_that_is_not_taken_is_noted_although_a_position_failed_before(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    system.behave(status=503)
    pages.clock.advance_s(5)
    move(pages, alarm)
    told.turn()
    pages.clock.advance_s(5)
    close(pages, alarm)
    for pause_s in AGAIN_AFTER_S[:3]:
        told.turn(pause_s)
    assert told.noted(alarm) == [("raised", "", 1), ("closed", "refused-503", 2)]


def test_a_secret_that_others_can_read_is_a_fault_and_one_for_another_account_is_none(
    pages: Pages, system: DispatchSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(pages.installation.config, dispatch_systems=str(system.settings(tmp_path)))
    assert problems(config) == []
    system.secret_file.chmod(0o644)
    assert "others can read" in problems(config)[0]
    system.secret_file.chmod(0o640)

    def refuse(_path: Path) -> list[bytes]:
        raise PermissionError

    monkeypatch.setattr(cad, "secrets_in", refuse)
    assert problems(config) == []


def test_an_answer_without_end_is_read_no_further_and_a_changed_secret_holds_at_once(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    system.behave(bytes=3_000_000)
    system.secret_file.write_text(system.secret_file.read_text() + "\nwhsec_" + "QUJD" * 10, encoding="ascii")
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    assert told.noted(alarm) == [("raised", "", 1)]
    system.secret_file.write_text("whsec_tooshort", encoding="ascii")
    pages.clock.advance_s(5)
    close(pages, alarm)
    told.turn()
    assert told.noted(alarm)[1:] == [("closed", "no-secret", 1)]


def test_two_systems_learn_nothing_from_each_other(
    pages: Pages, system: DispatchSystem, tmp_path: Path
) -> None:
    with dispatch_system(tmp_path / "other") as other:
        first = Told(pages, receiver_of(system))
        second = Told(pages, Receiver("neighbour", str(other.secret_file), ("HAI",), other.url))
        pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
        first.turn()
        second.turn()
        (mine,), (theirs,) = system.taken(), other.taken()
    assert mine["alarm"] != theirs["alarm"] and mine["id"] != theirs["id"] and mine["link"] != theirs["link"]


WRONG = {
    "name": ("Câble", "its name"),
    "url": ("http://cad.example/", "expected https"),
    "centres": ((), "would hear of nothing"),
    "fields": (("id", "name"), "there are id, circle"),
    "secret_file": ("/nowhere/secret", "cannot be used"),
}


@pytest.mark.parametrize("key", WRONG)
def test_a_wrong_line_is_named_and_then_nobody_is_told_anything(
    pages: Pages, system: DispatchSystem, tmp_path: Path, key: str
) -> None:
    value, said = WRONG[key]
    path = settings_file(tmp_path, (system.entry("good"), system.entry("bad") | {key: value}))
    config = replace(pages.installation.config, dispatch_systems=str(path))
    (sentence,) = problems(config)
    assert said in sentence and ("cad", sentence) in problems_of(config)
    with pytest.raises(ValueError, match=re.escape(sentence)):
        receivers_of(config)


@pytest.mark.parametrize(
    "text",
    ["", "[[receiver]]\nname = 'a'\n", "receiver = 3", "[[receiver]]\nnme = 'a'\n", "\x00", "[[receiver"],
)
def test_a_file_that_is_none_is_refused_as_a_whole(pages: Pages, tmp_path: Path, text: str) -> None:
    path = tmp_path / "dispatch.toml"
    path.write_text(text, encoding="utf-8")
    (sentence,) = problems(replace(pages.installation.config, dispatch_systems=str(path)))
    assert "EGIDE_DISPATCH_SYSTEMS" in sentence


def test_a_secret_stands_in_no_sentence(pages: Pages, system: DispatchSystem, tmp_path: Path) -> None:
    system.secret_file.write_text("whsec_geheim!", encoding="ascii")
    path = system.settings(tmp_path)
    (sentence,) = problems(replace(pages.installation.config, dispatch_systems=str(path)))
    assert "geheim" not in sentence


def test_a_fault_of_one_alarm_keeps_no_other_waiting_and_says_nothing_of_its_file(
    pages: Pages,
    system: DispatchSystem,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.alarm(pages.phone(GENT), near(pages.files[GENT]))
    true, damaged = telling.has_weapon, pages.files[MONS].case.id

    def has_weapon(case: str) -> bool | None:
        if case == damaged:
            raise ValueError(pages.files[MONS].name)
        return true(case)

    monkeypatch.setattr(telling, "has_weapon", has_weapon)
    told.turn()
    assert len(system.taken()) == told.teller.failing == 1
    assert "ValueError" in caplog.text and pages.files[MONS].name not in caplog.text
    monkeypatch.undo()
    told.turn(AGAIN_AFTER_S[0])
    assert len(system.taken()) == 2 and told.teller.failing == 0
