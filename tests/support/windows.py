"""Windows of the browser for one story after the other."""

from collections import defaultdict

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

# Spare windows of one size: most stories need one or two.
MOST_SPARE = 2


class Windows:
    """Windows in which no story sees anything of another: no cookie, store, permission or page.

    What a window has loaded stays with it: scripts that the browser has fetched and compiled need not come again, which
    is a third of what the desk's first page costs.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._used: list[tuple[ViewportSize, BrowserContext]] = []
        self._spare: dict[tuple[int, int], list[BrowserContext]] = defaultdict(list)

    def open(self, viewport: ViewportSize) -> Page:
        """An empty page in a window of this size."""
        spare = self._spare[viewport["width"], viewport["height"]]
        context = spare.pop() if spare else self._browser.new_context(viewport=viewport)
        self._used.append((viewport, context))
        return context.pages[0] if context.pages else context.new_page()

    def pages(self) -> list[Page]:
        """All that is open in a story's windows."""
        return [page for _viewport, context in self._used for page in context.pages]

    def empty(self) -> None:
        """Take everything out of the windows of the story that has ended."""
        while self._used:
            viewport, context = self._used.pop()
            spare = self._spare[viewport["width"], viewport["height"]]
            # One that the story has closed by itself has no page any more.
            if context.pages and len(spare) < MOST_SPARE and _empty(context):
                spare.append(context)
            else:
                context.close()


def _empty(context: BrowserContext) -> bool:
    """Whether that is all: a clock that the story has taken in hand stands still in each page to come."""
    left = context.pages
    # Without a page the window would be gone; a new one, because the old ones write until they are closed.
    page = context.new_page()
    for other in left:
        other.close()
    context.set_offline(False)
    # One that answers every address itself would leave the next story a blank page.
    context.unroute_all(behavior="ignoreErrors")
    context.clear_cookies()
    context.clear_permissions()
    devices = context.new_cdp_session(page)
    devices.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    devices.detach()
    return not page.evaluate("'__pwClock' in window")
