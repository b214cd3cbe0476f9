"""In which form the gateway of the settings speaks."""

from pathlib import Path

from egide.common.config import Config, NotSetUp
from egide.connectors.sms.checks import problems_of_reader
from egide.connectors.sms.gateway import Gateway
from egide.connectors.sms.kannel import KannelGateway
from egide.connectors.texting import KANNEL

AnyGateway = Gateway | KannelGateway


def gateway_of(config: Config) -> AnyGateway:
    """Raises NotSetUp naming what is wrong."""
    if not config.sms_secrets:
        raise NotSetUp("EGIDE_SMS_SECRETS names no file: without a secret no gateway may call")
    found = problems_of_reader(config)
    if found:
        raise NotSetUp(" ".join(found))
    kind = KannelGateway if config.sms_form == KANNEL else Gateway
    return kind.of_file(Path(config.sms_secrets), config.sms_port)
