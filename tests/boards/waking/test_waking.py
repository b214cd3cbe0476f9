"""Pages of zones and teams are woken by push: who sets a device up, whom an event wakes, what a failure sets off."""

import pytest
from django.conf import settings
from django.test import Client

from egide.access.models import User
from egide.alarm import events as a
from egide.alarm.events import PushTried
from egide.alarm.state import AlarmState
from egide.boards.models import WakeDevice
from egide.boards.waking import devices
from egide.boards.waking import planning as waking
from egide.casework import models as files
from egide.common.vapid import public_key
from egide.connectors.wakers import waker_of
from egide.entrypoints.worker.pushing import AT_ONCE, MOST_WAIT_S, Pusher
from tests.boards.teams import act, following, officer, with_team
from tests.support.pages import MONS, Pages, near
from tests.support.push_service import Browser, PushService

HOUR_S = 3600


class Worker:
    """The worker's own code, looked at step by step."""

    def __init__(self, pages: Pages) -> None:
        waker = waker_of(settings.EGIDE)
        assert waker is not None
        self._pages = pages
        self._seq = pages.journal.head()
        self.turns = 0
        self._pusher = Pusher(waker, waking, devices.do_forget, pages.clock, turn=self._turn)

    def _turn(self) -> None:
        self.turns += 1

    def step(self) -> None:
        """What happened since the last step."""
        for row in self._pages.journal.read(after=self._seq):
            self._pusher.handle(row)
            self._seq = row.seq
        self._pusher.try_again()


@pytest.fixture
def worker(pages: Pages, service: PushService) -> Worker:
    return Worker(pages)


def wakes(client: Client, browser: Browser, path: str = "/zone/wake") -> Browser:
    reply = client.post(path, browser.subscription)
    assert reply.status_code == 204, reply.content
    return browser


def alarm_in(pages: Pages, zone: str = "5324", file: int = MONS, **route: object) -> str:
    return pages.alarm(pages.phone(file), near(pages.files[file]), zone=zone, **route)


def tried(pages: Pages, alarm: str) -> list[PushTried]:
    events = (pages.journal.open_event(row) for row in pages.journal.stream(f"alarm:{alarm}"))
    return [event for event in events if isinstance(event, PushTried)]


def state_of(pages: Pages, alarm: str) -> AlarmState:
    state = pages.journal.alarm(alarm)
    assert state is not None
    return state


def names(service: PushService) -> list[str]:
    return sorted(came.path.removeprefix("/push/") for came in service.deliveries)


def test_a_zone_is_woken_by_a_message_that_says_nothing_and_the_try_is_an_event(
    pages: Pages, service: PushService, worker: Worker
) -> None:
    browser = wakes(officer(pages), service.browser("mons"))
    wakes(officer(pages, "5415"), service.browser("gent"))
    alarm = alarm_in(pages)
    worker.step()
    (came,) = service.deliveries
    (event,) = tried(pages, alarm)
    assert came.path == "/push/mons" and browser.read(came.body) == came.headers["topic"] == event.wake
    assert (event.road, event.to, event.unit, event.why) == ("webpush", "zone", "5324", "")
    body = pages.journal.stream(f"alarm:{alarm}")[-1]
    kept = repr(event) + repr(body.centre) + repr(body.zone)
    assert browser.endpoint not in kept and "127.0.0.1" not in kept
    said = browser.read(came.body) + repr(came.headers)
    assert alarm not in said and "Alix" not in said and "5324" not in said
    worker.step()
    assert len(service.deliveries) == 1, "an event of its own wakes nobody"


def test_what_a_browser_said_of_itself_is_kept_sealed_and_for_one_session(
    pages: Pages, service: PushService, worker: Worker
) -> None:
    client, browser = officer(pages), service.browser("mons")
    wakes(client, browser)
    wakes(client, browser)
    (row,) = WakeDevice.objects.all()
    for value in browser.subscription.values():
        assert value not in repr(row.__dict__) and value.encode() not in bytes(row.sealed)
    assert client.post("/sign-out").status_code == 302
    assert not WakeDevice.objects.exists()
    alarm = alarm_in(pages)
    worker.step()
    assert service.deliveries == [] and tried(pages, alarm) == []


@pytest.mark.parametrize("ends", ["shift", "everywhere", "moved", "left", "button"])
def test_nobody_is_woken_whose_session_or_post_has_ended(
    pages: Pages, service: PushService, worker: Worker, ends: str
) -> None:
    client = officer(pages)
    wakes(client, service.browser("mons"))
    user = User.objects.get(name="officer-5324")
    if ends == "shift":
        pages.clock.advance_s(12 * HOUR_S)
    elif ends == "everywhere":
        User.objects.filter(pk=user.pk).update(sessions_epoch=7)
    elif ends == "moved":
        user.memberships.update(place="5415")
    elif ends == "left":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        assert client.post("/zone/wake/off").status_code == 204
    alarm_in(pages)
    worker.step()
    assert service.deliveries == []


