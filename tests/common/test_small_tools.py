"""Geometry on the ground, ids, base64url, clocks, and texts in four languages."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.common import text as texts
from egide.common.clock import SetClock, SystemClock, utc
from egide.common.encoding import from_base64url, to_base64url
from egide.common.ids import new_id
from egide.geography.ground import bearing_deg, degrees, distance_m

latitudes = st.integers(-900_000_000, 900_000_000)
longitudes = st.integers(-1_800_000_000, 1_800_000_000)


@pytest.mark.parametrize(
    ("a", "b", "expected_m"),
    [
        # One degree of a great circle on a sphere of 6371.0088 km is 111.1951 km.
        ((0, 0), (0, 10_000_000), 111_195.1),
        ((0, 0), (10_000_000, 0), 111_195.1),
        ((0, 0), (0, 1_800_000_000), 20_015_114.4),
        ((900_000_000, 0), (-900_000_000, 0), 20_015_114.4),
        # Brussels, Grand-Place to Ghent, Korenmarkt: 50.1 km. Across the date line: 0.02 degrees.
        ((508_467_000, 43_525_000), (510_546_000, 37_219_000), 49_900),
        ((0, 1_799_900_000), (0, -1_799_900_000), 2_223.9),
    ],
)
def test_known_distances(a: tuple[int, int], b: tuple[int, int], expected_m: float) -> None:
    assert distance_m(*a, *b) == pytest.approx(expected_m, rel=0.005)


@given(latitudes, longitudes, latitudes, longitudes)
def test_distances_are_symmetric_and_at_most_half_way_round(
    lat_a: int, lon_a: int, lat_b: int, lon_b: int
) -> None:
    there = distance_m(lat_a, lon_a, lat_b, lon_b)
    assert there == pytest.approx(distance_m(lat_b, lon_b, lat_a, lon_a), abs=0.01)
    assert 0 <= there <= 20_015_115
    assert distance_m(lat_a, lon_a, lat_a, lon_a) == 0
    assert 0 <= bearing_deg(lat_a, lon_a, lat_b, lon_b) <= 360


@pytest.mark.parametrize(
    ("to", "expected_deg"),
    [((1_000_000, 0), 0), ((0, 1_000_000), 90), ((-1_000_000, 0), 180), ((0, -1_000_000), 270)],
)
def test_bearings_go_clockwise_from_north(to: tuple[int, int], expected_deg: float) -> None:
    assert bearing_deg(0, 0, *to) == pytest.approx(expected_deg)
    assert degrees(to[0]) == pytest.approx(to[0] / 1e7)


def test_ids_are_16_hexadecimal_digits_and_do_not_repeat() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(one) == 16 and set(one) <= set("0123456789abcdef") for one in ids)


@given(st.binary())
def test_base64url_survives_and_has_no_padding(data: bytes) -> None:
    text = to_base64url(data)
    assert from_base64url(text, len(data)) == data
    assert not set(text) & set("+/=")


@given(st.text())
def test_whatever_is_not_base64url_is_a_value_error(text: str) -> None:
    try:
        data = from_base64url(text)
    except ValueError:
        return
    assert from_base64url(to_base64url(data)) == data


def test_another_length_than_expected_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 32 bytes, got 3"):
        from_base64url("AAAA", 32)


def test_a_set_clock_stands_until_it_is_moved() -> None:
    clock = SetClock(1_800_000_000_000_000)
    assert clock.now_us() == clock.now_us() == 1_800_000_000_000_000
    clock.advance_s(0.5)
    assert utc(clock.now_us()) == datetime(2027, 1, 15, 8, 0, 0, 500_000, tzinfo=UTC)


def test_the_machine_s_clock_counts_microseconds_since_1970() -> None:
    assert datetime(2024, 1, 1, tzinfo=UTC) < utc(SystemClock().now_us()) < datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"EGIDE_LANG": "nl", "LANG": "fr_BE.UTF-8"}, "nl"),
        ({"LANG": "fr_BE.UTF-8"}, "fr"),
        ({"LC_ALL": "de_BE.UTF-8", "LANG": "fr_BE.UTF-8"}, "de"),
        ({"LC_ALL": "C", "LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    for name in ("EGIDE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert texts.language() == expected
    assert texts._("no such text anywhere") == "no such text anywhere"


def test_the_file_of_settings_says_the_language_behind_the_variable_and_before_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "egide.toml"
    file.write_text('lang = "de"\n')
    file.chmod(0o600)
    monkeypatch.setenv("EGIDE_CONFIG", str(file))
    monkeypatch.setenv("LC_ALL", "fr_BE.UTF-8")
    monkeypatch.delenv("EGIDE_LANG", raising=False)
    assert texts.language() == "de"
    monkeypatch.setenv("EGIDE_LANG", "nl")
    assert texts.language() == "nl"
    # What is wrong with the file is said by who needs the rest of it.
    monkeypatch.delenv("EGIDE_LANG")
    damaged = tmp_path / "damaged.toml"
    damaged.write_text("lang =")
    monkeypatch.setenv("EGIDE_CONFIG", str(damaged))
    assert texts.language() == "fr"
