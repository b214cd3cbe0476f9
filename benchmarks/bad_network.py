"""A team's page on a bad network: `python -m benchmarks.bad_network` prints when buttons can be used, and the bytes.

Real servers, and Chromium's own emulation of a network: slow 3G, and 50 kbit/s. A fresh phone each time; usable means
that the buttons stand on the screen in their own style and a press of them is sent, be it by a plain form.
"""

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import click
from playwright.sync_api import Page, expect

from egide.alarm.events import AlarmAcknowledged, TeamNamed, ZoneConfirmed
from egide.entrypoints.stack.installation import Stack
from tests.journeys.conftest import World
from tests.support import browser as b

# Name, kbit/s both ways, milliseconds of each round trip, seconds until usable at most.
NETWORKS = (("slow 3G", 400, 400, 2.0), ("50 kbit/s", 50, 400, 8.0))
MOST_KB = 40
OPERATOR, OFFICER = "hainaut-12", "mons-quevy-21"
MOST_MS = 120_000
# When the last of the buttons stands there, with all styles that are asked for before it.
_USABLE = """
  const look = () => {
    const styled = [...document.styleSheets].some(({ href }) => href?.endsWith("team.css"));
    if (styled && document.getElementById("help-yes")) window.usableAt ??= performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""


class Loaded(NamedTuple):
    """One page load. Seconds from the navigation; kilobytes as they were transferred, headers included."""

    usable_s: float
    scripts_s: float
    map_s: float
    usable_kb: float
    before_map_kb: float


def follow(world: World) -> Page:
    """A fresh phone that follows an alarm by the code of its zone's page."""
    alarm = world.phone().press()
    world.until(lambda: world.state(alarm).lead.route, "routed")
    named = [
        AlarmAcknowledged(OPERATOR),
        ZoneConfirmed(OPERATOR, "5324", "Insp. 21"),
        TeamNamed(OPERATOR, "5324", "M 12"),
    ]
    world.journal.decide(alarm, lambda _state: named)
    zone = world.window()
    b.sign_in(zone, world.stack, OFFICER, "/zone/")
    zone.locator(f"#card-{alarm} form[action$='/link'] button").click()
    code = zone.locator("#team-code").inner_text()
    zone.context.close()
    page = world.window(b.TELEPHONE)
    page.goto(f"http://localhost:{world.stack.ports['web']}/team/")
    page.fill("#code", code)
    page.click("#code-submit")
    expect(page.locator("body[data-ready]")).to_have_count(1)
    return page


def load(world: World, kbit_s: int, latency_ms: int) -> Loaded:
    """Open the page on a fresh phone, then load it once over this network."""
    page = follow(world)
    page.add_init_script(_USABLE)
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    got: list[tuple[float, int]] = []
    names: dict[str, str] = {}

    def note(event: dict[str, Any]) -> None:
        # What the page before still loads was asked for before anybody listened here.
        name = names.get(event["requestId"])
        if name and "leaflet" not in name:
            got.append((event["timestamp"], event["encodedDataLength"]))

    client.on("Network.requestWillBeSent", lambda e: names.update({e["requestId"]: e["request"]["url"]}))
    client.on("Network.loadingFinished", note)
    client.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": latency_ms,
            "downloadThroughput": kbit_s * 125,
            "uploadThroughput": kbit_s * 125,
        },
    )
    page.reload(wait_until="commit", timeout=MOST_MS)
    usable_s = _when(page, "window.usableAt")
    usable_kb = sum(size for _at, size in got) / 1000
    scripts_s = _when(page, "document.body?.dataset.ready && performance.now()")
    before_map_kb = sum(size for _at, size in got) / 1000
    map_s = _when(page, "document.querySelector('.leaflet-container') && performance.now()")
    page.context.close()
    return Loaded(usable_s, scripts_s, map_s, usable_kb, before_map_kb)


def _when(page: Page, moment: str) -> float:
    found = page.wait_for_function(f"() => {moment}", timeout=MOST_MS, polling=50)
    return float(found.json_value()) / 1000


@click.command()
def main() -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory(prefix="egide-bench-") as made,
        Stack(Path(made)) as stack,
        b.chromium() as browser,
    ):
        stack.start()
        world = World(stack, browser)
        click.echo(
            "| network | usable, s | bound | holds | scripts, s | map, s | until usable, kB | until the map, kB |"
        )
        click.echo("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        for name, kbit_s, latency_ms, bound_s in NETWORKS:
            one = load(world, kbit_s, latency_ms)
            holds = "yes" if one.usable_s <= bound_s and one.usable_kb <= MOST_KB else "**no**"
            click.echo(
                f"| {name} | {one.usable_s:.1f} | ≤ {bound_s:.0f} | {holds} | {one.scripts_s:.1f} | {one.map_s:.1f}"
                f" | {one.usable_kb:.1f} | {one.before_map_kb:.1f} |"
            )
        world.close()


if __name__ == "__main__":
    main()
