"""Who hears a recording from the register, and takes it out (safety rule 23)."""

import io
import zipfile

from egide.alarm import events as a
from tests.boards.desk.test_silent import hear
from tests.boards.teams import act
from tests.support.pages import MONS, Pages, near, text_of


def recorded(pages: Pages) -> str:
    """A closed alarm with one recording that nobody has heard."""
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone, near(pages.files[MONS]), zone="5324")
    act(pages, alarm, a.AlarmAcknowledged(user="op-1"))
    for number, sound in enumerate((b"head", b"one")):
        hear(pages, alarm, phone, number, sound)
    act(pages, alarm, a.AlarmClosed("op-1", "arrest", "over"))
    return alarm


def kinds(pages: Pages, alarm: str) -> list[str]:
    return [row.kind for row in pages.journal.stream(f"alarm:{alarm}")]


def test_a_magistrate_keeps_it_first_then_hears_and_exports_it_each_an_event(pages: Pages) -> None:
    alarm = recorded(pages)
    magistrate = pages.client(pages.user("magistrate", role="magistrate", office="mons"))
    page, sound = f"/register/{alarm}", f"/register/{alarm}/sound/0"
    assert "Keep the sound" in text_of(magistrate.get(page))
    assert magistrate.get(sound).status_code == magistrate.get(f"{page}/sound.zip").status_code == 404
    assert "SoundHeard" not in kinds(pages, alarm)
    act(pages, alarm, a.SoundKept(user="magistrate", reason="for the hearing"))
    assert "Keep the sound" not in text_of(magistrate.get(page))
    reply = magistrate.get(sound)
    assert (reply.status_code, reply.content, reply["Content-Type"]) == (200, b"headone", "audio/webm")
    assert kinds(pages, alarm)[-1] == "SoundHeard"
    exported = magistrate.get(f"{page}/sound.zip")
    with zipfile.ZipFile(io.BytesIO(exported.content)) as archive:
        assert archive.read("recording-1.webm") == b"headone" and len(archive.namelist()) == 4
    assert kinds(pages, alarm)[-1] == "SoundExported"
    assert magistrate.get(f"/register/{alarm}/sound/1").status_code == 404
    assert magistrate.get(f"/register/{alarm}/sound/99999999999").status_code == 404


def test_the_centre_that_led_hears_it_its_supervisor_takes_it_out_and_no_zone_or_clerk_does(
    pages: Pages,
) -> None:
    alarm = recorded(pages)
    page, sound, taken = f"/register/{alarm}", f"/register/{alarm}/sound/0", f"/register/{alarm}/sound.zip"
    act(pages, alarm, a.SoundKept(user="magistrate", reason="for the hearing"))
    for name, role, place in (
        ("zone", "zone-officer", {"zone": "5324"}),
        ("ref", "reference-officer", {"zone": "5324"}),
        ("clerk", "clerk", {"office": "mons"}),
    ):
        client = pages.client(pages.user(name, role=role, **place))
        assert "hear it" in text_of(client.get(page)), name
        assert client.get(sound).status_code == client.get(taken).status_code == 404, name
    chief = pages.client(pages.user("chief", role="supervisor"))
    assert chief.get(sound).content == b"headone" and chief.get(taken).status_code == 200
    operator = pages.client(pages.user("op-1"))
    assert operator.get(sound).status_code == 200 and operator.get(taken).status_code == 404
    other = pages.client(pages.user("other", role="magistrate", office="liege"))
    assert other.get(sound).status_code == other.get(taken).status_code == 404
