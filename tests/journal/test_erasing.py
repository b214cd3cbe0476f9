"""Erasing: two people, no legal hold, nothing open, nothing outside; then the key is gone everywhere (rule 29)."""

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.alarm.events import AlarmClosed, NoteAdded, NoticeReceived
from egide.common.clock import SystemClock
from egide.events.base import Event
from egide.events.register import (
    CaseErased,
    EraseRequested,
    JournalExported,
    KitLost,
    KitReturned,
    KitSettingsSet,
    KitTestArmed,
)
from egide.journal.chain import Stored
from egide.journal.ending import erasing
from egide.journal.ending.erasing import CONFIRM_WITHIN_S, EraseRefused, Erasing
from egide.journal.proof.verify import verify
from egide.journal.schema import FOLDED_TABLES
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Journal, KeyStore
from egide.protocol.arming import OFFER_S
from egide.protocol.enrolment import Settings
from egide.protocol.settings import PHONE_TOOK
from tests.intake.test_process import Running
from tests.support.installation import Installation, Phone
from tests.support.waiting import until

SECRET = "she sleeps at her aunt's"
CLOSED = AlarmClosed(user="op", outcome="arrest", reason="-")


@dataclass
class Ended:
    """A case that is over: its alarm closed, its kit back."""

    phone: Phone
    alarm: str

    @property
    def case(self) -> str:
        return self.phone.case


def ended(installation: Installation) -> Ended:
    phone = installation.enrol()
    alarm = installation.open_alarm(phone)
    installation.act(alarm, NoteAdded(user="op", text=SECRET))
    installation.act(alarm, CLOSED)
    installation.append(f"kit:{phone.kit}", KitReturned(kit=phone.kit), case=phone.case)
    return Ended(phone, alarm)


def another_process(installation: Installation) -> Journal:
    """A journal with a key store of its own, as another process has them."""
    return Journal.open(installation.config, installation.clock, KeyStore.open(installation.config))


def test_rule_29_one_person_alone_erases_nothing(installation: Installation) -> None:
    case = ended(installation).case
    assert erasing.do_erase(installation.journal, case, "dpo-1") == EraseRequested(case=case, by="dpo-1")
    with pytest.raises(EraseRefused, match="another person"):
        erasing.do_erase(installation.journal, case, "dpo-1")
    assert installation.keys.case_key(case)
    assert installation.kinds(f"erasing:{case}") == ["EraseRequested"]


def test_rule_29_a_second_person_within_seven_days_ends_it(installation: Installation) -> None:
    gone, stays = ended(installation), ended(installation)
    erasing.do_erase(installation.journal, gone.case, "dpo-1")
    installation.set_clock.advance_s(CONFIRM_WITHIN_S)
    event = erasing.do_erase(installation.journal, gone.case, "magistrate-1")
    assert event == CaseErased(case=gone.case, requested_by="dpo-1", confirmed_by="magistrate-1")
    with pytest.raises(KeyErased):
        installation.keys.case_key(gone.case)
    assert installation.keys.case_key(stays.case)
    with pytest.raises(EraseRefused, match="already"):
        erasing.do_erase(installation.journal, gone.case, "dpo-1")


def test_rule_29_a_request_that_nobody_confirmed_in_time_is_void(installation: Installation) -> None:
    case = ended(installation).case
    erasing.do_erase(installation.journal, case, "dpo-1")
    installation.set_clock.advance_s(CONFIRM_WITHIN_S + 1)
    assert isinstance(erasing.do_erase(installation.journal, case, "magistrate-1"), EraseRequested)
    assert isinstance(erasing.do_erase(installation.journal, case, "dpo-1"), CaseErased)


def test_rule_29_a_legal_hold_stops_it_also_between_the_two(installation: Installation) -> None:
    case = ended(installation).case
    erasing.do_erase(installation.journal, case, "dpo-1")
    erasing.do_hold(installation.journal, case, "magistrate-1", "inquiry 12/2027")
    for person in ("dpo-1", "magistrate-1", "magistrate-2"):
        with pytest.raises(EraseRefused, match="legal hold"):
            erasing.do_erase(installation.journal, case, person)
    state = erasing.state_of(installation.journal, case)
    standing = erasing.hold_of(installation.journal, state)
    assert standing is not None and standing[0].reason == "inquiry 12/2027"
    with pytest.raises(EraseRefused, match="in force already"):
        erasing.do_hold(installation.journal, case, "dpo-1", "-")
    erasing.do_release(installation.journal, case, "magistrate-1", "judgment")
    with pytest.raises(EraseRefused, match="no legal hold"):
        erasing.do_release(installation.journal, case, "magistrate-1", "-")
    assert isinstance(erasing.do_erase(installation.journal, case, "magistrate-1"), EraseRequested), (
        "the hold withdrew what was asked before it"
    )


