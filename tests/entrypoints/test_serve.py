"""`egide serve` on what `egide init` made in an empty folder: pages, a press, deaths, its end, and what it refuses."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from egide.common.addresses import check_listening
from egide.common.clock import SystemClock
from egide.common.config import Config, NotSetUp
from egide.demo.world import World
from egide.entrypoints.serving.lines import PARENT_VARIABLE
from egide.entrypoints.serving.options import port_of
from egide.entrypoints.stack import keeping
from egide.entrypoints.stack.children import Child, surroundings
from egide.entrypoints.stack.keeping import Keeper
from egide.journal.now.signs import Signs
from egide.journal.service import Journal, KeyStore
from tests.support.installed import ANSWERS, PAGES, Installed
from tests.support.waiting import WITHIN_S, until

SECRET = "9d1f-this-is-secret"
# Whose centre the reference zones give for the middle of Mons.
CENTRE = "HAI"
ROW = re.compile(r"^(\w+) +(\d+) +(?:127\.0\.0\.1:(\d+)|-)", re.MULTILINE)
# Somebody signed in with a second factor: what the pages ask for is tested elsewhere, in a browser.
SIGNED_IN = f"""
from egide.entrypoints.upgrading.tables import setup
setup()
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test.client import Client
from egide.access.models import User
user = User.objects.create(name="oskar", title="Oskar", language="en")
user.memberships.create(role="operator", place="{CENTRE}")
Authenticator.objects.create(user=user, type="totp", data={{"secret": "none"}})
client = Client()
client.force_login(user)
print(client.cookies[settings.SESSION_COOKIE_NAME].value)
"""


class Served(Installed):
    """An installation that runs."""

    process: subprocess.Popen[str]

    def go_on_from(self, whole: Installed) -> None:
        """Take a copy of one that nobody has started."""
        shutil.copytree(whole.data, self.data, ignore=sockets)
        self.config.write_text(whole.config.read_text().replace(str(whole.data), str(self.data)))
        self.config.chmod(0o640)
        shutil.copy(whole.link, self.link)

    def start(self) -> None:
        self.out, self.err = self.folder / "out", self.folder / "err"
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = subprocess.Popen(
                self.command("serve", "--port", "0", "--metrics"),
                env=self.environment,
                stdout=out,
                stderr=err,
            )
        until(
            lambda: "Ctrl-C ends all" in self.out.read_text() or self.process.poll() is not None, "it starts"
        )
        assert self.process.poll() is None, self.err.read_text()

    def rows(self) -> dict[str, tuple[int, int]]:
        """Process and port of each, as it was printed."""
        return {name: (int(pid), int(port or 0)) for name, pid, port in ROW.findall(self.out.read_text())}

    def get(self, name: str, path: str, **headers: str) -> requests.Response:
        url = f"http://127.0.0.1:{self.rows()[name][1]}{path}"
        return requests.get(url, headers=headers, timeout=WITHIN_S, allow_redirects=False)

    def heard(self) -> dict[str, bool]:
        said = json.loads(self.run(self.command("status", "--json")).stdout)
        return {line["name"].split()[0]: line["is_heard"] for line in said["processes"]}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An installation that nobody has started; tests that change it take a copy."""
    installed = Installed(tmp_path_factory.mktemp("whole"))
    done = installed.run(installed.init(*ANSWERS))
    assert done.returncode == 0, done.stderr
    return installed


@pytest.fixture(scope="module")
def served(whole: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("served"))
    served.go_on_from(whole)
    token = served.folder / "metrics.token"
    token.write_text(SECRET)
    token.chmod(0o600)
    with served.config.open("a") as config:
        config.write(f'metrics_token_file = "{token}"\n')
    served.start()
    yield served
    # Told to end, it ends with all that it started.
    pids = [pid for pid, _port in served.rows().values()]
    served.process.terminate()
    assert served.process.wait(WITHIN_S) == 0
    assert served.err.read_text().splitlines()[-1] == "All processes have ended."
    assert not [pid for pid in pids if is_alive(pid)]
    # Else nothing could be moved or restored for ten seconds.
    assert not Signs(served.settings(), SystemClock()).beats(), "each has taken its last sign of life back"


