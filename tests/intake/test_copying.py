"""This machine's copy of what the journal says of phones: whole, as of a moment ago, and of nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from egide.alarm.events import PhoneBlocked
from egide.events.accounts import SignedOut
from egide.events.register import KitMoved, KitReturned
from egide.intake.away.copying import Copying
from egide.intake.away.showing import Showing
from egide.intake.lookup import sender_in
from egide.journal.ending.erasing import do_erase
from egide.journal.errors import JournalUnavailable
from egide.journal.now import known
from egide.journal.now.kept import PURPOSE
from egide.journal.now.known import Known, KnownPhone, PublicKeys
from egide.journal.queries.intake import Sender
from egide.journal.sealing.keys import borrowed
from tests.support.installation import HOME_CENTRE, Installation, Phone


@pytest.fixture
def installation(tmp_path: Path, journal_at: str) -> Iterator[Installation]:
    with Installation(tmp_path, address=journal_at) as made:
        yield made


class Copy:
    """The copy of an installation, and who brings it up to date."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.showing = Showing(installation.clock)
        self.known = Known(installation.config, installation.keys.purpose_key(PURPOSE))
        self.copying = Copying(installation.journal, installation.clock, self.known, self.showing)

    def looked(self) -> dict[str, Sender]:
        """All phones that are known after another look."""
        self.copying.look()
        return {one.kid: found for one in self.known.all() if (found := sender_in(one)) is not None}


@pytest.fixture
def copy(installation: Installation) -> Copy:
    return Copy(installation)


def erase(installation: Installation, phone: Phone) -> None:
    """Its kit comes back, and two people destroy what was kept of its file."""
    installation.append(f"kit:{phone.kit}", KitReturned(kit=phone.kit), case=phone.case)
    for user in ("dpo-1", "magistrate-1"):
        do_erase(installation.journal, phone.case, user)


def facts_of(found: Sender) -> tuple[str, str, str, int]:
    return found.kit, found.case, found.home_centre, found.highest or 0


def test_each_phone_is_known_with_its_kit_and_how_far_its_counter_is(
    installation: Installation, copy: Copy
) -> None:
    kit = installation.issue_kit()
    quiet, pressing = installation.enrol(), installation.enrol(kit)
    installation.open_alarm(pressing)
    found = copy.looked()
    assert facts_of(found[quiet.device]) == (quiet.kit, quiet.case, HOME_CENTRE, 0)
    assert facts_of(found[pressing.device]) == (pressing.kit, pressing.case, HOME_CENTRE, 1)
    assert PublicKeys(installation.config).find(quiet.device) == bytes(quiet.key.verify_key)
    assert copy.showing.highest(pressing.device) == 1
    # What happens later is known at the next look, of whichever phone of the kit it is told.
    later = installation.enrol()
    newer = installation.enrol(kit)
    installation.act(pressing.alarm(), PhoneBlocked(user="op", device=pressing.device))
    found = copy.looked()
    assert set(found) == {quiet.device, pressing.device, later.device, newer.device}
    assert found[pressing.device].is_blocked and found[pressing.device].is_superseded
    assert copy.showing.was_refused(pressing.device) and not copy.showing.was_refused(newer.device)


def test_a_kit_that_moves_takes_its_phones_along(installation: Installation, copy: Copy) -> None:
    phone = installation.enrol()
    copy.looked()
    moved = KitMoved(kit=phone.kit, managing_zone="5999", home_zone="5999", home_centre="BE-LIE")
    installation.append(f"kit:{phone.kit}", moved, case=phone.case)
    assert copy.looked()[phone.device].home_centre == "BE-LIE"


def test_rule_29_nothing_of_an_erased_file_stays_in_the_copy(installation: Installation, copy: Copy) -> None:
    gone, stays = installation.enrol(), installation.enrol()
    assert set(copy.looked()) == {gone.device, stays.device}
    erase(installation, gone)
    assert set(copy.looked()) == {stays.device}
    assert copy.showing.was_refused(gone.device) and not copy.showing.knows(gone.device)
    assert PublicKeys(installation.config).find(gone.device) is None
    held = b"".join(path.read_bytes() for path in installation.config.data_dir.glob("known.db*"))
    assert stays.kit.encode() not in held and stays.case.encode() not in held


def test_who_begins_where_another_copied_drops_what_is_gone_since(installation: Installation) -> None:
    gone, stays = installation.enrol(), installation.enrol()
    assert len(Copy(installation).looked()) == 2
    erase(installation, gone)
    assert set(Copy(installation).looked()) == {stays.device}


def test_a_copy_is_of_the_moment_before_it_was_read_and_opens_with_the_master_key_alone(
    installation: Installation, copy: Copy
) -> None:
    installation.enrol()
    before = installation.clock.now_us()
    copy.looked()
    assert known.facts(installation.config) == known.KnownFacts(1, before)
    lent = known.lent_key(installation.config)
    assert lent is not None
    opened = Known(installation.config, borrowed(installation.config, lent, PURPOSE))
    assert len(opened.all()) == 1


def test_a_damaged_copy_is_made_anew(installation: Installation) -> None:
    phone = installation.enrol()
    known.file_of(installation.config).write_bytes(b"no database at all, " * 500)
    assert set(Copy(installation).looked()) == {phone.device}


def test_a_key_whose_id_is_not_the_asked_one_is_not_believed(installation: Installation, copy: Copy) -> None:
    phone, other = installation.enrol(), installation.enrol()
    copy.looked()
    copy.known.keep([KnownPhone(phone.device, bytes(other.key.verify_key), b"")])
    assert PublicKeys(installation.config).find(phone.device) is None
    assert PublicKeys(installation.config).find(other.device) == bytes(other.key.verify_key)


def test_who_has_left_is_known_to_whoever_shows_what_is_kept(installation: Installation, copy: Copy) -> None:
    with pytest.raises(JournalUnavailable):
        known.endings(installation.config)
    installation.append("session:abc", SignedOut(user="op"))
    copy.looked()
    installation.append("session:def", SignedOut(user="op"))
    copy.looked()
    assert [row.stream for row in known.endings(installation.config)] == ["session:abc", "session:def"]


def test_a_message_whose_counter_the_journal_has_passed_is_shown_as_perhaps_an_old_one(
    installation: Installation, copy: Copy
) -> None:
    phone: Phone = installation.enrol()
    installation.open_alarm(phone)
    copy.looked()
    again, new = phone.message(counter=1), phone.message(counter=2)
    for message, is_old in ((again, True), (new, False), (again, False)):
        copy.showing.add(phone.device, bytes(32), message, installation.clock.now_us())
        (line,) = copy.showing.lines()
        assert line.is_old is is_old
