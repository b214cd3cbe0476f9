"""A chat with people at a control room, whose side is ng112-js: their words stand at our desk as theirs, and what she
is asked and answers goes to them."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from egide.alarm import events as a
from egide.alarm.events.elsewhere import number_for
from egide.boards import telling
from egide.common.clock import SystemClock
from egide.connectors.cad.fetching import do_note_raised
from egide.connectors.dispatch.due import due
from egide.connectors.dispatch.facts import SAID
from egide.connectors.dispatch.receivers import FIELDS, TALK, Receiver
from egide.connectors.ng112.chat import Word
from egide.connectors.ng112.line import Line
from egide.connectors.ng112.trunk import trunk_of
from egide.entrypoints.worker.talking import hear
from egide.protocol.envelope import Trigger
from tests.support.certificates import Authority
from tests.support.ng112.agents import Agent, control_room
from tests.support.pages import MONS, Pages, near, text_of
from tests.support.sip.servers import Server, kamailio
from tests.support.telling import Told, close
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("with_files")

PASSWORD = "of-this-trunk-alone"


class Chat:
    """A proxy that knows both sides, the control room behind it, and the worker's own code, turn by turn."""

    def __init__(self, pages: Pages, proxy: Server, room: Agent, receiver: Receiver) -> None:
        self.pages, self.proxy, self.room, self.receiver = pages, proxy, room, receiver
        self.told = Told(pages, receiver)
        self._desk = pages.client(pages.user())

    def raised(self) -> str:
        alarm = self.pages.alarm(self.pages.phone(MONS), near(self.pages.files[MONS]))
        self.told.turn()
        self.room.wait("came", type=257)
        return alarm

    @contextmanager
    def listening(self) -> Iterator[Line]:
        """The line of the worker, in a thread that notes nothing: what comes is noted by `hear`, here, in its order."""
        line, stopped = Line(trunk_of(self.receiver), self._heard, SystemClock()), threading.Event()

        def run() -> None:
            while not stopped.is_set():
                line.step(0.05)
            line.close()

        self._words: list[Word] = []
        thread = threading.Thread(target=run)
        thread.start()
        try:
            until(lambda: line.is_up, lambda: self.proxy.said)
            yield line
        finally:
            stopped.set()
            thread.join()

    def _heard(self, word: Word) -> int:
        self._words.append(word)
        return 200

    def heard(self, number: int) -> None:
        """What came so far is noted."""
        until(lambda: len(self._words) >= number, lambda: self.proxy.said)
        assert [hear(word, self.receiver, telling, do_note_raised) for word in self._words] == [200] * number
        self._words.clear()

    def asked(self, alarm: str, question: str, answer: str) -> None:
        self.pages.clock.advance_s(1)
        self.pages.installation.act(alarm, a.TextAsked("op-1", question))
        self.pages.send(alarm, a.TextReceived, self.pages.phone(MONS), body=answer.encode())

    def page(self, alarm: str) -> str:
        return text_of(self._desk.get(f"/desk/alarms/{alarm}"))


