"""Days where the authority is: today, the day of a moment, the end of a day."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

from egide.common.clock import utc
from egide.outbox.service import clock


def today() -> date:
    """Today's date there."""
    return day_of(clock().now_us())


def day_of(at_us: int) -> date:
    """The day of a moment."""
    return utc(at_us).astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def end_of_us(day: date) -> int:
    """The last moment of a day."""
    return round(datetime.combine(day, time.max, ZoneInfo(settings.TIME_ZONE)).timestamp() * 1_000_000)


def begin_of_us(day: date) -> int:
    """Its first moment."""
    return round(datetime.combine(day, time.min, ZoneInfo(settings.TIME_ZONE)).timestamp() * 1_000_000)
