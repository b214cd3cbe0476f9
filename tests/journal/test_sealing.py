"""Bodies are sealed: the files hold nothing of a person in clear, and one deleted key erases."""

from contextlib import closing

import pytest

from egide.alarm.events import AlarmClosed, NoteAdded, PressedAgain
from egide.common.sealing import SealingKey, UnsealError
from egide.events import base
from egide.journal.chain import seal_label
from egide.journal.engines.chosen import keys_of
from egide.journal.errors import JournalError
from egide.journal.proof.verify import verify
from egide.journal.schema import FOLDED_TABLES
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Journal, KeyStore
from tests.support.installation import HERE, Installation

SECRET = "zweiter Stock links, Kind schläft"


def erase(installation: Installation, case: str) -> None:
    """What erasing does to the key, seen by processes that start afterwards."""
    with closing(keys_of(installation.config)) as keys:
        assert keys.execute("DELETE FROM case_key WHERE case_id = ?", (case,)).rowcount == 1


def reopened(installation: Installation) -> Journal:
    return Journal.open(installation.config, installation.clock, KeyStore.open(installation.config))


def test_no_file_or_table_of_the_installation_holds_anything_in_clear(installation: Installation) -> None:
    phone = installation.enrol(button_key=b"button key 16 by")
    alarm = installation.open_alarm(phone, trigger=1)
    installation.act(alarm, NoteAdded(user="an.operator", text=SECRET))
    installation.act(alarm, AlarmClosed(user="an.operator", outcome="arrest", reason=SECRET))
    case_key = installation.keys.case_key(phone.case).raw
    stream_key = installation.keys.stream_key(phone.case, f"alarm:{alarm}").raw
    needles = [
        SECRET.encode(),
        b"an.operator",
        b"arrest",
        str(HERE.lat_e7).encode(),
        str(HERE.lon_e7).encode(),
        HERE.lat_e7.to_bytes(4, "big"),
        b"button key 16 by",
        b"button-1",
        case_key,
        stream_key,
    ]
    files = [path for path in installation.config.data_dir.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files if path.name != "master.key")
    for table in ("event", *FOLDED_TABLES):
        rows = installation.journal.connection.execute(f"SELECT * FROM {table}").fetchall()
        values = (value for row in rows for value in row)
        content += b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
    assert [needle for needle in needles if needle in content] == []
    assert alarm.encode() in content


def test_a_stream_s_key_opens_this_stream_and_nothing_else(installation: Installation) -> None:
    phone = installation.enrol()
    first, second = installation.open_alarm(phone), installation.open_alarm(phone)
    key = installation.keys.stream_key(phone.case, f"alarm:{first}")
    row, other = (
        installation.journal.stream(f"alarm:{first}")[0],
        installation.journal.stream(f"alarm:{second}")[0],
    )
    event = base.decode(row.kind, key.unseal(row.body, seal_label(row.stream, row.version, row.kind)))
    assert event == installation.journal.open_event(row)
    with pytest.raises(UnsealError):
        key.unseal(other.body, seal_label(other.stream, other.version, other.kind))


def test_a_body_cannot_be_moved_to_another_place(installation: Installation) -> None:
    alarm = installation.open_alarm(installation.enrol())
    first = installation.act(alarm, NoteAdded(user="op", text="one"))
    second = installation.act(alarm, NoteAdded(user="op", text="two"))
    key = installation.keys.stream_key(first.key, first.stream)
    with pytest.raises(UnsealError):
        key.unseal(first.body, seal_label(second.stream, second.version, second.kind))


def test_an_erased_case_is_unreadable_while_the_chain_still_verifies(installation: Installation) -> None:
    gone, stays = installation.enrol(), installation.enrol()
    alarms = [installation.open_alarm(phone) for phone in (gone, stays)]
    installation.route(alarms[0])
    proof = verify(installation.journal.every())
    erase(installation, gone.case)
    journal = reopened(installation)
    for row in journal.stream(f"alarm:{alarms[0]}"):
        with pytest.raises(KeyErased):
            journal.open_event(row)
    state = journal.alarm(alarms[1])
    assert state is not None and state.device == stays.device
    assert verify(journal.every()) == proof


def test_rebuilding_leaves_nothing_of_an_erased_case_in_the_tables(installation: Installation) -> None:
    gone, stays = installation.enrol(), installation.enrol()
    alarms = [installation.open_alarm(phone) for phone in (gone, stays)]
    for phone, alarm in zip((gone, stays), alarms, strict=True):
        again = installation.phone_event(PressedAgain, phone, counter=2)
        installation.append(f"alarm:{alarm}", again, case=phone.case)
    erase(installation, gone.case)
    journal = reopened(installation)
    journal.rebuild_tables()
    assert journal.open_alarms() == [alarms[1]]
    for table, column in (("kit", "case_id"), ("device", "device"), ("message", "device"), ("alarm", "key")):
        rows = journal.connection.execute(f"SELECT {column} FROM {table}").fetchall()
        assert rows == [(stays.case if column in ("case_id", "key") else stays.device,)]


def test_a_key_is_made_once_and_survives_a_restart(installation: Installation) -> None:
    key = installation.keys.ensure("a case").raw
    assert installation.keys.ensure("a case").raw == key
    assert KeyStore.open(installation.config).case_key("a case").raw == key
    assert KeyStore.open(installation.config).ensure("another").raw != key


def test_keys_are_worthless_without_the_master_key(installation: Installation) -> None:
    installation.keys.ensure("a case")
    stranger = KeyStore(keys_of(installation.config), SealingKey(bytes(32)))
    with pytest.raises(UnsealError):
        stranger.case_key("a case")


def test_a_process_without_keys_reads_clear_columns_only(installation: Installation) -> None:
    alarm = installation.open_alarm(installation.enrol())
    journal = Journal.open(installation.config, installation.clock)
    row = journal.stream(f"alarm:{alarm}")[0]
    assert [clear.kind for clear in journal.read_clear(row.seq - 1)] == ["PressReceived"]
    assert [clear.stream for clear in journal.unrouted()] == [f"alarm:{alarm}"]
    for read in (lambda: journal.open_event(row), lambda: journal.alarm(alarm)):
        with pytest.raises(JournalError, match="holds no keys"):
            read()
