"""The TLS of a connection to another system: certificates are checked, and name the host, always."""

import ssl
from pathlib import Path

from egide.common.files import check_private


def context_of(authorities: str = "", certificate: str = "") -> ssl.SSLContext:
    """`authorities` is a file of those whose certificates count, else the machine's; `certificate` holds ours with its
    key, for a system that asks. Raises OSError, ValueError."""
    context = ssl.create_default_context(cafile=authorities or None)
    if certificate:
        check_private(Path(certificate))
        context.load_cert_chain(certificate)
    return context


def certificate_faults(authorities: str, certificate: str) -> list[str]:
    """What is wrong with these files, in words that follow the name of a receiver."""
    try:
        context_of(authorities, certificate)
    except PermissionError:
        # Who asks may not be who sends: the command of an administrator says nothing of what it cannot read.
        return []
    except (OSError, ValueError) as error:
        return [f"authorities or certificate cannot be used: {error}"]
    return []
