"""`make sbom`: the bill of materials of everything that the lock files pin, as CycloneDX 1.6 in JSON.

Components that run in an installation are required; what only builds, installs or tests it is excluded, in the words of
the standard (CycloneDX 1.6, `scope`), and says in `egide:part` where it runs. Hashes of Python packages stand in the
lock files, one for each file of a release.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from egide.common.clock import SystemClock, utc
from tools.materials import NPM, OURS, RUNTIME, Package, packages
from tools.tree import ROOT

FILE = ROOT / "var" / "sbom" / "egide.cdx.json"
PROJECT_LICENCE = "EUPL-1.2"
VERSION = SchemaVersion.V1_6


class Invalid(Exception):
    """What was written is not valid under the schema."""


def purl_of(package: Package) -> PackageURL:
    """The package's name in all tools: a package URL."""
    scope, _slash, name = package.name.rpartition("/") if package.kind == NPM else ("", "", package.name)
    return PackageURL(package.kind, scope or None, name, package.version)


def bill_of(found: Sequence[Package], version: str, now_us: int) -> Bom:
    """The bill of these packages; each hangs on the one that needs it."""
    ours = Component(
        name=OURS,
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=OURS,
        licenses=[LicenseFactory().make_from_string(PROJECT_LICENCE)],
    )
    # Two versions of one package may be installed; the one that needs the name hangs on both.
    components = {package: _component(package) for package in found}
    by_name: dict[tuple[str, str], list[Component]] = {}
    for package, component in components.items():
        by_name.setdefault((package.kind, package.name), []).append(component)
    bom = Bom(components=components.values())
    bom.metadata.component = ours
    bom.metadata.timestamp = utc(now_us)
    bom.serial_number = uuid5(NAMESPACE_URL, " ".join(str(purl_of(package)) for package in found))
    needs: dict[Component, list[Component]] = {ours: [], **{one: [] for one in components.values()}}
    for package, component in components.items():
        for name in package.needed_by:
            for user in [ours] if name == OURS else by_name.get((package.kind, name), []):
                needs[user].append(component)
    for user, used in needs.items():
        bom.register_dependency(user, used)
    return bom


def _component(package: Package) -> Component:
    purl = purl_of(package)
    return Component(
        name=purl.name,
        group=purl.namespace,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        description=package.reason or None,
        scope=ComponentScope.REQUIRED if package.part == RUNTIME else ComponentScope.EXCLUDED,
        licenses=[LicenseFactory().make_from_string(package.licence)],
        hashes=[HashType(alg=HashAlgorithm.SHA_512, content=package.sha512)] if package.sha512 else (),
        properties=[Property(name="egide:part", value=package.part)],
    )


def render(bom: Bom) -> str:
    """The bill as text. Raises Invalid when the schema refuses it."""
    text = make_outputter(bom, OutputFormat.JSON, VERSION).output_as_string(indent=1)
    check_valid(text)
    return text


def check_valid(text: str) -> None:
    """Raises Invalid, with what the schema says."""
    fault = JsonStrictValidator(VERSION).validate_str(text)
    if fault is not None:
        raise Invalid(str(fault.data))


def project_version() -> str:
    """What pyproject.toml says."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("version = "))


def write(place: Path = FILE) -> list[Package]:
    """Write the bill; returns what is in it."""
    found = packages()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(render(bill_of(found, project_version(), SystemClock().now_us())), encoding="utf-8")
    return found


def main(arguments: Iterable[str]) -> int:
    """Write the bill to the file that is named, or to var/sbom."""
    place = Path(next(iter(arguments), str(FILE)))
    found = write(place)
    running = sum(package.part == RUNTIME for package in found)
    print(f"{place}: {len(found)} packages, {running} of them run in an installation")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
