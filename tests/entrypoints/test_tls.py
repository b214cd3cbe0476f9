"""`egide tls pilot`: certificates that browsers' own rules accept, for the names of the settings and no others."""

import datetime
import socket
import ssl
import stat
import subprocess
import threading
from pathlib import Path

import pytest
from cryptography import x509

from egide.common.clock import SystemClock, utc
from egide.entrypoints.cli.installing import tls
from tests.support.nursery import COMMAND, run_loaded

NAMES = ("desk.example.org", "weather.example.net")


def make(tmp_path: Path, phones: str = NAMES[1]) -> subprocess.CompletedProcess[str]:
    settings = {
        "EGIDE_WEB_ORIGINS": f"https://{NAMES[0]}",
        "EGIDE_LIVE_URL": f"https://{NAMES[0]}",
        "EGIDE_INTAKE_URLS": f"https://{phones}",
        "EGIDE_PHONE_URL": f"https://{phones}/app/",
    }
    environment = {"EGIDE_LANG": "en", "EGIDE_CONFIG": "/dev/null", "EGIDE_DATA": str(tmp_path), **settings}
    return run_loaded(COMMAND, ["tls", "pilot", "--to", str(tmp_path / "tls")], environment)


def greet(folder: Path, certificate: str, name: str) -> str:
    """What a browser's check of the certificate says when it asks for `name`: "" when it is content."""
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(folder / f"{certificate}.pem", folder / f"{certificate}.key")
    asking = ssl.create_default_context(cafile=str(folder / "authority.pem"))
    here, there = socket.socketpair()

    def serve() -> None:
        try:
            with serving.wrap_socket(there, server_side=True) as answered:
                answered.recv(1)
        except OSError:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with asking.wrap_socket(here, server_hostname=name) as asked:
            asked.send(b"!")
        return ""
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    finally:
        here.close()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ended = make(tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    return tmp_path / "tls"


def test_each_name_has_a_certificate_of_its_own_that_holds_for_it_alone(folder: Path) -> None:
    pages, phones = NAMES
    assert greet(folder, pages, pages) == greet(folder, phones, phones) == ""
    # One that bore both would tell whoever meets the phones' name what it is for.
    assert "Hostname mismatch" in greet(folder, phones, pages)


def test_keys_are_private_and_nothing_in_a_certificate_says_what_it_is_for(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.key")} == {0o600}
    text = (folder / f"{NAMES[1]}.pem").read_bytes()
    shown = ssl.PEM_cert_to_DER_cert(
        text.decode().partition("-----END CERTIFICATE-----\n")[0] + "-----END CERTIFICATE-----\n"
    )
    assert b"gide" not in shown and NAMES[0].encode() not in shown


def test_given_again_it_changes_nothing_that_lasts_and_makes_what_is_missing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / f"{NAMES[1]}.pem").unlink()
    ended = make(folder.parent)
    assert f"{NAMES[0]}.pem: still lasts" in ended.stdout and f"{NAMES[1]}.pem: made" in ended.stdout
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert after.keys() == before.keys()
    assert [name for name in before if before[name] != after[name]] == [f"{NAMES[1]}.pem"]
    assert greet(folder, NAMES[1], NAMES[1]) == ""


def test_its_authority_signs_for_no_other_name(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    ended = make(folder.parent, phones="other.example.net")
    assert ended.returncode == 1
    assert "may sign for desk.example.org, weather.example.net alone" in ended.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_file_that_is_no_certificate_is_refused_in_a_sentence(folder: Path) -> None:
    (folder / f"{NAMES[0]}.pem").write_text("nothing")
    ended = make(folder.parent)
    assert ended.returncode == 1
    assert "holds something else than this command wrote" in ended.stderr and "Traceback" not in ended.stderr


def test_an_authority_that_ends_says_so_before_and_signs_nothing_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    folder.mkdir()
    now = utc(SystemClock().now_us())
    begun = now - datetime.timedelta(days=tls.AUTHORITY_DAYS - 31)
    assert all(tls.Authority(folder, list(NAMES), begun).certify(name) for name in NAMES)
    ended = make(tmp_path)
    assert ended.returncode == 0 and "itself ends soon (days: 30)" in ended.stderr
    # No certificate that is made outlives who signed it: whoever looks at its end sees the nearer one.
    shown = x509.load_pem_x509_certificate((folder / f"{NAMES[1]}.pem").read_bytes())
    assert shown.not_valid_after_utc - now < datetime.timedelta(days=31)
    assert greet(folder, NAMES[1], NAMES[1]) == ""
    for path in folder.iterdir():
        path.unlink()
    tls.Authority(folder, list(NAMES), begun - datetime.timedelta(days=32))
    ended = make(tmp_path)
    assert ended.returncode == 1 and "no device believes what it signs" in ended.stderr
    assert not list(folder.glob(f"{NAMES[0]}*"))
