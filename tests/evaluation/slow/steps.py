"""What a random history is made of, and what is asked of it beside: steps, and files that somebody imported."""

from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

# "z3" has no office yet, "z4" no centre; "z9" is on no map.
PLACES = {"z1": ("A", "p"), "z2": ("A", "q"), "z3": ("B", ""), "z4": ("", "q")}
ZONES = (*PLACES, "z9")
CENTRES = ("A", "B", "C")
FILES = 3
# How often each step is taken, of all of them.
_OFTEN = {"life": 4, "kit": 5, "alarm": 4, "death": 2, "item": 2, "training": 2, "sign": 2, "answer": 2}
_ONCE = ("silence", "silence", "report", "move", "change", "test", "ask", "erase", "wait")
STEPS = (*(step for step, times in _OFTEN.items() for _time in range(times)), *_ONCE)
_ALARM_STEPS = (
    "routed",
    "shown",
    "taken",
    "handed",
    "zone",
    "way",
    "site",
    "told",
    "closed",
    "again",
    "help",
    "cancel",
)
ALARM_STEPS = (*_ALARM_STEPS, "text", "position", "closed")


@dataclass(frozen=True)
class Step:
    """One step: which, for whom, so many days on at a time of day (UTC), and which way where there are several."""

    what: str
    who: int
    days: int
    at_s: float
    way: int
    alarm: tuple[tuple[str, float, int], ...] = ()


# Fractions, so that no second is always a whole one; the minutes that are asked for, to the second.
_waits = st.sampled_from((0.0, 0.4, 5.0, 61.5, 300.0, 599.7, 600.0, 600.2, 899.9))
_alarm = st.lists(
    st.tuples(st.sampled_from(ALARM_STEPS), _waits, st.integers(0, 11)), min_size=3, max_size=9
).map(tuple)
_steps = st.builds(
    Step,
    what=st.sampled_from(STEPS),
    who=st.integers(0, FILES - 1),
    days=st.sampled_from((0, 0, 0, 0, 1, 2, 7, 30, 100)),
    # Few hours, so that alarms meet ordinary calls; and close to the authority's midnight, summer and winter.
    at_s=st.sampled_from((30_600.0, 32_399.5, 79_201.0, 82_799.5, 83_400.0)),
    way=st.integers(0, 11),
    alarm=_alarm,
)
histories = st.lists(_steps, min_size=30, max_size=70)
_numbers = st.lists(
    st.tuples(st.sampled_from(ZONES[:4]), st.integers(2026, 2029), st.integers(0, 90_000)),
    max_size=8,
    unique_by=lambda row: row[:2],
)
_calls = st.lists(
    st.tuples(
        st.sampled_from(ZONES[:4]),
        st.dates(date(2027, 1, 1), date(2028, 12, 31)),
        st.sampled_from((0, 9, 10, 23)),
        st.integers(60, 2000),
    ),
    max_size=40,
)
imports = st.tuples(_numbers, _numbers, _calls)
