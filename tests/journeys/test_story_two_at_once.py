"""Two alarms at once, two operators: nothing moves under a hand, nothing is mixed up, both are brought to their end."""

from playwright.sync_api import expect

from tests.journeys.conftest import World


def test_two_alarms_at_once_go_to_two_operators_and_neither_is_mixed_up(world: World) -> None:
    first, second = world.desk("hainaut-12"), world.desk("hainaut-07")
    phones = world.phone(), world.phone()
    alarms = [phone.press() for phone in phones]
    for desk in (first, second):
        for alarm in alarms:
            expect(desk.row(alarm)).to_be_visible()
        expect(desk("#count")).to_have_text("2")

    first.acknowledge(alarms[0])
    second.acknowledge(alarms[1])
    expect(first.row(alarms[1]).locator(".card-by")).to_have_text("Opérateur 07 · Hainaut")
    expect(second.row(alarms[0]).locator(".card-by")).to_have_text("Opératrice 12 · Hainaut")

    # While one writes, the other's alarm moves, is pressed again and goes on: the hand keeps what it has.
    first.press_armed("n")
    first.page.keyboard.type("Deux fois ")
    phones[1].press()
    phones[1].move(phones[1].position)
    expect(first.row(alarms[1])).to_have_attribute("data-presses", "2")
    expect(first("#note-text")).to_be_focused()
    first.page.keyboard.type("à la porte")
    first.page.keyboard.press("Control+Enter")
    expect(first(".notes")).to_contain_text("Deux fois à la porte")
    expect(first("#alarm")).to_have_attribute("data-alarm", alarms[0])

    second.press_armed("z")
    second("#zone-reference").fill("Insp. 21")
    second.page.keyboard.press("Enter")
    expect(second("#way")).to_contain_text("Insp. 21")

    one, other = (world.state(alarm) for alarm in alarms)
    assert (one.lead.acknowledged_by, one.lead.zone, [note.text for note in one.lead.notes]) == (
        "hainaut-12",
        "",
        ["Deux fois à la porte"],
    )
    assert (other.lead.acknowledged_by, other.lead.zone_reference, other.lead.notes, other.press.presses) == (
        "hainaut-07",
        "Insp. 21",
        (),
        2,
    )
