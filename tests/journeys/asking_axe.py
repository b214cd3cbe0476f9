"""What axe finds on a page, with each text asked once how well it can be read.

Six tenths of axe's time go into the contrast of texts, and most texts of a page look like those of the page before:
what axe has found readable is not asked again while it looks the same, and so does all that it stands in.
"""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# No style sheet is fetched again: the same findings in less time.
ASKED = {
    "runOnly": {"type": "tag", "values": WCAG},
    "resultTypes": ["violations", "passes"],
    "preload": False,
    "elementRef": True,
}

ASK = """async ([asked, readable]) => {
  const hash = (text) => {
    let a = 0xdeadbeef, b = 0x41c6ce57;
    for (let i = 0; i < text.length; i++) {
      a = Math.imul(a ^ text.charCodeAt(i), 2654435761);
      b = Math.imul(b ^ text.charCodeAt(i), 1597334677);
    }
    return (a >>> 0).toString(36) + (b >>> 0).toString(36);
  };
  // By its own look and that of all it stands in; what is disabled needs no contrast, and so says nothing of the rest.
  const looks = new Map();
  const look = (at) => {
    if (!at) return "";
    if (!looks.has(at)) {
      const style = getComputedStyle(at);
      const off = at.matches(":disabled, [aria-disabled=true]") || at.control?.disabled;
      const own = [at.localName, off, style.color, style.backgroundColor, style.backgroundImage, style.opacity,
        style.fontSize, style.fontWeight, style.textShadow, style.position, style.visibility];
      looks.set(at, hash(look(at.parentElement) + own.join("|")));
    }
    return looks.get(at);
  };
  const known = new Set(readable);
  const all = [...document.querySelectorAll("*")];
  const unread = all.filter((at) => !known.has(look(at)));
  for (const at of unread) at.toggleAttribute("data-unread", true);
  axe.configure({ rules: [{ id: "color-contrast", selector: "[data-unread]" }] });
  const found = await axe.run(asked);
  for (const at of unread) at.removeAttribute("data-unread");
  const measured = (node) => node.any.some((check) => check.data?.contrastRatio);
  const read = found.passes.filter((one) => one.id === "color-contrast").flatMap((one) => one.nodes).filter(measured);
  const wrong = found.violations.map(({ id, help, nodes }) => [id, help, nodes.map((node) => node.target)]);
  return [wrong, read.map((node) => look(node.element))];
}"""

# The looks of texts that axe found readable in this run.
_READABLE: set[str] = set()


def violations(page: Page, asks_all: bool = False) -> list[str]:
    """What axe finds on the page as it is; `asks_all`: of texts that look like earlier ones, too."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    wrong, readable = page.evaluate(ASK, [ASKED, [] if asks_all else sorted(_READABLE)])
    _READABLE.update(readable)
    return [f"{name}: {text} at {targets[:4]}" for name, text, targets in wrong]
