"""Groups of commands that load a command when it is given: a look at the processes waits for no web framework."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.entrypoints.serving.parts import sentence_for
from egide.journal.errors import JournalUnavailable


class LazyGroup(click.Group):
    """`lazy` names where each further command stands: `{"status": "status:status"}`, modules of this package."""

    def __init__(self, *args: Any, lazy: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the alphabet."""
        return sorted({*self.commands, *self._lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; None when there is none of this name."""
        if cmd_name in self._lazy:
            self._load(cmd_name)
        elif cmd_name not in self.commands:
            # For the names that are close to this one, which the refusal shows.
            for name in self._lazy:
                self._load(name)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """What somebody has to set right is a sentence, not a trace."""
        try:
            return super().invoke(ctx)
        except NotSetUp as error:
            raise click.ClickException(str(error)) from error
        except JournalUnavailable as error:
            raise click.ClickException(
                _("The databases cannot be read: {error}").format(error=error)
            ) from error
        except ModuleNotFoundError as error:
            told = sentence_for(error)
            if told is None:
                raise
            raise click.ClickException(told) from error

    def _load(self, cmd_name: str) -> None:
        module, _colon, name = self._lazy[cmd_name].partition(":")
        self.add_command(getattr(import_module(f"egide.entrypoints.cli.{module}"), name), cmd_name)
