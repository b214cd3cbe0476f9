"""A proxy that asks who we are by name and password gets the right answer, and never the password."""

from pathlib import Path

import msgspec
import pytest

from egide.common.clock import SystemClock
from egide.connectors.ng112 import digest
from egide.connectors.ng112.report import message_of
from egide.connectors.ng112.road import deliver
from egide.connectors.ng112.sip import Answer
from egide.connectors.ng112.trunk import Trunk, faults_of
from tests.connectors.ng112.judging import facts, receiver
from tests.connectors.ng112.lying import answer_to, lying
from tests.connectors.ng112.test_road import PATIENT_S, refused
from tests.support.sip.servers import kamailio

PASSWORD = "of-this-trunk-alone"


def login_file(folder: Path, text: str = f"egide:{PASSWORD}") -> str:
    path = folder / "login"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o640)
    return str(path)


def asked(*challenges: str, status: int = 401) -> Answer:
    header = "www-authenticate" if status == 401 else "proxy-authenticate"
    return Answer(status, "", {header: challenges})


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_the_standard_come_out(algorithm: str, expected: str) -> None:
    """RFC 7616, section 3.9.1: the same sums as for SIP."""
    challenge = (
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    own = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    login = digest.Login("Mufasa", "Circle of Life")
    line = digest.authorization(asked(challenge), login, "GET", "/dir/index.html", own)
    assert f'response="{expected}"' in line and line.startswith("Authorization: Digest ")


def test_the_better_way_is_taken_and_what_cannot_be_answered_is_not() -> None:
    md5 = 'Digest realm="a", nonce="1"'
    sha = 'DIGEST nonce="2",realm="a \\"b\\"", algorithm=sha-256 ,qop="auth"'
    found = digest.challenge_in(asked(md5, sha, "Basic realm=x", status=407))
    assert found == digest.Challenge('a "b"', "2", "sha-256", None, True)
    for useless in ('Digest realm="a"', 'Digest realm="a", nonce="1", algorithm=SHA-512', "Digest", ""):
        assert digest.challenge_in(asked(useless)) is None
    assert digest.challenge_in(asked('Digest realm="a", nonce="1", qop="auth-int"')) is None
    assert digest.challenge_in(Answer(403, "", {"www-authenticate": (md5,)})) is None


@pytest.mark.parametrize(("algorithm", "qop"), [("MD5", "0"), ("SHA-256", "1")], ids=["as of old", "better"])
def test_a_proxy_that_asks_lets_the_message_pass(tmp_path: Path, algorithm: str, qop: str) -> None:
    more = {"password": PASSWORD, "algorithm": algorithm, "qop": qop, "nobody": "202"}
    with kamailio(tmp_path / "proxy", "chat", more=more) as proxy:
        told = receiver(proxy.tcp, login_file=login_file(tmp_path))
        said = message_of(facts(), told)
        deliver(said, told, SystemClock(), PATIENT_S)
        ((call, first),), ((_by, _to, passed, second),) = proxy.lines("ASKED"), proxy.lines("PASSED")
        assert call == passed and int(second) == int(first) + 1
        wrong = msgspec.structs.replace(told, login_file=login_file(tmp_path, "egide:other"))
        assert refused(wrong, said) == "refused-407"
        assert refused(msgspec.structs.replace(told, login_file=""), said) == "refused-407"


def test_who_asks_again_and_again_is_answered_once_and_never_learns_the_password(tmp_path: Path) -> None:
    challenge = 'WWW-Authenticate: Digest realm="a", nonce="1"\r\n'

    with lying(lambda request: iter([answer_to(request, "401 Unauthorized", challenge)])) as server:
        told = receiver(server.url, login_file=login_file(tmp_path))
        # It hangs up after the first: so nothing was taken.
        assert refused(told, message_of(facts(), told)) == "unreachable"
    assert not any(PASSWORD.encode() in one for one in server.came)


def fault(told: Trunk) -> str:
    return " ".join(faults_of(told))


def test_what_is_wrong_with_the_file_is_a_fault_of_the_entry(tmp_path: Path) -> None:
    assert "expected name:password" in fault(receiver(login_file=login_file(tmp_path, "no colon")))
    assert "login_file cannot be used" in fault(receiver(login_file=str(tmp_path / "missing")))
    open_to_all = Path(login_file(tmp_path))
    open_to_all.chmod(0o644)
    assert "login_file cannot be used" in fault(receiver(login_file=str(open_to_all)))
    open_to_all.chmod(0o640)
    assert fault(receiver(login_file=str(open_to_all))) == ""
