"""Counts what a person does in a window: clicks, fields and page loads, as the browser itself sees them."""

from dataclasses import dataclass

from playwright.sync_api import Page

# A click is one on a link, a button or a choice, by mouse or by key; of choices that exclude each other one counts, as
# the keyboard goes through them to the one that is meant. A field is one that is typed into, or chosen from a list, on
# a page, however often; a load is a page that comes. The counts stay in the window while it goes from page to page.
COUNT = """(() => {
  const add = (what) => sessionStorage.setItem(what, Number(sessionStorage.getItem(what) ?? 0) + 1);
  const isChoice = (at) => ["radio", "checkbox"].includes(at.type);
  if (window !== window.top || location.protocol === "about:") return;
  add("loads");
  const filled = new WeakSet();
  const chosen = new Set();
  addEventListener("click", ({ target }) => {
    const at = target.closest("a, button, summary, input");
    if (!at || (at.tagName === "INPUT" && !isChoice(at)) || (at.type === "radio" && chosen.has(at.name))) return;
    if (at.type === "radio") chosen.add(at.name);
    add("clicks");
  }, true);
  addEventListener("input", ({ target }) => {
    if (isChoice(target) || filled.has(target)) return;
    filled.add(target);
    add("fields");
  }, true);
})()"""


@dataclass(frozen=True)
class Counts:
    """How much somebody did."""

    clicks: int = 0
    fields: int = 0
    loads: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.clicks + other.clicks, self.fields + other.fields, self.loads + other.loads)


def start_counting(page: Page) -> None:
    """From the next page on, this window counts."""
    page.add_init_script(COUNT)


def counts_of(page: Page) -> Counts:
    """What was done in this window since it counts."""
    told = page.evaluate("['clicks', 'fields', 'loads'].map((what) => Number(sessionStorage.getItem(what)))")
    return Counts(*told)
