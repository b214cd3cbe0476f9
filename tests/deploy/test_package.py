"""What stands in the Debian packages, but for the packages of the lock: that is `make deb`'s and `make machines`'s."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from egide.entrypoints.upgrading.release import Release
from tools import debian, manual
from tools.tree import ROOT

VERSION = "0.1.0+7.test"
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not here")


@pytest.fixture(scope="module", params=sorted(debian.KINDS))
def kind(request: pytest.FixtureRequest) -> debian.Kind:
    return debian.KINDS[request.param]


@pytest.fixture(scope="module")
def unpacked(kind: debian.Kind, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make deb` builds it, and taken apart again by dpkg's own tools."""
    root = tmp_path_factory.mktemp("deb") / "root"
    debian.stage_egide(root, kind)
    debian.stage_system(root, kind)
    debian.stage_release(root, sys.executable)
    debian.stage_control(root, kind, "amd64", VERSION)
    file, here = root.with_name("egide.deb"), root.with_name("unpacked")
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", root, file], check=True, capture_output=True
    )
    subprocess.run(["dpkg-deb", "-R", file, here], check=True)
    return here


def names(root: Path, pattern: str) -> set[str]:
    return {path.name for path in root.glob(pattern)}


def test_dpkg_reads_name_version_and_what_it_needs(unpacked: Path, kind: debian.Kind) -> None:
    fields = dict(
        line.split(": ", 1)
        for line in (unpacked / "DEBIAN" / "control").read_text().splitlines()
        if ": " in line
    )
    assert (fields["Package"], fields["Version"]) == (kind.name, VERSION)
    assert "python3 (>= 3.13)" in fields["Depends"] and "python3 (<< 3.14)" in fields["Depends"]
    assert int(fields["Installed-Size"]) > 1000
    assert fields["Conflicts"] in debian.KINDS and fields["Conflicts"] != kind.name


def test_it_says_itself_what_it_reads_and_writes(unpacked: Path) -> None:
    told = msgspec.json.decode((unpacked / "DEBIAN" / "release.json").read_bytes(), type=Release)
    assert {"PressReceived", "KitIssued"} <= set(told.events) and "data" in told.settings
    assert (unpacked / "opt/egide/share/egide/release.json").exists()


