"""Chains: a removed or changed event is found, and the first one that does not fit is named."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.journal.chain import GENESIS, Stored, hash_of, link_hash
from egide.journal.errors import ChainBroken
from egide.journal.proof.verify import verify
from tests.support.installation import Installation
from tests.support.rewriting import tampering


def chained(streams: Sequence[str]) -> list[Stored]:
    """One event for each name, in order."""
    rows: list[Stored] = []
    heads: dict[str, tuple[int, bytes]] = {}
    for seq, stream in enumerate(streams, 1):
        version, prev = heads.get(stream, (0, GENESIS))
        fields = (seq, stream, version + 1, "NoteAdded", 1000 + seq, "mons", "5324", "case", None, b"sealed")
        digest = link_hash(prev, *fields)
        rows.append(Stored(*fields, prev, digest))
        heads[stream] = (version + 1, digest)
    return rows


histories = st.lists(st.sampled_from(["alarm:a-1", "alarm:a-2", "kit:k"]), min_size=1, max_size=12).map(
    chained
)


@given(histories)
def test_an_untouched_history_is_proven_whole(rows: list[Stored]) -> None:
    proof = verify(rows)
    assert (proof.events, proof.last_seq) == (len(rows), len(rows))
    assert proof.streams == len({row.stream for row in rows})


@given(histories, st.data())
def test_a_removed_event_is_found(rows: list[Stored], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    left = rows[:at] + rows[at + 1 :]
    if at == len(rows) - 1:
        # The end was cut off: nothing is left to contradict it, but the proof is another one.
        assert verify(left) != verify(rows)
        return
    with pytest.raises(ChainBroken) as caught:
        verify(left)
    assert caught.value.seq == at + 2


@given(histories, st.data())
def test_a_changed_event_is_found(rows: list[Stored], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    changes = {
        "kind": "AlarmClosed",
        "at_us": 5,
        "centre": "gent",
        "zone": "",
        "key": "another",
        "cause": 1,
        "body": data.draw(st.sampled_from((b"sealee", 7, None, "sealed"))),
        "prev": bytes(31) + b"\1",
        "hash": bytes(32),
        "version": 40,
        "stream": "alarm:b-1",
    }
    name = data.draw(st.sampled_from(sorted(changes)))
    changed = msgspec.structs.replace(rows[at], **{name: changes[name]})
    with pytest.raises(ChainBroken):
        verify([*rows[:at], changed, *rows[at + 1 :]])


@given(histories, st.data())
def test_a_changed_event_with_a_hash_of_its_own_breaks_the_next_of_its_stream(
    rows: list[Stored], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    changed = msgspec.structs.replace(rows[at], body=b"invented")
    changed = msgspec.structs.replace(changed, hash=hash_of(changed))
    forged = [*rows[:at], changed, *rows[at + 1 :]]
    followed = any(row.stream == changed.stream for row in rows[at + 1 :])
    if followed:
        with pytest.raises(ChainBroken, match="does not follow"):
            verify(forged)
    else:
        assert verify(forged).running != verify(rows).running


@given(histories, st.data())
def test_two_events_that_changed_places_are_found(rows: list[Stored], data: st.DataObject) -> None:
    if len(rows) < 2:
        return
    at = data.draw(st.integers(0, len(rows) - 2))
    swapped = [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]]
    with pytest.raises(ChainBroken):
        verify(swapped)


@given(histories)
def test_one_whole_stream_is_proven_alone(rows: list[Stored]) -> None:
    stream = [row for row in rows if row.stream == rows[-1].stream]
    assert verify(stream, complete=False).events == len(stream)
    if len(stream) > 1:
        with pytest.raises(ChainBroken):
            verify(stream[1:], complete=False)


def test_the_journal_writes_chains_that_verify(installation: Installation) -> None:
    phones = [installation.enrol() for _ in range(3)]
    for phone in phones:
        installation.route(installation.open_alarm(phone))
    proof = verify(installation.journal.every())
    assert proof.last_seq == installation.journal.head() == proof.events


def test_an_event_that_an_administrator_changed_is_found(installation: Installation) -> None:
    alarm = installation.open_alarm(installation.enrol())
    installation.route(alarm)
    with tampering(installation) as execute:
        execute("UPDATE event SET centre = 'gent' WHERE kind = 'AlarmRouted'")
    with pytest.raises(ChainBroken) as caught:
        verify(installation.journal.every())
    assert caught.value.seq == installation.journal.head()
