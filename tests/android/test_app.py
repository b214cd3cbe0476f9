"""The app for Android: its shipped classes on an invented telephone, and what they name held against Android 12."""

import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tools import android_core
from tools.android import build, resources
from tools.android.class_files import ClassFile
from tools.android.dex import Dex, DexError, Method
from tools.android.java import ANDROID, APP, CannotBuild, compile_all, compile_java, sources
from tools.android.lint import TABLE, Table, constant_faults, faults, shipped, stub_faults, stub_files, wanted
from tools.android.pinned import NotThere, pinned
from tools.android.program import of_classes
from tools.android.toolset import Toolset
from tools.tree import ROOT

TRIALS = ROOT / "tests" / "android" / "trials"
NAMES = [
    name
    for path in sorted((TRIALS / "egide" / "trials").glob("*.java"))
    for name in re.findall(r"^  void (trial\w+)\(", path.read_text(), re.MULTILINE)
]
# How a trial begins a line with what an hour costs.
COST = "cost "
AWAKE = re.compile(r"([0-9]+) s awake")
MANIFEST = ANDROID / "app" / "AndroidManifest.xml"
NAME = "{http://schemas.android.com/apk/res/android}name"
# Blank lines do not count. What can be decided without Android is the core's.
THIN_LINES = 1500

Classes = tuple[Path, Path, Path]


@pytest.fixture(scope="module")
def classes(built: Path) -> Classes:
    """The folders of stubs, core and app."""
    return compile_all()


