"""The bill of materials, the dated list, and an audit that calls nothing clean that nobody looked at."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import audit, dated_list, materials, sbom
from tools.tree import ROOT


@pytest.fixture(scope="module")
def packages() -> list[materials.Package]:
    return materials.packages()


def test_the_bill_of_materials_is_valid_and_holds_every_locked_package_with_its_licence(
    packages: list[materials.Package], tmp_path: Path
) -> None:
    sbom.write(tmp_path / "bill.json")
    text = (tmp_path / "bill.json").read_text(encoding="utf-8")
    sbom.check_valid(text)
    bill = json.loads(text)
    assert bill["specVersion"] == "1.6" and bill["metadata"]["component"]["name"] == "egide"
    listed = {one["purl"]: one for one in bill["components"]}
    assert set(listed) == {str(sbom.purl_of(package)) for package in packages}
    assert all(one["licenses"] for one in listed.values())
    assert listed["pkg:npm/leaflet@1.9.4"]["scope"] == "required"
    names = {one["name"]: one["scope"] for one in listed.values()}
    assert (names["django"], names["pytest"], names["vite"]) == ("required", "excluded", "excluded")
    hanging = {ref for one in bill["dependencies"] for ref in one.get("dependsOn", ())}
    assert hanging == set(listed)


def test_the_schema_refuses_a_bill_that_says_what_it_does_not_know() -> None:
    with pytest.raises(sbom.Invalid):
        sbom.check_valid('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "x"}]}')


def test_what_is_said_of_packages_fits_the_lock_files(packages: list[materials.Package]) -> None:
    assert materials.left_over(packages) == []
    assert {file for file, _part in materials.PYTHON_LOCKS} == {
        path.name for path in ROOT.glob("requirements*.lock")
    }


def test_the_dated_list_names_every_locked_package_at_its_version(packages: list[materials.Package]) -> None:
    text = dated_list.FILE.read_text(encoding="utf-8")
    missing = [one.name for one in packages if f"| {one.name} | {one.version} | " not in text]
    assert missing == [], "make audit"
    known = dated_list.dates_in(text)
    assert [
        one.name for one in packages if one.kind == materials.PYPI and (one.name, one.version) not in known
    ] == []


class Osv(http.server.BaseHTTPRequestHandler):
    """A fake of the OSV service at the border of the machine: it knows one hole, in h11."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        hole = {"id": "OSV-INVENTED-1", "summary": "invented", "affected": []}
        holes = [hole] if asked["package"]["name"] == "h11" else []
        body = json.dumps({"vulns": holes} if holes else {}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def osv() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Osv) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


LOCKED = "h11==0.16.0 --hash=sha256:{0}\nidna==3.20 --hash=sha256:{0}\n".format("0" * 64)


def test_a_known_hole_is_named(osv: str, tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(LOCKED, encoding="ascii")
    answer = audit.python_answer(str(lock), "osv", "--osv-url", osv)
    assert (answer.locked, answer.asked) == (2, 2)
    assert audit.code_of([answer]) == audit.FOUND
    assert "  h11 0.16.0: OSV-INVENTED-1 (mended in: none yet)" in audit.words_for([answer])


def test_a_service_that_cannot_be_reached_leaves_nothing_called_clean(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(LOCKED, encoding="ascii")
    # Nobody listens on the first port.
    answer = audit.python_answer(str(lock), "osv", "--osv-url", "http://127.0.0.1:1/v1/query")
    assert (answer.asked, audit.code_of([answer])) == (0, audit.NOT_KNOWN)
    assert "NOT KNOWN" in audit.words_for([answer])[0]


def test_a_service_that_knows_some_packages_only_is_no_clean_answer() -> None:
    partly, whole = audit.Answer("pypi", "a.lock", 3, 2), audit.Answer("osv", "a.lock", 3, 3)
    assert audit.code_of([partly]) == audit.NOT_KNOWN
    assert "  NOT KNOWN: 1 of 3 packages" in audit.words_for([partly])
    assert audit.code_of([partly, whole]) == audit.OK
    assert audit.code_of([whole, audit.Answer("npm", "b.json", 5)]) == audit.NOT_KNOWN