@pytest.mark.parametrize("mark", ["user:officer-5324", "zone:5324"])
def test_rule_27_a_barred_reader_gets_no_push(
    pages: Pages, service: PushService, worker: Worker, mark: str
) -> None:
    wakes(officer(pages), service.browser("barred"))
    wakes(officer(pages, "5325"), service.browser("other-zone"))
    # Barred after the device was set up, and before the alarm: asked at the moment of waking.
    case = files.Case.objects.get(id=pages.files[MONS].case.id)
    files.BarredReader.objects.create(case=case, mark=mark)
    alarm = pages.alarm(
        pages.phone(MONS),
        near(pages.files[MONS]),
        zone="5324",
        candidates=(a.Candidate("5324", 0.8), a.Candidate("5325", 0.2)),
    )
    worker.step()
    assert names(service) == ["other-zone"]
    assert {event.unit for event in tried(pages, alarm)} == {"5325"}


def test_rule_27_a_team_of_a_barred_zone_gets_no_push(
    pages: Pages, service: PushService, worker: Worker
) -> None:
    alarm, _phone = team_with_device(pages, service)
    note(pages, alarm)
    worker.step()
    assert names(service) == ["team"]
    case = files.Case.objects.get(id=pages.files[MONS].case.id)
    files.BarredReader.objects.create(case=case, mark="zone:5324")
    pages.clock.advance_s(60)
    note(pages, alarm)
    worker.step()
    assert names(service) == ["team"]


def team_with_device(pages: Pages, service: PushService) -> tuple[str, Client]:
    alarm = with_team(pages)
    phone = following(pages, alarm)
    wakes(phone, service.browser("team"), f"/team/{alarm}/wake")
    pages.clock.advance_s(1)
    return alarm, phone


def note(pages: Pages, alarm: str, for_team: bool = True) -> None:
    act(pages, alarm, a.NoteAdded(user="op-1", text="Back door", for_team=for_team))


def test_a_team_is_woken_for_what_is_meant_for_it_until_its_report(
    pages: Pages, service: PushService, worker: Worker
) -> None:
    alarm, phone = team_with_device(pages, service)
    worker.step()
    note(pages, alarm, for_team=False)
    worker.step()
    assert service.deliveries == []
    note(pages, alarm)
    worker.step()
    assert [event.unit for event in tried(pages, alarm)] == ["M 12"]
    pages.clock.advance_s(60)
    act(pages, alarm, a.TeamOnSite(by="op-1"))
    act(pages, alarm, a.TeamReported(by="team:M 12", outcome="arrest", text="done"))
    note(pages, alarm)
    worker.step()
    assert len(service.deliveries) == 1
    assert phone.post(f"/team/{alarm}/wake", service.browser("late").subscription).status_code == 410


def test_a_stranger_sets_no_device_up(pages: Pages, service: PushService) -> None:
    alarm = with_team(pages)
    sub = service.browser("x").subscription
    assert pages.client().post(f"/team/{alarm}/wake", sub).status_code == 404
    assert pages.client().post("/zone/wake", sub, headers={"X-Egide-Fragment": "1"}).status_code == 401
    operator = pages.client(pages.user("op-9"))
    assert operator.post("/zone/wake", sub).status_code == 404
    assert not WakeDevice.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://169.254.169.254/latest"},
        {"endpoint": "https://evil.example/x"},
        {"endpoint": ""},
        {"p256dh": "B" + "A" * 86},
        {"p256dh": "AAAA"},
        {"auth": "AAAA"},
        {"auth": "é"},
    ],
)
def test_an_address_that_is_no_push_service_is_refused_with_a_sentence(
    pages: Pages, service: PushService, change: dict[str, str]
) -> None:
    reply = officer(pages).post("/zone/wake", {**service.browser("x").subscription, **change})
    assert reply.status_code == 422 and "Keep this page open" in reply.json()["said"]
    assert not WakeDevice.objects.exists()


def test_one_session_keeps_a_few_devices_and_no_more(pages: Pages, service: PushService) -> None:
    client = officer(pages)
    for number in range(9):
        pages.clock.advance_s(1)
        wakes(client, service.browser(f"b{number}"))
    assert WakeDevice.objects.count() == 5


def test_a_failed_push_falls_to_the_next_step_of_the_ladder_at_once(
    pages: Pages, service: PushService, worker: Worker
) -> None:
    wakes(officer(pages), service.browser("mons"))
    service.answers["mons"] = [503, 503, 503]
    alarm = alarm_in(pages)
    pages.climb(alarm)
    assert state_of(pages, alarm).missed == ()
    worker.step()
    (event,) = tried(pages, alarm)
    assert (event.why, event.step, event.rung) == ("refused-503", "acknowledged", 0)
    pages.climb(alarm)
    (missed,) = state_of(pages, alarm).missed
    assert (missed.step, missed.rung, missed.action, missed.because) == ("acknowledged", 1, "louder", "push")
    pages.climb(alarm)
    assert len(state_of(pages, alarm).missed) == 1, "each rung is taken once"
    # The rungs that follow come when they would have come anyway, never later.
    pages.clock.advance_s(30)
    pages.climb(alarm)
    assert [(m.step, m.rung, m.because) for m in state_of(pages, alarm).missed[1:]] == [
        ("shown", 1, ""),
        ("acknowledged", 2, ""),
    ]


