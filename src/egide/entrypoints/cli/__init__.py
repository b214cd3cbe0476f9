"""The command `egide`."""

import click

from egide.common.text import _
from egide.entrypoints.cli.groups import LazyGroup
from egide.entrypoints.serving.lines import keep_files_private
from egide.entrypoints.serving.options import config_option


@click.group(
    cls=LazyGroup,
    lazy={
        "accounts": "accounts:accounts",
        "addresses": "places.addresses:addresses",
        "android": "installing.android:android",
        "backup": "keeping.backup:backup",
        "conform": "conforming.conform:conform",
        "connectors": "installing.connectors:connectors",
        "demo": "demo:demo",
        "doctor": "keeping.doctor:doctor",
        "duties": "places.duties:duties",
        "evaluate": "evaluate:evaluate",
        "init": "installing.init:init",
        "journal": "journal:journal",
        "keys": "keys:keys",
        "map": "places.maps:maps",
        "press": "press:press",
        "records": "keeping.records:records",
        "reference": "installing.reference:reference",
        "restore": "keeping.restore:restore",
        "serve": "installing.serve:serve",
        "settings": "installing.settings:settings",
        "sources": "installing.sources:sources",
        "status": "status:status",
        "tls": "installing.tls:tls",
        "upgrade": "keeping.upgrade:upgrade",
        "zones": "zones:zones",
    },
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_("Egide: a silent alarm, from the button to people on the spot."),
)
@config_option(_("the file of settings"))
@click.version_option(package_name="egide")
def main() -> None:
    """Egide: a silent alarm, from the button to people on the spot."""
    keep_files_private()
