"""A file of EGIDE_LOST with one asker, as an administrator writes it."""

from pathlib import Path

NAME, PASSWORD = "esrp", "correct-horse-battery-staple"
SOURCE = "lost.police.example"


def lost_file(folder: Path, uris: dict[str, str], default: str = "", **more: str) -> Path:
    """It names addresses by centre."""
    password = folder / "asker.password"
    password.write_text(f"{PASSWORD}\n", encoding="ascii")
    password.chmod(0o640)
    values = {"source": SOURCE, "default": default, **more}
    text = "".join(f'{name} = "{value}"\n' for name, value in values.items())
    text += "[uris]\n" + "".join(f'{centre} = "{uri}"\n' for centre, uri in uris.items())
    text += f'[[asker]]\nname = "{NAME}"\npassword_file = "{password}"\n'
    path = folder / "lost.toml"
    path.write_text(text, encoding="utf-8")
    return path


def key_file(folder: Path, password: str = PASSWORD) -> Path:
    """What the asker has."""
    path = folder / "lost.key"
    path.write_text(f"{NAME}:{password}\n", encoding="ascii")
    path.chmod(0o640)
    return path
