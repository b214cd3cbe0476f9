"""The process that reminds: a real mail server under TLS, a real push service, and what goes wrong with them."""

import email
import email.policy
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from egide.access.models import User
from egide.boards.models import WakeDevice
from egide.casework.file.rules_life import Stage
from egide.casework.models import Case
from egide.common.clock import SystemClock, utc
from egide.common.config import Config
from egide.journal.now.outcomes import outcomes
from egide.journal.now.signs import Signs
from egide.reminders.models import Reminder, Reminding
from egide.rollout.models import Duty
from tests.support.certificates import Authority
from tests.support.mailbox import HERE, Mailbox, serving
from tests.support.nursery import run_loaded
from tests.support.pages import Pages
from tests.support.push_service import PushService, push_service
from tests.support.reminders import ADDRESS
from tests.support.waiting import WITHIN_S

pytestmark = pytest.mark.files("what the process reads is a file of the records")


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The one that this machine trusts."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.pem))
    return made


@pytest.fixture
def officer(pages: Pages) -> User:
    """Somebody for whom something urgent waits, who wants to hear of it at any hour."""
    case = pages.files[0].case
    # The process looks at the machine's own clock.
    day = utc(SystemClock().now_us()).date()
    Case.objects.filter(id=case.id).update(stage=Stage.RUNNING, review_on=day, urgent=True)
    user = pages.user("officer", role="reference-officer", zone=case.managing_zone, language="nl")
    Reminding.objects.create(user=user, address=ADDRESS, at_once=True, quiet_from=0, quiet_until=0)
    return user


def remind(config: Config) -> str:
    """One turn of the process; what it logged."""
    done = run_loaded("egide.entrypoints.remind", (), {**os.environ, **config.environment()})
    assert done.returncode == 0, done.stderr
    return done.stderr


@contextmanager
def mail(pages: Pages, shown: ssl.SSLContext | None) -> Iterator[tuple[Config, Mailbox]]:
    with serving(shown) as (server, box):
        yield replace(pages.config, mail_smtp=server, mail_from="egide@house.example"), box


def counted(config: Config, pages: Pages) -> dict[str, int]:
    return Signs(config, pages.clock).counts("reminders ")


def test_one_mail_under_tls_in_the_readers_language_and_not_a_second(
    pages: Pages, officer: User, authority: Authority
) -> None:
    with mail(pages, authority.server(HERE)) as (config, box):
        remind(config)
        remind(config)
        assert box.was_sealed.get(timeout=WITHIN_S)
        envelope = box.mails.get(timeout=WITHIN_S)
        assert box.mails.empty() and envelope.rcpt_tos == [ADDRESS]
    read = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert read["From"] == "egide@house.example" and read["Auto-Submitted"] == "auto-generated"
    assert read["Subject"] == "Egide: er wacht iets dringends op u"
    text = read.get_content()
    assert "\u25b2 " in text and pages.files[0].case.number not in text
    assert counted(config, pages) == {"reminders sent": 1}
    assert outcomes(Signs(config, pages.clock))["mail"]["out"].is_well


def test_who_is_on_duty_gets_it_first_and_alone(pages: Pages, officer: User, authority: Authority) -> None:
    zone, now_us = pages.files[0].case.managing_zone, SystemClock().now_us()
    on_duty = pages.user("on-duty", role="reference-officer", zone=zone, language="nl")
    said = {"at_once": True, "quiet_from": 0, "quiet_until": 0}
    Reminding.objects.create(user=on_duty, address="on-duty@house.example", **said)
    # Their list comes at another hour than this.
    Reminding.objects.filter(user=officer).update(list_hour=(utc(now_us).hour + 12) % 24)
    line = {"name": "On duty", "number": "+32 65 00 00 01", "account": on_duty}
    until_us = now_us + 3_600_000_000
    Duty.objects.create(kind="zone", place=zone, starts_us=now_us - 1, ends_us=until_us, **line)
    with mail(pages, authority.server(HERE)) as (config, box):
        remind(config)
        assert box.mails.get(timeout=WITHIN_S).rcpt_tos == ["on-duty@house.example"]
        Duty.objects.all().delete()
        remind(config)
        assert box.mails.get(timeout=WITHIN_S).rcpt_tos == [ADDRESS]
        assert box.mails.empty()


