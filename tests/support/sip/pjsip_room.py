"""A control room by PJSIP (pjsua2, the stack of many SIP telephones), a process of its own: GPL, in tests alone.

`python -m tests.support.sip.pjsip_room SHOWN` listens by TCP and TLS on this machine; SHOWN is its certificate with its
key. It prints its ports, then a JSON line for each MESSAGE that it took.
"""

import json
import sys
from typing import Any

# Built for Python 3.11 alone.
import pjsua2 as pj  # type: ignore[import-not-found,import-untyped,unused-ignore]


def _say(said: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


class People(pj.Account):  # type: ignore[misc]
    def onInstantMessage(self, prm: Any) -> None:
        _say({"from": prm.fromUri, "to": prm.toUri, "type": prm.contentType, "whole": prm.rdata.wholeMsg})


def main(certificate: str) -> None:
    """Serve until it is killed."""
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    settings = pj.EpConfig()
    settings.logConfig.level = settings.logConfig.consoleLevel = 0
    settings.uaConfig.threadCnt, settings.uaConfig.mainThreadOnly = 0, True
    endpoint.libInit(settings)
    ports: dict[str, object] = {}
    for name, kind in (("tcp", pj.PJSIP_TRANSPORT_TCP), ("tls", pj.PJSIP_TRANSPORT_TLS)):
        place = pj.TransportConfig()
        place.boundAddress = "127.0.0.1"
        if name == "tls":
            place.tlsConfig.certFile = place.tlsConfig.privKeyFile = certificate
        number = endpoint.transportCreate(kind, place)
        ports[name] = int(endpoint.transportGetInfo(number).localName.rpartition(":")[2])
    endpoint.libStart()
    account = pj.AccountConfig()
    account.idUri = "sip:psap@127.0.0.1"
    people = People()
    people.create(account, True)
    _say(ports)
    while True:
        endpoint.libHandleEvents(20)


if __name__ == "__main__":
    main(sys.argv[1])
