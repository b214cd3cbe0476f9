"""`egide doctor`: each thing that can be wrong is found and said with what to do; what is well is not called wrong."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from egide.access.models import User
from egide.common.clock import SetClock, SystemClock, utc
from egide.common.config import Config
from egide.common.encoding import from_json
from egide.common.postgres.server import Archiver
from egide.demo.plan import Town, do_import_plan
from egide.demo.plan_map import write_map
from egide.entrypoints.backup.generations import name_at
from egide.entrypoints.doctor import kept as k
from egide.entrypoints.doctor import machine, outside, system
from egide.entrypoints.doctor.certificate_files import certificate_files
from egide.entrypoints.doctor.database_backups import Stanza, database_backups, of_archive
from egide.entrypoints.doctor.examine import FRESH_US, Examined, examine
from egide.entrypoints.doctor.finding import Finding
from egide.entrypoints.doctor.keys import keys
from egide.entrypoints.doctor.signing_in import emergency_accounts
from egide.entrypoints.processes.metrics import Application
from egide.entrypoints.stack.migrated import copy_migrated
from egide.entrypoints.upgrading.records import migrations_done, migrations_known, of_egide
from egide.geography.tiles.archive import STREETS
from egide.geography.tiles.importing import do_import
from egide.geography.zones import IMPORTED_NAME, REFERENCE_FILE
from egide.journal.now.signs import ChainTrouble, Signs
from egide.journal.proof.erased import FILE_NAME as ERASED
from tests.access import emergencies
from tests.support.backups import Kept
from tests.support.certificates import Authority, shown
from tests.support.commands import run
from tests.support.installation import Installation
from tests.support.mailbox import serving
from tests.support.pages import Pages
from tests.support.postgres import Server

DAY_US = 86_400_000_000
MEMORY = Path("/dev/shm")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "data", SystemClock()) as made:
        made.enrol()
        yield made


@pytest.fixture
def kept(tmp_path: Path, running: Installation) -> Kept:
    return Kept(tmp_path, running.config)


def later(us: int) -> SetClock:
    return SetClock(SystemClock().now_us() + us)


def one(found: Iterator[Finding]) -> tuple[str, str]:
    """The grade and the sentence of a check that finds one thing."""
    (finding,) = list(found)
    return finding.grade, finding.text


def test_rule_36_keys_that_are_open_lost_foreign_or_only_half_split(
    running: Installation, tmp_path: Path
) -> None:
    config, master = running.config, running.config.data_dir / "master.key"
    assert one(keys(config)) == (
        "look",
        "The master key is one file: split it between two authorities (egide keys split).",
    )
    master.chmod(0o640)
    assert one(keys(config))[0] == "wrong" and "chmod 600" in one(keys(config))[1]
    master.chmod(0o600)
    parts = (tmp_path / "a" / "one", tmp_path / "b" / "two")
    for part in parts:
        part.parent.mkdir()
    assert run(config, "keys", "split", *map(str, parts)).returncode == 0
    split = replace(config, master_parts=parts)
    assert one(keys(split)) == (
        "wrong",
        f"The master key is split, and {master} still opens everything: delete it, and its copies.",
    )
    whole = master.read_bytes()
    master.unlink()
    assert one(keys(split))[0] == "look", "two folders of one disk are one place"
    assert one(keys(replace(config, master_parts=(parts[0], tmp_path / "no"))))[0] == "wrong"
    assert one(keys(config))[0] == "wrong" and not master.exists(), "none is made"
    master.write_bytes(bytes(32))
    master.chmod(0o600)
    assert one(keys(config))[0] == "wrong" and "another installation" in one(keys(config))[1]
    master.write_bytes(whole[:-1])
    assert one(keys(config))[0] == "wrong"


def test_back_ups_of_the_database_are_told_by_what_pgbackrest_says(
    running: Installation, postgres: Server, tmp_path: Path
) -> None:
    told, now_s = tmp_path / "info.json", SystemClock().now_us() // 1_000_000
    config = replace(running.config, journal=postgres.emptied(), database_backups=str(told))
    assert list(database_backups(replace(config, database_backups=""), SystemClock())) == []
    assert list(database_backups(replace(config, journal=""), SystemClock())) == []

    def said(text: str) -> tuple[str, str]:
        told.write_text(text)
        return one(database_backups(config, SystemClock()))

    def told_of(*hours: int, cipher: str = "aes-256-cbc", code: int = 0) -> str:
        backups = [
            {"timestamp": {"start": now_s - 3600 * each - 60, "stop": now_s - 3600 * each}} for each in hours
        ]
        status = {"code": code, "message": "no valid backups" if code else "ok"}
        return json.dumps([{"name": "egide", "cipher": cipher, "status": status, "backup": backups}])

    assert one(database_backups(config, SystemClock()))[0] == "wrong", "there is no such file"
    for text in ("", "{}", "[]", '[{"status": 1}]', told_of(1)[:-1] + "," + told_of(1)[1:]):
        grade, sentence = said(text)
        assert grade == "wrong" and "does not tell of one database" in sentence, text
    assert said(told_of(1, cipher="none"))[1].startswith("The back-ups of the database lie in clear")
    assert "no valid backups" in said(told_of(code=2))[1]
    assert [said(told_of(200, hours))[0] for hours in (30, 80)] == ["look", "wrong"]
    grade, sentence = said(told_of(36 * 24, 1))
    assert grade == "wrong" and "older than erasing promises (days: 36)" in sentence
    grade, sentence = said(told_of(34 * 24, 1))
    assert grade == "wrong" and "archives nothing" in sentence, "what comes since would be lost"
    stanza = from_json(told.read_bytes(), tuple[Stanza, ...])[0]
    now_us = now_s * 1_000_000
    assert of_archive(Archiver(True, 0, now_us), stanza, now_us).grade == "wrong"
    minutes = of_archive(Archiver(True, now_us - 300_000_000, now_us - 1_000_000), stanza, now_us)
    assert minutes.grade == "wrong" and "(minutes: 5)" in minutes.text
    assert of_archive(Archiver(True, now_us, now_us - 1), stanza, now_us).grade == "ok"


def test_a_clock_that_was_set_back_is_found_by_the_journal(running: Installation) -> None:
    grade, said = one(machine.clock(running.config, later(-60_000_000), running.journal))
    assert grade == "wrong" and "(seconds: 60)" in said and "set back" in said
    grade, said = one(machine.clock(running.config, later(60_000_000), running.journal))
    assert grade == "look" and "file system disagree" in said
    assert one(machine.clock(running.config, SystemClock(), running.journal))[0] in ("ok", "look")
    assert machine.is_synchronised() in (True, False, None)


def test_a_full_disk_is_found_before_presses_are_refused(running: Installation) -> None:
    gib = 2**30
    grades = [machine.room(free, 100 * gib, gib).grade for free in (gib // 2, 4 * gib, 90 * gib)]
    assert grades == ["wrong", "look", "ok"]
    assert machine.room(20 * gib, 100 * gib, 15 * gib).grade == "look", "a back-up would not fit"
    assert machine.room(gib // 2, gib, 0).grade == "ok", "a small disk is not a full one"
    assert "MiB free" in one(machine.disk(running.config))[1]


def test_memory_is_no_disk_and_a_disk_that_is_too_quick_or_slow_is_said(tmp_path: Path) -> None:
    assert machine.mounted(MEMORY)[0] == "tmpfs"
    grade, said = one(machine.durable(Config(data_dir=MEMORY)))
    assert grade == "wrong" and "tmpfs" in said
    said_of = {ms: machine._timed(ms, "ext4") for ms in (0.01, 2.0, 80.0)}
    assert [said_of[ms].grade for ms in said_of] == ["look", "ok", "look"]
    assert "pull the plug" in said_of[0.01].text and "presses wait" in said_of[80.0].text
    assert len(machine.forced_ms(tmp_path)) == machine.TRIES and list(tmp_path.iterdir()) == []


def test_back_ups_that_are_missing_old_or_older_than_erasing_promises(kept: Kept, tmp_path: Path) -> None:
    config, now = kept.config, SystemClock()
    assert one(k.backup(replace(config, backup_to=""), now))[0] == "wrong"
    assert one(k.backup(replace(config, backup_to=str(tmp_path / "no")), now))[0] == "wrong"
    grade, said = one(k.backup(config, now))
    assert grade == "wrong" and "no back-up yet" in said
    ages = [
        k.age_s(replace(config, backup_to=to), now.now_us())
        for to in ("", str(tmp_path / "no"), config.backup_to)
    ]
    assert ages == [None, float("inf"), float("inf")]
    kept.back_up()
    grade, said = one(k.backup(config, now))
    assert grade == "look" and "put them on another machine" in said, "in this test all is one disk"
    assert one(k.backup(config, later(30 * 3_600_000_000)))[0] == "look"
    assert (k.age_s(config, later(30 * 3_600_000_000).now_us()) or 0) // 3600 == 30
    grade, said = one(k.backup(config, later(80 * 3_600_000_000)))
    assert grade == "wrong" and "(hours: 80)" in said
    old = utc(now.now_us()) - timedelta(days=40)
    (kept.backups / name_at(old)).touch()
    grade, said = one(k.backup(config, now))
    assert grade == "wrong" and "older than erasing promises (days: 40)" in said


def test_a_second_place_that_is_missing_stale_or_robbed(kept: Kept) -> None:
    config, now = kept.config, SystemClock()
    assert one(k.second_place(replace(config, checkpoints_to=""), now))[0] == "wrong"
    assert one(k.second_place(config, now))[0] == "wrong", "nothing has reached it"
    kept.watch()
    grade, said = one(k.second_place(config, now))
    assert grade == "look" and "changes both" in said
    grade, said = one(k.second_place(config, later(DAY_US)))
    assert grade == "wrong" and "(minutes: 1440)" in said
    (kept.place / ERASED).unlink()
    grade, said = one(k.second_place(config, now))
    assert grade == "wrong" and "who removed it" in said


def test_a_provider_without_an_account_for_the_day_on_which_it_is_away(pages: Pages) -> None:
    config, now = replace(pages.config, signin_issuer="https://login.authority.example"), pages.clock
    assert list(emergency_accounts(pages.config, now)) == [], "everybody signs in here"
    assert one(emergency_accounts(config, now))[0] == "wrong"
    house = emergencies.people(pages)
    emergencies.ask(house)
    emergencies.agree(house)
    emergencies.take(house, "zone-1")
    grade, said = one(emergency_accounts(config, now))
    assert grade == "wrong" and said.startswith("No emergency account is sealed"), "one half opens nothing"
    assert ("sign-in", "wrong") in {
        (each.check, each.grade) for each in examine(config, now, is_outside=False)
    }
    emergencies.take(house, "zone-2")
    assert one(emergency_accounts(config, now)) == ("ok", "Emergency accounts that two people can open: 1.")
    User.objects.filter(name="zone-2").update(is_active=False)
    assert one(emergency_accounts(config, now))[0] == "wrong", "who keeps a half has left"


def test_an_emergency_account_that_was_used_counts_no_more(pages: Pages) -> None:
    config = replace(pages.config, signin_issuer="https://login.authority.example")
    house = emergencies.sealed(pages)
    house.give_both()
    assert one(emergency_accounts(config, pages.clock))[0] == "ok", "it opens until the shift ends"
    later = SetClock(house.use().until_us)
    assert one(emergency_accounts(config, later))[0] == "wrong"


def test_zones_of_reference_old_ones_and_damaged_ones(running: Installation) -> None:
    config, now = running.config, SystemClock()
    assert one(system.zones(config, now))[0] == "look"
    config.zones_dir.mkdir()
    imported = config.zones_dir / IMPORTED_NAME
    text = REFERENCE_FILE.read_text(encoding="utf-8").replace('"label":"reference"', '"label":"official"', 1)
    imported.write_text(text, encoding="utf-8")
    assert one(system.zones(config, now)) == ("ok", "Official zones (days since the import: 0).")
    year_ago = now.now_us() // 1_000_000 - 500 * 86_400
    os.utime(imported, (year_ago, year_ago))
    grade, said = one(system.zones(config, now))
    assert grade == "look" and "(days: 500)" in said
    imported.write_text(text[:1000], encoding="utf-8")
    assert one(system.zones(config, now))[0] == "wrong"


def test_addresses_that_are_missing_new_old_and_damaged(running: Installation) -> None:
    config, now = running.config, SystemClock()
    grade, said = one(system.addresses(config, now))
    assert grade == "look" and "egide addresses import" in said
    do_import_plan(config.addresses_file, now)
    assert one(system.addresses(config, now)) == (
        "ok",
        "Streets can be named: 160 (days since the import: 0).",
    )
    grade, said = one(system.addresses(config, later(300 * DAY_US)))
    assert grade == "look" and "(days: 300)" in said
    config.addresses_file.write_bytes(b"rubbish")
    grade, said = one(system.addresses(config, now))
    assert grade == "wrong" and "import the addresses again" in said


def test_a_map_that_is_missing_new_old_and_damaged(running: Installation, tmp_path: Path) -> None:
    config, now = running.config, SystemClock()
    grade, said = one(system.maps(config, now))
    assert grade == "look" and "egide map import" in said
    town = Town({"fr": "Mons"}, "7000", 50.4518, 3.9571, 300, 2)
    write_map(tmp_path / "plan.pmtiles", (town,))
    do_import(tmp_path / "plan.pmtiles", config.map_file(STREETS), STREETS)
    grade, said = one(system.maps(config, now))
    assert grade == "ok" and said.startswith("Streets can be drawn: 0.0 MB (days")
    grade, said = one(system.maps(config, later(500 * DAY_US)))
    assert grade == "look" and "(days: 500)" in said
    config.map_file(STREETS).write_bytes(b"rubbish")
    grade, said = one(system.maps(config, now))
    assert grade == "wrong" and "Import the map again" in said


def test_settings_of_connectors_and_versions(running: Installation, tmp_path: Path) -> None:
    assert one(system.connectors(running.config))[0] == "ok"
    faulty = replace(running.config, sms_secrets=str(tmp_path / "no"), push_contact="nobody")
    found = list(system.connectors(faulty))
    assert found and {finding.grade for finding in found} == {"wrong"}
    assert one(system.versions(running.config))[0] == "ok", "before the first start there are no records"
    copy_migrated(running.config.app_db)
    assert of_egide(migrations_done(running.config)) == migrations_known() != set()
    assert one(system.versions(running.config))[0] == "ok"


def test_silent_processes_and_what_watch_finds_name_nobody(running: Installation) -> None:
    signs = Signs(running.config, SystemClock())
    signs.do_keep([ChainTrouble("alarm:abc-1", "on no board", 1)], [])
    found = list(system.processes(running.config, SystemClock()))
    assert [finding.grade for finding in found] == ["wrong", "wrong"]
    assert "intake" in found[0].text and "alarm" in found[1].text and "abc-1" not in found[1].text


def test_names_that_lead_nowhere_and_certificates_that_nobody_trusts_or_that_end(
    running: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(running.config, phone_url="https://nowhere.invalid", live_url="http://localhost:1")
    grade, said = one(outside.names(config))
    assert grade == "wrong" and "nowhere.invalid" in said and "localhost" not in said
    assert one(outside.certificates(replace(config, phone_url=""), SystemClock()))[0] == "wrong"
    authority = Authority(tmp_path)
    with shown(authority.server("127.0.0.1")) as port:
        config = replace(config, phone_url=f"https://127.0.0.1:{port}")
        grade, said = one(outside.certificates(config, SystemClock()))
        assert grade == "wrong" and "cannot be trusted" in said
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
        grade, said = one(outside.certificates(config, SystemClock()))
        assert grade == "wrong" and "ends soon (days: 0)" in said
        grade, said = one(outside.certificates(config, later(-60 * DAY_US)))
        assert (grade, said) == ("ok", "The certificate of 127.0.0.1 holds (days: 60).")


def test_certificates_that_the_settings_name_are_told_by_their_days(
    running: Installation, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    authority.server("127.0.0.1")
    config = replace(running.config, audit_certificate=str(tmp_path / "server.pem"))
    assert list(certificate_files(running.config, SystemClock())) == []
    grade, said = one(certificate_files(config, SystemClock()))
    assert grade == "wrong" and "(EGIDE_AUDIT_CERTIFICATE) ends on" in said and "(days: 0)" in said
    grade, said = one(certificate_files(config, later(-20 * DAY_US)))
    assert grade == "look" and "(days: 20)" in said
    assert list(certificate_files(config, later(-60 * DAY_US))) == []
    journal = f"postgresql://egide@db/egide?sslrootcert={authority.pem}"
    grade, said = one(certificate_files(replace(running.config, journal=journal), SystemClock()))
    assert grade == "wrong" and f"{authority.pem} (EGIDE_JOURNAL) ends on" in said
    journal = f"postgresql://egide@db/egide?sslrootcert={tmp_path / 'nothing'}"
    grade, said = one(certificate_files(replace(running.config, journal=journal), SystemClock()))
    assert grade == "wrong" and "cannot be read as a certificate" in said


def test_the_second_road_is_tried_only_by_whoever_says_so(
    running: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert one(outside.second_road(running.config, SystemClock()))[0] == "wrong"
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    with serving(authority.server("127.0.0.1")) as (url, box):
        config = replace(running.config, alert_smtp=url, alert_to=("duty@egide.example",))
        assert one(outside.second_road(config, SystemClock()))[0] == "ok"
        asked = run(config, "doctor", "--try", stdin="n\n")
        assert asked.returncode == 1 and "Send a test now?" in asked.stderr and box.mails.empty()
        tried = run(config, "doctor", "--try", "--yes", "--json")
        (said,) = (each for each in json.loads(tried.stdout)["found"] if each["check"] == "second-road")
        assert said["grade"] == "ok" and "taken" in said["text"]
        assert b"Nothing has happened" in box.mails.get(timeout=60).content and box.mails.empty()
    grade, said = one(outside.second_road(config, SystemClock()))
    assert grade == "wrong" and "fails" in said
    assert (
        one(outside.second_road(replace(config, alert_smtp="", alert_url="ftp://x"), SystemClock()))[0]
        == "wrong"
    )


def test_the_command_says_each_thing_in_a_line_and_ends_with_1_when_one_is_wrong(
    running: Installation, tmp_path: Path
) -> None:
    answer = run(running.config, "doctor")
    lines = [line.split(maxsplit=2) for line in answer.stdout.splitlines()]
    assert answer.returncode == 1 and all(len(line) == 3 for line in lines), answer.stdout
    checks = {line[1] for line in lines}
    assert {"keys", "clock", "disk", "durable", "backup", "second-place", "zones", "connectors"} <= checks
    assert {"versions", "processes", "names", "certificates", "second-road"} <= checks
    assert {line[0] for line in lines} <= {"ok", "look", "WRONG"}
    as_json = json.loads(run(running.config, "doctor", "--json").stdout)
    assert as_json["ok"] is False and {each["check"] for each in as_json["found"]} == checks
    nowhere = run(Config(data_dir=tmp_path / "nowhere"), "doctor")
    assert nowhere.returncode == 1 and "no journal" in nowhere.stderr and not (tmp_path / "nowhere").exists()


def test_the_health_end_point_says_grades_alone_and_looks_once_a_minute(running: Installation) -> None:
    clock = later(0)
    examined = Examined(running.config, clock)
    application = Application.__new__(Application)
    application._examined = examined
    status, _kind, body = application._doctor()
    found = json.loads(body)["found"]
    assert status == 503 and {frozenset(each) for each in found} == {frozenset({"check", "grade"})}
    assert "names" not in {each["check"] for each in found}, "nothing is asked over the network"
    first = examined()
    assert examined() is first
    clock.advance_s(FRESH_US // 1_000_000 + 1)
    assert examined() is not first
