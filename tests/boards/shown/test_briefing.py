"""The briefing of an open alarm: what is read, in which order, and that the reading is recorded."""

import re

import pytest

from egide.alarm.events import AlarmAcknowledged, AlarmClosed
from egide.boards.spool import empty_spool
from egide.casework.file.reading import measures_of
from egide.events.register import FileOpened
from egide.outbox.days import end_of_us
from tests.support.pages import GENT, LIEGE, MONS, Pages, near, text_of


def briefing(pages: Pages, alarm: str, language: str = "en", centre: str = "HAI"):  # type: ignore[no-untyped-def]
    client = pages.client(pages.user(f"reader-{language}-{centre}", centre=centre), language)
    return client.get(f"/response/alarms/{alarm}/briefing")


def readings(pages: Pages, case: str) -> list[FileOpened]:
    return [
        event
        for row in pages.journal.stream(f"case:{case}")
        if isinstance(event := pages.journal.open_event(row), FileOpened)
    ]


def test_rule_12_source_and_date_beside_every_warning(pages: Pages) -> None:
    page = briefing(pages, pages.alarm(pages.phone(MONS), near(pages.files[MONS]))).content.decode()
    warnings = re.findall(r"<li><b>.*?</li>", page, re.S)
    warnings += re.findall(r"<p><b>.*?</p>", page, re.S)
    assert len(warnings) >= 6
    for warning in warnings:
        assert re.search(r'class="mark (verified|reported)"', warning), warning
        assert re.search(r'</span>\s+\S.*, <time datetime="\d{4}-\d\d-\d\d">[^<]*\d{4}</time>', warning), (
            warning
        )


def test_rule_12_a_breach_names_its_day_and_source(pages: Pages) -> None:
    text = text_of(briefing(pages, pages.alarm(pages.phone(MONS))))
    assert re.search(r"breached on [^(]*\d{4} \(\S[^)]*\)", text)


def test_rule_12_a_reported_weapon_is_not_shown_as_a_verified_one(pages: Pages) -> None:
    text = text_of(briefing(pages, pages.alarm(pages.phone(MONS), near(pages.files[MONS]))))
    assert re.search(r"Couteau seen ✓ verified PV MO", text)
    assert re.search(r"Fusil de chasse suspected ○ reported déclaration", text)


def test_rule_12_children_stand_in_the_file_and_not_beside_the_person(pages: Pages) -> None:
    text = text_of(briefing(pages, pages.alarm(pages.phone(MONS))))
    assert "2 children in the file (4, 7 years)" in text


def test_rule_12_an_instruction_names_its_author(pages: Pages) -> None:
    text = text_of(briefing(pages, pages.alarm(pages.phone(MONS))))
    assert re.search(r"Instruction Approcher à deux, sans sirène\. ✓ verified Insp\. pr\. Modèle", text)


def test_weapons_come_before_anything_else_about_people(pages: Pages) -> None:
    page = briefing(pages, pages.alarm(pages.phone(MONS))).content.decode()
    order = [page.index(f'id="{part}"') for part in ("weapons", "person", "measures", "last-metres")]
    assert order == sorted(order)


def test_rule_26_every_perpetrator_is_shown_with_the_role(pages: Pages) -> None:
    text = text_of(briefing(pages, pages.alarm(pages.phone(LIEGE))))
    assert "Denis Spécimen" in text and "Éric Spécimen" in text
    assert text.count("Perpetrator, suspected") == 2


@pytest.mark.parametrize(
    ("north_m", "accuracy_m", "said"),
    [
        (0, 20, "alarm comes from inside"),
        (290, 40, "alarm perhaps from inside"),
        (1000, 20, "680 m outside"),
    ],
)
def test_the_position_is_held_against_the_bans_in_force(
    pages: Pages, north_m: int, accuracy_m: int, said: str
) -> None:
    position = near(pages.files[MONS], accuracy_m, north_m)
    text = text_of(briefing(pages, pages.alarm(pages.phone(MONS), position)))
    assert re.search(rf"Place ban \W+ {said}", text)


