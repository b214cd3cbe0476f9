"""Every connector declares itself in its own folder, and nothing else names it."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from egide import connectors
from egide.common.config import Config
from egide.common.settings import settings_of
from egide.connectors.base import Connector
from egide.connectors.registry import SHARED, declared, modules_of_kinds, problems_of, roads_of
from egide.events import REGISTRY

FOLDER = Path(connectors.__path__[0])
FOLDERS = sorted(path.parent.name for path in FOLDER.glob("*/__init__.py"))
NAMES = [name for name in FOLDERS if name not in SHARED]


@pytest.mark.parametrize("name", NAMES)
def test_each_folder_declares_itself_whole(name: str) -> None:
    one = import_module(f"egide.connectors.{name}.declared").DECLARED
    assert isinstance(one, Connector) and one.name == name
    assert one.title and one.whom and one.carries and all(one.carries.values())
    assert {*one.needs, *one.settings} <= settings_of(Config).keys()
    assert one.needs or one.kinds, "nothing makes it work"
    assert set(one.events) <= REGISTRY.keys()


def test_the_registry_knows_all_of_them_and_no_other() -> None:
    assert list(declared()) == NAMES
    assert set(FOLDERS) >= SHARED


def test_each_way_of_telling_a_dispatch_system_has_what_a_way_needs() -> None:
    assert {"webhook", "feed", "sip", "tak"} <= modules_of_kinds().keys()
    for one in declared().values():
        for kind in one.kinds:
            module = import_module(modules_of_kinds()[kind])
            assert module.__name__.startswith(f"egide.connectors.{one.name}.")
            assert module.PATIENCE_S >= 0 and callable(module.faults) and callable(module.send)
    assert len(modules_of_kinds()) == sum(len(one.kinds) for one in declared().values())


def test_no_setting_belongs_to_two_connectors_as_what_makes_them_work() -> None:
    needs = [name for one in declared().values() for name in one.needs]
    assert len(needs) == len(set(needs))


def test_an_installation_without_settings_has_none_set_up_and_no_fault(tmp_path: Path) -> None:
    config = Config(tmp_path)
    assert not [one.name for one in declared().values() if one.is_set_up(config)]
    assert problems_of(config) == [] and roads_of(config) == []


def test_what_is_wrong_with_the_second_road_is_said_before_it_is_needed(tmp_path: Path) -> None:
    config = Config(tmp_path, alert_url="ftp://nobody.example")
    ((name, problem),) = problems_of(config)
    assert name == "alert" and "EGIDE_ALERT_URL" in problem


def test_to_know_them_all_loads_no_web_framework_and_none_of_what_only_works() -> None:
    asking = (
        "import sys; from egide.connectors.registry import declared; declared();"
        " print(*sorted({'django', 'pywebpush', 'paho', 'opentelemetry'} & {*sys.modules}),"
        " *sorted(name for name in sys.modules if name.startswith('egide.connectors.') and"
        " name.rpartition('.')[2] in ('cot', 'carrier', 'client', 'spool', 'views')))"
    )
    ended = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""
