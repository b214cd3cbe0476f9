"""The public of `make chaos`, with its logs and its judge, on this machine alone: every process is killed in turn."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.chaos.clients import Public
from deploy.chaos.deadlines import missed
from deploy.machines import crowd
from deploy.machines.checker import held_against, lines_of, read_export, read_phones, times_of
from deploy.machines.crowd import Host
from deploy.machines.outside import Phone, session
from egide.common.clock import SystemClock
from egide.demo.world import World
from egide.entrypoints.stack.installation import SERVERS, Stack
from egide.journal.proof.export import FORMAT, Header, write_export
from tests.support.proxy import NGINX, PAGES, PHONES, proxied
from tests.support.waiting import until

KITS, PRESSES, PER_S = 30, 300, 40


def signed_in(stack: Stack, address: str, authority: Path) -> tuple[dict[str, str], str]:
    """Cookies and token of an operator of the demo's first kit, who came by the demo's door."""
    centre = stack.demo["kits"][0]["centre"]
    door = next(
        user["door"]
        for user in stack.demo["users"]
        if user["role"] == "operator" and user["centre"] == centre
    )
    with session(address, PAGES, authority) as browser:
        browser.headers["Referer"] = f"https://{PAGES}/"
        browser.get(f"https://{address}{door}", timeout=60, allow_redirects=False)
        token = browser.get(f"https://{address}/session", timeout=60).json()["token"]
        return dict(browser.cookies.items()), token


def enrolled(stack: Stack, address: str, authority: Path) -> list[Phone]:
    """Phones of new kits where the demo's first kit lives."""
    lives = stack.demo["kits"][0]
    world = World(stack.journal(), SystemClock())
    phones = []
    for _ in range(KITS):
        kit = world.issue_kit(
            managing_zone=lives["zone"], home_zone=lives["zone"], home_centre=lives["centre"]
        )
        code = stack.offer_code(kit.kit, kit.case)
        phones.append(Phone(address, PHONES, authority, code, (lives["lat"], lives["lon"])))
    return phones


@pytest.mark.full("tests/laws/test_chain_killed.py", "tests/deploy/test_chaos.py")
def test_presses_are_kept_shown_and_judged_while_every_process_is_killed(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(str(request.config.getoption("randomly_seed", 1)))
    with Stack(tmp_path / "data", is_forked=True) as stack:
        stack.config = replace(
            stack.config, web_origins=(f"https://{PAGES}",), live_url="", trusted_proxies=("127.0.0.1",)
        )
        stack.start()
        ports = (stack.ports[name] for name in ("web", "live", "intake"))
        with proxied(NGINX, tmp_path, *ports) as proxy:
            address = f"127.0.0.1:{proxy.port}"
            cookies, token = signed_in(stack, address, proxy.authority)
            phones = enrolled(stack, address, proxy.authority)
            hosts = [Host("here", address, PHONES, PAGES)]
            with Public(phones, hosts, proxy.authority, cookies, tmp_path, PER_S, token=token) as public:
                public.resume()
                for name in (*SERVERS, *chance.choices(SERVERS, k=3)):
                    until(lambda more=public.taken + 30: public.taken >= more, lambda: public.waiting)
                    stack.children[name].kill()
                    stack.children[name].start()
                until(lambda: public.taken >= PRESSES and public.acknowledged, lambda: public.waiting)
        clients, boards = read_phones(lines_of(tmp_path / crowd.PHONES)), lines_of(tmp_path / crowd.BOARDS)
        export = tmp_path / "export.jsonl"
        with export.open("wb") as file:
            write_export(Header(FORMAT, SystemClock().now_us()), stack.journal().every(), file)
        rows = read_export(export)
    found = held_against(clients, rows)
    assert (found.lost, found.doubled, found.forged, found.unanswered) == ((), (), (), 0)
    assert found.acknowledged == found.pressed >= PRESSES
    done = {line["status"] for line in boards if line["did"] == "acted" and line["action"] == "acknowledge"}
    assert done & {200, 204, 302, 303}, done
    assert times_of(clients, boards, 0, 1e12).unseen == 0
    assert missed(clients, boards, rows, max(line["at_s"] for line in boards)).silent == ()
