"""The image of a container: what its file says, and the words of `make container` where nothing can build it."""

import shutil
from pathlib import Path

import pytest

from tools import container, debian
from tools.tree import ROOT

TEXT = container.CONTAINERFILE.read_text(encoding="utf-8")


def line(word: str) -> str:
    """What an instruction says that stands there once."""
    (found,) = [each.partition(" ")[2] for each in TEXT.splitlines() if each.startswith(f"{word} ")]
    return found


def test_it_is_built_of_debian_and_the_package_alone() -> None:
    assert line("FROM") == "scratch"
    assert line("RUN").startswith("dpkg --install /tmp/egide.deb") and "http" not in "".join(
        each for each in TEXT.splitlines() if not each.startswith("#")
    )
    depends = next(each for each in debian.CONTROL.splitlines() if each.startswith("Depends: "))
    needed = {each.split()[0] for each in depends.removeprefix("Depends: ").split(", ")}
    assert needed <= set(container.IN_BASE)


def test_it_runs_as_the_account_of_the_data_and_keeps_data_and_settings_outside() -> None:
    assert line("USER") == "egide"
    folders = (ROOT / "deploy" / "debian" / "egide.tmpfiles").read_text(encoding="utf-8")
    for place in ("/etc/egide", "/var/lib/egide", "/var/lib/egide-second"):
        assert f'"{place}"' in line("VOLUME") and f"d {place} " in folders.replace("  ", " ").replace(
            "  ", " "
        )


def test_every_port_of_a_unit_is_named() -> None:
    ports = set()
    for path in (ROOT / "deploy" / "systemd").glob("*.socket"):
        ports |= {
            each.rpartition(":")[2]
            for each in path.read_text(encoding="utf-8").splitlines()
            if each.startswith("ListenStream=")
        }
    assert set(line("EXPOSE").split()) == ports


def test_without_its_tools_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(
        container.CannotBuild, match=r"podman \(or buildah\) and mmdebstrap not found. .* install podman"
    ):
        container.check_machine()
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "buildah" else None)
    with pytest.raises(
        container.CannotBuild, match=r"^mmdebstrap not found\. On Debian: apt-get install mmdebstrap$"
    ):
        container.check_machine()
    monkeypatch.setattr(shutil, "which", lambda name: name)
    assert container.check_machine() == "podman"


def test_a_base_that_is_there_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    base = tmp_path / "base.tar"
    base.write_bytes(b"kept")
    container.make_base(base)
    assert base.read_bytes() == b"kept"
