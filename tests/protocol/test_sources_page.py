"""The examples of docs/connectors/sources.md are what the code makes and reads."""

import re
from pathlib import Path

from egide.protocol import bthome
from egide.protocol.sources import read_heard

PAGE = Path(__file__).parents[2] / "docs" / "connectors" / "sources.md"


def test_the_frame_on_the_page_is_one_of_the_button_and_the_key_that_it_names() -> None:
    text = PAGE.read_text(encoding="utf-8")
    body = re.search(r"^\{\"source\".*\}$", text, re.MULTILINE)
    told = re.search(r"of the button (\S+) with the key ([0-9a-f]{32}), held for the (\d+)th time", text)
    assert body and told
    address, key = bthome.address_bytes(told[1]), bytes.fromhex(told[2])
    read = bthome.decode(read_heard(body[0].encode()).frame, address, key)
    assert read.is_alarm and read.counter == int(told[3])