def test_a_code_and_a_farewell_go_out_in_the_readers_language(
    pages: Pages, officer: User, authority: Authority
) -> None:
    Reminding.objects.update(at_once=False, address="", former="before@house.example")
    said = {"pending": "after@house.example", "code": "123456", "code_until_us": 2**62}
    Reminding.objects.update(**said)
    with mail(pages, authority.server(HERE)) as (config, box):
        remind(config)
        remind(config)
        letters = [box.mails.get(timeout=WITHIN_S) for _ in range(2)]
        assert box.mails.empty()
    assert [one.rcpt_tos for one in letters] == [["after@house.example"], ["before@house.example"]]
    first = email.message_from_bytes(letters[0].content, policy=email.policy.default)
    assert first["Subject"] == "Egide: uw code" and "123456" in first.get_content()


def test_who_turns_a_device_on_is_reminded_there_without_any_form(pages: Pages) -> None:
    case = pages.files[0].case
    day = utc(SystemClock().now_us()).date()
    Case.objects.filter(id=case.id).update(stage=Stage.RUNNING, review_on=day, urgent=True)
    user = pages.user("new", role="reference-officer", zone=case.managing_zone)
    with push_service() as service:
        config = replace(pages.config, push_contact="mailto:a@b.example", push_services=(service.origin,))
        settings.EGIDE = config
        pages.client(user).post("/reminders/wake", service.browser("here").subscription)
        Reminding.objects.update(quiet_from=0, quiet_until=0)
        remind(config)
        assert service.next().path == "/push/here"


def test_nothing_is_said_to_a_server_without_tls_and_it_is_tried_again(
    pages: Pages, officer: User, authority: Authority
) -> None:
    with mail(pages, None) as (config, box):
        said = remind(config)
        assert box.mails.empty() and not Reminder.objects.exists()
        assert Reminding.objects.get().failed_at_us and ADDRESS not in said
    with mail(pages, authority.server(HERE)) as (config, box):
        remind(config)
        assert box.mails.get(timeout=WITHIN_S)
    assert counted(config, pages) == {"reminders failed": 1, "reminders sent": 1}


def test_a_device_is_woken_without_content_also_after_its_owner_signed_out(
    pages: Pages, officer: User
) -> None:
    Reminding.objects.update(address="")
    with push_service() as service:
        config = replace(pages.config, push_contact="mailto:a@b.example", push_services=(service.origin,))
        settings.EGIDE = config
        here, client = service.browser("here"), pages.client(officer)
        assert client.post("/reminders/wake", here.subscription).status_code == 204
        client.post("/sign-out")
        remind(config)
        remind(config)
        delivery = service.next()
        assert len(service.deliveries) == 1
        assert delivery.headers["ttl"] == "21600"
        assert here.read(delivery.body) == delivery.headers["topic"]


def test_no_device_reminds_after_all_sessions_were_ended_or_it_was_turned_off(
    pages: Pages, officer: User
) -> None:
    """The ex-colleague who kept the telephone."""
    Reminding.objects.update(address="")
    with push_service() as service:
        config = replace(pages.config, push_contact="mailto:a@b.example", push_services=(service.origin,))
        settings.EGIDE = config
        client = pages.client(officer)
        client.post("/reminders/wake", service.browser("here").subscription)
        client.post("/account/end-sessions")
        remind(config)
        assert not service.deliveries
        client = pages.client(User.objects.get(name="officer"))
        client.post("/reminders/wake", service.browser("there").subscription)
        assert client.post("/reminders/wake/off").status_code == 204
        remind(config)
        assert not service.deliveries and not WakeDevice.objects.exists()


def test_a_wrong_setting_of_mail_keeps_no_device_from_reminding(pages: Pages, officer: User) -> None:
    with push_service() as service:
        config = replace(pages.config, push_contact="mailto:a@b.example", push_services=(service.origin,))
        settings.EGIDE = config
        pages.client(officer).post("/reminders/wake", service.browser("here").subscription)
        remind(replace(config, mail_smtp="ftp://mail.example"))
        assert service.next().path == "/push/here"


def test_a_browser_that_is_gone_is_forgotten(pages: Pages, officer: User) -> None:
    Reminding.objects.update(address="")
    with push_service() as service:
        config = replace(pages.config, push_contact="mailto:a@b.example", push_services=(service.origin,))
        settings.EGIDE = config
        service.answers["here"] = [410]
        pages.client(officer).post("/reminders/wake", service.browser("here").subscription)
        remind(config)
        assert not WakeDevice.objects.exists() and not Reminder.objects.exists()


def test_an_address_elsewhere_is_no_push_service(pages: Pages, officer: User) -> None:
    with push_service() as service, push_service() as other:
        settings.EGIDE = replace(
            pages.config, push_contact="mailto:a@b.example", push_services=(service.origin,)
        )
        answer = pages.client(officer).post("/reminders/wake", _said(other))
        assert answer.status_code == 422 and not WakeDevice.objects.exists()


def _said(service: PushService) -> dict[str, str]:
    return service.browser("elsewhere").subscription
