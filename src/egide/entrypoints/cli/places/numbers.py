"""Numbers on the command line: finite, between limits, refused in the reader's language."""

import math
from typing import Any

import click

from egide.common.text import _


class Number(click.ParamType[float]):
    """A finite number between two limits."""

    def __init__(self, name: str, low: float, high: float) -> None:
        self.name, self._low, self._high = name, low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not self._low <= number <= self._high:
            text = _("{value} is not a number from {low:g} to {high:g} (with a point, such as 50.4542).")
            self.fail(text.format(value=repr(value), low=self._low, high=self._high), param, ctx)
        return number