@pytest.fixture
def chat(pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    monkeypatch.setattr("egide.connectors.ng112.road.DEADLINE_S", 60.0)
    monkeypatch.setattr("egide.connectors.ng112.line.DEADLINE_S", 60.0)
    authority = Authority(tmp_path)
    authority.server("127.0.0.1")
    more = {"password": PASSWORD, "algorithm": "SHA-256", "qop": "1", "nobody": "404"}
    with (
        kamailio(tmp_path / "proxy", "chat", authority=authority, more=more) as proxy,
        control_room(proxy.tcp_port) as room,
    ):
        for name, text in (("login", f"egide:{PASSWORD}"), ("secret", "whsec_" + "QUFB" * 8)):
            (tmp_path / name).write_text(text, encoding="utf-8")
            (tmp_path / name).chmod(0o640)
        beside = {
            "sender": "sip:egide@police.example",
            "authorities": str(authority.pem),
            "login_file": str(tmp_path / "login"),
            # JsSIP passes over whatever is for a service and not for an address.
            "to": "sip:psap@control.example",
            "language": "en",
        }
        receiver = Receiver(
            "control-room",
            str(tmp_path / "secret"),
            ("HAI",),
            proxy.tls,
            (*FIELDS, TALK),
            "sip",
            beside,
        )
        yield Chat(pages, proxy, room, receiver)


def test_their_words_stand_at_the_desk_and_her_answers_go_to_them(chat: Chat) -> None:
    with chat.listening():
        alarm = chat.raised()
        (raised,) = chat.room.came
        assert raised["lat"] and "do not call the person" in raised["text"]
        chat.asked(alarm, "safe", "no")
        chat.told.turn()
        assert len(chat.room.came) == 1
        assert chat.room.do("start", "Dispatcher 7 here") == "sent"
        assert chat.room.do("say", "Is he still there?") == "sent"
        chat.heard(2)
        page = chat.page(alarm)
        assert "control-room writes chat open" in page and "“Is he still there?”" not in page
        assert (
            "Is he still there?" in page and "begins a chat" in page and "answered by a person there" in page
        )
        assert "2 questions and answers are not there yet" in page
        chat.asked(alarm, "there", "here")
        chat.told.turn()
        came = [chat.room.wait("came", number, type=259)["text"] for number in (1, 2, 3, 4)]
        assert came == [
            "Asked without a sound: Are you safe?",
            "Answered on the phone: No",
            "Asked without a sound: Is he there?",
            "Answered on the phone: He is here",
        ]
        assert "not there yet" not in chat.page(alarm)
        assert {one["chat"] for one in chat.room.came} == {raised["chat"]} and alarm not in str(
            chat.room.came
        )
        close(chat.pages, alarm)
        chat.told.turn()
        assert chat.room.wait("came", type=258)["text"] == "The alarm is closed."


def test_who_stops_the_chat_is_told_no_more_and_who_begins_again_hears_what_was_said_meanwhile(
    chat: Chat,
) -> None:
    with chat.listening():
        alarm = chat.raised()
        chat.room.do("start", "here")
        assert chat.room.do("stop") == "sent"
        chat.heard(2)
        chat.asked(alarm, "speak", "no")
        chat.told.turn()
        page = chat.page(alarm)
        assert "chat ended" in page and "ends the chat" in page and "not there yet" not in page
        assert [one["type"] for one in chat.room.came] == [257]
        word = Word(
            number_for(chat.receiver.name, alarm), a.CHAT_BEGUN, "", "again 1", "sip:psap@control.example"
        )
        assert hear(word, chat.receiver, telling, do_note_raised) == 200
        chat.told.turn()
        assert chat.room.wait("came", 2, type=259)["text"] == "Answered on the phone: No"


def raised_to(pages: Pages, receiver: Receiver) -> str:
    """An alarm that a machine there took."""
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    state = pages.journal.last_known_alarm(alarm)
    assert state is not None
    facts = due(state, receiver, 0, pages.clock.now_us())
    assert facts is not None
    told = a.SystemTold(
        receiver.name, facts.number(receiver.name), a.RAISED, facts.moment_us, receiver.fields
    )
    pages.installation.act(alarm, told)
    return alarm


def next_said(pages: Pages, alarm: str, receiver: Receiver) -> str:
    """The word that is due to them, empty where none is."""
    state = pages.journal.last_known_alarm(alarm)
    assert state is not None
    facts = due(state, receiver, 2**62, pages.clock.now_us())
    return facts.said if facts is not None and facts.type == SAID else ""


def word(receiver: Receiver, alarm: str, text: str = "Is he there?", number: str = "1") -> Word:
    return Word(number_for(receiver.name, alarm), a.CHAT_SAID, text, number, "sip:psap@control.example")


TALKS = Receiver("control-room", "-", ("HAI",), "sip:127.0.0.1", (*FIELDS, TALK), "sip")


def test_rule_08_nothing_that_they_write_goes_to_her_phone_or_changes_the_alarm(pages: Pages) -> None:
    alarm = raised_to(pages, TALKS)
    before = pages.journal.last_known_alarm(alarm)
    assert hear(word(TALKS, alarm, "Tell her to come out"), TALKS, telling, do_note_raised) == 200
    after = pages.journal.last_known_alarm(alarm)
    assert before is not None and after is not None and before.talk == after.talk
    changed = {name for name in before.__struct_fields__ if getattr(before, name) != getattr(after, name)}
    assert changed <= {"told", "version", "seq", "last_at_us"}, changed


def test_rule_08_after_a_code_under_threat_no_answer_of_hers_is_passed_on(pages: Pages) -> None:
    alarm = raised_to(pages, TALKS)
    hear(word(TALKS, alarm), TALKS, telling, do_note_raised)
    pages.send(alarm, a.TextReceived, pages.phone(MONS), body=b"safe")
    assert next_said(pages, alarm, TALKS) == "safe"
    pages.send(alarm, a.CancelReceived, pages.phone(MONS), trigger=Trigger.DURESS)
    assert next_said(pages, alarm, TALKS) == ""
    page = text_of(pages.client(pages.user()).get(f"/desk/alarms/{alarm}"))
    assert "After a code under threat no answer is passed on there" in page


def test_who_may_not_talk_is_told_nothing_that_she_says(pages: Pages) -> None:
    alarm = raised_to(pages, TALKS)
    hear(word(TALKS, alarm), TALKS, telling, do_note_raised)
    pages.send(alarm, a.TextReceived, pages.phone(MONS), body=b"safe")
    assert next_said(pages, alarm, replace(TALKS, fields=FIELDS)) == ""


def test_the_same_message_once_more_is_noted_once_and_what_nobody_reads_is_refused(pages: Pages) -> None:
    alarm = raised_to(pages, TALKS)
    other = replace(TALKS, name="other", centres=("OVL",))
    assert [hear(word(TALKS, alarm), TALKS, telling, do_note_raised) for _ in range(2)] == [200, 200]
    assert hear(word(other, alarm), other, telling, do_note_raised) == 481
    assert hear(word(other, alarm), TALKS, telling, do_note_raised) == 481
    beat = Word(number_for(TALKS.name, alarm), "", "", "", "")
    assert hear(beat, TALKS, telling, do_note_raised) == 200
    kinds = [row.kind for row in pages.journal.stream(f"alarm:{alarm}")]
    assert kinds.count("SystemWrote") == 1
    later = (word(TALKS, alarm, number=str(one)) for one in range(2, a.MOST_WORDS + 3))
    many = [hear(one, TALKS, telling, do_note_raised) for one in later]
    assert many.count(200) == a.MOST_WORDS - 1 and many[-1] == 403
    # What came before is known all the same.
    assert hear(word(TALKS, alarm), TALKS, telling, do_note_raised) == 200
    close(pages, alarm)
    assert hear(word(TALKS, alarm, number="late"), TALKS, telling, do_note_raised) == 403


def test_one_press_of_the_operator_asks_her(pages: Pages) -> None:
    alarm = raised_to(pages, TALKS)
    hear(word(TALKS, alarm), TALKS, telling, do_note_raised)
    client = pages.client(pages.user())
    client.post(f"/desk/alarms/{alarm}/acknowledge")
    page = client.get(f"/desk/alarms/{alarm}").content.decode()
    (address,) = set(
        re.findall(r'id="chat-ask-there" hx-post="([^"]+)" hx-vals=\'\{"question": "there"\}\'', page)
    )
    assert client.post(address, {"question": "there"}).status_code == 200
    state = pages.journal.last_known_alarm(alarm)
    assert state is not None and [text.word for text in state.talk.texts] == ["there"]
    assert next_said(pages, alarm, TALKS) == "there"
    # Without a chat there is nothing to press: the list with its key is there as ever.
    hear(Word(number_for(TALKS.name, alarm), a.CHAT_OVER, "", "2", ""), TALKS, telling, do_note_raised)
    assert "chat-ask-" not in client.get(f"/desk/alarms/{alarm}").content.decode()
