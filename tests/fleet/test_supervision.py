"""From a real heartbeat over the real intake to what the zone is told: supervision with a clock that is set."""

from collections.abc import Callable
from typing import Any

import pytest

from egide.alarm.events import AlarmClosed
from egide.events.register import DeviceEnrolled, KitLost, KitReturned, KitWatched
from egide.fleet.supervision import rules as r
from egide.fleet.supervision.supervisor import PAUSE_S, Supervisor
from egide.journal.ending.erasing import do_erase
from egide.journal.errors import JournalUnavailable
from egide.journal.now.heartbeats import Heartbeats
from egide.protocol.envelope import Battery, Kind, Trigger
from egide.protocol.link import APP_VERSION
from egide.protocol.receipt import Pending
from tests.fleet.watching import PAIRED, Watch
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation, Phone


@pytest.fixture
def watch(installation: Installation, intake: IntakeClient) -> Watch:
    return Watch(installation, intake, r.Settings())


async def test_a_kit_falls_silent_the_person_then_the_zone_then_the_officer_and_it_is_solved_by_itself(
    watch: Watch,
) -> None:
    phone = watch.kit(r.HIGHEST)
    assert await watch.beat(phone) == ()
    watch.wait(19 * 60)
    assert watch.told(phone) == []
    watch.wait(60)
    assert watch.told(phone) == [(r.SILENT, r.PERSON)]
    watch.wait(40 * 60)
    assert watch.told(phone) == [(r.SILENT, whom) for whom in r.WHOM]
    # Back: the very next contact carries the notice, and the silence is over by itself.
    assert await watch.beat(phone) == (Pending("check", r.SILENT),)
    watch.step()
    assert watch.told(phone)[3:] == [(r.SILENT, "solved")]
    assert await watch.beat(phone) == ()


async def test_a_level_that_this_version_does_not_know_is_watched_like_the_highest_and_stops_nobody_elses(
    watch: Watch,
) -> None:
    phone, other = watch.kit("gravest"), watch.kit(r.HIGHEST)
    for one in (phone, other):
        await watch.beat(one)
    watch.wait(20 * 60)
    assert watch.told(phone) == watch.told(other) == [(r.SILENT, r.PERSON)]


async def test_heartbeats_leave_no_row_of_their_own_and_no_event(watch: Watch) -> None:
    phone = watch.kit()
    watch.step()
    head = watch.installation.journal.head()
    for _ in range(50):
        await watch.beat(phone)
        watch.wait(60)
    assert watch.installation.journal.head() == head
    count = "SELECT count(*) FROM heard"
    assert watch.heartbeats.connection.execute(count).fetchone() == (1,)


async def test_a_quiet_notice_comes_with_the_next_reply_and_goes_when_it_is_right_again(watch: Watch) -> None:
    phone = watch.kit()
    assert await watch.beat(phone, battery=Battery(9, 80)) == ()
    watch.step()
    assert await watch.beat(phone, battery=Battery(9, 80)) == (Pending("check", r.PHONE_BATTERY),)
    heard = watch.heartbeats.find(phone.device)
    assert heard is not None and heard.given_s == watch.now_s
    watch.wait(60)
    await watch.beat(phone, battery=Battery(70, 80))
    watch.step()
    assert await watch.beat(phone, battery=Battery(70, 80)) == ()
    assert watch.told(phone) == [(r.PHONE_BATTERY, r.PERSON), (r.PHONE_BATTERY, "solved")]


async def test_who_speaks_costs_the_supervisor_no_look(watch: Watch) -> None:
    phone = watch.kit()
    await watch.beat(phone)
    assert watch.step() == 1
    for _ in range(20):
        watch.installation.set_clock.advance_s(100)
        await watch.beat(phone)
        assert watch.step() == 0


async def test_silent_unpairing_is_seen_with_the_next_heartbeat(watch: Watch) -> None:
    phone = watch.kit()
    await watch.beat(phone)
    watch.step()
    await watch.beat(phone, link=0)
    watch.step()
    assert watch.told(phone) == [(r.UNPAIRED, r.PERSON), (r.UNPAIRED, r.ZONE)]


