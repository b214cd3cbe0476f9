"""How the settings name a control room whose people may talk with us, behind a registrar with a password."""

from pathlib import Path

from egide.connectors.dispatch.receivers import FIELDS, TALK

PASSWORD = "of-this-trunk-alone"


def entry(folder: Path, url: str, authority: Path) -> dict[str, object]:
    """A receiver whose people may talk with us, and its secrets."""
    for name, text in (("login", f"egide:{PASSWORD}"), ("secret", "whsec_" + "QUFB" * 8)):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o640)
    more = {
        "sender": "sip:egide@police.example",
        "to": "sip:psap@control.example",
        "authorities": str(authority),
        "login_file": str(folder / "login"),
        "language": "nl",
    }
    return {
        "name": "salle",
        "kind": "sip",
        "url": url,
        "secret_file": str(folder / "secret"),
        "centres": ["HAI"],
        "fields": [*FIELDS, TALK],
        "more": more,
    }