def test_the_pages_and_health_answer_on_this_machine(served: Served) -> None:
    assert set(served.rows()) == {"intake", "web", "live", "worker", "watch", "metrics"}
    sign_in = served.get("web", "/sign-in", Host="desk.example.org")
    assert sign_in.status_code == 200 and "__Host-egide_csrf" in sign_in.cookies
    link = served.link.read_text().strip().removeprefix(PAGES)
    assert served.get("web", link, Host="desk.example.org").status_code == 200, "the first administrator's"
    assert served.get("intake", "/v1/health").json()["status"] == "ok"
    assert served.get("live", "/v1/health").status_code == 200
    assert served.get("metrics", "/metrics").status_code == 401
    assert served.get("metrics", "/metrics", Authorization=f"Bearer {SECRET}").status_code == 200
    until(lambda: all(served.heard().values()), "every process is heard")


def test_a_press_of_an_enrolled_phone_reaches_the_journal_and_the_operators_list(served: Served) -> None:
    config, clock = served.settings(), SystemClock()
    journal = Journal.open(config, clock, KeyStore.open(config))
    phone = World(journal, clock).enrol()
    url = f"http://127.0.0.1:{served.rows()['intake'][1]}/v1/messages"
    headers = {"Content-Type": "application/cose"}
    reply = requests.post(url, phone.press(), headers=headers, timeout=WITHIN_S)
    assert reply.status_code == 201, reply.text
    alarm = reply.json()["alarm"]
    assert alarm in journal.open_alarms()
    made = subprocess.run(
        [sys.executable, "-c", SIGNED_IN],
        env=served.environment | {"EGIDE_CONFIG": str(served.config)},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
    )
    assert made.returncode == 0, made.stderr
    cookie = f"__Host-egide_session={made.stdout.strip()}"
    until(
        lambda: alarm in served.get("web", "/desk/", Host="desk.example.org", Cookie=cookie).text,
        "the alarm stands in the operator's list",
    )


def test_one_that_dies_starts_again_on_its_port(served: Served) -> None:
    pid, port = served.rows()["intake"]
    os.kill(pid, signal.SIGKILL)
    told = "intake ended with -9 and starts again in 1 s."
    until(lambda: told in served.err.read_text(), "its end is told")
    # The socket was never closed: whoever asks meanwhile waits.
    assert requests.get(f"http://127.0.0.1:{port}/v1/health", timeout=WITHIN_S).status_code == 200


def test_no_secret_stands_among_arguments_in_the_environment_in_what_is_said_or_in_the_file(
    served: Served,
) -> None:
    for pid in (served.process.pid, *(pid for pid, _port in served.rows().values())):
        for name in ("cmdline", "environ"):
            path = Path("/proc", str(pid), name)
            # The one that was killed has another number by now.
            assert not path.exists() or SECRET.encode() not in path.read_bytes()
    for path in (served.out, served.err, served.config):
        assert SECRET not in path.read_text()


def test_what_it_starts_is_told_with_whom_it_ends() -> None:
    assert surroundings({"EGIDE_DATA": "/nowhere"})[PARENT_VARIABLE] == str(os.getpid())


@pytest.mark.full(
    "tests/entrypoints/test_serve.py::test_what_it_starts_is_told_with_whom_it_ends",
    "tests/entrypoints/test_fork_server.py::test_forks_end_with_the_one_that_forked_them",
)
def test_when_it_is_killed_no_process_stays(whole: Installed, tmp_path: Path) -> None:
    served = Served(tmp_path)
    served.go_on_from(whole)
    served.start()
    pids = {name: pid for name, (pid, _port) in served.rows().items()}
    assert pids and all(is_alive(pid) for pid in pids.values())
    served.process.kill()
    assert served.process.wait(WITHIN_S) == -signal.SIGKILL

    def staying() -> list[str]:
        return [name for name, pid in pids.items() if is_alive(pid)]

    until(lambda: not staying(), lambda: f"of its children stay {staying()}")


def sockets(folder: str, names: list[str]) -> list[str]:
    """What processes that ran there have left, and cannot be copied."""
    return [name for name in names if not (Path(folder, name).is_file() or Path(folder, name).is_dir())]


