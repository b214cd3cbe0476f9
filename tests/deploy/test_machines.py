"""What `make machines` runs as root is read here without it: the guide's shell, and its words where it cannot run."""

import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import click
import pytest
import yaml

from deploy.chaos import run as chaos
from deploy.machines import database, drill, further, intake_alone, module, run, three
from deploy.machines.machine import blocks
from egide.common.config import Config
from egide.common.settings import settings_of
from egide.common.settings.file import keys_of
from egide.entrypoints.cli import main
from tools import manual
from tools.tree import ROOT

GUIDE = run.GUIDE.read_text(encoding="utf-8")
KEYS = keys_of(settings_of(Config))
PAGE = three.PAGE.read_text(encoding="utf-8")
BACKUP = further.BACKUP.read_text(encoding="utf-8")
MODULE = blocks(module.PAGE.read_text(encoding="utf-8"), module.PART)
POSTGRES = blocks(database.POSTGRES.read_text(encoding="utf-8"), database.HERE)
SET_UP, LOST, BURNED, ON_THREE, ALL_LOST = (
    blocks(database.PAGE.read_text(encoding="utf-8"), part)
    for part in (database.SET_UP, database.LOST, database.BURNED, database.ON_THREE, database.ALL_LOST)
)


def test_the_guide_has_shell_from_the_package_to_the_start() -> None:
    shell = blocks(GUIDE, run.PART)
    words = [block.split()[0] for block in shell]
    assert words[0] == "apt-get" and shell[-1] == "systemctl enable --now egide.target\n"
    assert [block for block in shell if "egide init" in block] and [
        block for block in shell if "egide tls" in block
    ]
    for block in shell:
        assert subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode == 0, block


def test_the_drill_has_shell_for_both_machines() -> None:
    for part in (further.ONCE, drill.PART):
        shell = blocks(BACKUP, part)
        assert shell, part
        for block in shell:
            assert subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode == 0, block
    assert "egide restore" in blocks(BACKUP, drill.PART)[0]


def test_three_machines_have_shell_from_certificates_to_a_planned_switch() -> None:
    # A switch has two: the lead is given up, and the machine comes back.
    assert [len(blocks(PAGE, part)) for part in three.PARTS] == [1] * 7 + [2]
    for block in (block for part in three.PARTS for block in blocks(PAGE, part)):
        assert subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode == 0, block
    (block,) = blocks(PAGE, three.EGIDE)
    settings = tomllib.loads(block.split("egide.toml <<END\n")[1].split("\nEND\n")[0])
    assert set(settings) <= KEYS | {f"{key}_file" for key in KEYS}
    (fetched,) = re.findall(r"apt-get install -y --no-install-recommends (.+)", blocks(PAGE, three.ETCD)[0])
    assert fetched.split() == list(three.PROGRAMS)


def test_the_module_and_the_database_have_shell_from_the_package_to_the_end() -> None:
    for block in (*MODULE, *POSTGRES, *SET_UP, *LOST, *BURNED, *ON_THREE, *ALL_LOST):
        assert subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode == 0, block
    assert "egide keys rotate master --token" in MODULE[1] and MODULE[-1].endswith("rotate master --finish\n")
    assert "egide journal move" in POSTGRES[-1] and len(SET_UP) == 3
    (lost,) = LOST
    assert (
        lost.index("systemctl stop egide.target") < lost.index(" restore\n") < lost.index("journal restored")
    )
    for programs, shell in ((module.PROGRAMS, MODULE), (database.PROGRAMS, [*POSTGRES, *SET_UP])):
        fetched = re.findall(r"apt-get install -y --no-install-recommends (.+)", "".join(shell))
        assert " ".join(fetched).split() == list(programs)
    named = re.findall(r"^(?:echo ['\"])?(\w+) = ", "".join([*MODULE, *POSTGRES, *SET_UP]), re.MULTILINE)
    ours = {"master_pin_file", "master_token", "journal", "records", "database_backups"}
    assert ours <= set(named) and {name.removesuffix("_file") for name in ours} <= KEYS | {"master_pin"}


def test_rule_29_no_back_up_of_the_database_outlives_the_days_of_erasing() -> None:
    """A whole one goes once a newer one is of that age, and there is one each week."""
    for settings in (SET_UP[0], ON_THREE[0]):
        (days,) = re.findall(r"^repo1-retention-full=(\d+)$", settings, re.MULTILINE)
        assert "repo1-retention-full-type=time\n" in settings and "'full Sun'" in SET_UP[1]
        assert int(days) + 7 < Config(Path("var")).backup_days
        assert "repo1-cipher-type=aes-256-cbc\n" in settings, "and none lies in clear"


