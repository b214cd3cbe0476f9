"""What an installation has besides: presses by SMS, back-ups and the nightly check, as the documents say, and a
certificate that ends."""

import json

from deploy.machines.machine import UNITS, Machine, Report, blocks, until
from deploy.machines.outside import House
from egide.entrypoints.cli.installing.tls import DAYS
from egide.entrypoints.doctor.outside import WRONG_DAYS
from tools.tree import ROOT

BACKUP = ROOT / "docs" / "operations" / "backup.md"
ONCE = "Once"
SECRET = "whsec_" + "c2VjcmV0" * 4
SMS = f"""umask 077
echo {SECRET} >/etc/egide/sms.secrets
chown egide-intake /etc/egide/sms.secrets
echo 'sms_secrets = "/etc/egide/sms.secrets"' >>/etc/egide/egide.toml
systemctl enable --now egide-sms.service"""

# It is made as on a day of the past, by the command of the guide.
_MADE = """rm -f /etc/ssl/egide/{name}.pem
LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1 FAKETIME=-{days}d egide tls pilot
systemctl reload nginx"""
_RENEWED = "egide tls pilot\nsystemctl reload nginx"
_LEFT = WRONG_DAYS - 2


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


def certificate_ends(machine: Machine, report: Report, house: House) -> None:
    """The certificate of the phones' name has ended, then ends in some days, then is renewed: `watch` and
    `egide doctor` say so, and no process stops."""
    name = house.names[1]
    part = f"certificate:{name}"

    def told() -> dict[str, str]:
        """What `watch` finds wrong, with why."""
        status = json.loads(machine.tried("egide status --json 2>/dev/null")[1] or "{}")
        return {trouble["part"]: trouble["why"] for trouble in status.get("troubles", ())}

    def doctor() -> str:
        said = json.loads(machine.tried("egide doctor --json 2>/dev/null")[1])
        return "; ".join(one["text"] for one in said["found"] if one["check"] == "certificates")

    def fails(parts: dict[str, str]) -> bool:
        return any(one.startswith("intake") for one in parts)

    machine.sh("apt-get install -y -qq --no-install-recommends libfaketime >/dev/null")
    with report.step("certificate of the phones' name has ended") as line:
        machine.sh(_MADE.format(name=name, days=DAYS + 3))
        # It looks once an hour while all is well.
        machine.sh("systemctl restart egide-watch")
        until("watch does not tell that it ended", lambda: "expired" in told().get(part, ""))
        until("watch does not tell that presses fail", lambda: fails(told()))
        line["doctor"] = doctor()
        assert "certificate has expired" in str(line["doctor"]), line
        assert machine.are_active(*UNITS), "a process has stopped for a date"
    with report.step(f"it ends in {_LEFT} days") as line:
        machine.sh(_MADE.format(name=name, days=DAYS - _LEFT))
        until("watch does not tell the days", lambda: "days: " in told().get(part, ""))
        until("presses still fail", lambda: not fails(told()))
        line["watch"], line["doctor"] = told()[part], doctor()
        assert "ends soon" in str(line["doctor"]), line
        assert house.phone.send().status_code == 201
    with report.step("it is renewed by the guide's command"):
        machine.sh(_RENEWED)
        until("what was mended is still told", lambda: part not in told())
        assert "ends soon" not in doctor()
