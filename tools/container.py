"""`make container`: an image of Egide, built where podman or buildah is, from Debian's mirror and the package alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import debian
from tools.tree import ROOT

CONTAINERFILE = ROOT / "deploy" / "container" / "Containerfile"
OUT = ROOT / "var" / "container"
SUITE = "trixie"
# What the package depends on, and certificates for the roads outside.
IN_BASE = ("python3", "systemd", "util-linux", "ca-certificates")
BUILDERS = ("podman", "buildah")
NAME = "localhost/egide"


class CannotBuild(Exception):
    """Something that this machine lacks; the message says what."""


def check_machine() -> str:
    """The program that builds. Raises CannotBuild."""
    builder = next((name for name in BUILDERS if shutil.which(name)), None)
    missing = [name for name in ("mmdebstrap",) if shutil.which(name) is None]
    if builder is None:
        missing.insert(0, "podman (or buildah)")
    if missing:
        needed = " ".join(name.partition(" ")[0] for name in missing)
        raise CannotBuild(f"{' and '.join(missing)} not found. On Debian: apt-get install {needed}")
    assert builder is not None
    return builder


def make_base(place: Path) -> None:
    """Debian as its mirror has it today, checked by Debian's own keys; kept until somebody removes it."""
    if not place.exists():
        made = place.with_suffix(".new.tar")
        command = [
            "mmdebstrap",
            "--quiet",
            "--variant=apt",
            f"--include={','.join(IN_BASE)}",
            SUITE,
            str(made),
        ]
        subprocess.run(command, check=True)
        made.replace(place)


def build(builder: str, package: Path, tag: str) -> str:
    """The name of the image."""
    OUT.mkdir(parents=True, exist_ok=True)
    make_base(OUT / "base.tar")
    shutil.copyfile(package, OUT / "egide.deb")
    image = f"{NAME}:{tag}"
    # Nothing is fetched while it is built: the base and the package are all.
    command = [builder, "build", "--network=none", f"--file={CONTAINERFILE}"]
    ended = subprocess.run([*command, f"--tag={image}", f"--tag={NAME}:latest", str(OUT)], check=False)
    if ended.returncode:
        raise CannotBuild(f"{builder} ended with {ended.returncode}; its lines above say why.")
    return image


def main() -> None:
    try:
        builder = check_machine()
        version = debian.version()
        # DEB: one that `make deb` wrote just before.
        given = os.environ.get("DEB")
        package = Path(given) if given else debian.build(debian.KINDS["egide"], version)
        # A tag has no plus sign.
        print(build(builder, package, version.replace("+", "-")))
    except (CannotBuild, debian.CannotBuild) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
