"""The canary: verified and made durable like any press, and never an alarm, a case or somebody's phone."""

import pytest

from egide.common.clock import SetClock
from egide.entrypoints.watch.canary import PLACE
from egide.events.system import CanaryEnrolled, CanaryReceived
from egide.intake.passing import Item
from egide.intake.service import STUCK_S, Answer, Intake
from egide.journal.queries.general import known_canary
from egide.protocol.envelope import Kind
from egide.protocol.keys import SigningKey
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation, Phone


@pytest.fixture
def canary(installation: Installation) -> Phone:
    """A canary that the worker has enrolled."""
    made = Phone(SigningKey.generate(), kit="", case="")
    event = CanaryEnrolled(device=made.device, public_key=bytes(made.key.verify_key))
    installation.append(f"canary:{made.device}", event)
    return made


async def test_a_canary_gets_a_signed_receipt_and_stands_in_a_stream_of_its_own(
    installation: Installation, intake: IntakeClient, canary: Phone
) -> None:
    receipt = (await intake.send(canary.press(position=PLACE))).receipt
    row = installation.journal.read(after=receipt.seq - 1, limit=1)[0]
    event = installation.journal.open_event(row)
    assert isinstance(event, CanaryReceived)
    assert (event.counter, event.position) == (1, PLACE)
    assert (row.stream, row.centre, row.zone) == (f"canary:{canary.device}", "", "")
    assert (receipt.alarm, receipt.state, receipt.next_counter) == ("", "noted", 2)


async def test_canaries_never_become_alarms_and_never_wait_for_a_board(
    installation: Installation, intake: IntakeClient, canary: Phone
) -> None:
    for _ in range(3):
        assert (await intake.send(canary.press())).status == 201
    execute = installation.journal.connection.execute
    assert execute("SELECT count(*) FROM alarm").fetchone() == (0,)
    assert execute("SELECT count(*) FROM message").fetchone() == (0,)
    assert installation.journal.open_alarms() == [] and installation.journal.unshown() == []


async def test_the_same_canary_again_gets_the_same_receipt(
    installation: Installation, intake: IntakeClient, canary: Phone
) -> None:
    data = canary.press()
    first, again = (await intake.send(data)).receipt, (await intake.send(data)).receipt
    assert first == again
    assert installation.kinds(f"canary:{canary.device}") == ["CanaryEnrolled", "CanaryReceived"]


async def test_a_canary_whose_number_was_used_is_refused(intake: IntakeClient, canary: Phone) -> None:
    early = canary.press()
    await intake.send(canary.press())
    assert (await intake.send(early)).status == 409


async def test_a_canary_says_nothing_but_that_it_was_pressed(
    installation: Installation, intake: IntakeClient, canary: Phone
) -> None:
    for kind in (Kind.TEXT, Kind.TEST, Kind.POSITION, Kind.HEARTBEAT):
        assert (await intake.send(canary.envelope(kind))).status == 409
    assert installation.kinds(f"canary:{canary.device}") == ["CanaryEnrolled"]


async def test_a_canary_that_nobody_enrolled_or_that_is_forged_is_refused(
    installation: Installation, intake: IntakeClient, canary: Phone
) -> None:
    stranger = Phone(SigningKey.generate(), "", "")
    assert (await intake.send(stranger.press())).reason == "unknown-key"
    forged = bytearray(canary.press())
    forged[-1] ^= 1
    assert (await intake.send(bytes(forged))).status == 401
    assert installation.kinds(f"canary:{canary.device}") == ["CanaryEnrolled"]


async def test_a_phone_whose_key_was_passed_off_as_a_canarys_is_a_phone(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    event = CanaryEnrolled(device=phone.device, public_key=bytes(phone.key.verify_key))
    installation.append(f"canary:{phone.device}", event)
    receipt = (await intake.send(phone.press())).receipt
    assert receipt.alarm == phone.alarm() and installation.journal.open_alarms() == [phone.alarm()]
    assert known_canary(installation.journal, phone.device) is None


async def test_canaries_are_counted_apart_and_may_be_throttled(
    installation: Installation, intake: IntakeClient, canary: Phone
) -> None:
    statuses = [(await intake.send(canary.press())).status for _ in range(200)]
    assert set(statuses) == {201, 429}
    page = await intake.metrics()
    assert f'status="201",reason="canary"}} {statuses.count(201)}\n' in page
    assert 'status="201",reason=""' not in page


class Silent:
    """A store whose writer is stuck: it takes everything and answers nothing."""

    def start(self, *_callbacks: object) -> None:
        return

    def put(self, item: Item) -> None:
        return

    def stop(self) -> None:
        return


def test_a_writer_that_answers_nothing_shows(installation: Installation) -> None:
    answers: list[Answer] = []
    clock = installation.clock
    assert isinstance(clock, SetClock)
    intake = Intake(installation.config, installation.journal, clock, lambda _: None, Silent())
    assert intake.check_writer() and intake.how_far() == (0, 0)
    intake.submit(installation.enrol().press(), answers.append)
    clock.jump_s(7200)
    assert intake.check_writer() and intake.how_far() == (0, 1)
    clock.advance_s(STUCK_S)
    assert not intake.check_writer()
    assert answers == []
