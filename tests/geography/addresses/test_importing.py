"""An import puts a whole file in force or changes nothing, whatever the list holds."""

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from egide.demo.plan import HEADER, write_plan
from egide.geography.addresses import rows
from egide.geography.addresses.book import AddressBook, NoAddresses
from egide.geography.addresses.importing import Imported, do_import
from egide.geography.addresses.nearest import nearest
from egide.geography.addresses.rows import AddressFileError
from egide.geography.addresses.searching import search
from tests.geography.addresses.conftest import CLOCK, best_row, write_best

Put = Callable[..., Imported]


@pytest.fixture
def old(put: Put, target: Path) -> bytes:
    """What was in force before."""
    put(best_row("1"))
    return target.read_bytes()


def test_the_same_seed_makes_the_same_plan(tmp_path: Path) -> None:
    one, two, other = (tmp_path / name for name in ("one", "two", "other"))
    assert write_plan(one) == write_plan(two) > 3_000
    write_plan(other, seed=2)
    assert one.read_bytes() == two.read_bytes() != other.read_bytes()


def test_flats_are_their_house_and_what_is_not_in_force_is_left_out(put: Put, book: AddressBook) -> None:
    done = put(
        best_row("12", box="1"), best_row("12", box="2"), best_row("14"), best_row("16", status="retired")
    )
    assert (done.addresses, done.houses, done.streets, done.places) == (3, 2, 1, 1)
    assert (done.out_of_force, done.faults) == (1, 0)
    assert book.about()["houses"] == 2
    assert [match.level for match in search(book, "exemple 16")] == ["street"]


GOOD = tuple(best_row(str(number)) for number in range(1, 40))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (best_row(lat=3.95, lon=50.45), "latitude and longitude are swapped"),
        (best_row(lat=0, lon=0), "a position outside the country"),
        (best_row(lat=48.85, lon=2.35), "a position outside the country"),
        (best_row(lat="", lon=""), "no position in degrees"),
        (best_row(lat="nan", lon="inf"), "no position in degrees"),
        (best_row(lat="50,45"), "no position in degrees"),
        (best_row(""), "no house number"),
        (best_row("1" * 21), "a house number of more than 20 signs"),
        (best_row("1\x1b[2J"), "a control sign in it"),
        (best_row(streets=("", "", "")), "no street"),
        (best_row(streets=("", "Rue\x1b]0;x\x07", "")), "a control sign in it"),
        (best_row(streets=("", "Rue \u202eesrevni", "")), "a control sign in it"),
        (best_row(streets=("", "R" * 121, "")), "a name of more than 120 signs"),
        (best_row(municipality=("", "", ""), postnames=("", "")), "neither a place nor a municipality"),
        (best_row() + ",more", "21 fields instead of 20"),
        ("only one field", "1 fields instead of 20"),
        (best_row(streets=("", '"Rue', "")), "a quotation mark is not closed"),
        (best_row(streets=("", "Rue\0", "")), "there is a NUL in it"),
        (best_row(streets=("", "R" * 50_000, "")), "the line is longer than 16384 bytes"),
    ],
)
def test_a_bad_row_is_named_and_left_out(put: Put, row: str, why: str) -> None:
    done = put(*GOOD[:2], row, *GOOD[2:])
    assert (done.addresses, done.faults, done.reasons) == (len(GOOD), 1, {why: 1})
    assert done.first_faults[0][1:] == (4, why)


def test_the_first_twenty_are_named_and_all_are_counted(put: Put) -> None:
    done = put(*GOOD, *(best_row("") for _ in range(30)))
    assert (done.faults, len(done.first_faults), done.first_faults[0].line) == (30, 20, len(GOOD) + 2)


def test_a_formula_in_a_name_stays_text(put: Put, book: AddressBook) -> None:
    put(best_row(streets=("", "=1+1 Rue Formule", "")))
    assert search(book, "formule 12")[0].text == "=1+1 Rue Formule 12, 7000 MONS"


def test_a_line_without_end_costs_no_memory(tmp_path: Path, put: Put) -> None:
    """Read in pieces and thrown away: 32 MB of zeros in a zip of some kilobytes."""
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as member:
        member.write("\n".join((HEADER, *GOOD, "")).encode())
        for _ in range(32):
            member.write(bytes(1 << 20))
    assert bomb.stat().st_size < 200_000
    done = put(file=bomb)
    assert (done.addresses, done.faults) == (len(GOOD), 1)


def test_a_zip_that_says_it_is_huge_is_not_opened(
    tmp_path: Path, put: Put, old: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "UNPACKED_BYTES", 1_000)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "0" * 2_000)
    with pytest.raises(AddressFileError, match="unpacks to more than"):
        put(file=bomb)


def test_a_path_in_a_zip_writes_nothing(tmp_path: Path, put: Put, target: Path) -> None:
    archive_path = tmp_path / "sub" / "deep" / "list.zip"
    archive_path.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive_path, "w") as archive:
        archive.writestr("../../evil\x1b.csv", "\n".join((HEADER, *GOOD, best_row(""))))
        archive.writestr("/etc/evil.txt", "x")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    done = put(file=archive_path)
    assert done.first_faults[0].file == "list.zip: ../../evil?.csv"
    assert {path for path in tmp_path.rglob("*") if path.is_file()} - before == {
        target,
        target.with_name(f"{target.name}.lock"),
    }


def test_three_regions_in_zips_are_one_import(tmp_path: Path, target: Path) -> None:
    files = []
    for region, postcode in (("bru", "1000"), ("vlg", "9000"), ("wal", "7000")):
        files.append(tmp_path / f"openaddress-be{region}.zip")
        with zipfile.ZipFile(files[-1], "w") as archive:
            archive.writestr(f"openaddress-be{region}.csv", f"{HEADER}\n{best_row(postcode=postcode)}\n")
    assert do_import(files, target, CLOCK).places == 3