def test_rule_29_nothing_is_erased_while_somebody_may_need_it(installation: Installation) -> None:
    phone = installation.enrol()
    alarm = installation.open_alarm(phone)
    with pytest.raises(EraseRefused, match=alarm):
        erasing.do_erase(installation.journal, phone.case, "dpo-1")
    installation.act(alarm, CLOSED)
    with pytest.raises(EraseRefused, match=phone.kit):
        erasing.do_erase(installation.journal, phone.case, "dpo-1")
    lost = installation.enrol()
    installation.append(f"kit:{lost.kit}", KitLost(kit=lost.kit, by="op"), case=lost.case)
    assert isinstance(erasing.do_erase(installation.journal, lost.case, "dpo-1"), EraseRequested)
    # An alarm that comes between the two people stops the second.
    installation.open_alarm(lost)
    with pytest.raises(EraseRefused, match="is open"):
        erasing.do_erase(installation.journal, lost.case, "magistrate-1")
    assert installation.keys.case_key(lost.case)


def knows_erased(journal: Journal, case: str) -> bool:
    try:
        journal.keys.record_key(case)
    except KeyErased:
        return True
    return False


def test_rule_29_every_other_process_forgets_key_state_and_rows(installation: Installation) -> None:
    gone, stays = ended(installation), ended(installation)
    set_for_phone = KitSettingsSet(kit=gone.phone.kit, by="officer", settings=Settings(version=7))
    installation.append(f"kit:{gone.phone.kit}", set_for_phone, case=gone.case)
    armed = KitTestArmed(kit=gone.phone.kit, by="officer", number=7, until_s=installation.now_s + OFFER_S)
    installation.append(f"kit:{gone.phone.kit}", armed, case=gone.case)
    taken = installation.phone_event(NoticeReceived, gone.phone, body=f"{PHONE_TOOK}7".encode())
    installation.append(f"device:{gone.phone.device}", taken, case=gone.case)
    worker, web = another_process(installation), another_process(installation)
    web.keys.warm()
    for one in (gone, stays):
        assert worker.alarm(one.alarm) and web.last_known_alarm(one.alarm)
    erasing.do_erase(installation.journal, gone.case, "dpo-1")
    erasing.do_erase(installation.journal, gone.case, "magistrate-1")
    # In PostgreSQL the others look five times a second (decision 0066).
    until(lambda: all(knows_erased(journal, gone.case) for journal in (worker, web)), "the others know")
    with pytest.raises(KeyErased):
        worker.alarm(gone.alarm)
    assert gone.alarm not in worker._alarms._states, "what was opened is not kept either"
    assert web.last_known_alarm(gone.alarm) is None and gone.alarm not in web._alarms._states
    for journal in (worker, web):
        with pytest.raises(KeyErased):
            journal.keys.record_key(gone.case)
        assert journal.keys.case_key(stays.case)
    assert web.last_known_alarm(stays.alarm) and worker.alarm(stays.alarm)
    for table in FOLDED_TABLES:
        left = repr(installation.journal.connection.execute(f"SELECT * FROM {table}").fetchall())
        assert all(word not in left for word in (gone.case, gone.phone.device, gone.phone.kit, gone.alarm))
    before = [
        installation.journal.connection.execute(f"SELECT * FROM {table}").fetchall()
        for table in FOLDED_TABLES
    ]
    installation.journal.rebuild_tables()
    after = [
        installation.journal.connection.execute(f"SELECT * FROM {table}").fetchall()
        for table in FOLDED_TABLES
    ]
    assert after == before


def test_rule_29_the_chain_stays_whole_and_other_cases_stay_readable(installation: Installation) -> None:
    gone, stays = ended(installation), ended(installation)
    before = verify(installation.journal.every())
    bodies = [row.body for row in installation.journal.every()]
    erasing.do_erase(installation.journal, gone.case, "dpo-1")
    erasing.do_erase(installation.journal, gone.case, "magistrate-1")
    assert verify(installation.journal.every()).events == before.events + 2
    assert [row.body for row in installation.journal.every()][: len(bodies)] == bodies, "no event was touched"
    for row in another_process(installation).every():
        if row.key == gone.case:
            with pytest.raises(KeyErased):
                installation.journal.open_event(row)
        else:
            assert installation.journal.open_event(row)
    state = installation.journal.alarm(stays.alarm)
    assert state is not None and state.case == stays.case


