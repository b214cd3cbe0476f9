"""The phone's web app: `python -m benchmarks.phone_app` measures it alone and prints its table.

Real Chromium with unmodified Web Bluetooth, the virtual button's whole stack, real servers; the microphone is
Chromium's own, which beeps.
"""

import gzip
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import click
from playwright.sync_api import Browser, Page, expect

from benchmarks.machine import median, percentile_ms
from egide.entrypoints.stack.installation import Stack
from tests.journeys.conftest import World
from tests.journeys.phone_app import GRANTED, PhoneApp
from tests.journeys.test_phone_button import Bluetooth, Hand, enrol_with_button
from tests.support import browser as b

DIST = Path(__file__).parents[1] / "phone" / "dist"
OPERATOR = "hainaut-12"
SLOWER = 4
PAINTS = 5
SOUND_S = 8
PATIENCE_S = 30.0
# When the platform was asked to vibrate, in microseconds of the wall clock.
_VIBRATED = """
  window.vibratedAt = [];
  const vibrate = navigator.vibrate.bind(navigator);
  navigator.vibrate = (pattern) => {
    window.vibratedAt.push(Math.round((performance.timeOrigin + performance.now()) * 1000));
    return vibrate(pattern);
  };
"""
# How often the page's own code was woken by a timer.
_WOKEN = """
  window.woken = 0;
  for (const name of ["setTimeout", "setInterval"]) {
    const set = window[name];
    window[name] = (then, ...rest) => set((...given) => { window.woken += 1; then(...given); }, ...rest);
  }
"""
_RECORDED = """
  const start = MediaRecorder.prototype.start;
  MediaRecorder.prototype.start = function (...given) { window.soundFrom = Date.now(); start.apply(this, given); };
"""
_PLAYED = "window.Audio = class extends Audio { constructor() { super(); window.player = this; } };"
_FIRST_PAINT = """() => new Promise((resolve) => new PerformanceObserver((list) => {
  const found = list.getEntriesByName("first-contentful-paint")[0];
  if (found) resolve(found.startTime);
}).observe({ type: "paint", buffered: true }))"""


class Counted(NamedTuple):
    """What the phone does in an hour: times its code is woken, messages, and bytes both ways with their headers."""

    wakes: float
    messages: float
    kilobytes: float


@dataclass(frozen=True)
class PhoneApps:
    """`sound_most_s`: from the microphone to the operator's ear, the worst of all samples."""

    presses: int
    receipt_p50_ms: float
    receipt_p99_ms: float
    bundle_kb: float
    first_paint_ms: float
    sound_p50_s: float
    sound_most_s: float
    at_rest: Counted
    in_alarm: Counted
    listening: Counted


def run(presses: int, seconds: float) -> PhoneApps:
    """`presses` of a real button; each count is watched for `seconds`, and scaled to an hour."""
    expect.set_options(timeout=b.PATIENCE_MS)
    with (
        tempfile.TemporaryDirectory(prefix="egide-bench-") as made,
        Stack(Path(made) / "stack") as stack,
        b.chromium() as browser,
    ):
        stack.start()
        stack.start_radio()
        world = World(stack, browser)
        taken_s = _button(world, Path(made), presses)
        sounds_s, counts = _sound_and_counts(world, seconds)
        paint_ms = median([_first_paint_ms(world, browser) for _ in range(PAINTS)])
        world.close()
    at_rest, in_alarm, listening = counts
    return PhoneApps(
        presses=presses,
        receipt_p50_ms=percentile_ms(taken_s, 0.5),
        receipt_p99_ms=percentile_ms(taken_s, 0.99),
        bundle_kb=bundle_kb(),
        first_paint_ms=paint_ms,
        sound_p50_s=median(sounds_s),
        sound_most_s=max(sounds_s),
        at_rest=at_rest,
        in_alarm=in_alarm,
        listening=listening,
    )


def bundle_kb() -> float:
    """Page, scripts and styles, compressed as a server sends them."""
    files = [DIST / "index.html", *sorted((DIST / "assets").iterdir())]
    return sum(len(gzip.compress(file.read_bytes())) for file in files) / 1000


def _button(world: World, folder: Path, presses: int) -> list[float]:
    """Seconds from the end of each hold to the vibration that says that the press was received."""
    air = folder / "bluez"
    air.mkdir()
    bluetooth = Bluetooth(world, air)
    try:
        phone = PhoneApp(world, browser=bluetooth.browser, stretches=True)
        phone.context.add_init_script(_VIBRATED)
        hand = bluetooth.button(phone)
        enrol_with_button(phone)
        phone.page.locator("#done").click()
        hand.child.wait_for("step", "button.paired")
        phone.choose("Vibrer")
        phone.to_decoy()
        return [_press(phone, hand) for _ in range(presses)]
    finally:
        world.calm()
        bluetooth.close()