def is_alive(pid: int) -> bool:
    """Whether it runs; one that has ended and that nobody has asked after does not."""
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "EGIDE_WEB_ORIGINS",
            "http://desk.example.org",
            "EGIDE_WEB_ORIGINS is 'http://desk.example.org': expected https",
        ),
        (
            "EGIDE_WEB_ORIGINS",
            "http://localhost:8400",
            "EGIDE_WEB_ORIGINS is 'http://localhost:8400': expected https",
        ),
        (
            "EGIDE_INTAKE_URLS",
            "http://weather.example.net",
            "EGIDE_INTAKE_URLS is 'http://weather.example.net'",
        ),
        ("EGIDE_DEMO", "1", "EGIDE_DEMO is set: `egide demo` runs a demo"),
        ("EGIDE_DATA", "/nowhere", "There is no installation in /nowhere: `egide init` makes one."),
        ("EGIDE_CONNECTIONS", "many", "EGIDE_CONNECTIONS is 'many': expected a whole number, 64 or more."),
        ("EGIDE_SMS_SECRETS", "/nowhere", "sms does not start"),
    ],
)
def test_what_would_run_half_or_in_the_clear_is_refused(
    whole: Installed, name: str, value: str, told: str
) -> None:
    refused = whole.run(whole.command("serve", "--port", "0"), **{name: value})
    assert refused.returncode in (1, 2) and refused.stdout == ""
    assert told in refused.stderr and "Traceback" not in refused.stderr


def test_without_a_proxy_it_says_what_to_do(whole: Installed, tmp_path: Path) -> None:
    other = Installed(tmp_path)
    other.config.write_text(whole.config.read_text().replace("\ntrusted_proxies", "\n#trusted_proxies"))
    other.config.chmod(0o640)
    refused = other.run(other.command("serve", "--port", "0"))
    assert refused.returncode == 1
    assert "EGIDE_TRUSTED_PROXIES names no proxy: put one with TLS in front" in refused.stderr


def test_an_unfinished_installation_and_a_port_that_is_taken_are_told(whole: Installed) -> None:
    mark = whole.data / "init.unfinished"
    mark.touch()
    refused = whole.run(whole.command("serve"))
    mark.unlink()
    assert "`egide init` was ended before it was done: give it again, it goes on." in refused.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = min(taken.getsockname()[1], 65530)
        refused = whole.run(whole.command("serve", "--port", str(port - 2)))
    assert refused.returncode == 2 and "is not free" in refused.stderr


def test_a_process_serves_others_in_the_clear_only_behind_a_named_proxy(tmp_path: Path) -> None:
    config = Config(tmp_path)
    for address in (("127.0.0.1", 1), ("::1", 1, 0, 0), "/run/egide/web.sock"):
        check_listening(config, address)
    for address in (("0.0.0.0", 1), ("10.0.0.4", 1), ("::", 1, 0, 0), ("fe80::1%eth0", 1, 0, 2)):
        with pytest.raises(
            NotSetUp, match="is reached from elsewhere, and what comes there would be in the clear"
        ):
            check_listening(config, address)
        check_listening(Config(tmp_path, trusted_proxies=("10.0.0.1",)), address)


def test_ports_follow_the_first_one_unless_another_is_given(tmp_path: Path) -> None:
    config = Config(tmp_path, port=9400)
    assert [port_of(config, name, None) for name in ("web", "live", "intake", "sms", "metrics")] == [
        9400,
        9401,
        9402,
        9404,
        9405,
    ]
    assert port_of(config, "live", 0) == 0


def test_one_that_goes_on_dying_is_started_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(keeping, "LONGEST_PAUSE_S", 0.03)
    monkeypatch.setattr(keeping, "LOOK_S", 0.001)
    stopped, told = threading.Event(), []

    def tell(name: str, code: int, pause_s: float) -> None:
        told.append((name, code, pause_s))
        if len(told) == 4:
            stopped.set()

    # It says a poem and ends.
    Keeper({"short": Child("this", [], {})}, tell).keep_until(stopped)
    assert told == [("short", 0, 0.01), ("short", 0, 0.02), ("short", 0, 0.03), ("short", 0, 0.03)]
