"""Silent questions and listening in at the desk (safety rules 8 and 23)."""

import hashlib
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.alarm.events import AudioReceived, CancelReceived, TeamOnSite, TextReceived
from egide.alarm.state import Sound
from egide.boards.recordings import recordings_of
from egide.journal.sealing.blobs import Blobs
from egide.protocol import cbor
from egide.protocol.envelope import Kind, Trigger
from tests.boards.desk.test_board import MONS
from tests.support.installation import Phone
from tests.support.pages import Pages, text_of
from tests.support.standing import standing


def hear(pages: Pages, alarm: str, phone: Phone, number: int, sound: bytes) -> None:
    """A piece of sound arrives, as intake keeps it."""
    envelope = phone.envelope(Kind.AUDIO, press=1, body=cbor.encode([number, sound]))
    digest = hashlib.sha256(envelope).hexdigest()
    Blobs(pages.installation.config, pages.installation.keys).put(phone.case, digest, envelope)
    pages.send(alarm, AudioReceived, phone, digest=digest, number=number, size_bytes=len(sound), envelope=b"")


def test_a_question_is_asked_and_the_answer_stands_beside_it(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone)
    client = pages.client(pages.user("op-1"))
    assert "Ask silently" in text_of(client.get(f"/desk/alarms/{alarm}"))
    reply = client.post(f"/desk/alarms/{alarm}/ask", {"question": "weapon"})
    assert "Does he have a weapon?" in text_of(reply)
    pages.send(alarm, TextReceived, phone, body=b"yes")
    text = text_of(client.get(f"/desk/alarms/{alarm}"))
    assert "Yes" in text and "Op-1" in text
    assert client.post(f"/desk/alarms/{alarm}/ask", {"question": "your address"}).status_code == 422


def test_rule_08_after_a_code_under_threat_nothing_can_be_asked(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone)
    pages.send(alarm, CancelReceived, phone, trigger=Trigger.DURESS)
    client = pages.client(pages.user())
    assert "Ask silently" not in text_of(client.get(f"/desk/alarms/{alarm}"))
    refused = client.post(f"/desk/alarms/{alarm}/ask", {"question": "safe"})
    assert refused.status_code == 422 and "send nothing to the phone" in text_of(refused)


def test_sound_is_heard_from_a_piece_on_and_is_evidence_from_then_on(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone)
    for number, sound in enumerate((b"head", b"one", b"two")):
        hear(pages, alarm, phone, number, sound)
    client = pages.client(pages.user("op-1"))
    assert "3 pieces of sound" in text_of(client.get(f"/desk/alarms/{alarm}"))
    whole = client.get(f"/desk/alarms/{alarm}/sound/0/0")
    assert (whole.content, whole["X-Egide-Next"]) == (b"headonetwo", "3")
    rest = client.get(f"/desk/alarms/{alarm}/sound/0/2")
    assert (rest.content, rest["X-Egide-Next"]) == (b"two", "3")
    assert client.get(f"/desk/alarms/{alarm}/sound/0/3").content == b""
    assert client.get(f"/desk/alarms/{alarm}/sound/7/0").content == b""
    assert pages.installation.kinds(f"alarm:{alarm}").count("SoundHeard") == 1


def test_a_missing_piece_holds_back_what_is_behind_it_until_it_comes(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone)
    hear(pages, alarm, phone, 0, b"head")
    hear(pages, alarm, phone, 2, b"two")
    client = pages.client(pages.user())
    assert client.get(f"/desk/alarms/{alarm}/sound/0/0").content == b"head"
    assert "a piece is still on its way" in text_of(client.get(f"/desk/alarms/{alarm}"))


def test_rule_23_sound_of_another_centres_alarm_does_not_exist_and_only_a_supervisor_exports(
    pages: Pages,
) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone)
    hear(pages, alarm, phone, 0, b"head")
    far, here = pages.client(pages.user("far", centre="OVL")), pages.client(pages.user("op-1"))
    for what in ("sound/0/0", "sound.zip"):
        assert far.get(f"/desk/alarms/{alarm}/{what}").status_code == 404
    assert here.get(f"/desk/alarms/{alarm}/sound.zip").status_code == 404
    chief = pages.client(pages.user("chief", role="supervisor"))
    reply = chief.get(f"/desk/alarms/{alarm}/sound.zip")
    archive = zipfile.ZipFile(io.BytesIO(reply.content))
    assert archive.read("recording-1.webm") == b"head"
    (listed,) = json.loads(archive.read("messages.json"))
    message = archive.read(f"messages/{listed['sha256']}.cose")
    assert hashlib.sha256(message).hexdigest() == listed["sha256"]
    assert pages.installation.kinds(f"alarm:{alarm}")[-1] == "SoundExported"


def test_rule_23_the_desk_says_to_those_who_listen_what_it_means(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone)
    hear(pages, alarm, phone, 0, b"head")
    client = pages.client(pages.user("op-1"))
    before = text_of(client.get(f"/desk/alarms/{alarm}"))
    for words in (
        "Bystanders are heard too. It ends when the team is there.",
        "Talks with a lawyer or a doctor are protected: stop listening.",
        "nobody has listened yet",
        "What nobody listens to is deleted some time after the alarm, unless a magistrate keeps it.",
    ):
        assert words in before
    client.get(f"/desk/alarms/{alarm}/sound/0/0")
    after = text_of(client.get(f"/desk/alarms/{alarm}"))
    assert "kept as evidence" in after and "nobody has listened yet" not in after
    assert "switched off" not in after
    pages.installation.act(alarm, TeamOnSite(by="team"))
    assert "switched off" in text_of(client.get(f"/desk/alarms/{alarm}"))


def test_rule_23_listening_in_is_switched_off_by_the_operator_and_by_the_teams_arrival(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm, client = pages.alarm(phone), pages.client(pages.user())
    hear(pages, alarm, phone, 0, b"head")
    reply = client.post(f"/desk/alarms/{alarm}/listen-off")
    assert "switched off" in text_of(reply)
    client.post(f"/desk/alarms/{alarm}/listen-off")
    assert pages.installation.kinds(f"alarm:{alarm}").count("ListenStopped") == 1
    other = pages.alarm(pages.phone(1))
    pages.installation.act(other, TeamOnSite(by="team"))
    state = pages.journal.alarm(other)
    assert state is not None and state.talk.listening_stopped_at_us


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_recordings_are_told_apart_whatever_the_order_in_which_their_pieces_arrive(
    lengths: list[int], chance: object
) -> None:
    pieces, counter = [], 0
    for length in lengths:
        for number in range(length):
            counter += 1
            pieces.append(Sound(counter, number, f"{counter:064x}", 10, counter))
    mixed = sorted(pieces, key=lambda _piece: chance.random())  # type: ignore[attr-defined]
    found = recordings_of(standing(alarm="a", sounds=tuple(mixed)))
    assert [len(recording.pieces) for recording in found] == lengths
    assert not any(recording.waits_for_more for recording in found)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_recording_is_never_played_over_a_gap(missing: int) -> None:
    pieces = tuple(Sound(n + 1, n, f"{n:064x}", 10, n) for n in range(4) if n != missing)
    (found,) = recordings_of(standing(alarm="a", sounds=pieces))
    assert [piece.number for piece in found.pieces] == list(range(missing)) and found.waits_for_more
