"""Who may talk to the button: LE Secure Connections only, inside the pairing window only, and bonds that last.

bumble's own configuration still accepts LE legacy pairing, so the pairing request itself is looked at.
"""

import json
from collections.abc import Callable

from bumble import smp
from bumble.device import Connection
from bumble.keys import KeyStore, PairingKeys
from bumble.pairing import PairingConfig, PairingDelegate

from egide.button.store import ButtonStore

_KEY_BYTES = 16


class SecureSession(smp.Session):
    """A pairing that ends at once unless it is Secure Connections with bonding and a full-length key."""

    def on_smp_pairing_request_command(self, command: smp.SMP_Pairing_Request_Command) -> None:
        wanted = smp.AuthReq.SC | smp.AuthReq.BONDING
        if command.auth_req & wanted != wanted:
            # Core 5.4, Vol 3, Part H, section 3.5.5: pairing failed, "authentication requirements".
            self.send_pairing_failed(smp.ErrorCode.AUTHENTICATION_REQUIREMENTS)
        elif command.maximum_encryption_key_size < _KEY_BYTES:
            self.send_pairing_failed(smp.ErrorCode.ENCRYPTION_KEY_SIZE)
        else:
            super().on_smp_pairing_request_command(command)


class WindowDelegate(PairingDelegate):
    """No display, no keypad; says no outside the pairing window."""

    def __init__(self, window_is_open: Callable[[], bool]) -> None:
        super().__init__(PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT)
        self._window_is_open = window_is_open

    async def accept(self) -> bool:
        return self._window_is_open()


def pairing_config(window_is_open: Callable[[], bool]) -> Callable[[Connection], PairingConfig]:
    """The configuration that bumble asks for at each attempt to pair."""

    def config(_connection: Connection) -> PairingConfig:
        return PairingConfig(
            sc=True,
            mitm=False,
            bonding=True,
            delegate=WindowDelegate(window_is_open),
            identity_address_type=PairingConfig.AddressType.RANDOM,
        )

    return config


class BondKeys(KeyStore):
    """bumble's view of the bonds in the button's memory.

    Keys from a pairing wait here until the phone has proven that it was enrolled for this button; a stranger who
    pairs inside the window therefore neither stays nor pushes the real phone out.
    """

    def __init__(self, store: ButtonStore) -> None:
        self._store = store
        self._unproven: dict[str, PairingKeys] = {}

    async def update(self, name: str, keys: PairingKeys) -> None:
        self._unproven[name] = keys

    async def delete(self, name: str) -> None:
        self._unproven.pop(name, None)

    async def get(self, name: str) -> PairingKeys | None:
        kept = self._store.bonds().get(name)
        return PairingKeys.from_dict(json.loads(kept)) if kept is not None else None

    async def get_all(self) -> list[tuple[str, PairingKeys]]:
        return [(name, PairingKeys.from_dict(json.loads(kept))) for name, kept in self._store.bonds().items()]

    def do_keep(self, name: str) -> bool:
        """Make the bond with `name` lasting; False when it never paired."""
        keys = self._unproven.pop(name, None)
        if keys is None:
            return False
        self._store.do_set_bond(name, json.dumps(keys.to_dict()))
        return True

    def has(self, name: str) -> bool:
        """Whether `name` is bonded for good."""
        return name in self._store.bonds()

    def needs_resolvable(self, name: str) -> bool:
        """Whether this bonded phone gave a key for rotating addresses, so that its fixed one is an impostor's."""
        kept = self._store.bonds().get(name)
        return kept is not None and json.loads(kept).get("irk") is not None
