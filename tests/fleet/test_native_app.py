"""The app for Android from the authority's own host: what is handed out, to whom it says what, and what is refused."""

import hashlib
import random
import re
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client, override_settings

from egide.common.config import Config
from egide.fleet.native.apk import CHANGED, MOST_BYTES, NO_APP, NOT_SIGNED, ApkError, read_apk
from egide.fleet.native.manifest import ManifestError, read_head
from egide.fleet.native.published import do_publish, do_withdraw, published
from tests.fleet import apks
from tests.fleet.files import AS_FRAGMENT, House, build_house
from tests.fleet.test_pages import browser
from tests.support.commands import run
from tests.support.pages import Pages

ADDRESSES = ("/app/android/", "/app/android/notes.apk", "/app/android/newest.json")


@pytest.fixture
def folder(pages: Pages) -> Path:
    return pages.installation.config.android_dir


def refusal(data: bytes) -> str:
    with pytest.raises(ApkError) as refused:
        read_apk(data)
    return refused.value.reason


def test_an_app_is_read_as_a_phone_reads_it() -> None:
    data = apks.app()
    found = read_apk(data)
    assert (found.package, found.version_code, found.version) == ("local.daily.notes", 7, "0.7")
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.signer == apks.fingerprint("authority")


def test_one_bit_more_or_less_is_found(chance: random.Random) -> None:
    data = apks.app(more=chance.randbytes(2_500_000))
    assert read_apk(data).signer == apks.fingerprint("authority")
    block = data.index(b"APK Sig Block 42")
    for at in (chance.randrange(40, 2_500_000), len(data) - 30, data.index(b"classes.dex", block)):
        bent = bytearray(data)
        bent[at] ^= 1 << chance.randrange(8)
        assert refusal(bytes(bent)) in (CHANGED, NO_APP, NOT_SIGNED)


def test_who_signed_is_who_the_certificate_names() -> None:
    data = apks.unsigned(apks.manifest("a.b", 1, "1"))
    assert refusal(apks.signed(data, "somebody", claims="authority")) == NOT_SIGNED
    assert refusal(data) == NOT_SIGNED


def test_an_app_whose_newer_signature_was_taken_away_is_none_that_phones_take() -> None:
    data = apks.unsigned(apks.manifest("a.b", 1, "1"))
    # The number of the attribute, then that of the scheme which stands beside it.
    assert refusal(apks.signed(data, "authority", attribute=struct.pack("<II", 0xBEEFF00D, 3))) == CHANGED
    assert (
        read_apk(apks.signed(data, "authority", attribute=struct.pack("<II", 0xC0FFEE, 3))).package == "a.b"
    )


def test_no_byte_of_what_says_who_signed_can_be_another() -> None:
    """One after the other: a certificate of no known version once ended the command with a trace."""
    data = apks.app()
    block = data.index(b"APK Sig Block 42")
    (size,) = struct.unpack_from("<Q", data, block - 8)
    for at in range(block - size - 8, block + 16):
        bent = bytearray(data)
        bent[at] ^= 0x41
        assert refusal(bytes(bent)) in (CHANGED, NOT_SIGNED), at


def test_whatever_else_it_is_it_is_refused_and_nothing_breaks(chance: random.Random) -> None:
    data = apks.app()
    assert refusal(b"") == refusal(b"PK\x05\x06" + bytes(18)) == NO_APP
    assert refusal(apks.unsigned(b"<manifest/>")) == NO_APP
    for _ in range(300):
        bent = bytearray(data)
        for _ in range(chance.randrange(1, 4)):
            bent[chance.randrange(len(bent))] = chance.randrange(256)
        at = chance.randrange(len(bent))
        try:
            read_apk(bytes(bent if chance.random() < 0.7 else bent[:at]))
        except ApkError:
            continue


@pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 99])
def test_an_archive_that_says_it_is_packed_in_another_way_is_no_app(method: int) -> None:
    """Where the method stands in each header: APPNOTE.TXT 6.3.10, 4.3.7 and 4.3.12."""
    data = bytearray(apks.app())
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        for found in re.finditer(re.escape(mark), bytes(data)):
            struct.pack_into("<H", data, found.start() + at, method)
    assert refusal(bytes(data)) == NO_APP


def test_a_manifest_that_is_none_is_refused(chance: random.Random) -> None:
    whole = apks.manifest("a.b", 3, "1")
    assert read_head(whole).version_code == 3
    for _ in range(500):
        bent = bytearray(whole)
        bent[chance.randrange(len(bent))] = chance.randrange(256)
        try:
            read_head(bytes(bent))
        except ManifestError:
            continue


def test_while_nothing_is_handed_out_nothing_is_there(pages: Pages, folder: Path) -> None:
    assert published(folder) is None
    assert [Client().get(address).status_code for address in ADDRESSES] == [404, 404, 404]


