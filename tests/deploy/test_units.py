"""The units under which an installation runs: what they start, what they take away, who is handed which key."""

import importlib
from pathlib import Path

import pytest

from egide.common.config import Config
from egide.entrypoints.processes import ready
from egide.entrypoints.serving.options import port_of
from egide.journal.sealing.master import MASTER_FILE
from tests.support.units import exposed, machine_root, options, systemd, verified

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
SANDBOX = UNITS / "egide-.service.d" / "10-sandbox.conf"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
SOCKETS = sorted(path.name for path in UNITS.glob("*.socket"))
TAKEN_AWAY = {
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ReadWritePaths": "/var/lib/egide",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "PrivateUsers": "yes",
    "PrivateIPC": "yes",
    "ProtectHostname": "yes",
    "ProtectClock": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes",
    "ProtectProc": "invisible",
    "ProcSubset": "pid",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "RemoveIPC": "yes",
    "KeyringMode": "private",
    "DevicePolicy": "closed",
    "SystemCallArchitectures": "native",
    "SystemCallFilter": "@system-service | ~@privileged",
    "SystemCallErrorNumber": "EPERM",
    "UMask": "0007",
    "Group": "egide",
}
# Who may hold which key. Those of the account `egide` read all of them where they lie.
HANDED = {
    "egide-intake.service": {"master.key", "receipt.key"},
    "egide-sms.service": {"master.key", "receipt.key", "sms.key"},
    "egide-live.service": {"live.key"},
    "egide-watch.service": {"canary.key", "checkpoint.key"},
}
ACCOUNTS = {
    "egide-intake.service": "egide-intake",
    "egide-sms.service": "egide-intake",
    "egide-live.service": "egide-live",
    "egide-mqtt.service": "egide-live",
    "egide-dc09.service": "egide-live",
    "egide-watch.service": "egide-watch",
}
# They call nobody: not even a process that is taken over could carry anything out of the machine.
ONCE = {"egide-ready.service", "egide-verify.service", "egide-backup.service"}
WITHOUT_NETWORK = {"egide-intake.service", "egide-live.service", *ONCE}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    programs = ("/opt/egide/bin/python", "/opt/egide/bin/egide")
    return machine_root(tmp_path_factory.mktemp("root"), UNITS, programs)


@systemd
def test_systemd_reads_every_unit_without_a_word(root: Path) -> None:
    names = [path.name for path in UNITS.iterdir() if path.is_file() and path.suffix != ".md"]
    assert verified(root, names) == (0, "")


@systemd
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_little_exposed(root: Path, name: str) -> None:
    assert exposed(root, name) == ""


def test_the_sandbox_takes_all_of_this_away() -> None:
    found = options(SANDBOX, "Service")
    assert {key: found.get(key) for key in TAKEN_AWAY} == TAKEN_AWAY


def test_no_unit_sets_again_what_the_sandbox_says_for_all() -> None:
    # Lists are added to, not set.
    shared = set(options(SANDBOX, "Service")) - {"ReadWritePaths", "Environment"}
    again = {name: shared & set(options(UNITS / name, "Service")) for name in SERVICES}
    assert {name: keys for name, keys in again.items() if keys} == {}


@pytest.mark.parametrize("name", SERVICES)
def test_each_process_has_its_account_its_keys_and_no_network_without_need(name: str) -> None:
    service = options(UNITS / name, "Service")
    assert service["User"] == ACCOUNTS.get(name, "egide")
    handed = [one.split(":") for one in service.get("LoadCredential", "").split(" | ") if one]
    assert {key for key, _path in handed} == HANDED.get(name, set())
    assert [path for key, path in handed if path != f"/var/lib/egide/{key}"] == []
    assert {key for key, _path in handed} <= {*ready.HANDED, MASTER_FILE}
    assert (service.get("PrivateNetwork") == "yes") == (name in WITHOUT_NETWORK)


@pytest.mark.parametrize("name", sorted({*SERVICES} - ONCE))
def test_each_process_says_that_it_is_ready_and_is_always_started_again(name: str) -> None:
    unit, service = options(UNITS / name, "Unit"), options(UNITS / name, "Service")
    assert (service["Type"], service["NotifyAccess"], service["Restart"]) == ("notify", "main", "always")
    assert unit["StartLimitIntervalSec"] == "0"
    assert 60 <= int(service["WatchdogSec"]) <= 120
    module = service["ExecStart"].removeprefix("/opt/egide/bin/python -m ")
    assert importlib.util.find_spec(module) is not None


@pytest.mark.parametrize("name", SOCKETS)
def test_each_socket_listens_on_this_machine_alone_at_the_port_of_its_process(name: str) -> None:
    process = name.removeprefix("egide-").removesuffix(".socket")
    port = port_of(Config(Path()), process, None)
    assert options(UNITS / name, "Socket")["ListenStream"] == f"127.0.0.1:{port}"
    unit = options(UNITS / f"egide-{process}.service", "Unit")
    assert name in unit["Requires"].split() and name in unit["After"].split()
