"""Listening in through a phone of the core in Java: pieces to a real intake, which a browser plays as the desk does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from egide.journal.sealing.blobs import Blobs
from egide.protocol import cbor
from egide.protocol.envelope import decode
from tests.android.phone import JavaPhone
from tests.companion.intake import Server, serving
from tests.support import browser as b

pytestmark = [
    pytest.mark.usefixtures("built"),
    # The pieces themselves, and when there are any, are held by the tests in Java.
    pytest.mark.full("tests/android/test_core.py"),
]
WANTED = 3
# As desk/listening.js plays them: seconds that could be heard.
PLAY = """async (pieces) => {
  const media = new MediaSource();
  const audio = new Audio(URL.createObjectURL(media));
  await new Promise((resolve) => media.addEventListener("sourceopen", resolve, { once: true }));
  const source = media.addSourceBuffer('audio/webm; codecs="opus"');
  source.mode = "sequence";
  for (const piece of pieces) {
    source.appendBuffer(Uint8Array.from(piece));
    await new Promise((resolve) => source.addEventListener("updateend", resolve, { once: true }));
  }
  return audio.error ? audio.error.message : source.buffered.end(0);
}"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "intake") as running:
        yield running


def test_what_the_phone_hears_is_kept_in_pieces_and_a_browser_plays_them(
    server: Server, tmp_path: Path
) -> None:
    kit = server.issue()
    with JavaPhone(tmp_path / "phone", (server.url,), kit.code).ready() as phone:
        phone.press(1, kit.button_key)
        silent = phone.wait_for("phone.receipt")["alarm"]
        phone.tell(listens=True)
        phone.press(2, kit.button_key)
        phone.until(lambda: len(server.alarm(silent).talk.sounds) >= WANTED, every_s=0.1)
    state = server.alarm(silent)
    # She had not chosen it when she pressed first. They come in their order, whatever was sent between.
    recording = sorted(state.talk.sounds, key=lambda piece: piece.counter)[:WANTED]
    assert [piece.number for piece in recording] == list(range(WANTED))
    blobs = Blobs(server.config, server.journal.keys)
    pieces = []
    for piece in recording:
        body: Any = cbor.decode(decode(blobs.get(state.case, piece.digest)).message.body or b"")
        pieces.append(list(body[1]))
    with b.chromium() as browser:
        page = browser.new_page()
        heard_s = page.evaluate(PLAY, pieces)
    assert heard_s == pytest.approx(WANTED, abs=0.05)
