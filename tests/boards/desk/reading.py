"""What a person reads of an answer."""

import re
from typing import Any


def order_on(reply: Any) -> list[str]:
    """The alarms of a board from top to bottom."""
    return re.findall(r'<li id="row-([^"]+)"', reply.content.decode())


def row_of(reply: Any, alarm: str) -> dict[str, str]:
    """The data attributes of an alarm's row."""
    found = re.search(rf'<li id="row-{alarm}"([^>]*)>', reply.content.decode())
    assert found is not None, alarm
    return dict(re.findall(r'data-([a-z-]+)="([^"]*)"', found[1]))
