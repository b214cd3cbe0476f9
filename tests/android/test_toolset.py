"""The programs that build the app for Android: those that are pinned or none, and one line says what is missing."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import android_core
from tools.android import toolset
from tools.android.java import CannotBuild
from tools.android.toolset import OTHER_TOOLS, Package, Toolset

APT = """#!/bin/sh
[ "$1" = update ] || [ "$3" != "box=1:2" ] || cp {file} box_1%3a2_all.deb
"""


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror that has one package, behind apt-get; what is pinned and unpacked is nowhere else."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("packages of Debian are unpacked by dpkg-deb")
    box = tmp_path / "box"
    (box / "DEBIAN").mkdir(parents=True)
    (box / "DEBIAN" / "control").write_text(
        "Package: box\nVersion: 1:2\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a box\n"
    )
    (box / "etc").mkdir()
    (box / "etc" / "conf").write_text("its own")
    (box / "usr" / "lib" / "jvm" / "java-21-there").mkdir(parents=True)
    (box / "usr" / "lib" / "jvm" / "java-21-there" / "conf").symlink_to("/etc/conf")
    file = tmp_path / "box.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", box, file], check=True, capture_output=True)
    (tmp_path / "bin").mkdir()
    apt = tmp_path / "bin" / "apt-get"
    apt.write_text(APT.format(file=file))
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setattr(toolset, "KEPT", tmp_path / "kept")
    return file


def pin(monkeypatch: pytest.MonkeyPatch, *wanted: Package) -> None:
    monkeypatch.setattr(toolset, "packages", lambda: list(wanted))


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_what_is_pinned_is_unpacked_once_and_its_links_mean_what_was_unpacked(
    mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, Package("box", "1:2", digest(mirror)))
    with pytest.raises(CannotBuild, match="`make android` fetches them"):
        toolset.toolset()
    toolset.fetch()
    found = toolset.toolset()
    assert found.home.name == "java-21-there" and found.home.is_relative_to(found.root)
    assert (found.home / "conf").read_text() == "its own"
    mirror.unlink()
    toolset.fetch()
    assert toolset.toolset() == found


@pytest.mark.parametrize(("version", "sha256"), [("1:2", "0" * 64), ("1:3", "0" * 64)])
def test_a_package_of_other_bytes_or_of_no_mirror_leaves_nothing_and_is_one_line(
    mirror: Path, monkeypatch: pytest.MonkeyPatch, version: str, sha256: str
) -> None:
    pin(monkeypatch, Package("box", version, sha256))
    with pytest.raises(CannotBuild, match=f"box {version} ") as refused:
        toolset.fetch()
    assert "\n" not in str(refused.value)
    assert (digest(mirror) in str(refused.value)) == (version == "1:2")
    assert (OTHER_TOOLS in str(refused.value)) == (version != "1:2")
    assert list(toolset.KEPT.iterdir()) == []


def test_others_than_those_that_are_pinned_are_taken_by_a_word_alone_which_says_what_differs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pin(monkeypatch, Package("no-such-package", "1", ""))
    assert toolset.differences() == "Not what android/pins.toml names: no-such-package not there"
    machines = Toolset(Path("/"), Path("/jdk"))
    monkeypatch.setattr(toolset, "of_machine", lambda: machines)
    with pytest.raises(CannotBuild):
        toolset.toolset()
    monkeypatch.setenv(OTHER_TOOLS, "yes")
    assert toolset.toolset() == machines


def test_a_machine_reads_in_one_line_which_packages_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(android_core, "javac", lambda: "javac")
    monkeypatch.setattr(toolset, "_FRAMEWORK", "nowhere")
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    with pytest.raises(CannotBuild) as missing:
        toolset.of_machine()
    needed = "apt-get install aapt zipalign apksigner android-framework-res"
    assert str(missing.value).endswith(f"packages: {needed}")
    assert "\n" not in str(missing.value)


def test_every_program_that_decides_about_bytes_is_pinned_whole() -> None:
    wanted = {package.name: package for package in toolset.packages()}
    assert {
        *toolset.PROGRAMS.values(),
        "android-framework-res",
        "libapksig-java",
        "zlib1g",
        "libpng16-16t64",
    } <= wanted.keys()
    assert {"openjdk-21-jdk-headless", "openjdk-21-jre-headless"} <= wanted.keys()
    assert [
        name for name, package in wanted.items() if len(package.sha256) != 64 or not package.version
    ] == []
