"""Alarms in every situation that an encoder can meet, for tests that hold what is written against a schema."""

from hypothesis import strategies as st

from egide.connectors.dispatch.facts import CLOSED, MOVED, RAISED, TEST, Facts, People

# From 2020 to 2100, to the microsecond.
moments = st.integers(1_577_836_800_000_000, 4_102_444_800_000_000)
# As a phone says it: degrees to the seventh place, whole metres, none at all included.
places = st.builds(
    lambda lat_e7, lon_e7, radius_m, taken_us: (lat_e7 / 1e7, lon_e7 / 1e7, radius_m, taken_us),
    st.integers(-900_000_000, 900_000_000),
    st.integers(-1_800_000_000, 1_800_000_000),
    st.integers(0, 65_535),
    moments,
)
# Whatever a person can have typed: letters of every script, marks of markup, line ends, signs that nobody sees.
words = st.one_of(
    st.text(min_size=1, max_size=80), st.sampled_from(["<b>&amp;\"'", "]]>", "a\r\nb", "\x00\x1b\x85\u2028"])
)


def facts(
    kinds: tuple[str, ...] = (RAISED, MOVED, CLOSED, TEST), must_be_somewhere: bool = False
) -> st.SearchStrategy[Facts]:
    """With a place and without, moving, closing, a test; with names of people where somebody has them."""
    return st.builds(
        Facts,
        st.sampled_from(kinds),
        st.from_regex(r"[0-9a-f]{16}-[1-9][0-9]{0,3}", fullmatch=True),
        moments,
        moments,
        places if must_be_somewhere else st.none() | places,
        weapon=st.sampled_from([True, False, None]),
        link=st.sampled_from(["", "https://desk.egide.example/desk/from/1"]),
        opened_at_us=st.just(0) | moments,
        people=st.none() | st.builds(People, words, st.lists(words, max_size=3).map(tuple)),
    )
