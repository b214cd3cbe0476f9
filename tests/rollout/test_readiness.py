"""What a zone lacks before kits may be handed out there, and since when it lacks nothing."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from egide.rollout import rules as r

DAY = date(2026, 11, 25)
READY_OFFICE = r.Body(
    r.OFFICE,
    (r.Certificate("m-1", r.Span(date(2026, 1, 10), date(2027, 1, 9))),),
    (r.Span(date(2026, 2, 1)),),
)


def zone(
    trained: int = 2, signed: bool = True, centre: bool = True, office: r.Body | None = READY_OFFICE
) -> r.Body:
    certificates = tuple(
        r.Certificate(f"z-{number}", r.certificate_span(date(2026, 3, number)))
        for number in range(1, trained + 1)
    )
    return r.Body(r.ZONE, certificates, (r.Span(date(2026, 5, 1)),) if signed else (), centre, office)


def test_a_zone_with_trained_people_a_signature_and_a_ready_office_lacks_nothing() -> None:
    assert r.missing_on(zone(), DAY) == ()
    assert r.available_since(zone(), DAY) == date(2026, 5, 1)


def test_each_thing_that_is_missing_is_named_alone() -> None:
    assert r.missing_on(zone(trained=1), DAY) == (r.Missing(r.TRAINED, 1, 2),)
    assert r.missing_on(zone(signed=False), DAY) == (r.Missing(r.SIGNED_OFF),)
    assert r.missing_on(zone(centre=False), DAY) == (r.Missing(r.CENTRE_KNOWN),)
    assert r.missing_on(zone(office=None), DAY) == (r.Missing(r.OFFICE_KNOWN),)
    assert r.missing_on(zone(office=r.Body(r.OFFICE)), DAY) == (r.Missing(r.OFFICE_READY),)


def test_two_certificates_of_one_person_are_one_trained_person() -> None:
    twice = tuple(r.Certificate("z-1", r.certificate_span(date(2026, 3, day))) for day in (1, 2))
    assert r.missing_on(r.Body(r.ZONE, twice, (r.Span(DAY),), True, READY_OFFICE), DAY)[0].have == 1


def test_a_certificate_is_good_up_to_and_including_its_last_day() -> None:
    span = r.certificate_span(DAY)
    last = DAY + timedelta(days=r.CERTIFICATE_DAYS - 1)
    assert span.holds_on(DAY) and span.holds_on(last)
    assert not span.holds_on(last + timedelta(days=1))


def test_an_interruption_begins_the_time_anew() -> None:
    body = r.Body(
        r.OFFICE,
        READY_OFFICE.certificates,
        (r.Span(date(2026, 2, 1), date(2026, 6, 30)), r.Span(date(2026, 9, 1))),
    )
    assert r.available_since(body, DAY) == date(2026, 9, 1)
    assert r.available_since(body, date(2026, 8, 1)) is None


def test_the_day_on_which_too_few_certificates_are_left_is_told_before() -> None:
    body = r.Body(r.OFFICE, (r.Certificate("m", r.Span(date(2025, 1, 1), DAY + timedelta(days=10))),))
    assert r.expires_soon(body, DAY) == DAY + timedelta(days=11)
    assert r.expires_soon(body, DAY - timedelta(days=200)) is None


days = st.integers(0, 40).map(lambda number: date(2026, 1, 1) + timedelta(days=number))
spans = st.tuples(days, st.none() | st.integers(0, 20)).map(
    lambda pair: r.Span(pair[0], None if pair[1] is None else pair[0] + timedelta(days=pair[1]))
)
certificates = st.lists(st.builds(r.Certificate, st.sampled_from("abc"), spans), max_size=5).map(tuple)
sign_offs = st.lists(spans, max_size=3).map(tuple)
office_bodies = st.builds(r.Body, st.just(r.OFFICE), certificates, sign_offs)
bodies = st.builds(r.Body, st.just(r.ZONE), certificates, sign_offs, st.just(True), office_bodies)


@given(bodies, days)
def test_since_when_is_what_counting_day_by_day_finds(body: r.Body, today: date) -> None:
    expected, day = None, today
    while day > date(2025, 12, 1) and not r.missing_on(body, day):
        expected, day = day, day - timedelta(days=1)
    assert r.available_since(body, today) == expected
