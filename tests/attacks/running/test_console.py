"""Somebody with a shell on the server reads files by the real command, where no page asks who they are (rule 41)."""

from egide.alarm.events import NoteAdded
from egide.events.register import FileOpened
from tests.support.browser import account
from tests.support.commands import Answer, start
from tests.support.house import House

COUSIN, COLLEAGUE, OFFICER = "hainaut-07", "hainaut-12", "dpo-01"
HERS, WHY = "she hides in the cellar", "The court asked for the minutes"


def tail(house: House, name: str) -> Answer:
    """What the command shows to this person, who proves to be them."""
    arguments = ("-n", "1000", "--open", "--as", name, "--reason", WHY)
    password = account(house.stack, name)["password"]
    return start(house.stack.config, "journal", "tail", *arguments, stdin=f"{password}\n")


def test_a_barred_reader_goes_to_the_console_and_a_reading_there_is_on_record(house: House) -> None:
    hers = house.carriers()[4]
    house.bar(hers["case"], COUSIN)
    phone = house.phone(hers)
    alarm = house.pressed(phone)
    house.journal.decide(alarm, lambda _state: [NoteAdded(user="op", text=HERS)])

    told = tail(house, COUSIN)
    assert told.returncode == 0, told.stderr
    assert all(word not in told.stdout for word in (HERS, phone.device, phone.kit, hers["case"]))
    read = tail(house, COLLEAGUE)
    assert read.returncode == 0 and HERS in read.stdout
    opened = [event for event in house.events(FileOpened) if event.alarm == alarm]
    assert [(event.user, event.case, event.why) for event in opened] == [(COLLEAGUE, hers["case"], WHY)]
    assert WHY in house.caller(OFFICER).look("/readings/exceptional")