def test_what_failed_for_a_while_is_tried_again_and_each_try_is_an_event(
    pages: Pages, service: PushService, worker: Worker
) -> None:
    wakes(officer(pages), service.browser("mons"))
    service.answers["mons"] = [503]
    alarm = alarm_in(pages)
    worker.step()
    pages.clock.advance_s(4)
    worker.step()
    assert len(service.deliveries) == 1
    pages.clock.advance_s(1)
    worker.step()
    first, second = tried(pages, alarm)
    assert (first.attempt, first.why, second.attempt, second.why) == (1, "refused-503", 2, "")
    assert first.wake == second.wake, "anyone who got it twice sees it once"
    assert state_of(pages, alarm).pushes[0].was_woken


@pytest.mark.parametrize(("said", "pause_s"), [("20", 20), ("2", 5), ("86400", MOST_WAIT_S)])
def test_a_push_service_that_wants_to_be_left_alone_is_within_reason(
    pages: Pages, service: PushService, worker: Worker, said: str, pause_s: int
) -> None:
    wakes(officer(pages), service.browser("mons"))
    service.answers["mons"], service.retry_after = [429], said
    alarm = alarm_in(pages)
    worker.step()
    # Nobody waits for it: the next rung is there at once.
    pages.climb(alarm)
    assert [missed.because for missed in state_of(pages, alarm).missed] == ["push"]
    pages.clock.advance_s(pause_s - 1)
    worker.step()
    assert len(service.deliveries) == 1
    pages.clock.advance_s(1)
    worker.step()
    assert [event.why for event in tried(pages, alarm)] == ["refused-429", ""]


def test_one_device_that_was_woken_is_enough_and_one_that_is_gone_is_forgotten(
    pages: Pages, service: PushService, worker: Worker
) -> None:
    wakes(officer(pages), service.browser("gone"))
    wakes(officer(pages, name="second"), service.browser("there"))
    service.answers["gone"] = [410]
    alarm = alarm_in(pages)
    worker.step()
    assert sorted(event.why for event in tried(pages, alarm)) == ["", "gone"]
    pages.climb(alarm)
    assert state_of(pages, alarm).missed == ()
    assert [row.user for row in WakeDevice.objects.all()] == ["second"]


def test_who_did_it_is_not_woken_for_it(pages: Pages, service: PushService, worker: Worker) -> None:
    alarm = alarm_in(pages)
    worker.step()
    wakes(officer(pages), service.browser("hers"))
    wakes(officer(pages, name="second"), service.browser("colleague"))
    officer(pages).post(f"/zone/alarms/{alarm}/confirm", {"reference": "Insp. 21"})
    worker.step()
    assert names(service) == ["colleague"]


def test_what_is_looked_at_again_after_a_crash_wakes_nobody_twice(
    pages: Pages, service: PushService, worker: Worker
) -> None:
    wakes(officer(pages), service.browser("mons"))
    alarm_in(pages)
    worker.step()
    again = Worker(pages)
    again._seq = 0
    again.step()
    assert names(service) == ["mons"]


def test_pages_offer_it_only_where_it_is_set_up(pages: Pages, service: PushService) -> None:
    client = officer(pages)
    text = client.get("/zone/").content.decode()
    assert f'data-key="{public_key(settings.EGIDE)}"' in text and "Wake this device" in text
    script = client.get("/zone/wake.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "There is something new." in script.content.decode()
    settings.EGIDE = pages.config
    assert "wake-on" not in client.get("/zone/").content.decode()


@pytest.mark.parametrize(
    ("language", "word"), [("fr", "Réveiller"), ("nl", "Wek dit toestel"), ("de", "Dieses Gerät wecken")]
)
def test_the_button_speaks_the_officers_language(
    pages: Pages, service: PushService, language: str, word: str
) -> None:
    assert word in officer(pages, language=language).get("/zone/").content.decode()


def test_the_watchdog_hears_after_a_few_devices_that_waking_goes_on(
    pages: Pages, service: PushService, worker: Worker
) -> None:
    """A push service that answers nobody must not have the whole worker taken for one that hangs."""
    names = [f"mons-{number}" for number in range(AT_ONCE + 1)]
    for name in names:
        wakes(officer(pages), service.browser(name))
    alarm_in(pages)
    worker.step()
    assert len(service.deliveries) == len(names) and worker.turns == 2