def test_each_sum_is_that_of_its_file(unpacked: Path) -> None:
    sums = subprocess.run(
        ["md5sum", "--check", "--quiet", "DEBIAN/md5sums"],
        cwd=unpacked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (sums.returncode, sums.stdout) == (0, "")


def test_our_code_is_whole_and_has_catalogues_and_nothing_of_this_checkout(unpacked: Path) -> None:
    place = unpacked / "opt" / "egide"
    ours = {path.relative_to(ROOT / "src") for path in (ROOT / "src" / "egide").rglob("*.py")}
    assert ours == {path.relative_to(place / "src") for path in place.rglob("*.py")}
    assert len(list(place.rglob("django.mo"))) == 3
    assert [*place.rglob("*.po"), *place.rglob("__pycache__")] == []
    about = next(place.rglob("METADATA")).read_text()
    assert "Name: egide\n" in about and "Provides-Extra: pages\n" in about
    assert str(ROOT) not in about + next(place.rglob("*.pth")).read_text()


def test_a_machine_for_intake_alone_has_no_pages_and_no_unit_that_needs_them(
    unpacked: Path, kind: debian.Kind
) -> None:
    assert (unpacked / "opt/egide/phone/dist/index.html").exists() == kind.has_pages
    assert (unpacked / "opt/egide/node_modules/htmx.org/dist/htmx.min.js").exists() == kind.has_pages
    units = unpacked / debian.UNITS
    expected = {path.name for path in (ROOT / "deploy" / "systemd").glob("egide*.*") if path.is_file()}
    if not kind.has_pages:
        expected = {
            name for name in expected if not re.match("egide-(web|worker|metrics|verify|backup)", name)
        }
    assert names(units, "egide*.service") | names(units, "*.socket") | names(units, "*.t*") == expected
    assert names(units, "egide-.service.d/*") == {"10-sandbox.conf"}
    wanted = set(re.findall(r"^Wants=(.+)$", (units / "egide.target").read_text(), re.MULTILINE))
    assert wanted and wanted <= expected


def test_every_command_has_a_manual_page_that_says_what_it_does(unpacked: Path) -> None:
    pages = {
        path.name: gzip.decompress(path.read_bytes()).decode()
        for path in unpacked.glob("usr/share/man/man1/*")
    }
    assert {"egide.1.gz", "egide-status.1.gz", "egide-journal-verify.1.gz"} <= pages.keys()
    assert len(pages) == len(manual.pages())
    for name, text in pages.items():
        assert text.startswith('.TH "EGIDE'), name
        # What a command is for stands behind its name.
        assert re.search(r"^egide\S* \\- \S", text, re.MULTILINE), name
        # A line that begins with a dot is a command of troff: only those that are meant.
        assert set(re.findall(r"^[.']\S*", text, re.MULTILINE)) <= {".TH", ".SH", ".B", ".PP", ".TP"}, name


@pytest.mark.parametrize("shell", sorted(manual.COMPLETIONS))
def test_shells_find_the_completion_of_the_command(unpacked: Path, shell: str) -> None:
    assert f"_EGIDE_COMPLETE={shell}_complete" in (unpacked / manual.COMPLETIONS[shell]).read_text()


def test_scripts_are_shell_and_purging_refuses_while_there_is_a_journal(unpacked: Path) -> None:
    for path in (*(unpacked / "DEBIAN" / name for name in SCRIPTS), unpacked / "usr/bin/egide"):
        assert path.stat().st_mode & 0o777 == 0o755
        subprocess.run(["sh", "-n", path], check=True)
    text = (unpacked / "DEBIAN" / "postrm").read_text()
    assert text.index("/var/lib/egide/journal.db") < text.index("exit 1") < text.index("rm -rf")


@pytest.mark.parametrize(
    ("ended", "anyway", "refuses"),
    [(0, "", False), (1, "", False), (2, "", False), (3, "", True), (3, "anyway", False)],
)
def test_only_a_release_that_would_not_start_is_not_installed(
    unpacked: Path, tmp_path: Path, ended: int, anyway: str, refuses: bool
) -> None:
    asked, script = tmp_path / "egide", tmp_path / "preinst"
    asked.write_text(
        f'#!/bin/sh\n[ "$*" = "upgrade --check -" ] && cat >/dev/null || exit 9\necho told; exit {ended}\n'
    )
    asked.chmod(0o755)
    text = (unpacked / "DEBIAN" / "preinst").read_text()
    assert text.count("/usr/bin/egide") == 2
    script.write_text(text.replace("/usr/bin/egide", str(asked)))
    (tmp_path / "release.json").touch()

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "EGIDE_UPGRADE": anyway}
        return subprocess.run(
            ["sh", script, *words], env=environment, capture_output=True, text=True, check=False
        )

    upgraded = run("upgrade", "1.0")
    assert upgraded.returncode == (1 if refuses else 0), upgraded.stderr
    assert upgraded.stderr.startswith("told\n") is refuses
    assert run("install").returncode == 0


def test_every_account_of_a_unit_is_made(unpacked: Path) -> None:
    made = set(
        re.findall(r"^u (\S+)", (unpacked / "usr/lib/sysusers.d/egide.conf").read_text(), re.MULTILINE)
    )
    units = "".join(path.read_text() for path in (unpacked / debian.UNITS).glob("*.service"))
    assert set(re.findall(r"^User=(\S+)$", units, re.MULTILINE)) <= made
    # systemd refuses an account whose description holds a colon.
    assert re.findall(r'"[^"]*:[^"]*"', (unpacked / "usr/lib/sysusers.d/egide.conf").read_text()) == []