def test_rule_29_copies_outside_are_listed(installation: Installation) -> None:
    gone, stays = ended(installation), ended(installation)
    for one in (gone, stays):
        taken = JournalExported(stream=f"alarm:{one.alarm}", last_seq=9, by="root", to="office of Mons")
        installation.append("system:exports", taken)
    installation.append("system:exports", JournalExported(last_seq=9))
    (listed,) = erasing.exports_of(installation.journal, gone.case)
    assert (listed.stream, listed.by, listed.to) == (f"alarm:{gone.alarm}", "root", "office of Mons")
    erasing.do_erase(installation.journal, gone.case, "dpo-1")
    event = erasing.do_erase(installation.journal, gone.case, "magistrate-1")
    assert isinstance(event, CaseErased) and event.exports == (listed.seq,)
    assert erasing.exports_of(installation.journal, gone.case) == [listed], "and stay listed"


def test_after_a_crash_between_key_and_event_the_same_step_ends_it(installation: Installation) -> None:
    case = ended(installation).case
    erasing.do_erase(installation.journal, case, "dpo-1")
    installation.keys.destroy(case)
    assert not erasing.state_of(installation.journal, case).erased
    assert isinstance(erasing.do_erase(installation.journal, case, "magistrate-1"), CaseErased)
    assert erasing.state_of(installation.journal, case).erased


def test_two_who_confirm_at_once_erase_once(tmp_path: Path, journal_at: str) -> None:
    with Installation(tmp_path, SystemClock(), address=journal_at) as installation:
        case = ended(installation).case
        erasing.do_erase(installation.journal, case, "dpo-1")
        outcomes: list[Event | EraseRefused] = []

        def confirm(name: str) -> None:
            journal = another_process(installation)
            try:
                outcomes.append(erasing.do_erase(journal, case, name))
            except EraseRefused as refused:
                outcomes.append(refused)

        threads = [threading.Thread(target=confirm, args=(f"magistrate-{n}",)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(outcomes) == 6 and sum(isinstance(o, CaseErased) for o in outcomes) == 1
        assert installation.kinds(f"erasing:{case}") == ["EraseRequested", "CaseErased"]


def test_rule_29_a_running_intake_forgets_the_case_and_the_phone_learns_that_it_is_not_connected(
    tmp_path: Path, journal_at: str
) -> None:
    with Installation(tmp_path, SystemClock(), address=journal_at) as installation:
        gone, stays = ended(installation), installation.enrol()
        running = Running(installation)
        try:
            # A returned kit still gets through; so this process remembers device and key from now on.
            for phone in (gone.phone, stays):
                running.deliver(phone.press())
            for alarm in installation.journal.open_alarms():
                installation.act(alarm, CLOSED)
            erasing.do_erase(installation.journal, gone.case, "dpo-1")
            assert isinstance(erasing.do_erase(installation.journal, gone.case, "magistrate-1"), CaseErased)
            head = installation.journal.head()
            assert running.send(gone.phone.press()) == 401
            assert installation.journal.head() == head
            running.deliver(stays.press())
        finally:
            running.child.kill()
            running.listener.close()


def stored(event: Event, version: int, at_us: int) -> Stored:
    return Stored(version, "erasing:c", version, event.kind, at_us, "", "", "", None, b"", b"", b"")


def decided(step: str, state: Erasing, person: str, now_us: int) -> Event:
    if step == "erase":
        return erasing.decide_erase(state, "c", person, now_us)
    if step == "hold":
        return erasing.decide_hold(state, "c", person, "-")
    return erasing.decide_release(state, "c", person, "-")


people = st.sampled_from(["dpo-1", "dpo-2", "magistrate-1"])


@given(
    st.lists(
        st.tuples(st.sampled_from(["erase", "hold", "release"]), people, st.integers(0, 10 * 86_400)),
        max_size=12,
    )
)
def test_rule_29_over_any_history_nothing_is_erased_by_one_person_late_or_under_a_hold(
    history: list[tuple[str, str, int]],
) -> None:
    state, now_us, held, asked = Erasing(), 0, False, ("", 0)
    for step, person, pause_s in history:
        now_us += pause_s * 1_000_000
        try:
            event = decided(step, state, person, now_us)
        except EraseRefused:
            continue
        if isinstance(event, CaseErased):
            assert not held
            assert asked[0] and asked[0] != person == event.confirmed_by and asked[0] == event.requested_by
            assert now_us - asked[1] <= CONFIRM_WITHIN_S * 1_000_000
            return
        row = stored(event, state.version + 1, now_us)
        state = erasing.fold(state, row, {row: event}.__getitem__)
        held = step == "hold" or (held and step != "release")
        asked = (
            (person, now_us) if isinstance(event, EraseRequested) else ("", 0) if step == "hold" else asked
        )
