"""Enrolment: the one-time code and the phone's own fresh key against the button's key and the server's."""

import asyncio
import random
from importlib import metadata

from egide.common.text import _
from egide.companion.ports import Reporter
from egide.companion.rules import LONGEST_PRESS_PAUSE_S, pause_s
from egide.companion.sending.sender import Sender, SendRefused, Unreachable
from egide.companion.store import PhoneStore
from egide.protocol.enrolment import COMPANION, Client, EnrolmentReply, make_request

NOT_FOUND = 404
# What this phone says of itself, signed.
CLIENT = Client(COMPANION, metadata.version("egide"))


class CodeRefused(Exception):
    """The code is unknown, used or out of date."""


async def enrol(
    store: PhoneStore, sender: Sender, code: str, chance: random.Random, report: Reporter
) -> EnrolmentReply:
    """Enrol the key that is already in the store, so that a lost reply can be asked for again with the same code.

    Tries until a server answers. Raises CodeRefused.
    """
    request = make_request(code, store.key, CLIENT)
    failures = 0
    while True:
        try:
            reply = await sender.enrol(request)
        except SendRefused as refused:
            if refused.status == NOT_FOUND:
                raise CodeRefused(
                    _("This code is unknown, used or out of date. Ask for a new one.")
                ) from refused
            report("phone.refused", status=refused.status, reason=refused.reason)
        except Unreachable as error:
            report("phone.unreachable", reason=str(error))
        else:
            store.do_enrol(reply)
            report("phone.enrolled", kid=reply.kid, kit=reply.kit, button=reply.button_id)
            return reply
        failures += 1
        await asyncio.sleep(pause_s(failures, LONGEST_PRESS_PAUSE_S, chance))
