"""What is true only now, in files and in PostgreSQL: the same answers, seen by every machine, and by whom it may be."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from random import Random

import psycopg
import pytest

from egide.common.settings import NotSetUp
from egide.journal.engines.small.rights import PHONES, SCHEMA
from egide.journal.errors import JournalUnavailable
from egide.journal.now.heartbeats import Heard, Heartbeats, Next, Probe
from egide.journal.now.noting import Word
from egide.journal.now.openings import PER_HOUR, Openings
from egide.journal.now.presence import Presence
from egide.journal.now.signs import ChainTrouble, Signs, WaitingAlert, server_name
from egide.protocol.envelope import Battery, Kind, Message
from tests.journal.conftest import ON_SQLITE, Asked
from tests.support.installation import Installation
from tests.support.postgres import EMPTY, JOURNAL, Server

PHONE_IDS = tuple(f"{number:016x}" for number in (1, 2**40, 2**63, 2**64 - 1))
ON_POSTGRES = pytest.mark.parametrize("journal_at", ["postgres"], indirect=True)


def a_word(random: Random, now_s: int) -> Word:
    battery = (
        Battery(random.choice((None, 3, 60)), random.choice((None, 50))) if random.random() < 0.7 else None
    )
    message = Message(
        kind=Kind.HEARTBEAT,
        counter=random.randrange(1, 60),
        sent_at_s=now_s + random.choice((-4000, 0, 200)),
        battery=battery,
        link=random.choice((None, 0, 1, 2, 3)),
    )
    return Word(random.choice(PHONE_IDS), now_s, message, random.random() < 0.2, random.random() < 0.5)


def a_look(random: Random, seen: Heard) -> Next:
    limit_s, other_s = random.choice((None, 60, 900)), random.choice((None, 0, 2000))
    return Next(seen, limit_s, other_s, random.choice((None, 500, 1500)), random.choice(("", "battery")))


def act(heartbeats: Heartbeats, random: Random, now_s: int, some: list[str]) -> object:
    """Do one of the things that happen to phones; what is answered."""
    what = random.choices(
        ("note", "keep", "settle", "wake", "probe", "forget", "listen"), (6, 3, 3, 1, 1, 1, 1)
    )[0]
    if what == "note":
        return heartbeats.note([a_word(random, now_s) for _ in range(random.randrange(1, 5))])
    if what == "keep":
        return heartbeats.keep([a_word(random, now_s) for _ in range(3)])
    if what == "settle":
        seen = [one for device in some if (one := heartbeats.find(device))]
        return heartbeats.settle([a_look(random, one) for one in seen], now_s)
    if what == "wake":
        return heartbeats.wake(some, now_s)
    if what == "probe":
        probe = Probe(random.randrange(9), now_s, random.choice((None, 5)), random.choice((None, 6)))
        return heartbeats.note_probe(some[0], probe)
    if what == "forget":
        return heartbeats.forget(some[:1])
    return heartbeats.keep_listening(now_s - 5, now_s)


def in_order(heard: Heard) -> tuple[int, str]:
    assert heard.look_s is not None
    return heard.look_s, heard.device


def told_by(heartbeats: Heartbeats, seed: int) -> list[object]:
    """All that is answered while a hundred things happen to some phones."""
    random, told, now_s = Random(seed), [], 1000
    for _ in range(100):
        now_s += random.randrange(90)
        some = random.sample(PHONE_IDS, 2)
        told.append(act(heartbeats, random, now_s, some))
        # Those that are due at the same moment come in any order.
        told += [sorted(heartbeats.due(now_s, 9), key=in_order), heartbeats.counters(some)]
        told += [sorted(heartbeats.due_of(some, now_s), key=in_order)]
        told += [sorted(heartbeats.unwatched(PHONE_IDS)), heartbeats.waiting(now_s), heartbeats.probes()]
        told += [heartbeats.devices("", 3), heartbeats.devices(some[0], 3), heartbeats.listening()]
        told += [heartbeats.find(device) for device in PHONE_IDS]
    return told


@ON_POSTGRES
@pytest.mark.law
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_phones_are_heard_in_the_same_way_on_both_engines(installation: Installation, seed: int) -> None:
    there = Heartbeats(installation.config)
    here = Heartbeats(replace(installation.config, journal=""))
    assert told_by(there, seed) == told_by(here, seed)


def test_signs_are_replaced_counted_and_kept_in_one_step(installation: Installation) -> None:
    signs, clock = Signs(installation.config, installation.clock), installation.set_clock
    signs.beat("worker", 1, 5, "a note")
    clock.advance_s(1)
    signs.beat("worker", 4, 5)
    signs.beat("live 1")
    signs.leave("live 1")
    (beat,) = signs.beats().values()
    assert (beat.name, beat.seq, beat.head, beat.note, beat.at_us) == ("worker", 4, 5, "", clock.now_us())
    signs.count("push taken", 2)
    signs.count("push taken")
    assert signs.counts("push") == {"push taken": 3}
    trouble, alert = ChainTrouble("web", "silent", 7), WaitingAlert("1", "e-mail", "subject", "text")
    for _again in range(2):
        signs.do_keep([trouble], [alert])
    assert (signs.troubles(), signs.waiting()) == ([trouble], [alert])
    with pytest.raises(JournalUnavailable):
        signs.do_keep([trouble, trouble], [])
    assert signs.troubles() == [trouble]


def test_a_board_is_there_until_its_user_signs_out_or_a_day_is_over(installation: Installation) -> None:
    presence, now_us = Presence(installation.config), 10**12
    presence.note_board("old", "op", "mons", now_us - 2 * 86_400 * 10**6, 0)
    presence.note_board("a", "op", "mons", now_us, 0)
    presence.note_board("a", "other", "mons", now_us + 1, 5)
    presence.note_board("b", "op", "mons", now_us, 0)
    assert [(one.board, one.user) for one in presence.boards()] == [("a", "other"), ("b", "op")]
    presence.forget_user("other")
    assert [one.board for one in presence.boards()] == ["b"]


def test_codes_are_counted_over_all_that_ask_at_once(installation: Installation) -> None:
    """Two machines that count at the same moment allow no try more than one alone."""
    allowed: list[bool] = []
    begin = threading.Barrier(3)

    def tries(first: int) -> None:
        openings = Openings(installation.config)
        begin.wait()
        for number in range(first, first + 4):
            allowed.append(openings.take("a phone", bytes([number]), 1000))

    threads = [threading.Thread(target=tries, args=(10 * number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(allowed), sum(allowed)) == (12, PER_HOUR)


@ON_POSTGRES
def test_what_one_machine_says_another_one_sees(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = replace(installation.config, data_dir=tmp_path_factory.mktemp("other"))
    Signs(installation.config, installation.clock).beat("worker")
    Presence(installation.config).note_board("a", "op", "mons", 1, 0)
    Heartbeats(installation.config).wake([PHONE_IDS[0]], 5)
    assert list(Signs(other, installation.clock).beats()) == ["worker"]
    assert [one.board for one in Presence(other).boards()] == ["a"]
    assert [one.device for one in Heartbeats(other).due(5, 9)] == [PHONE_IDS[0]]
    for name in ("watch.db", "presence.db", "heartbeats.db", "openings.db"):
        assert not (installation.config.data_dir / name).exists()
    # Two machines may serve at the same port.
    assert len(server_name(other, "intake", 1).split()) == 3


@ON_SQLITE
def test_one_machine_is_not_named(installation: Installation) -> None:
    assert server_name(installation.config, "intake", 1) == "intake 1"


@ON_POSTGRES
def test_who_passes_on_gives_signs_and_learns_nothing_of_phones(
    installation: Installation, postgres: Server, as_user: Callable[[str], Asked]
) -> None:
    config = replace(installation.config, journal=postgres.address(JOURNAL, "live"))
    signs = Signs(config, installation.clock)
    signs.beat("live 1")
    signs.count("connections live full")
    assert signs.troubles() == []
    with pytest.raises(JournalUnavailable, match="permission denied"):
        signs.do_keep([], [])
    # Who watches may say what is wrong.
    watch = replace(config, journal=postgres.address(JOURNAL, "watch"))
    Signs(watch, installation.clock).do_keep([ChainTrouble("web", "silent", 7)], [])
    with pytest.raises(JournalUnavailable, match="permission denied"):
        signs.waiting()
    assert Presence(config).boards() == []
    user = as_user("live")
    for table in PHONES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            user.execute(f"SELECT * FROM {SCHEMA}.{table}")
    for statement in (
        f"DELETE FROM {SCHEMA}.board",
        f"TRUNCATE {SCHEMA}.process",
        f"CREATE TABLE {SCHEMA}.mine (a int)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            user.execute(statement.encode())
    nobody = Signs(replace(config, journal=postgres.address(JOURNAL, "nobody")), installation.clock)
    nobody.beat("somebody")
    with pytest.raises(JournalUnavailable):
        nobody.beats()
    assert list(signs.beats()) == ["live 1"]


@ON_POSTGRES
def test_what_is_not_there_is_said(installation: Installation, postgres: Server) -> None:
    nowhere = replace(
        installation.config, journal="postgresql://intake@127.0.0.1:1/journal?connect_timeout=2"
    )
    with pytest.raises(JournalUnavailable):
        Heartbeats(nowhere)
    Signs(nowhere, installation.clock).beat("worker")
    with pytest.raises(NotSetUp, match="egide journal prepare"):
        Presence(replace(installation.config, journal=postgres.address(EMPTY)))


@ON_POSTGRES
def test_signs_ring_no_follower_of_the_journal(installation: Installation) -> None:
    with closing(psycopg.connect(installation.config.journal, autocommit=True)) as heard:
        heard.execute("LISTEN egide_journal")
        Signs(installation.config, installation.clock).do_keep([], [])
        Heartbeats(installation.config).wake([PHONE_IDS[0]], 5)
        assert list(heard.notifies(timeout=0)) == []
        installation.journal.save_cursor("x", 1)
