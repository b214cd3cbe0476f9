"""A control room by PJSIP takes the emergency message, over TCP and TLS; with a service as address it says nothing."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.connectors.dispatch.facts import Refused
from egide.connectors.ng112.report import message_of
from egide.connectors.ng112.road import deliver
from tests.connectors.ng112.judging import check, facts, receiver
from tests.support.certificates import Authority
from tests.support.sip.pjsip import pjsip_room
from tests.support.waiting import until

PATIENT_S, SHORT_S = 60.0, 1.0

pytestmark = pytest.mark.skipif(find_spec("pjsua2") is None, reason="pjsua2 is built for Python 3.11 alone")


def test_pjsip_takes_it_over_tcp_and_tls_and_trusts_nobody_who_is_not_asked_for(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.server("127.0.0.1")
    with pjsip_room(authority.shown) as room:
        for number, url in enumerate((room.tcp, room.tls), start=1):
            told = receiver(url, to="sip:psap@127.0.0.1", authorities=str(authority.pem))
            said = message_of(facts(alarm=f"pjsip-{number}"), told)
            deliver(said, told, SystemClock(), PATIENT_S)
            until(lambda number=number: len(room.came) >= number, lambda: room.said)  # type: ignore[misc]
            read = room.came[-1]
            assert read["type"].startswith("multipart/mixed") and said.id in read["whole"]
            body = read["whole"].partition("\r\n\r\n")[2]
            presence = body[body.index("<presence") : body.index("</presence>") + len("</presence>")]
            assert check("pidf-lo", presence) is not None and "<gs:radius" in presence
        stranger = receiver(room.tls, to="sip:psap@127.0.0.1")
        with pytest.raises(Refused, match="unreachable"):
            deliver(message_of(facts(alarm="pjsip-3"), stranger), stranger, SystemClock(), PATIENT_S)
        # As its settings say: an address that is a service is not answered by PJSIP, and so not taken.
        service = receiver(room.tcp)
        with pytest.raises(Refused, match="timeout"):
            deliver(message_of(facts(alarm="pjsip-4"), service), service, SystemClock(), SHORT_S)
        assert len(room.came) == 2
