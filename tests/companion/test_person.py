"""What the person does with her phone: "I am safe", a code under threat, silent text."""

from pathlib import Path

import pytest

from egide.alarm.events import silent
from egide.companion import rules
from egide.companion.app import Answer
from egide.protocol.enrolment import Settings
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.receipt import Pending
from tests.companion.alone import DURESS, PIN, SLOW, one, seen_of, shown, without_button
from tests.companion.phones import scripted
from tests.virtual import KEY


async def test_rule_08_a_pin_is_information_and_the_trail_goes_on(tmp_path: Path) -> None:
    async with (
        scripted(KEY, Settings(position_interval_s=1)) as server,
        without_button(tmp_path / "p.db", server) as her,
    ):
        her.app.press_on_screen()
        await her.receipt()
        assert await her.app.cancel(PIN) is Answer.OPEN
        cancel = await one(server, Kind.CANCEL)
        assert (cancel.body, cancel.trigger) == (b"safe", Trigger.SCREEN)
        assert cancel.press == server.messages(Kind.PRESS)[0].counter
        assert shown(her)[-1] == "The operator knows that you say you are safe."
        told = len(server.messages(Kind.POSITION))
        await one(server, Kind.POSITION, told + 2)
        assert her.store.open_press() is not None


async def test_rule_08_a_wrong_pin_never_locks_and_sends_nothing(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        her.app.press_on_screen()
        await her.receipt()
        for wrong in ("0000", "", "13570", "duress"):
            assert await her.app.cancel(wrong) is Answer.WRONG
            assert await her.app.unlock(wrong) is Answer.WRONG
        assert server.messages(Kind.CANCEL) == []
        assert await her.app.cancel(PIN) is Answer.OPEN
        await one(server, Kind.CANCEL)


async def test_a_press_after_i_am_safe_is_shown_like_any_other(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        her.app.press_on_screen()
        await her.receipt()
        await her.app.cancel(PIN)
        await one(server, Kind.CANCEL)
        her.app.press_on_screen()
        await her.receipt(2)
        await her.steps.until(lambda: shown(her)[-1] == "The dispatch centre has the alarm.")


async def test_rule_08_after_a_duress_pin_the_phone_looks_cancelled_and_nothing_more_is_shown(
    tmp_path: Path,
) -> None:
    async with (
        scripted(KEY, Settings(position_interval_s=1)) as server,
        without_button(tmp_path / "p.db", server) as her,
    ):
        her.app.press_on_screen()
        await her.receipt()
        await her.steps.wait_for("phone.vibrates")
        assert await her.app.cancel(DURESS) is Answer.OPEN
        assert (await one(server, Kind.CANCEL)).trigger == Trigger.DURESS
        visible = len(seen_of(her.steps))
        # Whatever comes now, the phone plays dead: news, a question, a second press, a refusal.
        server.state, server.pending = "acknowledged", (Pending("seen"), Pending("text", "safe"))
        await one(server, Kind.POSITION, len(server.messages(Kind.POSITION)) + 2)
        her.app.press_on_screen()
        await her.receipt(2)
        server.state, server.pending = "closed", (Pending("closed"),)
        await server.until(lambda: her.store.open_press() is None)
        assert seen_of(her.steps)[visible:] == []


async def test_both_pins_look_alike(tmp_path: Path) -> None:
    looks = []
    for number, pin in enumerate((PIN, DURESS)):
        async with (
            scripted(KEY, SLOW) as server,
            without_button(tmp_path / f"{number}.db", server) as her,
        ):
            her.app.press_on_screen()
            await her.receipt()
            assert await her.app.cancel(pin) is Answer.OPEN
            await one(server, Kind.CANCEL)
            looks.append(shown(her)[-1])
    assert looks[0] == looks[1]


async def test_a_duress_pin_at_rest_opens_the_phone_and_raises_a_silent_alarm(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        await her.steps.wait_for("phone.shows", text="Connected.")
        visible = len(seen_of(her.steps))
        assert await her.app.unlock(DURESS) is Answer.OPEN
        assert (await one(server, Kind.PRESS)).trigger == Trigger.DURESS
        assert seen_of(her.steps)[visible:] == []


async def test_the_phone_stays_muted_over_a_restart(tmp_path: Path) -> None:
    async with scripted(KEY, Settings(position_interval_s=1)) as server:
        async with without_button(tmp_path / "p.db", server) as her:
            her.app.press_on_screen()
            await her.receipt()
            await her.app.cancel(DURESS)
            await one(server, Kind.CANCEL)
        server.state, server.pending = "acknowledged", (Pending("text", "safe"),)
        async with without_button(tmp_path / "p.db", server) as her:
            await one(server, Kind.POSITION, len(server.messages(Kind.POSITION)) + 2)
            assert seen_of(her.steps) == []


async def test_after_a_restart_her_own_code_shows_the_alarm_again(tmp_path: Path) -> None:
    async with scripted(KEY, Settings(position_interval_s=1)) as server:
        async with without_button(tmp_path / "p.db", server) as her:
            her.app.press_on_screen()
            await her.receipt()
        async with without_button(tmp_path / "p.db", server) as her:
            await one(server, Kind.POSITION, len(server.messages(Kind.POSITION)) + 2)
            assert seen_of(her.steps) == []
            assert await her.app.unlock(PIN) is Answer.OPEN
            await her.steps.wait_for("phone.shows", text="The dispatch centre has the alarm.")


async def test_the_next_alarm_after_a_threat_is_shown_again(tmp_path: Path) -> None:
    async with (
        scripted(KEY, Settings(position_interval_s=1, tail_s=0)) as server,
        without_button(tmp_path / "p.db", server) as her,
    ):
        her.app.press_on_screen()
        await her.receipt()
        await her.app.cancel(DURESS)
        server.state = "closed"
        await server.until(lambda: her.store.open_press() is None)
        server.state = "received"
        her.app.press_on_screen()
        await her.receipt(2)
        await her.steps.until(lambda: shown(her)[-1] == "The dispatch centre has the alarm.")
        await her.steps.wait_for("phone.vibrates", 2)


@pytest.mark.parametrize(
    "pins", [("123", "4567"), ("12345678", "123456789"), ("12a4", "4567"), ("1234", "1234")]
)
async def test_pins_that_are_none_or_the_same_are_refused(tmp_path: Path, pins: tuple[str, str]) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        with pytest.raises(ValueError, match="code"):
            await her.app.choose_pins(*pins)
        assert await her.app.unlock(PIN) is Answer.OPEN


async def test_no_pin_stands_readable_in_the_phones_memory(tmp_path: Path) -> None:
    # Long ones: no other digits look like them by chance.
    pin, duress = "86420975", "97531864"
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        await her.app.choose_pins(pin, duress)
        assert await her.app.unlock(pin) is Answer.OPEN
    kept = (tmp_path / "p.db").read_bytes()
    assert b"vibrates" in kept
    assert pin.encode() not in kept and duress.encode() not in kept


def test_questions_and_answers_are_those_of_the_desk() -> None:
    assert (tuple(silent.QUESTIONS), tuple(silent.ANSWERS)) == (rules.QUESTIONS, rules.ANSWERS)


async def test_a_question_is_asked_once_answered_and_gone(tmp_path: Path) -> None:
    async with (
        scripted(KEY, Settings(position_interval_s=1)) as server,
        without_button(tmp_path / "p.db", server) as her,
    ):
        server.pending = (Pending("text", "weapon"),)
        her.app.press_on_screen()
        await her.steps.wait_for("phone.asks", question="weapon")
        her.app.answer("yes")
        answer = await one(server, Kind.TEXT)
        assert (answer.body, answer.press) == (b"yes", server.messages(Kind.PRESS)[0].counter)
        # Until the server has the answer it goes on asking.
        await one(server, Kind.POSITION, len(server.messages(Kind.POSITION)) + 2)
        assert [step["question"] for step in her.steps.named("phone.asks")] == ["weapon", ""]


async def test_a_question_is_gone_when_the_alarm_closes(tmp_path: Path) -> None:
    async with (
        scripted(KEY, Settings(position_interval_s=1)) as server,
        without_button(tmp_path / "p.db", server) as her,
    ):
        server.pending = (Pending("text", "there"),)
        her.app.press_on_screen()
        await her.steps.wait_for("phone.asks", question="there")
        server.state, server.pending = "closed", (Pending("closed"),)
        await her.steps.wait_for("phone.asks", question="")


async def test_what_is_no_question_or_no_answer_goes_nowhere(tmp_path: Path) -> None:
    async with scripted(KEY, SLOW) as server, without_button(tmp_path / "p.db", server) as her:
        server.pending = (Pending("text", "Monsieur, ouvrez la porte"),)
        her.app.press_on_screen()
        await her.receipt()
        with pytest.raises(ValueError, match="yes, no, here"):
            her.app.answer("perhaps")
        assert her.steps.named("phone.asks") == []
        assert server.messages(Kind.TEXT) == []
