"""The phone's side of the bond: where it is kept, and which pairings the phone refuses."""

import json
from typing import Protocol

from bumble import smp
from bumble.device import Connection
from bumble.keys import KeyStore, PairingKeys
from bumble.pairing import PairingConfig, PairingDelegate

from egide.companion.store import RadioIdentity

_KEY_BYTES = 16


class BondMemory(Protocol):
    """What the radio keeps in the phone's store."""

    def radio_identity(self) -> RadioIdentity: ...

    def bond(self) -> tuple[str, str] | None:
        """Address and keys (JSON) of the button, None when there is no bond."""
        ...

    def do_set_bond(self, address: str, keys: str) -> None: ...

    def do_forget_bond(self) -> None: ...

    def bond_is_lost(self) -> bool:
        """Whether the button was last seen not to know the bond any more."""
        ...

    def do_note_bond_lost(self, is_lost: bool) -> None: ...


# Who keeps the keys of a bond: this program, the machine's Bluetooth, or nobody where the button only broadcasts.
OWN, BLUEZ, BROADCAST = "own", "bluez", "broadcast"
_KEEPER = "kept_by"


def bond_kept_by(memory: BondMemory, keeper: str) -> str | None:
    """Address of the bonded button, if `keeper` has the keys."""
    bond = memory.bond()
    return bond[0] if bond is not None and json.loads(bond[1]).get(_KEEPER, OWN) == keeper else None


def do_note_bond(memory: BondMemory, address: str, keeper: str) -> None:
    """Make a bond lasting whose keys somebody else keeps."""
    memory.do_set_bond(address, json.dumps({_KEEPER: keeper}))


class BondHealth:
    """Whether the button still knows the bond, as far as the last attempt showed. `is_lost` holds over a restart."""

    def __init__(self, memory: BondMemory) -> None:
        self._memory = memory
        self.is_lost = memory.bond_is_lost()

    def note(self, is_lost: bool) -> bool:
        """True when that is news."""
        if is_lost is self.is_lost:
            return False
        self.is_lost = is_lost
        self._memory.do_note_bond_lost(is_lost)
        return True


class BondKeys(KeyStore):
    """bumble's view of the one bond. Fresh keys wait until the button has proven that it holds the enrolled key."""

    def __init__(self, memory: BondMemory) -> None:
        self._memory = memory
        self._unproven: dict[str, PairingKeys] = {}

    async def update(self, name: str, keys: PairingKeys) -> None:
        self._unproven[name] = keys

    async def delete(self, name: str) -> None:
        self._unproven.pop(name, None)

    async def get(self, name: str) -> PairingKeys | None:
        return dict(await self.get_all()).get(name)

    async def get_all(self) -> list[tuple[str, PairingKeys]]:
        bond = self._memory.bond()
        return (
            []
            if bond is None or bond_kept_by(self._memory, OWN) is None
            else [(bond[0], PairingKeys.from_dict(json.loads(bond[1])))]
        )

    def do_keep(self, name: str) -> None:
        """Make the bond with `name` lasting."""
        self._memory.do_set_bond(name, json.dumps(self._unproven.pop(name).to_dict()))


class SecureSession(smp.Session):
    """A pairing that ends at once when the other side offers less than Secure Connections with a full-length key."""

    def on_smp_pairing_response_command(self, command: smp.SMP_Pairing_Response_Command) -> None:
        wanted = smp.AuthReq.SC | smp.AuthReq.BONDING
        if command.auth_req & wanted != wanted:
            self.send_pairing_failed(smp.ErrorCode.AUTHENTICATION_REQUIREMENTS)
            self.on_pairing_failure(smp.ErrorCode.AUTHENTICATION_REQUIREMENTS)
        elif command.maximum_encryption_key_size < _KEY_BYTES:
            self.send_pairing_failed(smp.ErrorCode.ENCRYPTION_KEY_SIZE)
            self.on_pairing_failure(smp.ErrorCode.ENCRYPTION_KEY_SIZE)
        else:
            super().on_smp_pairing_response_command(command)


def pairing_config(_connection: Connection) -> PairingConfig:
    """Secure Connections and bonding; no question to the person, since the button cannot show a number anyway."""
    return PairingConfig(
        sc=True,
        mitm=False,
        bonding=True,
        delegate=PairingDelegate(PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT),
        identity_address_type=PairingConfig.AddressType.RANDOM,
    )
