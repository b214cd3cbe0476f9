"""Manual pages and completion of the command `egide`, from its own help: never a second list of what it can do."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata

import click
from click.shell_completion import get_completion_class

from egide.common.clock import SystemClock
from egide.entrypoints.cli import main

# Where each shell looks, below the root.
COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/egide",
    "zsh": "usr/share/zsh/vendor-completions/_egide",
    "fish": "usr/share/fish/vendor_completions.d/egide.fish",
}
_FILES = """\
.TP
/etc/egide/egide.toml
The settings; each stands there once, with its meaning.
.TP
/var/lib/egide
Journal, keys and records: the account egide's.
.TP
/usr/share/doc/egide/guide.md
From nothing to a running installation.
"""


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """A command and all below it."""
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from commands(below, click.Context(below, info_name=name, parent=context))


def pages() -> dict[str, str]:
    """Every page by its name, as troff."""
    top = click.Context(main, info_name="egide")
    return {
        context.command_path.replace(" ", "-"): _page(command, context)
        for command, context in commands(main, top)
    }


def completion(shell: str) -> str:
    """What a shell reads to complete the command's words."""
    kind = get_completion_class(shell)
    assert kind is not None
    return kind(main, {}, "egide", "_EGIDE_COMPLETE").source() + "\n"


def _page(command: click.Command, context: click.Context) -> str:
    path = context.command_path
    day = datetime.fromtimestamp(
        int(os.environ.get("SOURCE_DATE_EPOCH", SystemClock().now_us() // 1_000_000)), UTC
    )
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [
        f'.TH "{path.upper().replace(" ", "-")}" 1 "{day:%Y-%m-%d}" "Egide {metadata.version("egide")}"\n',
        f".SH NAME\n{_plain(path.replace(' ', '-'))} \\- {_plain(command.get_short_help_str(200))}\n",
        f".SH SYNOPSIS\n.B {_plain(path)}\n{_plain(usage)}\n",
        f".SH DESCRIPTION\n{_paragraphs(command.help or '')}",
    ]
    options = [
        record for option in command.get_params(context) if (record := option.get_help_record(context))
    ]
    if options:
        parts.append(
            ".SH OPTIONS\n" + "".join(f".TP\n{_plain(names)}\n{_plain(text)}\n" for names, text in options)
        )
    if isinstance(command, click.Group):
        below = [name for name in command.list_commands(context)]
        parts.append(
            ".SH SEE ALSO\n"
            + ", ".join(f"{_plain(f'{path} {name}'.replace(' ', '-'))}(1)" for name in below)
            + "\n"
        )
    if context.parent is None:
        parts.append(".SH FILES\n" + _FILES)
    return "".join(parts)


def _paragraphs(text: str) -> str:
    return "".join(f".PP\n{_plain(' '.join(one.split()))}\n" for one in text.split("\n\n") if one.strip())


def _plain(text: str) -> str:
    """troff takes a backslash, a hyphen, and a dot or quote that begins a line, for its own."""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text