def test_a_measure_that_is_over_is_shown_as_such_and_never_as_breached(pages: Pages) -> None:
    position = near(pages.files[MONS])
    phone = pages.phone(MONS)
    pages.clock.advance_s(400 * 86_400)
    text = text_of(briefing(pages, pages.alarm(phone, position)))
    assert "not in force" in text and "comes from inside" not in text


def test_a_measure_ends_with_the_day_where_the_authority_is_not_with_that_of_utc(pages: Pages) -> None:
    position, phone = near(pages.files[MONS]), pages.phone(MONS)
    last_us = max(
        end_of_us(measure.ends) for measure in measures_of(pages.files[MONS].case.id) if measure.ends
    )
    pages.clock.advance_s((last_us - pages.clock.now_us()) / 1_000_000 + 1800)
    text = text_of(briefing(pages, pages.alarm(phone, position)))
    assert "not in force" in text and "comes from inside" not in text


def test_a_non_disclosed_address_is_hidden_unless_the_alarm_comes_from_there(pages: Pages) -> None:
    far = near(pages.files[LIEGE], north_m=5000)
    text = text_of(briefing(pages, pages.alarm(pages.phone(LIEGE), far)))
    assert "Non-disclosed address" in text and "rue du Spécimen" not in text
    there = near(pages.files[LIEGE])
    text = text_of(briefing(pages, pages.alarm(pages.phone(LIEGE), there), "fr"))
    assert "rue du Spécimen" in text and "non communicable" not in text


def test_without_a_position_a_non_disclosed_address_stays_hidden(pages: Pages) -> None:
    text = text_of(briefing(pages, pages.alarm(pages.phone(LIEGE))))
    assert "Non-disclosed address" in text
    assert "rue du Spécimen" not in text and "Interphone" not in text


def test_every_reading_is_an_event_with_reader_and_alarm(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS))
    assert briefing(pages, alarm).status_code == 200
    [reading] = readings(pages, pages.files[MONS].case.id)
    assert (reading.user, reading.alarm) == ("reader-en-HAI", alarm)


@pytest.mark.files("a quota of the file")
def test_with_the_journal_down_the_briefing_shows_and_the_reading_is_recorded_later(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS))
    case = pages.files[MONS].case.id
    client = pages.client(pages.user())
    pages.fill_disk()
    for _ in range(40):
        reply = client.get(f"/response/alarms/{alarm}/briefing")
        assert reply.status_code == 200 and "Couteau" in reply.content.decode()
    spooled = (pages.config.data_dir / "spooled-readings").read_text()
    missing = len(spooled.splitlines())
    assert missing > 0 and case not in spooled
    assert empty_spool(pages.journal) == missing
    found = readings(pages, case)
    assert len(found) == 40
    assert sum(1 for reading in found if "recorded late, read at 2027-" in reading.why) == missing
    assert empty_spool(pages.journal) == 0


def test_a_closed_alarm_opens_no_file(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS))
    pages.installation.act(alarm, AlarmAcknowledged(user="op"))
    pages.installation.act(alarm, AlarmClosed(user="op", outcome="test", reason="x"))
    assert briefing(pages, alarm).status_code == 404
    assert readings(pages, pages.files[MONS].case.id) == []


def test_another_centres_file_does_not_exist_here(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(GENT), centre="OVL")
    assert briefing(pages, alarm).status_code == 404
    assert briefing(pages, alarm, centre="OVL").status_code == 200
    assert [reading.user for reading in readings(pages, pages.files[GENT].case.id)] == ["reader-en-OVL"]


def test_a_kit_whose_file_is_missing_says_so_and_does_not_fail(pages: Pages) -> None:
    phone = pages.installation.enrol()
    reply = briefing(pages, pages.alarm(phone))
    assert reply.status_code == 200 and "No file can be read" in text_of(reply)


@pytest.mark.parametrize(("language", "word"), [("fr", "Armes"), ("nl", "Wapens"), ("de", "Waffen")])
def test_the_briefing_speaks_the_readers_language(pages: Pages, language: str, word: str) -> None:
    alarm = pages.alarm(pages.phone(MONS))
    assert word in text_of(briefing(pages, alarm, language))