def _press(phone: PhoneApp, hand: Hand) -> float:
    before = len(_vibrated_us(phone.page))
    hand.hold()
    held_us = int(hand.child.wait_for("step", "button.held")["at_us"])
    _until(phone.page, lambda: len(_vibrated_us(phone.page)) > before)
    hand.child.wait_for("step", "button.acknowledged")
    return (_vibrated_us(phone.page)[before] - held_us) / 1e6


def _vibrated_us(page: Page) -> list[int]:
    found: list[int] = page.evaluate("window.vibratedAt")
    return found


def _sound_and_counts(world: World, seconds: float) -> tuple[list[float], tuple[Counted, Counted, Counted]]:
    phone = PhoneApp(world, permissions=[*GRANTED, "microphone"], stretches=True)
    for script in (_WOKEN, _RECORDED):
        phone.context.add_init_script(script)
    phone.enrol(listens=True)
    phone.to_decoy()
    at_rest = _count(phone, seconds)
    page = world.window()
    page.add_init_script(_PLAYED)
    desk = world.desk(OPERATOR, page)
    alarm = phone.press()
    desk.acknowledge(alarm)
    desk("#act-listen").click()
    expect(desk("#listening[data-heard-s]")).to_be_visible()
    sounds_s = []
    for _ in range(SOUND_S * 10):
        page.wait_for_timeout(100)
        from_ms = phone.page.evaluate("window.soundFrom")
        sounds_s.append(page.evaluate("(from) => (Date.now() - from) / 1000 - player.currentTime", from_ms))
    listening = _count(phone, seconds)
    desk("#act-listen-off").click()
    page.wait_for_timeout(6000)
    in_alarm = _count(phone, seconds)
    world.calm()
    return sounds_s, (at_rest, in_alarm, listening)


def _count(phone: PhoneApp, seconds: float) -> Counted:
    hourly = 3600 / seconds
    sent, woken = len(phone.sent), phone.page.evaluate("window.woken")
    phone.page.wait_for_timeout(seconds * 1000)
    woken = phone.page.evaluate("window.woken") - woken
    requests = phone.sent[sent:]
    sizes: list[Any] = [request.sizes() for request in requests if request.response()]
    size = sum(sum(each.values()) for each in sizes)
    return Counted(woken * hourly, len(requests) * hourly, size * hourly / 1000)


def _first_paint_ms(world: World, browser: Browser) -> float:
    """The first visit, on a processor that is slower than this one."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(f"http://localhost:{world.stack.ports['web']}/app/", wait_until="commit")
    painted_ms = float(page.evaluate(_FIRST_PAINT))
    context.close()
    return painted_ms


def _until(page: Page, is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {PATIENCE_S} s")
        page.wait_for_timeout(20)


def as_markdown(found: PhoneApps) -> str:
    """Two tables: what is bounded, and what costs battery and data."""
    checks = [
        (
            f"end of the hold to the receipt in the app, p50 of {found.presses}, ms",
            found.receipt_p50_ms,
            None,
        ),
        (
            f"end of the hold to the receipt in the app, p99 of {found.presses}, ms",
            found.receipt_p99_ms,
            None,
        ),
        ("page, scripts and styles, compressed, kB", found.bundle_kb, 150),
        (f"first paint at the first visit, processor {SLOWER}× slower, ms", found.first_paint_ms, 1000),
        ("microphone to the operator's ear, p50, s", found.sound_p50_s, 3),
        ("microphone to the operator's ear, the worst, s", found.sound_most_s, 3),
    ]
    lines = ["| the phone's web app | measured | bound | holds |", "| --- | ---: | ---: | ---: |"]
    for name, value, bound in checks:
        holds = "" if bound is None else "yes" if value <= bound else "**no**"
        lines.append(f"| {name} | {value:,.2f} | {'' if bound is None else f'≤ {bound}'} | {holds} |")
    lines += [
        "",
        "| in an hour | woken by timers | messages | kB both ways |",
        "| --- | ---: | ---: | ---: |",
    ]
    states = [("at rest, page open", found.at_rest), ("in an alarm", found.in_alarm)]
    for name, counted in [*states, ("in an alarm, listened to", found.listening)]:
        lines.append(
            f"| {name} | {counted.wakes:,.0f} | {counted.messages:,.0f} | {counted.kilobytes:,.0f} |"
        )
    return "\n".join(lines)


@click.command()
@click.option("--presses", default=100, show_default=True)
@click.option("--seconds", default=120.0, show_default=True, help="how long each count is watched")
def main(presses: int, seconds: float) -> None:
    """Measure the app alone and print its tables."""
    click.echo(as_markdown(run(presses, seconds)))


if __name__ == "__main__":
    main()
