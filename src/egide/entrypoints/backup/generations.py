"""Which back-ups go: pure. All of a day stay, then one of each day for a week, then one of each week until they
expire.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

NAME = "egide-%Y%m%dT%H%M%SZ.age"
ALL_FOR = timedelta(days=1)
DAILY_FOR = timedelta(days=7)


def name_at(moment: datetime) -> str:
    """The name of the file of a back-up."""
    return moment.astimezone(UTC).strftime(NAME)


def moment_of(name: str) -> datetime | None:
    """When the back-up of this name was made; None for another file."""
    try:
        found = datetime.strptime(name, NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return found if name_at(found) == name else None


def expired(names: Iterable[str], now: datetime, days: int) -> list[str]:
    """Those of these files that go now, oldest first. Of each day and week the last back-up stays.

    Nothing older than `days` stays: after them an erased case is in no back-up (safety rule 29). The newest of all is
    never named, whatever its age: without a new one it is all there is, and `egide doctor` calls it too old long
    before. One whose name lies ahead of the clock stays as well.
    """
    made = sorted((moment, name) for name in names if (moment := moment_of(name)) is not None)
    kept: dict[tuple[str, object], str] = {}
    for moment, name in made:
        age = now - moment
        if age <= ALL_FOR:
            kept[name, ""] = name
        elif age <= DAILY_FOR:
            kept["day", moment.date()] = name
        elif age < timedelta(days=days):
            kept["week", moment.isocalendar()[:2]] = name
    stays = {*kept.values(), *(name for _moment, name in made[-1:])}
    return [name for _moment, name in made if name not in stays]
