"""A newer app from the authority's own host: published by the real command, served by the real pages.

One host stands in front of pages and intake, as the proxy of an installation does; a hostile one is played there.
"""

import json
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from egide.fleet.native.apk import MOST_BYTES, ApkError, read_apk
from tests.companion.intake import Server, serving
from tests.fleet import apks
from tests.support.commands import run
from tests.support.native_phone import Engine
from tests.support.one_host import Answer, OneHost
from tests.support.pages import Pages
from tests.support.waiting import until
from tools import android_core

pytestmark = pytest.mark.usefixtures("built")
NEWEST, FILE = "/app/android/newest.json", "/app/android/notes.apk"
# So often the phone looks for a newer version here.
DAY_MS = 60


class Host(OneHost):
    """Its pages are answered within the test, its intake is a process."""

    def __init__(self, pages: Pages, intake: Server) -> None:
        super().__init__(_page, intake.url)
        self.config, self.journal, self.kinds, self.issue = (
            pages.installation.config,
            intake.journal,
            intake.kinds,
            intake.issue,
        )


def _page(path: str) -> Answer:
    reply: Any = Client().get(path)
    body = b"".join(reply.streaming_content) if reply.streaming else reply.content
    return reply.status_code, {}, body


@pytest.fixture
def host(pages: Pages, tmp_path: Path) -> Iterator[Host]:
    with serving(tmp_path / "intake") as intake, Host(pages, intake) as made:
        yield made


@pytest.fixture
def phone(host: Host, tmp_path: Path) -> Iterator[Engine]:
    """Enrolled, with version 7 of the app."""
    own = tmp_path / "base.apk"
    own.write_bytes(apks.app(code=7))
    engine = Engine(tmp_path / "kit", own, DAY_MS)
    engine.start()
    engine.say(ask=json.dumps({"what": "enrol", "server": host.url, "code": host.issue().code}))
    until(lambda: engine.state.get("isEnrolled"), lambda: engine.state)
    yield engine
    engine.kill()


def publish(host: Host, folder: Path, data: bytes) -> None:
    file = folder / "published.apk"
    file.write_bytes(data)
    answer = run(host.config, "android", "publish", str(file))
    assert answer.returncode == 0, answer.stderr


def wait(phone: Engine, is_true: Callable[[], object]) -> None:
    """While her page is open: it proves the road now and then, and each answer is a moment to look."""

    def look() -> bool:
        phone.say(ask='{"what":"prove"}')
        return bool(is_true())

    until(look, lambda: phone.state, every_s=0.05)


def test_what_was_published_is_offered_at_rest_and_handed_to_the_platform_by_her_word(
    host: Host, phone: Engine, tmp_path: Path
) -> None:
    wait(phone, lambda: NEWEST in host.asked)
    assert phone.state["hasUpdate"] is False, "nothing is handed out"
    newer = apks.app(code=8)
    publish(host, tmp_path, newer)
    wait(phone, lambda: phone.state["hasUpdate"])

    def is_handed() -> bool:
        # While one is looked for, which is at every moment of so short a day, her tap is answered "not now".
        phone.say(ask='{"what":"install"}')
        return bool(phone.handed)

    until(is_handed, lambda: phone.state, every_s=0.5)
    assert Path(phone.handed).read_bytes() == newer
    # Nobody answers the platform's question: there is an alarm. It is taken back, and nothing more is asked for.
    phone.say(ask='{"what":"press"}')
    until(lambda: phone.state["alarm"] == "received", lambda: phone.state)
    assert phone.handed == "" and phone.state["hasUpdate"] is False
    before = len(host.asked)
    wait(phone, lambda: len(host.kinds(phone_alarm(host))) > 3)
    assert host.asked[before:] == []


def phone_alarm(host: Host) -> str:
    return str(host.journal.connection.execute("SELECT alarm FROM alarm").fetchone()[0])


def saying(answer: Answer, **changed: object) -> Answer:
    """newest.json with other values."""
    body = json.dumps({**json.loads(answer[2]), **changed}).encode()
    return answer[0], {}, body


def of_file(data: bytes) -> dict[str, object]:
    apk = read_apk(data)
    return {"version_code": apk.version_code, "sha256": apk.sha256, "bytes": apk.bytes}


def asked_again(phone: Engine, host: Host) -> None:
    """Until nothing is under way that was asked before now."""
    before = host.asked.count(NEWEST)
    wait(phone, lambda: host.asked.count(NEWEST) >= before + 2)