async def test_rule_06_a_kit_in_an_open_alarm_outranks_all(watch: Watch) -> None:
    others = [watch.kit() for _ in range(5)]
    phone = watch.kit()
    for one in (*others, phone):
        await watch.beat(one, battery=Battery(9, 80))
    await watch.intake.send(phone.press(sent_at_s=watch.now_s))
    await watch.noted(phone)
    watch.step()
    rows = [row for row in watch.installation.journal.read(limit=5000) if row.kind == "KitTroubleTold"]
    assert rows[0].stream == f"kit:{phone.kit}", "its troubles are written before those of all others"
    assert watch.told(phone) == [(r.PHONE_BATTERY, r.ZONE)]
    assert watch.told(others[0]) == [(r.PHONE_BATTERY, r.PERSON)]
    watch.wait(60)
    assert (r.SILENT, r.ZONE) in watch.told(phone)
    # Nothing for the phone while the alarm is open, and it is an event of the alarm.
    reply = await watch.intake.send(phone.envelope(Kind.HEARTBEAT, sent_at_s=watch.now_s, link=PAIRED))
    assert reply.receipt.seq > 0 and not [p for p in reply.receipt.pending if p.what == "check"]
    alarm = watch.installation.journal.open_alarms()[0]
    await watch.noted(phone)
    watch.step()
    assert (r.SILENT, "solved") in watch.told(phone)
    watch.installation.act(alarm, AlarmClosed("op", "handling-error", ""))
    watch.step()
    assert (r.PHONE_BATTERY, r.PERSON) in watch.told(phone)


