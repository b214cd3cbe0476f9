"""A process of a sandbox reaches nothing but this machine, whichever way it tries, and goes by its clock."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.entrypoints.stack.children import open_listener
from egide.entrypoints.stack.sandbox.begin import environment
from egide.entrypoints.stack.sandbox.turned import ahead_us, do_turn
from tests.support.waiting import WITHIN_S

# An address that no machine has (RFC 5737): should it be tried after all, nobody is bothered.
NOWHERE = "192.0.2.1"
WAYS = {
    "connect": f"import socket; socket.create_connection(('{NOWHERE}', 9), 1)",
    "connect by name": "import socket; socket.create_connection(('example.org', 80), 1)",
    "version 6": "import socket; socket.socket(socket.AF_INET6).connect(('2001:db8::1', 9))",
    "send": f"import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('{NOWHERE}', 9))",
    "message": f"import socket; socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('{NOWHERE}', 9))",
    "look up": "import socket; socket.getaddrinfo('example.org', 80)",
    "look up backwards": f"import socket; socket.gethostbyaddr('{NOWHERE}')",
    "Bluetooth": "import socket; socket.socket(31, socket.SOCK_RAW, 1)",
    "asyncio": f"import asyncio; asyncio.run(asyncio.open_connection('{NOWHERE}', 9))",
    "uvloop": f"import asyncio, uvloop; uvloop.run(asyncio.open_connection('{NOWHERE}', 9))",
    "uvloop by name": "import asyncio, uvloop; uvloop.run(asyncio.open_connection('example.org', 80))",
    "uvloop's datagrams": (
        "import asyncio, uvloop\n"
        "async def f(): await asyncio.get_running_loop().create_datagram_endpoint("
        f"asyncio.DatagramProtocol, remote_addr=('{NOWHERE}', 9))\n"
        "uvloop.run(f())"
    ),
    "urllib": "import urllib.request; urllib.request.urlopen('http://example.org/', timeout=1)",
    "a fork": (
        "import os, socket\n"
        "if os.fork() == 0:\n"
        f"    try: socket.create_connection(('{NOWHERE}', 9), 1)\n"
        "    except OSError as error: os._exit(error.errno or 1)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.wait()[1]))"
    ),
    "a process that it starts": (
        "import subprocess, sys\n"
        f"code = \"import socket; socket.create_connection(('{NOWHERE}', 9), 1)\"\n"
        "raise OSError(subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stderr)"
    ),
}


def run(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | environment(folder),
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


# Tries all of them in one process, and says what became of each.
TRIES = """
import json, sys
said = {}
for way, code in json.loads(sys.argv[1]).items():
    try:
        exec(code, {})
        said[way] = "done"
    except SystemExit as end:
        said[way] = f"ended with {end.code}"
    except Exception as error:
        said[way] = str(error)
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What became of each way."""
    done = run(tmp_path_factory.mktemp("sandbox"), TRIES, json.dumps(WAYS))
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("way", WAYS)
def test_nothing_goes_out(tried: dict[str, str], way: str) -> None:
    assert (
        "a sandbox reaches nothing but this machine" in tried[way]
        or tried[way] == f"ended with {errno.EACCES}"
    )


def test_this_machine_is_reached_by_name_and_address_over_both_loops(tmp_path: Path) -> None:
    with open_listener() as listener:
        port = listener.getsockname()[1]
        code = (
            "import asyncio, socket, uvloop\n"
            f"for host in ('localhost', '127.0.0.1'): socket.create_connection((host, {port}), 5).close()\n"
            f"for run in (asyncio.run, uvloop.run): run(asyncio.open_connection('127.0.0.1', {port}))\n"
        )
        done = run(tmp_path, code)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_clock_of_its_processes_is_turned_on_and_never_back(tmp_path: Path) -> None:
    assert ahead_us(tmp_path) == 0
    assert do_turn(tmp_path, 7200) == 7200
    assert do_turn(tmp_path, 60) == 7260
    with pytest.raises(ValueError, match="not back"):
        do_turn(tmp_path, -1)
    code = "from egide.common.clock import SystemClock; c = SystemClock(); print(c.now_us(), c.steady_us())"
    now_us, steady_us = map(int, run(tmp_path, code).stdout.split())
    assert now_us - SystemClock().now_us() == pytest.approx(7_260_000_000, abs=60_000_000)
    assert steady_us - SystemClock().steady_us() == pytest.approx(7_260_000_000, abs=60_000_000)
