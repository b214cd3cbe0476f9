"""The option that every process and the command `egide` share: `--config`."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from egide.common.config import Config
from egide.common.settings.file import DEFAULT, VARIABLE

# Behind the first port (EGIDE_PORT); the worker and watch serve nobody.
PLACES = {"web": 0, "live": 1, "intake": 2, "sms": 4, "metrics": 5}


def port_of(config: Config, name: str, given: int | None) -> int:
    """The one that was given, else that of this process."""
    return config.port + PLACES[name] if given is None else given


def config_option(text: str = "the file of settings") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--config FILE`, for this process and those that it starts."""
    return click.option(
        "--config",
        # Whether it can be taken is said in the same sentence wherever it was named.
        type=click.Path(readable=False, path_type=Path),
        expose_value=False,
        is_eager=True,
        callback=_name_file,
        help=f"{text} [{VARIABLE}; {DEFAULT}]",
    )


def _name_file(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> None:
    if path is not None:
        os.environ[VARIABLE] = str(path.absolute())
