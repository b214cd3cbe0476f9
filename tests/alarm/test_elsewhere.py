"""How an alarm is called elsewhere, and what is known of what other systems were told of it."""

from egide.alarm import events as a
from egide.alarm.events.elsewhere import number_for
from egide.alarm.fold import Past, fold
from egide.alarm.sent import Told
from egide.alarm.state import AlarmState
from egide.events.base import Event

ALARM = "0123456789abcdef-1"


def after(*events: Event) -> tuple[Told, ...]:
    state = AlarmState(alarm=ALARM)
    for number, event in enumerate(events, 1):
        state = fold(state, Past(event, number, number, number * 1_000_000))
    return state.told


def told(about: str = a.RAISED, message: str = "m1", why: str = "", receiver: str = "ccic") -> a.SystemTold:
    return a.SystemTold(receiver=receiver, message=message, about=about, moment_us=1, why=why)


def test_the_same_news_has_one_number_and_other_news_or_another_receiver_another() -> None:
    news = [
        ("ccic", ALARM, "raised", 1),
        ("ccic", ALARM, "raised", 2),
        ("ccic", ALARM, "closed", 1),
        ("ccic", "0123456789abcdef-2", "raised", 1),
        ("other", ALARM, "raised", 1),
        # A receiver's name and an alarm's number cannot be moved into one another.
        ("cci", f"c{ALARM}", "raised", 1),
    ]
    assert len({number_for(*one) for one in news}) == len(news)
    assert number_for(*news[0]) == number_for(*news[0])
    assert ALARM[:16] not in number_for("ccic", ALARM)


def test_since_when_it_is_tried_and_when_it_was_taken() -> None:
    (waiting,) = after(told(why="timeout"), told(why="refused-503"))
    assert (waiting.sent_at_us, waiting.taken_at_us, waiting.why) == (1_000_000, 0, "refused-503")
    (taken,) = after(told(why="timeout"), told())
    assert (taken.sent_at_us, taken.taken_at_us, taken.why) == (1_000_000, 2_000_000, "")


def test_the_next_message_begins_anew_and_what_was_answered_stays() -> None:
    answered = a.SystemAnswered("ccic", a.ANSWERED, "Op. 7", "2027-1")
    (one,) = after(told(), answered, told(a.ENDED, "m2", "timeout"))
    assert (one.about, one.sent_at_us, one.taken_at_us) == (a.ENDED, 3_000_000, 0)
    assert (one.shown_at_us, one.answered_at_us, one.answered_by, one.reference) == (
        2_000_000,
        2_000_000,
        "Op. 7",
        "2027-1",
    )


def test_the_first_answer_counts_and_a_later_name_or_number_is_taken_over() -> None:
    shown, answered = a.SystemAnswered("ccic", a.SHOWN_THERE), a.SystemAnswered("ccic", a.ANSWERED, "Op. 7")
    (one,) = after(told(), shown, answered, a.SystemAnswered("ccic", a.ANSWERED, "", "2027-1"))
    assert (one.shown_at_us, one.answered_at_us, one.answered_by, one.reference) == (
        2_000_000,
        3_000_000,
        "Op. 7",
        "2027-1",
    )


def test_one_system_says_nothing_for_another_and_nothing_where_it_was_told_nothing() -> None:
    assert after(a.SystemAnswered("ccic", a.ANSWERED)) == ()
    both = after(told(), told(receiver="other"), a.SystemAnswered("other", a.ANSWERED))
    assert [(one.receiver, bool(one.answered_at_us)) for one in both] == [("ccic", False), ("other", True)]


def test_of_each_unit_the_last_word_counts_and_the_time_since_when() -> None:
    def said(unit: str, word: str) -> a.SystemSaidUnit:
        return a.SystemSaidUnit("ccic", unit, word)

    (one,) = after(
        told(),
        said("M 12", a.UNIT_ASSIGNED),
        said("M 14", a.UNIT_ASSIGNED),
        said("M 12", a.UNIT_UNDER_WAY),
        said("M 12", a.UNIT_UNDER_WAY),
    )
    assert [(unit.call_sign, unit.word, unit.at_us) for unit in one.units] == [
        ("M 12", a.UNIT_UNDER_WAY, 4_000_000),
        ("M 14", a.UNIT_ASSIGNED, 3_000_000),
    ]
    assert after(said("M 12", a.UNIT_ASSIGNED)) == ()
    (many,) = after(told(), *(said(f"M {number}", a.UNIT_ASSIGNED) for number in range(a.MOST_UNITS + 5)))
    assert len(many.units) == a.MOST_UNITS


def wrote(word: str, text: str = "", number: str = "1", **more: str) -> a.SystemWrote:
    return a.SystemWrote("ccic", word, text, number, **more)


def test_a_chat_is_open_from_their_first_word_until_they_or_the_alarm_end_it() -> None:
    assert not after(told())[0].is_talking
    begun = wrote(a.CHAT_BEGUN, "Op. 7", address="sip:psap@control.example")
    (one,) = after(told(), begun)
    # To begin is no answer by a person: a machine can do it.
    assert one.is_talking and one.shown_at_us and not one.answered_at_us
    (one,) = after(told(), begun, wrote(a.CHAT_SAID, "Is he there?", "2"))
    assert one.answered_at_us and one.address == "sip:psap@control.example"
    assert [(word.text, word.number) for word in one.words] == [("Op. 7", "1"), ("Is he there?", "2")]
    over = wrote(a.CHAT_OVER, number="3")
    assert not after(told(), begun, over)[0].is_talking
    ended = a.SystemTold("ccic", "m2", a.ENDED, 9_000_000)
    assert not after(told(), begun, ended)[0].is_talking


def test_what_they_write_again_or_too_much_or_unasked_is_no_news() -> None:
    assert after(wrote(a.CHAT_SAID, "hello")) == ()
    assert len(after(told(), wrote(a.CHAT_SAID, "a"), wrote(a.CHAT_SAID, "a"))[0].words) == 1
    many = [wrote(a.CHAT_SAID, "a", str(number)) for number in range(a.MOST_WORDS + 1)]
    assert len(after(told(), *many)[0].words) == a.MOST_WORDS


def test_what_was_passed_on_never_counts_back() -> None:
    assert after(a.TextPassed("ccic", 1, "m")) == ()
    assert after(told(), a.TextPassed("ccic", 2, "m"), a.TextPassed("ccic", 1, "m"))[0].passed == 2
