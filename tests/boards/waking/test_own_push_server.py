"""From the press to a telephone behind the authority's own push server (ntfy), beside one of a maker's service."""

from dataclasses import replace
from pathlib import Path

from django.conf import settings

from egide.alarm import events as a
from tests.boards.teams import act, following, officer, with_team
from tests.boards.waking.test_waking import Worker, alarm_in, names, tried, wakes
from tests.support.ntfy import ntfy
from tests.support.pages import Pages
from tests.support.push_service import PushService


def test_a_press_wakes_an_officer_behind_the_authoritys_server_and_one_behind_a_makers(
    pages: Pages, service: PushService, tmp_path: Path
) -> None:
    with ntfy(tmp_path / "ntfy") as server:
        settings.EGIDE = replace(settings.EGIDE, push_services=(service.origin, server.origin))
        worker = Worker(pages)
        own = wakes(officer(pages), server.browser("Vq3kTz"))
        makers = wakes(officer(pages, name="second"), service.browser("second"))
        alarm = alarm_in(pages)
        worker.step()
        (word,) = server.read(own)
        assert names(service) == ["second"]
        assert makers.read(service.deliveries[0].body) == word, "one wake-up has one name, wherever it goes"
        assert alarm not in word and [event.why for event in tried(pages, alarm)] == ["", ""]
        # What the authority's server keeps for these minutes says neither who nor why.
        kept = b"".join(path.read_bytes() for path in (tmp_path / "ntfy").iterdir())
        assert b"Vq3kTz" in kept
        for said in (word, alarm, "officer-5324", settings.EGIDE.push_contact):
            assert said.encode() not in kept, said


def test_a_server_that_is_taken_off_the_list_is_called_no_more_and_its_devices_are_forgotten(
    pages: Pages, service: PushService, tmp_path: Path
) -> None:
    with ntfy(tmp_path / "ntfy") as server:
        settings.EGIDE = replace(settings.EGIDE, push_services=(service.origin, server.origin))
        alarm = with_team(pages)
        team = wakes(following(pages, alarm), server.browser("Vq3kTz"), f"/team/{alarm}/wake")
        settings.EGIDE = replace(settings.EGIDE, push_services=(service.origin,))
        worker = Worker(pages)
        pages.clock.advance_s(1)
        act(pages, alarm, a.NoteAdded(user="op-1", text="Back door", for_team=True))
        worker.step()
        assert server.read(team) == []
        assert [event.why for event in tried(pages, alarm)] == ["not-a-push-service"]
        reply = officer(pages).post("/zone/wake", server.browser("another").subscription)
        assert reply.status_code == 422
