"""The team's link: one alarm, one device, a day at most; and nobody learns what exists without its secret."""

import io
import json
import logging
import re
from http.cookies import Morsel

from django.test import Client

from egide.boards import links
from tests.boards.teams import DAY_S, make_link, officer, phone, state, with_team
from tests.support.pages import MONS, Pages, near, text_of


def cookie(client: Client, alarm: str) -> Morsel[str]:
    """What the phone holds for the alarm."""
    found: Morsel[str] = client.cookies[f"__Secure-egide_team_{alarm}"]
    return found


def test_the_fragment_shows_a_picture_and_a_code_under_a_policy_without_inline_style(pages: Pages) -> None:
    alarm = with_team(pages)
    reply = officer(pages).post(f"/zone/alarms/{alarm}/link")
    page = reply.content.decode()
    assert reply.status_code == 200 and "<svg" in page and "style=" not in page and 'id="team-code"' in page


def test_looking_at_a_link_opens_nothing_and_one_press_binds_it_to_this_device(pages: Pages) -> None:
    alarm = with_team(pages)
    path, _code = make_link(pages, alarm)
    for _ in range(3):
        assert "Open on this phone" in text_of(pages.client().get(path))
    assert state(pages, alarm).team.links[0].device == ""
    client = phone(pages, path)
    held = cookie(client, alarm)
    assert held["httponly"] and held["samesite"] == "Strict" and len(held.value) == 43
    [link] = state(pages, alarm).team.links
    assert link.device == links.hash_of_secret(held.value) and held.value not in repr(link)
    assert "TeamLinkOpened" in pages.installation.kinds(f"alarm:{alarm}")


def test_a_link_has_at_least_128_bits_and_no_event_or_table_holds_its_secret(pages: Pages) -> None:
    alarm = with_team(pages)
    path, code = make_link(pages, alarm)
    secret = path.removeprefix("/team/l/")
    assert len(secret) >= 22
    rows = [json.dumps(repr(pages.journal.open_event(row))) for row in pages.journal.stream(f"alarm:{alarm}")]
    rows += map(repr, pages.journal.connection.execute("SELECT * FROM team_link"))
    for hidden in (secret, code, code.replace(" ", "")):
        assert not any(hidden in row for row in rows)


def test_a_second_device_is_refused_and_the_first_may_open_it_again(pages: Pages) -> None:
    alarm = with_team(pages)
    path, code = make_link(pages, alarm)
    first = phone(pages, path)
    second = pages.client()
    for reply in (second.post(path), second.post("/team/", {"code": code})):
        assert reply.status_code == 422 and "opened on another device already" in text_of(reply)
    assert second.get(f"/team/{alarm}/").status_code == 404
    assert first.post(path).status_code == 302
    assert first.get(f"/team/{alarm}/").status_code == 200
    assert pages.installation.kinds(f"alarm:{alarm}").count("TeamLinkOpened") == 1


def test_the_short_code_opens_the_same_page_however_it_is_typed(pages: Pages) -> None:
    alarm = with_team(pages)
    _path, code = make_link(pages, alarm)
    assert re.fullmatch(r"[2346789ACDEFGHJKMNPQRTUVWXY]{4} [2346789ACDEFGHJKMNPQRTUVWXY]{4}", code)
    client = pages.client()
    typed = code.lower().replace(" ", "-").replace("8", "b").replace("2", "z")
    reply = client.post("/team/", {"code": typed})
    assert reply.status_code == 302 and reply.headers["Location"] == f"/team/{alarm}/"


def test_every_wrong_code_gets_the_same_answer_and_guessing_is_slowed_down(pages: Pages) -> None:
    alarm = with_team(pages)
    _path, code = make_link(pages, alarm)
    client = pages.client()
    wrong = code[:2] + "".join("A" if sign != "A" else "C" for sign in code[2:].replace(" ", ""))
    answers = {text_of(client.post("/team/", {"code": wrong})) for _ in range(6)}
    assert len(answers) == 1 and "opens nothing" in answers.pop()
    waiting = client.post("/team/", {"code": code})
    assert waiting.status_code == 422 and "opens nothing" in text_of(waiting)
    assert state(pages, alarm).team.links[0].device == ""
    pages.clock.advance_s(301)
    assert client.post("/team/", {"code": code}).status_code == 302


def test_a_wrong_link_and_the_code_that_was_typed_stay_on_the_page(pages: Pages) -> None:
    reply = pages.client().get("/team/l/" + "A" * 24)
    assert reply.status_code == 422 and "opens nothing" in text_of(reply)
    assert 'value="XXXX YYYY"' in pages.client().post("/team/", {"code": "XXXX YYYY"}).content.decode()


def test_a_link_that_is_a_day_old_opens_nothing_any_more(pages: Pages) -> None:
    alarm = with_team(pages)
    path, _code = make_link(pages, alarm)
    opened_path, _code = make_link(pages, alarm)
    client = phone(pages, opened_path)
    pages.clock.advance_s(DAY_S)
    assert "older than a day" in text_of(pages.client().get(path))
    assert "older than a day" in text_of(pages.client().post(path))
    ended = client.get(f"/team/{alarm}/")
    assert ended.status_code == 410 and "older than a day" in text_of(ended) and "Alix" not in text_of(ended)


def test_a_link_is_made_for_a_named_team_only_and_not_for_another_zone(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324", candidates=())
    client = officer(pages)
    early = client.post(f"/zone/alarms/{alarm}/link")
    assert early.status_code == 422 and "Inform the zone first" in text_of(early)
    assert officer(pages, "5415").post(f"/zone/alarms/{alarm}/link").status_code == 404


def test_the_desk_makes_a_link_too(pages: Pages) -> None:
    alarm = with_team(pages)
    reply = pages.client(pages.user("op-2")).post(f"/response/alarms/{alarm}/link")
    assert reply.status_code == 200 and "Page for team M 12" in text_of(reply)
    elsewhere = pages.client(pages.user("op-3", centre="OVL"))
    assert elsewhere.post(f"/response/alarms/{alarm}/link").status_code == 404


def test_no_secret_of_a_link_reaches_a_log(pages: Pages) -> None:
    handler = next(each for each in logging.getLogger("django").handlers if each.filters)
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(io.StringIO())
    try:
        pages.client().get("/team/l/" + "B" * 24)
        pages.client().put("/team/l/" + "B" * 24)
        Client(enforce_csrf_checks=True).post("/team/l/" + "B" * 24)
    finally:
        written = handler.setStream(before).getvalue()
    assert written.count("/team/l/…") == 3 and "B" * 24 not in written