def test_three_databases_are_backed_up_as_patroni_has_them_and_come_back_by_it() -> None:
    (patroni,) = blocks(PAGE, three.PATRONI)
    made = patroni.split("config.yml <<END\n")[1].split("\nEND\n")[0]
    edit = next(line for line in ON_THREE[1].replace("\\\n", "").splitlines() if line.startswith("sed "))
    edited = subprocess.run(
        ["sh", "-c", edit.rpartition(" ")[0].replace("sed -i", "sed")],
        input=made,
        text=True,
        stdout=subprocess.PIPE,
        check=True,
    )
    before, after = (yaml.safe_load(text.replace("$", "")) for text in (made, edited.stdout))
    assert after["bootstrap"].pop("method") == "pgbackrest"
    assert after["bootstrap"].pop("pgbackrest")["command"] == "pgbackrest --stanza=egide restore"
    archived = {
        name: after["postgresql"]["parameters"].pop(f"archive_{name}")
        for name in ("mode", "timeout", "command")
    }
    assert archived == {"mode": "on", "timeout": 60, "command": "pgbackrest --stanza=egide archive-push %p"}
    assert after == before, "nothing else is changed"
    assert f"pg1-path={after['postgresql']['data_dir']}\n" in ON_THREE[0]
    assert f"rm -rf {after['postgresql']['data_dir']}\n" in ALL_LOST[0]
    assert f"--prefix /service/{after['scope']}/\n" in ALL_LOST[1]
    assert ALL_LOST[1].index("start patroni") < ALL_LOST[1].index("journal restored")
    assert "egide.target" not in "".join(ALL_LOST[:3]), "nothing of Egide runs before"


def test_the_second_machine_gets_a_name_of_its_own_in_settings_and_proxy() -> None:
    pages, phones = run.hosts(GUIDE)
    (named,), (there,) = blocks(PAGE, three.NAMED), blocks(PAGE, three.SECOND)
    first, other = three.intake_names(named)
    assert first == phones and other not in (pages, phones)
    assert f"s/{phones}/{other}/" in there and f"echo '127.0.0.1 {pages} {other}' >>/etc/hosts\n" in there
    # What it takes along: the settings, what the proxy shows, every key; and no key of the pilot's authority.
    packed = next(line for line in named.split("\ntar ")[1:])
    for word in (
        "etc/egide",
        "etc/ssl/egide",
        "--exclude=authority.key",
        "var/lib/egide/*.key",
        "canary.pub",
    ):
        assert word in packed, word
    assert "rm /root/cluster/egide.tar.gz\n" in there


def test_what_patroni_says_of_its_members_is_read() -> None:
    said = (
        "Cluster\tMember\tHost\tRole\tState\tTL\tLag in MB\n"
        "egide\tegide1\tegide1\tQuorum Standby\tstreaming\t2\t0\n"
        "egide\tegide2\tegide2\tLeader\trunning\t2\t\n"
        "egide\tegide3\tegide3\tReplica\tstarting\t2\t\n"
    )
    assert [found[1] for found in [three.LEADS.search(said)] if found] == ["egide2"]
    assert three.STREAMS.findall(said) == ["egide1"] and three.STANDS_BY.search(said)


def test_intake_alone_gets_a_package_settings_and_a_start() -> None:
    (block,) = blocks(GUIDE, intake_alone.PART)
    assert subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode == 0
    settings = tomllib.loads(block.split("<<END\n")[1].split("\nEND\n")[0])
    assert set(settings) <= KEYS and settings["data"] == "/var/lib/egide"
    assert block.startswith("apt-get install -y ./egide-intake_*.deb\n")
    assert block.endswith("systemctl enable --now egide.target\n")


def test_every_command_of_the_guide_is_one_of_egide() -> None:
    top = click.Context(main, info_name="egide")
    known = {context.command_path for _command, context in manual.commands(main, top)}
    shell = blocks(GUIDE, run.PART) + [
        block for part in (further.ONCE, drill.PART) for block in blocks(BACKUP, part)
    ]
    shell += [*MODULE, *POSTGRES, *SET_UP, *LOST, *BURNED, *ON_THREE, *ALL_LOST]
    shell += [block for part in three.PARTS for block in blocks(PAGE, part)]
    said = re.findall(r"(?:^|\()(egide(?: [a-z]+)+)", "".join(shell), re.MULTILINE)
    assert {"egide init", "egide tls pilot", "egide keys backup", "egide restore"} <= set(said)
    assert [words for words in said if words not in known] == []


def test_the_proxy_gets_the_names_that_init_gets() -> None:
    pages, phones = run.hosts(GUIDE)
    proxy = (ROOT / "docs" / "operations" / "nginx.conf").read_text(encoding="utf-8")
    edit = next(
        line for block in blocks(GUIDE, run.PART) for line in block.splitlines() if line.startswith("sed ")
    )
    for old, new in re.findall(r"s/([^/]+)/([^/]+)/", edit):
        assert old in proxy
        proxy = proxy.replace(old, new)
    assert set(re.findall(r"server_name (\S+);", proxy)) == {pages, phones}


@pytest.mark.parametrize(("main", "target"), [(run.main, "machines"), (chaos.main, "chaos")])
def test_without_root_it_says_who_can(
    monkeypatch: pytest.MonkeyPatch, main: Callable[[], None], target: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match=rf"booted by root: sudo make {target}$"):
        main()


@pytest.mark.parametrize("main", [run.main, chaos.main])
def test_without_its_tools_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, main: Callable[[], None]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(run, "NEEDED", ("sh", "no-such-tool"))
    with pytest.raises(SystemExit, match=r"no-such-tool.* not found: apt-get install debootstrap"):
        main()


def test_a_run_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(run, "NEEDED", ("sh",))
    monkeypatch.setenv("ONLY", "one four")
    with pytest.raises(SystemExit, match="ONLY=four is not known: one, three, faults, database"):
        run.main()