def test_a_phone_reads_the_figures_in_its_language_and_gets_those_bytes(pages: Pages, folder: Path) -> None:
    data = apks.app()
    apk = do_publish(data, folder)
    for language, word in {
        "fr": "Télécharger",
        "nl": "Downloaden",
        "de": "Herunterladen",
        "en": "Download",
    }.items():
        reply = Client().get("/app/android/", HTTP_ACCEPT_LANGUAGE=language)
        text = reply.content.decode()
        assert f'<html lang="{language}">' in text and f">{word}</a>" in text
        assert apk.sha256 in text.replace(" ", "") and apk.signer in text.replace(" ", "")
        assert re.findall(r'hreflang="\w+"[^>]*>(\w+)</a>', text) == [
            "Français",
            "Nederlands",
            "Deutsch",
            "English",
        ]
        assert text == Client().get(f"/app/android/?lang={language}").content.decode()
    got = Client().get("/app/android/notes.apk")
    assert b"".join(got.streaming_content) == data  # type: ignore[attr-defined]
    assert got["Content-Type"] == "application/vnd.android.package-archive"
    assert got["Content-Length"] == str(len(data)) and "notes.apk" in got["Content-Disposition"]
    newest = Client().get("/app/android/newest.json").json()
    assert newest == {"version_code": 7, "version": "0.7", "sha256": apk.sha256, "bytes": len(data)}


def test_who_looks_over_her_shoulder_learns_of_notes(pages: Pages, folder: Path) -> None:
    """Safety rules 18 and 21: page, headers and file name say what the icon says."""
    do_publish(apks.app(), folder)
    with override_settings(EGIDE=pages.installation.config):
        for language in ("fr", "nl", "de", "en"):
            for address in ADDRESSES[:2]:
                reply = Client().get(address, HTTP_ACCEPT_LANGUAGE=language)
                shown = "" if reply.streaming else reply.content.decode()
                told = f"{shown} {list(reply.headers.values())}".lower()
                assert not re.search(r"egide|alarm|polic|polit|poliz|safe|threat|menace|button|bouton", told)
                assert not reply.cookies
    policy = Client().get("/app/android/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "script" not in policy


def test_only_reading_is_answered(pages: Pages, folder: Path) -> None:
    do_publish(apks.app(), folder)
    assert {Client().post(address).status_code for address in ADDRESSES} == {405}
    for name in ("app.json", "../journal.db", "%2e%2e/app.json", ".."):
        assert Client().get(f"/app/android/{name}").status_code == 404


def test_a_newer_one_takes_its_place_and_nothing_else_does(pages: Pages, folder: Path) -> None:
    config = pages.installation.config
    place = config.data_dir / "given.apk"

    def publish(data: bytes) -> tuple[int, str]:
        place.write_bytes(data)
        answer = run(config, "android", "publish", str(place))
        return answer.returncode, answer.stdout + answer.stderr

    code, said = publish(apks.app())
    assert code == 0 and apks.fingerprint("authority") in said and "/app/android/" in said
    for other, word in (
        (apks.app(signer="somebody"), "they refuse one signed by another key"),
        (apks.app(package="other.name"), "has another name"),
        (apks.app(code=6), "phones refuse an older one"),
        (b"no app", "is no app for Android"),
        (apks.unsigned(apks.manifest("a", 9, "9")), "is not signed"),
        (bytes(MOST_BYTES + 1), "larger than 8 MB"),
    ):
        code, said = publish(other)
        assert code == 2 and word in said, said
        now = published(folder)
        assert now is not None and now.version_code == 7
    code, said = publish(apks.app(code=8, version="0.8"))
    assert code == 0 and "version 0.8 (8)" in said
    assert len(list(folder.glob("*.apk"))) == 1, "the one before is gone"
    assert "0.8" in run(config, "android", "show").stdout
    assert "Withdrawn: version 0.8." in run(config, "android", "withdraw").stdout
    assert "No app is handed out." in run(config, "android", "show").stdout
    assert list(folder.iterdir()) == []
    place.unlink()
    code, said = run(config, "android", "publish", str(place)).returncode, ""
    assert code == 2


def test_who_publishes_where_no_phone_asks_hears_of_it(pages: Pages, folder: Path) -> None:
    do_publish(apks.app(), folder)
    config = replace(
        pages.installation.config, intake_urls=("https://weather.example.net", "https://other.example.net/")
    )
    for phone_url, is_asked in (
        ("https://weather.example.net/app/", True),
        ("https://other.example.net/app", True),
        ("https://elsewhere.example.net/app/", False),
    ):
        said = run(replace(config, phone_url=phone_url), "android", "show").stdout
        assert ("ask for newer versions" not in said) is is_asked, said


def test_half_a_file_is_not_handed_out(pages: Pages, folder: Path) -> None:
    apk = do_publish(apks.app(), folder)
    (folder / f"{apk.sha256}.apk").write_bytes(b"half")
    assert Client().get("/app/android/").status_code == 404
    do_withdraw(folder)


def test_the_officers_page_has_its_code_and_figures_once_it_is_handed_out(pages: Pages) -> None:
    house: House = build_house(pages)
    kit = house.prepare()
    folder = house.pages.installation.config.android_dir
    before = house.code_page(browser(house), kit, **AS_FRAGMENT)
    apk = do_publish(apks.app(), folder)
    shown = house.code_page(browser(house), kit, **AS_FRAGMENT)
    assert 'id="code"' in before and 'id="native-app"' not in before
    assert 'id="native-app"' in shown and apk.signer in shown.replace(" ", "")
    assert Config.app_page(house.pages.installation.config, "android/") in shown
    do_withdraw(folder)