STRANGER = apks.app(code=9, signer="stranger")
OTHER_NAME = apks.app(code=9, package="local.daily.other")
DOWNGRADE = apks.app(code=6)
# What a hostile host says at each of the two addresses.
HOSTILE: dict[str, dict[str, Callable[[Answer], Answer]]] = {
    "another signer": {
        NEWEST: lambda one: saying(one, **of_file(STRANGER)),
        FILE: lambda _: (200, {}, STRANGER),
    },
    "another name": {
        NEWEST: lambda one: saying(one, **of_file(OTHER_NAME)),
        FILE: lambda _: (200, {}, OTHER_NAME),
    },
    "an older one": {
        NEWEST: lambda one: saying(one, **of_file(DOWNGRADE)),
        FILE: lambda _: (200, {}, DOWNGRADE),
    },
    "an older one under a newer number": {
        NEWEST: lambda one: saying(one, **of_file(DOWNGRADE) | {"version_code": 9}),
        FILE: lambda _: (200, {}, DOWNGRADE),
    },
    "a redirect": {NEWEST: lambda _: (302, {"Location": "https://example.org/newest.json"}, b"")},
    "a redirected file": {FILE: lambda one: (302, {"Location": "/app/android/other.apk"}, one[2])},
    "cut off": {FILE: lambda one: (200, {"Content-Length": str(len(one[2]))}, one[2][:-100])},
    "too long": {FILE: lambda one: (200, {}, one[2] + bytes(5_000_000))},
    "changed": {FILE: lambda one: (200, {}, one[2][:40] + b"\xff" + one[2][41:])},
    "a giant, announced": {NEWEST: lambda one: saying(one, bytes=MOST_BYTES + 1)},
    "a giant answer": {NEWEST: lambda one: (200, {}, one[2][:-1] + b" " * 5_000_000 + b"}")},
    "a page": {NEWEST: lambda _: (200, {}, b"<html>Sign in</html>")},
    "nothing at all": {NEWEST: lambda _: (200, {}, b"")},
    "an error": {NEWEST: lambda _: (500, {}, b"")},
}


def test_of_what_a_hostile_host_says_nothing_is_offered_and_the_true_one_afterwards(
    host: Host, phone: Engine, tmp_path: Path
) -> None:
    # Before anything true could be fetched, and between two of them: else what one of them began ends as the next.
    silence: dict[str, Callable[[Answer], Answer]] = dict.fromkeys((NEWEST, FILE), lambda _: (500, {}, b""))
    bent = silence
    host.bend = lambda path, answer: bent.get(path, lambda same: same)(answer)
    publish(host, tmp_path, apks.app(code=8))
    for what, changes in HOSTILE.items():
        asked_again(phone, host)
        bent = changes
        asked_again(phone, host)
        assert phone.state["hasUpdate"] is False, what
        assert phone.state["trouble"] == "", what
        bent = silence
    assert host.asked.count(FILE) > 5, "files were fetched"
    assert not {path for path in host.asked if path not in (NEWEST, FILE)}, "no redirect is followed"
    bent = {}
    wait(phone, lambda: phone.state["hasUpdate"])


def test_both_readers_say_the_same_of_every_file(tmp_path: Path, chance: random.Random) -> None:
    good = [
        apks.app(),
        apks.app(code=2**31 - 1, version="1.2.3", more=chance.randbytes(2_100_000)),
        apks.signed(apks.unsigned(apks.manifest("a.b", 1, "1")), "authority", attribute=bytes(8)),
    ]
    files = [*good, apks.unsigned(apks.manifest("a.b", 1, "1")), b""]
    for _ in range(300):
        bent = bytearray(chance.choice((good[0], good[2])))
        for _ in range(chance.randrange(1, 4)):
            bent[chance.randrange(len(bent))] = chance.randrange(256)
        files.append(bytes(bent if chance.random() < 0.8 else bent[: chance.randrange(len(bent))]))
    folder = tmp_path / "apks"
    folder.mkdir()
    for number, data in enumerate(files):
        (folder / f"{number:04}.apk").write_bytes(data)
    command = android_core.java("egide.core.phone.ReadApks", str(folder))
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(said) == len(files)
    for data, line in zip(files, said, strict=True):
        try:
            expected = msgspec.to_builtins(read_apk(data))
        except ApkError:
            expected = None
        assert json.loads(line) == expected
    assert sum(line != "null" for line in said) >= len(good)


def test_phones_fetch_what_can_be_published_and_nothing_larger() -> None:
    source = (android_core.CORE / "src" / "egide" / "core" / "newer" / "Apk.java").read_text()
    assert f"MOST_BYTES = {MOST_BYTES // 1024 // 1024}L * 1024 * 1024" in source
