"""What an installation has besides: presses by SMS, back-ups and the nightly check, as the documents say."""

from deploy.machines.machine import Machine, Report, blocks, until
from tools.tree import ROOT

BACKUP = ROOT / "docs" / "operations" / "backup.md"
ONCE = "Once"
SECRET = "whsec_" + "c2VjcmV0" * 4
SMS = f"""umask 077
echo {SECRET} >/etc/egide/sms.secrets
chown egide-intake /etc/egide/sms.secrets
echo 'sms_secrets = "/etc/egide/sms.secrets"' >>/etc/egide/egide.toml
systemctl enable --now egide-sms.service"""


def further_units(machine: Machine, report: Report) -> None:
    """Presses by SMS, back-ups and the nightly check: what the guide says besides, started and well."""
    with report.step("units of SMS, back-up and verifying"):
        machine.run(blocks(BACKUP.read_text(encoding="utf-8"), ONCE))
        machine.wait_until_whole()
        machine.sh(SMS)
        until("the unit of SMS is not active", lambda: machine.are_active("sms"))
        for name in ("backup", "verify"):
            machine.sh(f"systemctl start egide-{name}.service")
            said = machine.sh(f"systemctl show -p Result,ExecMainStatus egide-{name}.service").split()
            assert sorted(said) == ["ExecMainStatus=0", "Result=success"], said
        assert machine.are_active("backup.timer", "verify.timer")
