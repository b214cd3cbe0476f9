"""Strategies for messages: every value that the envelope allows, and the awkward ones more often."""

from hypothesis import strategies as st

from egide.protocol.envelope import Battery, Kind, Message, Position
from egide.protocol.keys import SigningKey

KEY = SigningKey(bytes(range(32)))
OTHER_KEY = SigningKey(bytes(range(1, 33)))

UINT32 = 2**32 - 1


def _edged(low: int, high: int) -> st.SearchStrategy[int]:
    return st.sampled_from((low, high)) | st.integers(low, high)


positions = st.builds(
    Position,
    lat_e7=_edged(-900_000_000, 900_000_000),
    lon_e7=_edged(-1_800_000_000, 1_800_000_000),
    accuracy_m=_edged(0, 65_535),
    age_s=_edged(0, 65_535),
    source=_edged(0, 255),
)
levels = st.none() | st.integers(0, 100)
batteries = st.builds(Battery, levels, levels)
follow_up_kinds = st.sampled_from([kind for kind in Kind if kind is not Kind.PRESS])

presses = st.builds(
    Message,
    kind=st.just(Kind.PRESS),
    counter=_edged(1, UINT32),
    sent_at_s=_edged(0, UINT32),
    position=st.none() | positions,
    battery=st.none() | batteries,
    link=st.none() | _edged(0, 65_535),
    trigger=st.none() | _edged(0, 255),
)


@st.composite
def follow_ups(draw: st.DrawFn, max_body: int = 300) -> Message:
    """Any message that is not a press."""
    counter = draw(_edged(2, UINT32))
    return Message(
        kind=draw(follow_up_kinds),
        counter=counter,
        sent_at_s=draw(_edged(0, UINT32)),
        position=draw(st.none() | positions),
        battery=draw(st.none() | batteries),
        link=draw(st.none() | _edged(0, 65_535)),
        trigger=draw(st.none() | _edged(0, 255)),
        press=draw(st.none() | _edged(1, counter - 1)),
        body=draw(st.none() | st.binary(max_size=max_body)),
    )


messages = presses | follow_ups()
