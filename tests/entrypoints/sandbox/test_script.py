"""What a sandbox is to play: each line does what it says, a bad one is refused with what to write instead."""

import pytest

from egide.entrypoints.stack.sandbox.script import Fault, ScriptError, Step, read_script


def test_faults_and_steps_are_read_with_what_people_write_around_them() -> None:
    played = read_script(
        "# a bad night\n\n  press 3: lose the answer   # the third receipt\nalarm every: hold the answer 40 s\n"
        "answer 2: refuse 503\nat 2 min: clock +2 h\nat 10 s: press 1\n"
    )
    assert played.faults == (
        Fault("press 3: lose the answer", "press", 3, "lose the answer"),
        Fault("alarm every: hold the answer 40 s", "alarm", 0, "hold the answer", held_s=40),
        Fault("answer 2: refuse 503", "answer", 2, "refuse", status=503),
    )
    # In the order of time.
    assert played.steps == (
        Step("at 10 s: press 1", 10, "press", 1),
        Step("at 2 min: clock +2 h", 120, "clock", 7200),
    )


def test_a_fault_meets_its_call_alone_and_the_first_line_counts() -> None:
    played = read_script("press 3: lose the call\npress every: send it twice")
    found = [played.fault_of("press", number) for number in (2, 3)]
    assert [fault and fault.what for fault in found] == ["send it twice", "lose the call"]
    assert played.fault_of("message", 3) is None


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("lose everything", "press 3: lose the answer"),
        ("receipt 3: lose the answer", "press, message, enrolment"),
        ("press 0: lose the answer", "press 3: lose the answer"),
        ("press 3: eat it", "lose the call, lose the answer"),
        ("press 3: refuse 200", "refuse 503"),
        ("alarm 1: hold the answer forever", "40 s"),
        ("alarm 1: hold the answer 2 h", "600"),
        ("at noon: press 1", "5 min"),
        ("at 5 s: run away", "acknowledge, zone"),
        ("at 5 s: press 0", "press 1"),
        ("at 5 s: clock -2 h", "clock +2 h"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_what_to_write_instead(line: str, instead: str) -> None:
    with pytest.raises(ScriptError) as refused:
        read_script(f"# the first line\n{line}\npress 1: lose the call\n")
    (sentence,) = refused.value.sentences
    assert sentence.startswith(f"Line 2, “{line}”") and instead in sentence


def test_all_bad_lines_are_said_at_once_and_an_endless_script_is_refused() -> None:
    with pytest.raises(ScriptError) as refused:
        read_script("no\n" * 201)
    assert len(refused.value.sentences) == 201
    assert refused.value.sentences[-1].startswith("Line 201 is one too many")
