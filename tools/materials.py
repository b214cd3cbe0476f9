"""Every package that the lock files pin: where it runs, who needs it, its licence. The bill of materials and the audit
read it from here. Nothing is asked of a registry.
"""

import base64
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.license import DisjunctiveLicense

from tools.tree import ROOT

PYPI, NPM = "pypi", "npm"
# Where a package runs: in an installation; where the phone's app is built; where the system is installed; where it is
# developed. Its place is the first one that needs it.
RUNTIME, BUILD, SETUP, DEVELOPMENT = "runtime", "build", "setup", "development"
PYTHON_LOCKS = (
    ("requirements.lock", RUNTIME),
    ("requirements-lifeline.lock", RUNTIME),
    ("requirements-box.lock", RUNTIME),
    ("requirements-service.lock", RUNTIME),
    ("requirements-demo.lock", RUNTIME),
    ("requirements-setup.lock", SETUP),
    ("requirements-dev.lock", DEVELOPMENT),
    ("requirements-fuzz.lock", DEVELOPMENT),
)
NPM_LOCKS = (
    ("package-lock.json", RUNTIME),
    ("phone/package-lock.json", BUILD),
    ("tests/support/openid/package-lock.json", DEVELOPMENT),
    ("tests/support/asyncapi/package-lock.json", DEVELOPMENT),
)
ABOUT = ROOT / "tools" / "data" / "dependencies.toml"
OURS = "egide"

_PINNED = re.compile(r"([A-Za-z0-9._-]+)==([^ ;\\]+)")
_VIA = re.compile(r"    # +(?:via )?([A-Za-z0-9@/._-]+)(?: \((.+)\))?$")
_REASON = re.compile(r'    "([A-Za-z0-9_.-]+)[^"]*",\s*# (.+)$')
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Zope Public License": "ZPL-2.1",
}


@dataclass(frozen=True)
class Package:
    """One package at one version. `needed_by` are names of packages, `OURS` for what we name ourselves."""

    kind: str
    name: str
    version: str
    part: str
    licence: str = ""
    needed_by: tuple[str, ...] = ()
    reason: str = ""
    touches: str = ""
    sha512: str = ""

    @property
    def is_direct(self) -> bool:
        """Whether we name it ourselves."""
        return OURS in self.needed_by


class LicenceUnknown(Exception):
    """A package says no licence that is a word of SPDX: read it, and name it in tools/data/dependencies.toml."""


def packages() -> list[Package]:
    """All of them, in the order of their names. Raises LicenceUnknown."""
    about = _about()
    ours, others = (dict(_reasons(text)) for text in _project())
    reasons = {RUNTIME: ours | about["reasons"]}
    found: dict[tuple[str, str, str], Package] = {}
    for package in (*_of_python(), *_of_npm()):
        known = found.get((package.kind, package.name, package.version))
        needed_by = tuple(sorted({*(known.needed_by if known else ()), *package.needed_by}))
        found[package.kind, package.name, package.version] = replace(known or package, needed_by=needed_by)
    return [
        replace(
            package,
            licence=about["licences"].get(package.name) or _licence(package),
            reason=reasons.get(package.part, others | about["reasons"]).get(package.name, ""),
            touches=about["touches"].get(package.name, "") if package.part == RUNTIME else "",
        )
        for _key, package in sorted(found.items())
    ]


def _about() -> dict[str, dict[str, str]]:
    return tomllib.loads(ABOUT.read_text(encoding="utf-8"))


def _project() -> tuple[str, str]:
    """pyproject.toml: what an installation needs, and the groups that only set it up or develop it."""
    ours, _heading, others = (
        (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[dependency-groups]")
    )
    return ours, others


def _reasons(project: str) -> Iterator[tuple[str, str]]:
    """The line of reason of each dependency in pyproject.toml."""
    for line in project.splitlines():
        found = _REASON.match(line)
        if found:
            yield found[1].lower(), found[2]


def _of_python() -> Iterator[Package]:
    for file, part in PYTHON_LOCKS:
        for block in re.split(r"\n(?=[a-z])", (ROOT / file).read_text(encoding="utf-8")):
            pinned = _PINNED.match(block)
            if pinned:
                yield Package(PYPI, pinned[1], pinned[2], part, needed_by=tuple(_via(block)))


def _via(block: str) -> Iterator[str]:
    for line in block.splitlines():
        found = _VIA.match(line)
        # "-c requirements.lock" says where a version came from, not who needs it.
        if found and found[1] not in ("via", "-c"):
            yield found[1]


def _of_npm() -> Iterator[Package]:
    for file, part in NPM_LOCKS:
        locked = json.loads((ROOT / file).read_text(encoding="utf-8"))["packages"]
        needed_by: dict[str, set[str]] = {}
        for path, entry in locked.items():
            wanted = ("dependencies", "optionalDependencies", *(() if path else ("devDependencies",)))
            for name in (name for group in wanted for name in entry.get(group, {})):
                needed_by.setdefault(_found_from(path, name, locked), set()).add(_npm_name(path))
        for path, entry in locked.items():
            if path:
                yield Package(
                    NPM,
                    _npm_name(path),
                    entry["version"],
                    DEVELOPMENT if part == RUNTIME and entry.get("dev") else part,
                    licence=entry.get("license", ""),
                    needed_by=tuple(sorted(needed_by.get(path, ()))),
                    sha512=base64.b64decode(entry["integrity"].removeprefix("sha512-")).hex(),
                )


def _npm_name(path: str) -> str:
    return path.rpartition("node_modules/")[2] or OURS


def _found_from(path: str, name: str, locked: dict[str, Any]) -> str:
    """Where the package at `path` finds `name`: in its own folder, or in one above it."""
    while path:
        if f"{path}/node_modules/{name}" in locked:
            return f"{path}/node_modules/{name}"
        path = path.rpartition("node_modules/")[0].rstrip("/")
    return f"node_modules/{name}"


def _licence(package: Package) -> str:
    """The licence as a word or an expression of SPDX. Raises LicenceUnknown."""
    said = [package.licence] if package.kind == NPM else _said_by_python(package.name)
    known = next((text for text in said if text and _is_spdx(text)), "")
    if not known:
        raise LicenceUnknown(f"{package.kind} {package.name} {package.version}: {said or 'nothing'}")
    return known


def _said_by_python(name: str) -> list[str]:
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return []
    classified = (line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or ())
    return [
        *(about.get_all("License-Expression") or ()),
        *(about.get_all("License") or ()),
        *(_CLASSIFIERS.get(text, "") for text in classified),
    ]


def _is_spdx(text: str) -> bool:
    """Whether SPDX knows the text; a free text becomes a licence that only has a name."""
    made = LicenseFactory().make_from_string(text)
    return not isinstance(made, DisjunctiveLicense) or made.id is not None


def left_over(found: Iterable[Package]) -> list[str]:
    """What tools/data/dependencies.toml says of packages that are not there, or does not say of those that run here."""
    every, about = list(found), _about()
    names = {package.name for package in every}
    ours = {name for name, _reason in _reasons(_project()[0])}
    run_here = ours | {package.name for package in every if package.kind == NPM and package.part == RUNTIME}
    gone = {*about["licences"], *about["touches"], *about["reasons"]} - names
    return [f"{name} is not locked" for name in sorted(gone)] + [
        f"{name}: what does it touch?" for name in sorted(run_here - set(about["touches"]))
    ]
