"""The settings of supervision as an authority writes them down: one TOML file, every value checked before it counts.

battery_low_pct = 15
[ordinary]
test_days = 30
silent = [3600, 86400, 172800]   # seconds until the person, the zone, the reference officer is notified
"""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from egide.common.config import Config, NotSetUp
from egide.fleet.supervision.limit_faults import WrongSettings, check_settings
from egide.fleet.supervision.rules import LEVELS, LIMITED, Ladder, Settings

_NUMBERS = ("battery_low_pct", "battery_good_pct", "clock_s", "silent_in_alarm_s", "probe_s")


def settings_of(config: Config) -> Settings:
    """The settings of an installation, the defaults without a file. Raises NotSetUp."""
    if config.supervision is None:
        return Settings()
    try:
        return parse(config.supervision)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, WrongSettings) as error:
        raise NotSetUp(f"EGIDE_SUPERVISION ({config.supervision}) cannot be used: {error}") from error


def parse(path: Path) -> Settings:
    """Defaults with what the file says instead. Raises OSError, TOMLDecodeError, WrongSettings."""
    given, settings = tomllib.loads(path.read_text(encoding="utf-8")), Settings()
    ladders = {level: dict(settings.ladders[level]) for level in LEVELS}
    test_days = dict(settings.test_days)
    changed: dict[str, Any] = {}
    for name, value in given.items():
        if name in LEVELS and isinstance(value, dict):
            for what, setting in value.items():
                if what == "test_days":
                    test_days[name] = _number(f"{name}.{what}", setting, least=1)
                elif what in LIMITED:
                    ladders[name][what] = _ladder(f"{name}.{what}", setting)
                else:
                    raise WrongSettings(
                        f"{name}.{what} is no setting; expected test_days or one of {LIMITED}"
                    )
        elif name in _NUMBERS:
            changed[name] = _number(name, value, least=1)
        elif name == "oldest_app" and isinstance(value, str):
            changed[name] = value
        else:
            raise WrongSettings(f"{name} is no setting")
    settings = replace(settings, ladders=ladders, test_days=test_days, **changed)
    check_settings(settings)
    return settings


def _ladder(name: str, value: object) -> Ladder:
    if not isinstance(value, list) or len(value) != 3:
        raise WrongSettings(f"{name} is {value!r}: give three numbers of seconds (person, zone, officer)")
    return Ladder(*(_number(name, seconds, least=0) for seconds in value))


def _number(name: str, value: object, least: int) -> int:
    if type(value) is not int or value < least:
        raise WrongSettings(f"{name} is {value!r}: expected a whole number, {least} or more")
    return value