@pytest.mark.parametrize(
    "text",
    [
        "street,number,postcode,place,lat,lon\nRue Simple,1,7000,Mons,50.45,3.95\n",
        "\ufeffStreet;Number;Postcode;Place;Lat;Lon\r\nRue Simple;1;7000;Mons;50.45;3.95\r\n",
        "lat,lon,number,street_fr,street_nl,municipality_fr,postcode\n50.45,3.95,1,Rue Simple,,Mons,7000\n",
    ],
)
def test_a_plain_csv_of_others(tmp_path: Path, put: Put, book: AddressBook, text: str) -> None:
    file = tmp_path / "own.csv"
    file.write_text(text, encoding="utf-8", newline="")
    put(file=file)
    assert nearest(book, 504_500_000, 39_500_000).text == "about Rue Simple 1, 7000 Mons (± 1 m)"


def test_another_encoding_is_said_row_by_row_and_can_be_named(
    tmp_path: Path, put: Put, book: AddressBook
) -> None:
    file = tmp_path / "openaddress-belatin.csv"
    accented = best_row("7", streets=("", "Rue de l'Été", ""))
    file.write_text("\n".join((HEADER, *GOOD, accented)), encoding="latin-1")
    assert put(file=file).reasons == {"it is not utf-8": 1}
    assert put(file=file, encoding="latin-1").faults == 0
    assert search(book, "ete 7")[0].text == "Rue de l'Été 7, 7000 MONS"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no column for"),
        (b"name,age\nx,1\n", "no column for lat, lon, number, street"),
        (b"\xff\xfe\xfa", "not a CSV file: it is not utf-8"),
        (HEADER.encode(), "no row in it that is in force"),
        (
            "\n".join((HEADER, best_row(""), best_row("1"))).encode(),
            "Fewer than half of the rows can be used",
        ),
        (b"PK\x03\x04 not a zip", "no column for"),
    ],
)
def test_a_wrong_file_changes_nothing(
    tmp_path: Path, put: Put, target: Path, old: bytes, content: bytes, sentence: str
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_bytes(content)
    with pytest.raises(AddressFileError, match=sentence):
        put(file=file)
    assert target.read_bytes() == old
    assert not target.with_name(f"{target.name}.new").exists()


def test_a_damaged_zip_changes_nothing(tmp_path: Path, put: Put, target: Path, old: bytes) -> None:
    file = tmp_path / "damaged.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "\n".join((HEADER, *GOOD)))
    data = bytearray(file.read_bytes())
    data[60:90] = bytes(30)
    file.write_bytes(data)
    with pytest.raises(AddressFileError, match="cannot be read"):
        put(file=file)
    assert target.read_bytes() == old


_AT_THE_END = """
import os, signal, sys
from pathlib import Path
from egide.common.clock import SystemClock
from egide.geography.addresses.importing import do_import
def stop(*_):
    print("written", flush=True)
    signal.pause()
os.fsync = stop
do_import([Path(sys.argv[1])], Path(sys.argv[2]), SystemClock())
"""


def test_killed_before_its_end_the_old_file_stays_and_the_next_import_goes_on(
    tmp_path: Path, put: Put, target: Path, old: bytes
) -> None:
    """Killed when the new file is written and has not got its name."""
    file = write_best(tmp_path / "openaddress-benew.csv", GOOD)
    process = subprocess.Popen(
        [sys.executable, "-c", _AT_THE_END, str(file), str(target)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    with pytest.raises(AddressFileError, match="Another import is under way"):
        put(file=file)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert target.read_bytes() == old
    assert target.with_name(f"{target.name}.new").exists()
    assert put(file=file).houses == len(GOOD)
    assert not target.with_name(f"{target.name}.new").exists()


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from egide.common.clock import SystemClock
from egide.geography.addresses.importing import do_import
from egide.geography.addresses.rows import AddressFileError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    do_import([Path(sys.argv[1])], Path(sys.argv[2]), SystemClock())
except AddressFileError as error:
    print(error)
"""


def test_where_there_is_no_more_room_it_says_so_and_the_old_file_stays(
    tmp_path: Path, target: Path, old: bytes
) -> None:
    """A file that may not grow is refused by the same call as on a full disk."""
    file = write_best(tmp_path / "openaddress-benew.csv", GOOD)
    said = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(file), str(target)],
        capture_output=True, text=True, check=True, env={**os.environ, "EGIDE_LANG": "en"},
    ).stdout  # fmt: skip
    assert f"{target} cannot be written" in said
    assert "It needs some 150 bytes on the disk for each address." in said
    assert target.read_bytes() == old
    assert not target.with_name(f"{target.name}.new").exists()


def test_who_reads_has_the_old_list_or_the_new_one(put: Put, book: AddressBook) -> None:
    put(best_row("1"))
    assert search(book, "exemple 1")[0].number == "1"
    put(best_row("2"))
    assert search(book, "exemple 1")[0].level == "street"
    assert search(book, "exemple 2")[0].number == "2"


def test_without_a_list_and_with_a_damaged_one_it_says_what_to_do(
    book: AddressBook, put: Put, target: Path
) -> None:
    with pytest.raises(NoAddresses, match="egide addresses import FILE"):
        search(book, "exemple")
    put(best_row("1"))
    target.unlink()
    target.write_bytes(b"no database at all" * 100)
    with pytest.raises(AddressFileError, match="import the addresses again"):
        search(book, "exemple")
    put(best_row("1"))
    assert search(book, "exemple 1")[0].number == "1"
