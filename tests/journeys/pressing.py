"""Hands at the desk: one that waits until its key counts, and one that is faster than the eye."""

from playwright.sync_api import Page, expect

# A hand that is faster than the eye: its key comes in the moment in which the button appears, and again half a second
# later unless the second that counts is over by then. What the page says to each is kept: it does not stay for long.
HASTY = """([id, key]) => {
  window.told = [];
  window.clicked = 0;
  document.addEventListener("click", () => window.clicked++, { capture: true });
  let begun = false;
  const press = () => {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const hint = document.getElementById("hint");
    window.told.push(hint.hidden ? "" : hint.textContent);
  };
  const again = (since) => (performance.now() - since < 900 ? press() : window.told.push(window.told[0]));
  new MutationObserver(() => {
    if (begun || !document.getElementById(id)?.checkVisibility()) return;
    begun = true;
    setTimeout(again, 500, performance.now());
    press();
  }).observe(document, { childList: true, subtree: true, attributes: true });
}"""


def hasten(page: Page, button: str, key: str) -> None:
    """From now on `key` is pressed as soon as the button with this id appears."""
    page.evaluate(HASTY, [button, key])


def expect_hasty_refused(page: Page) -> None:
    """The hasty keys did nothing, and each was told to wait a second."""
    page.wait_for_function("() => window.told.length === 2")
    assert all(told.startswith("Une seconde") for told in page.evaluate("window.told"))
    assert page.evaluate("window.clicked") == 0


def press_stray(page: Page, key: str) -> None:
    """Press a key as soon as every action has been on the screen for a second, whatever it means there."""
    expect(page.locator("#actions button").first).to_be_visible()
    expect(page.locator("#alarm [aria-disabled=true]:visible")).to_have_count(0)
    page.keyboard.press(key)


def press_armed(page: Page, key: str) -> None:
    """Press a key as soon as every action has been on the screen for a second; a letter, once the page offers it.

    A panel that stood there before the last news may not offer it yet, and would pass it over.
    """
    if key.isalpha() and len(key) == 1:
        expect(page.locator(f"[aria-keyshortcuts={key.upper()}]").first).to_be_attached()
    press_stray(page, key)
