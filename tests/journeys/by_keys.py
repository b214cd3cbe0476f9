"""Fills in forms and goes from page to page with the keyboard alone, as somebody does who uses no mouse."""

from typing import Any

from playwright.sync_api import Locator, Page

from tests.journeys.inspecting import tab_to

LABEL = "(at, value) => [...at.options].find((one) => one.value === value).label"
# What is chosen in a group of radio buttons, and how many there are.
GROUP = "at => [at.form.elements[at.name].value, at.form.elements[at.name].length]"
CHOSEN = """([name, value]) => {
  const at = document.activeElement;
  return at.name === name && at.value === value && at.checked;
}"""


def go(page: Page, selector: str) -> None:
    """Reach a link or a button, and press Enter."""
    tab_to(page, selector)
    page.keyboard.press("Enter")


def write(page: Page, selector: str, text: str) -> None:
    """Reach a field of text, and write into it what it says from now on."""
    tab_to(page, selector)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def fill(page: Page, values: dict[str, Any]) -> None:
    """Write `values` into the fields of a form, by their names: text, a choice, a day, or True for a box to tick."""
    for name, value in values.items():
        at = f"#edit [name={name}]"
        field = page.locator(at).first
        kind = field.evaluate("at => at.type")
        if kind == "radio":
            _choose(page, name, value)
        elif kind == "checkbox":
            tab_to(page, at)
            page.keyboard.press("Space")
        elif kind == "select-one":
            tab_to(page, at)
            # The browser looks for the option whose word begins like this.
            page.keyboard.type(field.evaluate(LABEL, value))
        elif kind == "date":
            _type_day(page, field, at, value)
        else:
            write(page, at, value)


def _choose(page: Page, name: str, value: str) -> None:
    """Tab reaches the group; the arrows go through its choices."""
    group = f"#edit [name={name}]"
    checked, choices = page.locator(group).first.evaluate(GROUP)
    tab_to(page, f"{group}:checked" if checked else group)
    if not checked:
        page.keyboard.press("Space")
    for _time in range(choices):
        if page.evaluate(CHOSEN, [name, value]):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrows do not reach {value} of {name}")


def _type_day(page: Page, field: Locator, at: str, day: str) -> None:
    """A day in parts, as an American browser asks for them."""
    year, month, of_month = day.split("-")
    tab_to(page, at)
    page.keyboard.type(f"{month}{of_month}{year}")
    assert field.input_value() == day
