"""The whole chain: a held button on the real Bluetooth stack until the alarm is painted in a real browser."""

import os
import queue
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Page, expect

from benchmarks.machine import group_pss_mb, percentile_ms
from egide.alarm.events import AlarmClosed
from egide.entrypoints.stack.installation import Stack
from tests.support import browser as b

OPERATOR = "hainaut-12"
HOLD_S = 2.0
# Notes when each row has been painted: after the frame in which it appeared, in microseconds of the wall clock.
_WATCH = """() => {
  const rows = () => [...document.querySelectorAll("li[id^=row-]:not([data-gone])")].map((row) => row.id);
  let before = new Set(rows());
  new MutationObserver(() => {
    const now = rows();
    for (const id of now.filter((id) => !before.has(id))) {
      requestAnimationFrame(() => setTimeout(() => {
        const at_us = Math.round((performance.timeOrigin + performance.now()) * 1000);
        document.body.setAttribute(`data-painted-${id}`, at_us);
      }));
    }
    before = new Set(now);
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-gone"] });
}"""
_FORGET = "(name) => document.body.removeAttribute(name)"


class Chain(NamedTuple):
    """`ready_s`: until the last phone hears its button. `memory_mb`: proportional set size of all processes."""

    ready_s: float
    memory_mb: float
    presses: int
    painted_p50_ms: float
    painted_p99_ms: float


def run(presses: int) -> Chain:
    """Start everything, then press one button `presses` times; each alarm is closed before the next press."""
    lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="egide-bench-") as directory, Stack(Path(directory)) as stack:
        begin = time.perf_counter()
        stack.start()
        stack.start_radio()
        ready_s = time.perf_counter() - begin
        stack.on_line = lines.put
        groups = [child.process.pid for child in stack.children.values()]
        memory_mb = group_pss_mb({*groups, os.getpgid(0)}, only={os.getpid()})
        with b.chromium() as browser:
            page = browser.new_page()
            b.sign_in(page, stack, OPERATOR)
            b.hear_bell(page)
            page.evaluate(_WATCH)
            taken_s = [_press(stack, page, lines) for _ in range(presses)]
    return Chain(ready_s, memory_mb, presses, percentile_ms(taken_s, 0.5), percentile_ms(taken_s, 0.99))


def _press(stack: Stack, page: Page, lines: "queue.SimpleQueue[dict[str, Any]]") -> float:
    """Seconds from the end of the hold to the painted row."""
    stack.press(stack.demo["kits"][0], HOLD_S)
    held_us = int(_wait_for(lines, lambda line: line.get("step") == "button.held")["at_us"])
    _wait_for(lines, lambda line: line.get("step") == "phone.receipt")
    # Pressed again within the hour, the same alarm opens again, and its row is painted anew.
    (alarm,) = stack.journal().open_alarms()
    name = f"data-painted-row-{alarm}"
    # Playwright's own waiting for a function would need eval, which the page's policy forbids.
    page.locator(f"body[{name}]").wait_for()
    painted_us = int(page.locator("body").get_attribute(name) or 0)
    page.evaluate(_FORGET, name)
    stack.journal().decide(alarm, lambda _: [AlarmClosed("benchmark", "test", "next press")])
    expect(page.locator(f"#row-{alarm}:not([data-gone])")).to_have_count(0)
    return (painted_us - held_us) / 1e6


def _wait_for(
    lines: "queue.SimpleQueue[dict[str, Any]]", wanted: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    while True:
        line = lines.get(timeout=30)
        if wanted(line):
            return line