@pytest.fixture(scope="module")
def trials(classes: Classes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the trials and of what is planted for the lint."""
    return compile_java(sources(TRIALS), tmp_path_factory.mktemp("trials") / "classes", classes)


@pytest.fixture(scope="module")
def said(classes: Classes, trials: Path) -> dict[str, str]:
    """What each trial said, by its name."""
    # The trials' telephones keep their storage there as well.
    assets = trials.parent
    (assets / "pages").mkdir()
    (assets / "pages" / "native.html").write_text("<!doctype html>")
    path = ":".join(map(str, (trials, *classes, android_core.BUILT / "bouncycastle.jar")))
    command = [android_core.java_tool("java"), *android_core.QUICK]
    command += [f"-Degide.assets={assets}", f"-Djava.io.tmpdir={assets}"]
    ended = subprocess.run(
        [*command, "-cp", path, "egide.trials.Trials", str(MANIFEST)], capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    lines = [line for line in ended.stdout.splitlines() if not line.startswith(COST)]
    costs = [line.removeprefix(COST) for line in ended.stdout.splitlines() if line.startswith(COST)]
    return {line.split(" ")[1].rstrip(":"): line for line in lines} | {COST: "; ".join(costs)}


@pytest.mark.parametrize("name", NAMES)
def test_on_an_invented_telephone(name: str, said: dict[str, str]) -> None:
    assert said[name] == f"ok {name}"


def test_every_trial_is_asked_for(said: dict[str, str]) -> None:
    assert said.keys() == {COST, *NAMES} and len(NAMES) > 25


def test_the_document_says_what_an_hour_costs(said: dict[str, str]) -> None:
    costs = said[COST].split("; ")
    assert [cost.partition(":")[0] for cost in costs] == ["at rest", "in an alarm"]
    document = (ROOT / "docs" / "android.md").read_text()
    # How long it is awake depends on how soon the server answers, which is a real one.
    assert [cost for cost in costs if AWAKE.sub("", cost) not in AWAKE.sub("", document)] == []
    (awake_s,) = AWAKE.findall(costs[0])
    assert int(awake_s) < 180


def test_the_oldest_android_has_all_that_the_app_calls_and_overrides(classes: Classes) -> None:
    _stubs, core, app = classes
    assert faults(shipped(core, app), Table(TABLE.read_text())) == []


def test_the_stubs_have_nothing_that_android_does_not(classes: Classes) -> None:
    stubs = stub_files(classes[0])
    assert len(stubs) > 60
    assert stub_faults(stubs, Table(TABLE.read_text())) == []


def test_the_table_holds_nothing_that_nobody_asks_for_any_more(classes: Classes) -> None:
    stubs, core, app = classes
    methods = wanted(shipped(core, app), stub_files(stubs))
    assert Table(TABLE.read_text()).beyond(methods) == [], "make android-api"
    assert Table(TOO_NEW).beyond(methods) == [
        "android/bluetooth/BluetoothGattCallback.onCharacteristicChanged"
        "(Landroid/bluetooth/BluetoothGatt;Landroid/bluetooth/BluetoothGattCharacteristic;[B)V"
    ]


TOO_NEW = (
    "android/bluetooth/BluetoothGattCallback onCharacteristicChanged"
    " (Landroid/bluetooth/BluetoothGatt;Landroid/bluetooth/BluetoothGattCharacteristic;[B)V"
    " android/bluetooth/BluetoothGattCallback 33\n"
)


def planted(trials: Path, name: str, min_sdk: int = build.MIN_SDK) -> list[str]:
    """What the lint says of a class that stands in the folder of trials, the callback of Android 13 looked up."""
    program = of_classes([trials / "egide" / "planted" / f"{name}.class"])
    return faults(program, Table(TABLE.read_text() + TOO_NEW), min_sdk)


def test_a_callback_that_older_phones_never_call_is_found(trials: Path) -> None:
    [fault] = planted(trials, "TooNew")
    assert fault.endswith("overrides what exists since API 33; phones before it never call it")
    assert planted(trials, "TooNew", min_sdk=33) == []


def test_a_call_that_nobody_has_looked_up_is_found(trials: Path) -> None:
    assert [fault.partition(":")[0] for fault in planted(trials, "NotLookedUp")] == [
        "java/lang/String.indent(I)Ljava/lang/String;",
        "java/util/HexFormat.of()Ljava/util/HexFormat;",
    ]


def test_the_app_may_not_use_what_only_tests_have(trials: Path) -> None:
    found = [fault for fault in planted(trials, "WayForTests") if "a way for tests alone" in fault]
    assert [fault.partition("(")[0] for fault in found] == [
        "egide/fake/Handset.elapsedMs",
        "egide/fake/Handset.now",
    ]


def test_a_stub_that_has_more_than_android_is_found(trials: Path) -> None:
    stub = ClassFile((trials / "egide" / "planted" / "WayForTests.class").read_bytes())
    names = [
        fault.partition("(")[0].rpartition(".")[2] for fault in stub_faults([stub], Table(TABLE.read_text()))
    ]
    assert names == ["<init>", "neverDies"], "what is marked as beyond is no part of it"


def test_constants_that_the_app_carries_are_those_of_the_oldest_phone(classes: Classes) -> None:
    stubs = stub_files(classes[0])
    assert sum(len(stub.constants) for stub in stubs) > 40
    assert constant_faults(stubs, Table(TABLE.read_text())) == []


def test_a_constant_that_is_newer_or_another_is_found(trials: Path) -> None:
    stub = ClassFile((trials / "egide" / "planted" / "Constants.class").read_bytes())
    rows = "egide/planted/Constants {} ={} egide/planted/Constants {}\n"
    table = Table(
        "".join(rows.format(*row) for row in (("NEWER", 4, 33), ("OTHER", 8, 1), ("SAME", '"a.b"', 1)))
    )
    found = [fault.partition("Constants.")[2] for fault in constant_faults([stub], table)]
    assert found == [
        "NEWER: exists since API 33; say in NEWER what happens before",
        "OTHER: -7 in android/stubs, 8 on a phone",
        "UNKNOWN: not in android/api.txt; is it public? `make android-api` asks",
    ]


def test_the_app_is_thin() -> None:
    lines = [line for path in sources(APP) for line in path.read_text().splitlines() if line.strip()]
    assert len(lines) <= THIN_LINES


def manifest_rows(root: ET.Element) -> dict[str, str]:
    """What must have a reason, and a word of what stands there."""
    rows = {
        f"`{found.get(NAME, '').removeprefix('android.permission.')}`": "permission"
        for found in root.iter("uses-permission")
    }
    for kind in ("service", "receiver", "activity", "activity-alias"):
        rows |= {f"`{found.get(NAME, '').removeprefix('egide.app.')}`": kind for found in root.iter(kind)}
    sdk = root.find("uses-sdk")
    assert sdk is not None
    for name in ("minSdkVersion", "targetSdkVersion"):
        rows[f"`{name}` {sdk.get(NAME.replace('name', name))}"] = "level"
    return rows


def test_each_permission_service_and_level_has_its_reason_and_no_other_has() -> None:
    table = (
        (ROOT / "docs" / "android.md")
        .read_text()
        .partition("## What the manifest asks for")[2]
        .partition("\n## ")[0]
    )
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("| `")
    ]
    assert {row[0]: row[1] for row in rows} == manifest_rows(ET.parse(MANIFEST).getroot())
    assert [row[0] for row in rows if len(row[2]) < 20] == []


def test_the_protocol_for_real_telephones_is_filled_in_by_nobody_here() -> None:
    """Who tries real ones writes into a copy: what stands in the project would look like a result."""
    protocol, _, results = (ROOT / "docs" / "phone-trials.md").read_text().partition("## What came out")
    rows = [line for line in results.splitlines() if line.startswith("|")]
    head, rule, *filled = rows
    assert head.count("|") == rule.count("|") and not rule.strip("|- ")
    assert [row for row in filled if row.strip("| ")] == []
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", protocol, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) > 20
    assert "Five makers, Android 12 to 16" in protocol


def test_nothing_of_the_app_goes_into_a_backup_or_to_another_app() -> None:
    root = ET.parse(MANIFEST).getroot()
    application = root.find("application")
    assert application is not None
    settings = {key.rpartition("}")[2]: value for key, value in application.attrib.items()}
    assert (
        settings["allowBackup"]
        == settings["fullBackupContent"]
        == settings["usesCleartextTraffic"]
        == "false"
    )
    rules = ET.parse(ANDROID / "app" / "res" / "xml" / "nothing.xml").getroot()
    excluded = {part.tag: {each.get("domain") for each in part} for part in rules}
    everything = {
        "root",
        "file",
        "database",
        "sharedpref",
        "external",
        "device_root",
        "device_file",
        "device_database",
        "device_sharedpref",
    }
    assert excluded == {"cloud-backup": everything, "device-transfer": everything}
    is_open = NAME.replace("name", "exported")
    exported = {each.get(NAME) for each in application if each.get(is_open) == "true"}
    # Icons; the platform's own word of a start; and what only the platform may bind.
    assert exported == {
        f"egide.app.{name}" for name in ("Notes", "Timer", "Converter", "Calendar", "Boot", "Presence")
    }


def test_only_what_a_press_needs_runs_and_is_kept_before_the_first_unlock() -> None:
    root = ET.parse(MANIFEST).getroot()
    early = NAME.replace("name", "directBootAware")
    aware = {each.get(NAME) for each in root.iter() if each.get(early) == "true"}
    assert aware == {f"egide.app.{name}" for name in ("Keep", "Presence", "Boot")}
    # What her page keeps (a WebView's own files) would lie there, too.
    assert "defaultToDeviceProtectedStorage" not in MANIFEST.read_text()


def test_names_and_icons_of_the_decoys_are_those_of_the_pages(tmp_path: Path) -> None:
    texts = resources.words()
    resources.make_resources(tmp_path / "res", texts)
    for language, folder in resources.LANGUAGES.items():
        strings = {
            each.get("name"): each.text
            for each in ET.parse(tmp_path / "res" / folder / "strings.xml").getroot()
        }
        assert (
            strings["timer"] == texts[language]["decoy.timer"] and strings.keys() == resources.STRINGS.keys()
        )
        assert not re.search(
            r"alarm|polic|polit|poliz|egide|112", " ".join(map(str, strings.values())), re.IGNORECASE
        )
    picture = tmp_path / "res" / "mipmap-xxxhdpi" / "notes.png"
    assert picture.read_bytes() == (ROOT / "phone" / "public" / "notes-192.png").read_bytes()
    assert resources.strings_xml(dict.fromkeys(resources.STRINGS.values(), 'l’eau d\'ici & "là"')).count(
        'd\\\'ici &amp; \\"là\\"'
    ) == len(resources.STRINGS)


def test_each_resource_has_one_number_for_the_code_and_for_aapt2() -> None:
    code = re.findall(r"int (\w+) = (0x\w+)", resources.r_java())
    ids = re.findall(r"/(\w+) = (0x\w+)", resources.stable_ids("a.b"))
    assert code == ids
    assert len({number for _name, number in code}) == len(code) > 8


def test_a_pinned_file_with_other_bytes_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.android.pinned._fetch", lambda _pin, file: file.write_bytes(b"another"))
    with pytest.raises(NotThere, match="not the one that is pinned"):
        pinned("d8", tmp_path)


def test_a_key_that_cannot_be_read_is_said_before_anything_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EGIDE_ANDROID_KEY", str(tmp_path / "none.p12"))
    with pytest.raises(CannotBuild, match="EGIDE_ANDROID_KEY_PASSWORD_FILE"):
        build.signing_key(tmp_path, Toolset(tmp_path, tmp_path))


def test_what_is_no_dex_is_refused() -> None:
    for data in (b"", b"dex\n035\0" + bytes(20), b"dex\n035\0" + b"\xff" * 200):
        with pytest.raises(DexError):
            Dex(data)


def test_methods_are_told_apart_by_their_types() -> None:
    table = Table("a/B m (I)V a/A 31\na/B m (J)V a/A 34\n")
    one, other = Method("a/B", "m", "(I)V"), Method("a/B", "m", "(J)V")
    assert [row.level for each in (one, other) if (row := table.find(each.owner, each.name, each.types))] == [
        31,
        34,
    ]
