"""What is wrong with a kit, who is told when, and that nothing is said twice: the pure rules of supervision."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.common.config import Config, NotSetUp
from egide.fleet.supervision import rules as r
from egide.fleet.supervision.limit_faults import WrongSettings, check_settings
from egide.fleet.supervision.rules import Facts, Ladder, Outlook, Settings, Trouble, look_at
from egide.fleet.supervision.versions import is_older
from egide.fleet.supervision.watch_settings import settings_of
from egide.protocol.link import LinkFlag

NOW_S = 1_800_000_000
PAIRED = LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED
WELL = Facts(
    level=r.ORDINARY,
    heard_s=NOW_S,
    watched_s=NOW_S - 100,
    phone_pct=80,
    button_pct=80,
    link=int(PAIRED),
    tested_s=NOW_S - 100,
)
SETTINGS = Settings()


class Kit:
    """A kit whose troubles are kept as the tables keep them."""

    def __init__(self, facts: Facts = WELL, settings: Settings = SETTINGS) -> None:
        self.facts, self.settings = facts, settings
        self.open: dict[str, Trouble] = {}
        self.said: list[tuple[str, str]] = []

    def look(self, now_s: int, **changed: object) -> Outlook:
        self.facts = replace(self.facts, **changed)  # type: ignore[arg-type]
        outlook = look_at(self.facts, self.open.values(), self.settings, now_s)
        for what in outlook.solved:
            del self.open[what]
        for tell in outlook.told:
            trouble = self.open.get(tell.what, Trouble(tell.what, tell.since_s))
            assert tell.whom not in trouble.told
            self.open[tell.what] = replace(trouble, told=trouble.told | {tell.whom})
            self.said.append((tell.what, tell.whom))
        return outlook

    def until(self, end_s: int, now_s: int = NOW_S) -> list[tuple[int, str, str]]:
        """Look whenever the rules ask for it, until `end_s`; returns who was told of what, after how long."""
        told = []
        while now_s <= end_s:
            before = len(self.said)
            look_s = self.look(now_s).look_s
            told += [(now_s - NOW_S, *said) for said in self.said[before:]]
            assert look_s > now_s, "a look that asks for itself again would never end"
            now_s = look_s
        return told


def test_a_kit_that_speaks_and_is_well_asks_for_nothing() -> None:
    outlook = Kit().look(NOW_S)
    assert (outlook.told, outlook.solved, outlook.words) == ((), (), ())
    assert outlook.look_s == NOW_S + r.HOUR_S


def test_silence_is_told_to_the_person_after_an_hour_and_to_the_zone_after_a_day() -> None:
    assert Kit().until(NOW_S + 3 * r.DAY_S) == [
        (r.HOUR_S, r.SILENT, r.PERSON),
        (r.DAY_S, r.SILENT, r.ZONE),
        (2 * r.DAY_S, r.SILENT, r.OFFICER),
    ]


def test_rule_35_silence_limits_follow_danger_and_reach_everybody_within_the_hour_for_the_highest() -> None:
    told = Kit(replace(WELL, level=r.HIGHEST)).until(NOW_S + r.DAY_S)
    assert [(what, whom) for _after, what, whom in told] == [(r.SILENT, whom) for whom in r.WHOM]
    assert all(after <= r.HOUR_S for after, _what, _whom in told)
    for whom in r.WHOM:
        limits = [SETTINGS.ladders[level][r.SILENT].after(whom) for level in r.LEVELS]
        assert limits == sorted(limits), "the graver, the sooner"


@pytest.mark.parametrize(
    ("level", "ladder"),
    [
        (r.HIGHEST, Ladder(600, 3600, 86_400)),
        (r.HIGHEST, Ladder(600, 3600, 3601)),
        (r.HIGHEST, Ladder(7200, 7200, 7200)),
        (r.URGENT, Ladder(3600, 7200, 86_400)),
        (r.URGENT, Ladder(60, 60, 60)),
        (r.ORDINARY, Ladder(3600, 1800, 7200)),
    ],
)
def test_rule_35_settings_that_would_leave_somebody_alone_are_refused(level: str, ladder: Ladder) -> None:
    ladders = {name: dict(SETTINGS.ladders[name]) for name in r.LEVELS}
    ladders[level][r.SILENT] = ladder
    with pytest.raises(WrongSettings):
        check_settings(replace(SETTINGS, ladders=ladders))


def test_rule_35_the_defaults_are_within_their_own_bounds() -> None:
    check_settings(SETTINGS)


def test_rule_06_a_kit_that_falls_silent_in_an_alarm_is_the_zones_task_at_once() -> None:
    kit = Kit(replace(WELL, is_alarmed=True))
    kit.look(NOW_S + 29)
    assert kit.said == []
    outlook = kit.look(NOW_S + 30)
    assert kit.said == [(r.SILENT, r.ZONE)]
    # Her phone shows nothing in an alarm: he may be looking at it.
    assert outlook.words == ()


def test_in_an_open_alarm_whatever_is_wrong_reaches_the_zone_at_once_and_never_the_phone() -> None:
    kit = Kit()
    kit.look(NOW_S, phone_pct=9)
    assert kit.said == [(r.PHONE_BATTERY, r.PERSON)]
    outlook = kit.look(NOW_S + 10, heard_s=NOW_S + 10, is_alarmed=True)
    assert kit.said[1:] == [(r.PHONE_BATTERY, r.ZONE)]
    assert outlook.words == ()


def test_what_is_right_again_closes_by_itself_and_a_new_time_begins_anew() -> None:
    kit = Kit()
    kit.look(NOW_S, phone_pct=12)
    kit.look(NOW_S + 60, phone_pct=20)
    assert list(kit.open) == [r.PHONE_BATTERY], "between two thresholds nothing flutters"
    assert kit.look(NOW_S + 120, phone_pct=60).solved == (r.PHONE_BATTERY,)
    assert kit.open == {}
    kit.look(NOW_S + 180, phone_pct=20)
    assert kit.open == {}


def test_nothing_nags_twice() -> None:
    kit = Kit(replace(WELL, phone_pct=5, button_pct=5))
    for minute in range(0, 4 * 24 * 60, 15):
        now_s = NOW_S + minute * 60
        kit.look(now_s, heard_s=now_s)
    assert len(kit.said) == len(set(kit.said)) == 6


def test_while_a_kit_is_silent_what_was_wrong_before_stays_as_it_was() -> None:
    kit = Kit()
    kit.look(NOW_S, phone_pct=5)
    outlook = kit.look(NOW_S + r.HOUR_S)
    assert outlook.solved == ()
    assert set(kit.open) == {r.PHONE_BATTERY, r.SILENT}
    assert outlook.words == (r.SILENT, r.PHONE_BATTERY)
    # Any word at all is a reason to look, and ends the silence.
    assert outlook.other_s == r.AT_ANY_WORD
    back_s = NOW_S + 2 * r.HOUR_S
    assert kit.look(back_s, heard_s=back_s, phone_pct=90).solved == (r.SILENT, r.PHONE_BATTERY)


def test_silent_unpairing_is_told_to_the_zone_at_once_whatever_the_level() -> None:
    for level in r.LEVELS:
        kit = Kit(replace(WELL, level=level))
        kit.look(NOW_S, link=0)
        assert kit.said == [(r.UNPAIRED, r.PERSON), (r.UNPAIRED, r.ZONE)]


def test_a_button_that_is_away_is_told_after_a_while_and_a_phone_left_behind_sooner() -> None:
    away = replace(WELL, link=int(LinkFlag.BUTTON_PAIRED), away_s=NOW_S)
    kit = Kit(away)
    assert kit.look(NOW_S).look_s == NOW_S + r.HOUR_S
    now_s = NOW_S + 2 * r.HOUR_S
    kit.look(now_s, heard_s=now_s)
    assert kit.said == [(r.AWAY, r.PERSON)]
    left = Kit(replace(away, link=int(LinkFlag.BUTTON_PAIRED | LinkFlag.AT_REST)))
    for hours in (2, 12):
        now_s = NOW_S + hours * r.HOUR_S
        left.look(now_s, heard_s=now_s)
    assert left.said == [(r.LEFT, r.PERSON), (r.LEFT, r.ZONE)]


def test_a_clock_that_is_behind_counts_only_when_it_was_so_twice() -> None:
    assert not r.is_clock_off(replace(WELL, ahead_s=-900, ahead_before_s=0), 120), "a message that waited"
    assert r.is_clock_off(replace(WELL, ahead_s=-900, ahead_before_s=-905), 120)
    assert r.is_clock_off(replace(WELL, ahead_s=300), 120)


@pytest.mark.parametrize(
    ("version", "oldest", "expected"),
    [
        ("1.9.3", "1.10", True),
        ("1.10", "1.10", False),
        ("2", "1.99", False),
        ("", "9", False),
        ("1", "", False),
    ],
)
def test_versions_are_compared_part_by_part(version: str, oldest: str, expected: bool) -> None:
    assert is_older(version, oldest) is expected


def test_an_old_app_refused_permissions_and_a_wrong_clock_are_troubles() -> None:
    kit = Kit(settings=replace(SETTINGS, oldest_app="2.0"))
    refused = LinkFlag.POSITION_REFUSED | LinkFlag.MICROPHONE_REFUSED
    kit.look(NOW_S, app="1.4", link=int(PAIRED | refused), ahead_s=4000)
    assert set(kit.open) == {r.APP, r.POSITION, r.MICROPHONE, r.CLOCK}


def test_what_android_took_away_is_a_trouble_until_the_phone_says_so_no_longer() -> None:
    kit = Kit()
    taken = LinkFlag.RADIO_OFF | LinkFlag.SAVER_ON | LinkFlag.TEXTS_REFUSED
    kit.look(NOW_S, link=int(PAIRED | taken))
    assert set(kit.open) == {r.RADIO, r.SAVER, r.TEXTS}
    # A phone that is too old for these flags says nothing of them; one that is newer than this server says more.
    kit.look(NOW_S + 900, heard_s=NOW_S + 900, link=int(PAIRED | 1 << 15))
    assert kit.open == {}


def test_a_store_that_was_damaged_is_a_trouble_until_a_test_has_come_through() -> None:
    kit = Kit()
    kit.look(NOW_S, link=int(PAIRED | LinkFlag.STORE_MENDED))
    assert set(kit.open) == {r.STORE}
    kit.look(NOW_S + 900, heard_s=NOW_S + 900, link=int(PAIRED))
    assert kit.open == {}


def test_a_phone_that_keeps_its_app_from_running_is_a_trouble_until_it_says_so_no_longer() -> None:
    kit = Kit()
    kit.look(NOW_S, link=int(PAIRED | LinkFlag.HELD_BACK))
    assert set(kit.open) == {r.HELD_BACK}
    kit.look(NOW_S + 900, heard_s=NOW_S + 900, link=int(PAIRED))
    assert kit.open == {}


def test_a_test_is_due_after_its_days_done_when_it_came_and_failed_when_it_came_late() -> None:
    kit = Kit()
    due_s = WELL.watched_s + 30 * r.DAY_S
    kit.look(due_s - 1, heard_s=due_s - 1)
    assert kit.open == {}
    outlook = kit.look(due_s, heard_s=due_s)
    assert set(kit.open) == {r.TEST_DUE} and outlook.words == (r.TEST_DUE,)
    kit.look(due_s + 60, heard_s=due_s + 60, failed_s=due_s + 60)
    assert set(kit.open) == {r.TEST_FAILED}
    kit.look(due_s + 90, heard_s=due_s + 90, tested_s=due_s + 90)
    assert kit.open == {}


def test_rule_17_a_phone_that_came_after_the_kit_went_out_is_tested_at_once() -> None:
    kit = Kit(replace(WELL, enrolled_s=NOW_S - 5, tested_s=None))
    kit.look(NOW_S)
    assert set(kit.open) == {r.TEST_DUE}


def test_the_pause_of_the_service_is_nobodys_silence() -> None:
    kit = Kit(replace(WELL, heard_s=NOW_S - r.DAY_S, listening_s=NOW_S - 60))
    assert kit.look(NOW_S).told == ()
    # One that was silent before the pause is so after it.
    silent = Kit(replace(WELL, heard_s=NOW_S - 2 * r.HOUR_S))
    silent.look(NOW_S)
    assert silent.look(NOW_S + 60, listening_s=NOW_S + 60).solved == ()


@given(
    level=st.sampled_from(r.LEVELS),
    heard=st.integers(0, 200_000),
    alarmed=st.booleans(),
    phone=st.one_of(st.none(), st.integers(0, 100)),
    link=st.one_of(st.none(), st.integers(0, 63)),
    away=st.one_of(st.none(), st.integers(0, 200_000)),
    tested=st.one_of(st.none(), st.integers(0, 8_000_000)),
    failed=st.one_of(st.none(), st.integers(0, 8_000_000)),
)
def test_whatever_is_seen_the_next_look_is_later_and_nobody_is_told_twice(
    level: str,
    heard: int,
    alarmed: bool,
    phone: int | None,
    link: int | None,
    away: int | None,
    tested: int | None,
    failed: int | None,
) -> None:
    kit = Kit(
        Facts(
            level=level,
            heard_s=NOW_S - heard,
            watched_s=NOW_S - 9_000_000,
            is_alarmed=alarmed,
            phone_pct=phone,
            link=link,
            away_s=None if away is None else NOW_S - away,
            tested_s=None if tested is None else NOW_S - tested,
            failed_s=None if failed is None else NOW_S - failed,
        )
    )
    first = kit.look(NOW_S)
    assert first.look_s > NOW_S
    again = kit.look(NOW_S)
    assert (again.told, again.solved) == ((), ())


def test_settings_come_from_a_file_and_a_wrong_one_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "supervision.toml"
    path.write_text("battery_low_pct = 20\n[highest]\nsilent = [900, 1200, 1800]\ntest_days = 7\n")
    settings = settings_of(Config(data_dir=tmp_path, supervision=path))
    assert settings.battery_low_pct == 20
    assert settings.ladders[r.HIGHEST][r.SILENT] == Ladder(900, 1200, 1800)
    assert settings.test_days == {r.HIGHEST: 7, r.URGENT: 30, r.ORDINARY: 30}
    for wrong in (
        "[highest]\nsilent = [900, 1200, 90000]",
        "[ordinary]\nsilent = [1, 2]",
        "[ordinary]\nbattery = 3",
        "colour = 3",
        "clock_s = 0",
        "[",
    ):
        path.write_text(wrong)
        with pytest.raises(NotSetUp, match="EGIDE_SUPERVISION"):
            settings_of(Config(data_dir=tmp_path, supervision=path))


def test_the_phone_has_a_word_in_every_language_for_whatever_may_be_wrong() -> None:
    """The app passes over words that it does not know: then the person would not be told."""
    sources = Path(__file__).parents[2] / "phone" / "src"
    known = re.search(r"CHECKS = \[(.*?)\]", (sources / "core" / "proofs.ts").read_text(), re.DOTALL)
    assert known is not None
    assert tuple(re.findall(r'"([a-z-]+)"', known[1])) == r.FOR_HER
    for language in ("fr", "nl", "de", "en"):
        texts = (sources / "locales" / f"{language}.ts").read_text(encoding="utf-8")
        assert re.findall(r'"check\.([a-z-]+)":', texts) == list(r.FOR_HER)