async def test_rule_06_however_many_are_due_a_kit_in_an_open_alarm_is_looked_at_in_the_very_next_step(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("egide.fleet.supervision.supervisor.TURN", 3)
    others = [watch.kit() for _ in range(12)]
    phone = watch.kit()
    for one in (*others, phone):
        await watch.beat(one)
    watch.wait(20 * 60)
    await watch.intake.send(phone.press(sent_at_s=watch.now_s))
    await watch.noted(phone)
    watch.step()
    # All others have been due for longer when the one in the alarm falls silent.
    watch.heartbeats.wake([one.device for one in others], watch.now_s)
    watch.installation.set_clock.advance_s(31)
    watch.heartbeats.wake([one.device for one in others], watch.now_s - 600)
    watch.step()
    assert (r.SILENT, r.ZONE) in watch.told(phone)
    assert watch.heartbeats.waiting(watch.now_s)[0] >= 9, "the others still wait"


async def test_rule_08_after_a_code_under_threat_the_phone_is_told_nothing_of_itself(watch: Watch) -> None:
    phone = watch.kit()
    await watch.beat(phone)
    await watch.intake.send(phone.press(trigger=Trigger.DURESS, sent_at_s=watch.now_s))
    alarm = watch.installation.journal.open_alarms()[0]
    watch.installation.act(alarm, AlarmClosed("op", "handling-error", ""))
    await watch.beat(phone, battery=Battery(4, 80))
    watch.step()
    assert (r.PHONE_BATTERY, r.PERSON) in watch.told(phone)
    watch.wait(7200)
    assert await watch.beat(phone, battery=Battery(4, 80)) == ()
    watch.wait(86_400)
    assert await watch.beat(phone, battery=Battery(4, 80)) != ()


async def test_rule_35_when_the_danger_grows_the_limit_of_silence_shrinks_at_once(watch: Watch) -> None:
    phone = watch.kit(r.ORDINARY)
    await watch.beat(phone)
    watch.wait(25 * 60)
    assert watch.told(phone) == []
    raised = KitWatched(kit=phone.kit, level=r.HIGHEST)
    watch.installation.append(f"kit:{phone.kit}", raised, case=phone.case)
    watch.wait(60)
    assert watch.told(phone) == [(r.SILENT, r.PERSON)]


async def test_tests_and_the_version_of_the_app_count_at_once(watch: Watch) -> None:
    watch.settings = r.Settings(oldest_app="2.0")
    watch.supervisor = watch.start()
    phone = watch.kit()
    await watch.beat(phone)
    watch.installation.set_clock.advance_s(31 * r.DAY_S)
    await watch.beat(phone)
    watch.step()
    assert watch.told(phone) == [(r.TEST_DUE, r.PERSON)]
    version = f"{APP_VERSION}1.4".encode()
    await watch.intake.send(phone.envelope(Kind.NOTICE, body=version, sent_at_s=watch.now_s))
    watch.step()
    assert watch.told(phone)[1:] == [(r.APP, r.PERSON)]
    await watch.intake.send(
        phone.envelope(Kind.TEST, trigger=int(Trigger.BUTTON), sent_at_s=watch.now_s - 600)
    )
    watch.step()
    assert watch.told(phone)[2:] == [(r.TEST_DUE, "solved"), (r.TEST_FAILED, r.PERSON)]
    await watch.intake.send(phone.envelope(Kind.TEST, trigger=int(Trigger.BUTTON), sent_at_s=watch.now_s))
    watch.step()
    assert watch.told(phone)[4:] == [(r.TEST_FAILED, "solved")]


async def test_a_pause_of_the_service_makes_nobody_silent(watch: Watch) -> None:
    phone = watch.kit(r.HIGHEST)
    await watch.beat(phone)
    watch.step()
    watch.is_receiving = False
    watch.wait(3 * 3600)
    watch.is_receiving = True
    watch.wait(19 * 60)
    assert watch.told(phone) == []
    watch.wait(120)
    assert watch.told(phone) == [(r.SILENT, r.PERSON)]


async def test_a_clock_that_leaps_or_a_worker_that_was_away_makes_nobody_silent(watch: Watch) -> None:
    phone = watch.kit(r.HIGHEST)
    await watch.beat(phone)
    watch.step()
    watch.installation.set_clock.advance_s(PAUSE_S + 7200)
    watch.supervisor = watch.start()
    watch.step()
    assert watch.told(phone) == []
    watch.wait(21 * 60)
    assert watch.told(phone) == [(r.SILENT, r.PERSON)]


async def test_a_kit_that_never_spoke_is_missed_too(watch: Watch) -> None:
    phone = watch.kit(r.HIGHEST)
    watch.wait(22 * 60)
    assert watch.told(phone) == [(r.SILENT, r.PERSON)]


@pytest.mark.parametrize("over", [KitReturned, KitLost])
async def test_a_kit_that_came_back_or_is_lost_is_watched_over_no_longer(
    watch: Watch, over: Callable[..., Any]
) -> None:
    phone = watch.kit(r.HIGHEST)
    await watch.beat(phone, battery=Battery(3, 80))
    watch.step()
    extra = {"by": "officer"} if over is KitLost else {}
    watch.installation.append(f"kit:{phone.kit}", over(kit=phone.kit, **extra), case=phone.case)
    watch.wait(2 * 3600)
    assert watch.told(phone) == [(r.PHONE_BATTERY, r.PERSON)]
    still_open = "SELECT count(*) FROM trouble WHERE ended_us IS NULL"
    assert watch.installation.journal.connection.execute(still_open).fetchone() == (0,)
    assert watch.heartbeats.waiting(watch.now_s + 10**9) == (0, 0)


async def test_only_the_phone_that_enrolled_last_counts(watch: Watch) -> None:
    phone = watch.kit(r.HIGHEST)
    await watch.beat(phone)
    newer = Phone(type(phone.key).generate(), phone.kit, phone.case)
    key = bytes(newer.key.verify_key)
    enrolled = DeviceEnrolled(device=newer.device, kit=phone.kit, public_key=key, code_hash="")
    watch.installation.append(f"device:{newer.device}", enrolled, case=phone.case)
    for _ in range(5):
        await watch.beat(newer)
        watch.wait(600)
    assert (r.SILENT, r.PERSON) not in watch.told(phone)


async def test_a_kit_that_is_not_out_is_nobodys_task(watch: Watch) -> None:
    phone = watch.installation.enrol()
    await watch.beat(phone, battery=Battery(2, 2), link=0)
    watch.wait(2 * 86_400)
    assert watch.told(phone) == []
    assert watch.step() == 0


async def test_lost_heartbeats_are_begun_anew_and_every_kit_is_watched_over_again(watch: Watch) -> None:
    phone = watch.kit(r.HIGHEST)
    await watch.beat(phone)
    watch.step()
    watch.heartbeats.forget([phone.device])
    watch.supervisor = watch.start()
    watch.wait(21 * 60)
    assert watch.told(phone) == [(r.SILENT, r.PERSON)]


@pytest.mark.files("a file that is overwritten")
async def test_an_unreadable_file_is_begun_anew_and_no_press_suffers(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    path = installation.config.data_dir / "heartbeats.db"
    Heartbeats(installation.config).connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(b"not a database" * 1000)
    fresh = Heartbeats(installation.config)
    assert fresh.find(phone.device) is None
    assert (await intake.send(phone.press())).status == 201


async def test_tables_of_supervision_are_the_same_after_a_rebuild(watch: Watch) -> None:
    phone, other = watch.kit(r.HIGHEST), watch.kit()
    await watch.beat(phone, battery=Battery(3, 80))
    await watch.intake.send(other.envelope(Kind.TEST, trigger=int(Trigger.BUTTON), sent_at_s=watch.now_s))
    watch.wait(3600)
    await watch.beat(phone)
    watch.step()
    tables = ("watched", "phone", "trouble")
    read = watch.installation.journal.connection.execute
    before = [read(f"SELECT * FROM {table}").fetchall() for table in tables]
    assert all(before)
    watch.installation.journal.rebuild_tables()
    assert [read(f"SELECT * FROM {table}").fetchall() for table in tables] == before


async def test_two_workers_tell_nobody_twice(watch: Watch) -> None:
    phone = watch.kit()
    await watch.beat(phone, battery=Battery(3, 80))
    second = Supervisor(
        watch.installation.journal,
        Heartbeats(watch.installation.config),
        watch.installation.clock,
        r.Settings(),
    )
    due = watch.heartbeats.due(watch.now_s, 10)
    watch.step()
    look = second._look(due[0])
    look_before = type(look)(look.heard, look.kit, look.case, look.facts)
    second._write([look_before], watch.now_s)
    assert watch.told(phone) == [(r.PHONE_BATTERY, r.PERSON)]


async def test_a_heartbeat_that_cannot_be_noted_is_refused_and_said_again(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = watch.kit()

    def full(*_: object) -> None:
        raise JournalUnavailable("disk full")

    monkeypatch.setattr(Heartbeats, "note", full)
    envelope = phone.envelope(Kind.HEARTBEAT)
    assert (await watch.intake.send(envelope)).status == 503
    assert (await watch.intake.send(phone.press())).status == 201
    monkeypatch.undo()
    assert (await watch.intake.send(phone.envelope(Kind.HEARTBEAT))).status == 201


async def test_rule_29_of_an_erased_case_no_sign_of_life_stays(watch: Watch) -> None:
    gone, stays = watch.kit(), watch.kit()
    for phone in (gone, stays):
        await watch.beat(phone)
    watch.installation.append(f"kit:{gone.kit}", KitReturned(kit=gone.kit), case=gone.case)
    watch.step()
    assert watch.heartbeats.find(gone.device) is not None
    do_erase(watch.installation.journal, gone.case, "first")
    do_erase(watch.installation.journal, gone.case, "second")
    watch.wait(120)
    assert watch.heartbeats.find(gone.device) is None
    assert watch.heartbeats.find(stays.device) is not None


async def test_every_phone_is_compared_in_its_turn(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("egide.fleet.supervision.supervisor._SWEEP", 2)
    phones = [watch.kit() for _ in range(7)]
    strangers = [f"{number:016x}" for number in (0, 1, 2**62, 2**63, 2**64 - 1)]
    watch.heartbeats.wake(strangers[1:], watch.now_s)
    watch.wait(10 * 60)
    assert [one for one in strangers if watch.heartbeats.find(one)] == []
    assert all(watch.heartbeats.find(phone.device) for phone in phones)
