"""How roads outside went last, in a line each: the same for `egide connectors`, `status` and `doctor`."""

from collections.abc import Sequence

from egide.common.clock import utc
from egide.common.text import _
from egide.connectors.looking import Went


def sentence_of(one: Went) -> str:
    """When, what, and whether it was real traffic or a try by hand."""
    part, came = _(one.part), one.came
    if came is None:
        return _("{part}: nothing yet").format(part=part)
    time = _time(came.at_us)
    if came.is_well:
        return _("{part}: {how}, {time}").format(part=part, how=_(one.how), time=time)
    if came.worked_us is None:
        return _("{part}: it did not work ({why}), {time}").format(part=part, why=came.word, time=time)
    text = _("{part}: it did not work ({why}), {time}; it last worked {worked}")
    return text.format(part=part, why=came.word, time=time, worked=_time(came.worked_us))


def shown(found: Sequence[Went]) -> list[dict[str, object]]:
    """For programs; times in µs since 1970."""
    return [
        {
            "road": one.road,
            "part": one.part,
            "at_us": one.came.at_us,
            "word": one.came.word,
            "worked_us": one.came.worked_us,
            "is_well": one.came.is_well,
            "is_by_hand": one.is_by_hand,
        }
        for one in found
        if one.came is not None
    ]


def _time(at_us: int) -> str:
    return utc(at_us).isoformat(sep=" ", timespec="seconds")
