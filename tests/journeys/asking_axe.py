"""What axe finds on a page, with nothing asked twice that has its answer already.

Most of axe's time goes into describing what is right, and into the contrast of texts. So only what is wrong is
described; of texts that look the same, as does all that they stand in, the first and the longest are asked about, and
none once axe has found one readable; and behind a dialog lies a page that was asked before.
"""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ASK = """async ([tags, readable, asksAll]) => {
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
  const known = new Set(readable.split(" "));
  // Contrast is a matter of what holds a text itself, or a value.
  const speaks = (at) => at.matches("input, select, textarea, button")
    || [...at.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const place = (!asksAll && document.querySelector("dialog:modal")) || document;
  const seen = [...place.querySelectorAll("*")].filter((at) => speaks(at) && at.checkVisibility());
  const unknown = seen.filter((at) => !known.has(look(at)));
  const long = (at) => at.textContent.length;
  // Of a single letter axe says nothing, so not the first alone.
  const some = (alike) => [alike[0], alike.reduce((most, at) => (long(at) > long(most) ? at : most))];
  const unread = asksAll ? unknown : [...Map.groupBy(unknown, look).values()].flatMap(some);
  for (const at of unread) at.toggleAttribute("data-unread", true);
  axe.configure({ noHtml: true, rules: [{ id: "color-contrast", selector: "[data-unread]" }] });
  // As axe finds it: its own report would describe each node that is right, too.
  const reporter = (results, _options, done) => done(results);
  const runOnly = { type: "tag", values: tags };
  // No style sheet is fetched again: the same findings in less time.
  const found = await axe.run(place, { runOnly, reporter, preload: false, elementRef: true });
  for (const at of unread) at.removeAttribute("data-unread");
  const opening = (at) => at?.cloneNode().outerHTML;
  const described = ({ node: { element } }) => `${opening(element)} in ${opening(element.parentElement)}`;
  const wrong = found.filter(({ violations }) => violations.length)
    .map(({ id, help, violations }) => [id, help, violations.map(described)]);
  const measured = (node) => node.any.some((check) => check.data?.contrastRatio);
  const { passes } = found.find(({ id }) => id === "color-contrast");
  return [wrong, passes.filter(measured).map(({ node }) => look(node.element))];
}"""

# The looks of texts that axe found readable in this run.
_READABLE: set[str] = set()


def violations(page: Page, asks_all: bool = False) -> list[str]:
    """What axe finds on the page as it is, or in the dialog that lies over it; `asks_all`: everything all the same."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    readable = "" if asks_all else " ".join(_READABLE)
    wrong, newly = page.evaluate(ASK, [WCAG, readable, asks_all])
    _READABLE.update(newly)
    return [f"{name}: {text} at {targets[:4]}" for name, text, targets in wrong]
