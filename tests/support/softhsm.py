"""A hardware module in software: SoftHSM, with a token of its own in a folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PIN = "0417"
_MODULE, _UTIL = "libsofthsm2.so", "softhsm2-util"


class Module:
    """A token of this name, initialised. Processes find it by the environment that `enter` sets."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, token: str = "egide") -> None:
        self.token = token
        self.path, util = _unpacked()
        (folder / "tokens").mkdir(parents=True)
        settings = folder / "softhsm2.conf"
        settings.write_text(
            f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        monkeypatch.setenv("SOFTHSM2_CONF", str(settings))
        command = [util, "--module", self.path, "--init-token", "--free", "--label", token]
        subprocess.run([*command, "--so-pin", "0000", "--pin", PIN], check=True, capture_output=True)

    def uri(self, label: str = "master-1", token: str = "") -> str:
        """The key of this name."""
        return f"pkcs11:token={token or self.token};object={label}?module-path={self.path}"


def _unpacked() -> tuple[str, str]:
    """The module and its tool, installed or as `make softhsm` unpacks them."""
    roots = (Path("/"), Path(sys.prefix, "softhsm"))
    found = [path for root in roots for path in sorted((root / "usr/lib").glob(f"**/softhsm/{_MODULE}"))]
    util = shutil.which(_UTIL) or str(Path(sys.prefix, "softhsm", "usr/bin", _UTIL))
    assert found and os.access(util, os.X_OK), "needs SoftHSM: `make softhsm`, or Debian's package softhsm2"
    return str(found[0]), util
