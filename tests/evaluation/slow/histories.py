"""Random histories through the real events: files, kits, alarms, stock, trainings, surveys, erased cases.

A history is a list of steps; what a step does depends on what is possible then, so that every list makes a history
that could have happened.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from egide.alarm import events as a
from egide.alarm.events.outcomes import OUTCOMES
from egide.common.clock import SetClock
from egide.evaluation.records.build import build
from egide.evaluation.records.kept import rows_about
from egide.evaluation.records.pseudonyms import Pseudonyms
from egide.evaluation.records.shapes import Records
from egide.events import casework as c
from egide.events import register as r
from egide.events.base import Event
from egide.events.survey import SurveyAnswered, SurveyInvited
from egide.events.system import CanaryReceived
from egide.journal.ending.erasing import do_erase
from egide.protocol.envelope import Trigger
from tests.evaluation.slow.reading import Past, Told, local, readable
from tests.evaluation.slow.steps import CENTRES, FILES, PLACES, ZONES, Step
from tests.support.installation import ORIGIN, Installation, Phone


@dataclass
class File:
    """A file as far as the next step must know it."""

    case: str
    zone: str
    stage: str = "started"
    kits: dict[str, str] = field(default_factory=dict)
    phones: list[Phone] = field(default_factory=list)
    alarms: dict[str, bool] = field(default_factory=dict)
    since: date = date.min
    # Whose death is entered, by the entry; the stage before that of the protected person.
    deaths: dict[str, str] = field(default_factory=dict)
    before: str = ""


class Player:
    """Plays steps into an installation's journal."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.clock: SetClock = installation.set_clock
        self.files: list[File] = []
        self.told: dict[int, Told] = {}
        self.erased: dict[str, date] = {}
        self._signed: set[str] = set()
        # When each kit was heard last; what is silent has none.
        self._heard_us: dict[str, int] = {}
        self._made = 0
        installation.journal.connection.execute("PRAGMA synchronous=OFF")
        for _number in range(FILES):
            self.files.append(self._new_file())

    @property
    def today(self) -> date:
        return local(self.clock.now_us()).date()

    def play(self, steps: list[Step]) -> None:
        for step in steps:
            now_s = self.clock.now_us() / 1_000_000
            self.clock.advance_s(step.days * 86_400 + (step.at_s - now_s) % 86_400)
            getattr(self, f"_{step.what}")(self.files[step.who], step)

    def build(self) -> Records:
        places = [(zone, *rest) for zone, rest in PLACES.items()]
        return build(self.installation.journal, self.clock, places)

    def past(self) -> Past:
        self._listen()
        told = [self.told[seq] for seq in sorted(self.told)]
        return Past(told, local(self.clock.now_us()), PLACES, self.erased)

    def _listen(self) -> None:
        self.told = readable(self.installation.journal) | self.told

    def _new_file(self) -> File:
        self._made += 1
        file = File(f"{self._made:08x}ca5e0000", ZONES[self._made % len(ZONES)], since=self.today)
        self.installation.keys.ensure(file.case)
        self._tell(file, c.FileStarted(case=file.case, user="anna", managing_zone=file.zone))
        return file

    def _tell(self, file: File, event: Event, stream: str = "") -> None:
        self.installation.append(stream or f"case:{file.case}", event, case=file.case)

    # --- a file's life ----------------------------------------------------------------------------------------------

    def _life(self, file: File, step: Step) -> None:
        review_on = self.today + timedelta(days=1 + step.way * 30)
        if file.stage in ("started", "refused"):
            if file.stage == "started" and step.way == 11:
                self._drop(file)
            else:
                self._tell(file, c.FileRequested(file.case, "berta"))
                file.stage = "requested"
        elif file.stage == "requested":
            self._decide(file, step.way, review_on)
        elif file.stage == "granted" and step.way == 10 and "out" not in file.kits.values():
            self._drop(file)
        elif file.stage == "granted" and step.way < 2:
            self._tell(file, c.GrantWithdrawn(file.case, "berta"))
            file.stage = "closed"
        elif file.stage == "granted" and step.way < 7:
            self._tell(file, c.GrantReviewed(file.case, "berta", "extended", review_on))
        elif file.stage == "granted":
            self._tell(file, c.GrantReviewed(file.case, "berta", "ending"))
            file.stage = "ending"
        elif file.stage == "ending":
            self._tell(file, c.FileEnded(file.case, "berta"))
            file.stage = "closed"
        elif "out" not in file.kits.values():
            self.files[self.files.index(file)] = self._new_file()

    def _decide(self, file: File, way: int, review_on: date) -> None:
        if way == 9:
            self._drop(file)
            return
        decision = "more-asked" if way in (7, 8) else "refused" if way in (5, 6) else "granted"
        day = review_on if decision == "granted" else None
        self._tell(file, c.GrantDecided(case=file.case, user="berta", decision=decision, review_on=day))
        file.stage = {"more-asked": "requested"}.get(decision, decision)

    def _drop(self, file: File) -> None:
        self._change_part(file, "dropped", 1)
        file.stage = "closed"

    def _change_part(self, file: File, part: str, version: int) -> None:
        self._tell(
            file, c.FileChanged(case=file.case, user="anna", part=part, row=file.case, version=version)
        )

    def _death(self, file: File, step: Step) -> None:
        """Entered for somebody, said anew, or taken back; the protected person dies once."""
        entry = list(file.deaths)[-1] if file.deaths else ""
        if entry and step.way > 8:
            self._tell(file, c.DeathTakenBack(case=file.case, user="anna", death=entry))
            if file.deaths.pop(entry) == "protected":
                file.stage = file.before
            return
        who = ("protected", "child", "relative", "perpetrator")[step.way % 4]
        is_new = not entry or step.way < 5
        if is_new:
            entry = self._number()
            who = "relative" if who == "protected" and who in file.deaths.values() else who
        else:
            who = file.deaths[entry]
        violence = ("known", "suspected", "excluded", "unknown")[(step.way + step.who) % 4]
        runs = is_new and who != "protected" and file.stage in ("granted", "ending")
        noted = c.DeathNoted(
            case=file.case,
            user="anna",
            death=entry,
            who=who,
            on=max(file.since, self.today - timedelta(days=step.way % 3 * 4)),
            violence="not-asked" if who == "perpetrator" else violence,
            in_alarm=step.way == 7,
            due=self.today + timedelta(days=14) if runs else None,
        )
        self._tell(file, noted)
        if is_new and who == "protected":
            file.before, file.stage = file.stage, "died"
        file.deaths[entry] = who

    def _report(self, file: File, step: Step) -> None:
        self._change_part(file, "report", 1 + step.way % 3)

    def _change(self, file: File, step: Step) -> None:
        if step.way < 6 and file.stage in ("granted", "ending"):
            due = self.today + timedelta(days=step.way * 20)
            self._tell(file, c.LifeEventNoted(case=file.case, user="anna", what="release", due=due))
        else:
            self._change_part(file, "perpetrator", 1)

    def _move(self, file: File, step: Step) -> None:
        zone = ZONES[step.way % len(ZONES)]
        self._tell(file, c.FileMoved(case=file.case, user="anna", from_zone=file.zone, to_zone=zone))
        file.zone = zone
        for kit, state in file.kits.items():
            if state in ("prepared", "out"):
                moved = r.KitMoved(kit=kit, managing_zone=zone, home_zone=zone, home_centre="A")
                self._tell(file, moved, f"kit:{kit}")

    # --- kits and stock ---------------------------------------------------------------------------------------------

    def _kit(self, file: File, step: Step) -> None:
        kit = next((kit for kit, state in file.kits.items() if state == "prepared"), "")
        out = [kit for kit, state in file.kits.items() if state == "out"]
        if kit:
            self._prepared(file, kit, step.way)
        elif out and step.way < 7:
            self._out(file, out[-1], step.way)
        elif file.stage not in ("closed", "refused", "died"):
            issued = self.installation.issue_kit(case=file.case, managing_zone=file.zone)
            file.kits[issued.kit] = "prepared"
            file.phones.append(self.installation.enrol(issued))

    def _prepared(self, file: File, kit: str, way: int) -> None:
        stream = f"kit:{kit}"
        if way == 0:
            self._tell(file, r.KitReturned(kit=kit), stream)
            file.kits[kit] = "back"
        elif way < 3:
            opened = r.KitOpenedProvisionally(
                kit=kit, magistrate="M", said_at_s=0, first="a", second="b", until_s=0, missing=()
            )
            self._tell(file, opened, stream)
            file.kits[kit] = "out"
        else:
            self._tell(file, r.KitHandedOver(kit=kit, by="anna"), stream)
            file.kits[kit] = "out"

    def _out(self, file: File, kit: str, way: int) -> None:
        stream = f"kit:{kit}"
        if way == 0:
            # A provisional kit becomes an ordinary one: it is out already.
            self._tell(file, r.KitHandedOver(kit=kit, by="anna"), stream)
            return
        self._tell(file, r.KitLost(kit=kit, by="anna") if way == 1 else r.KitReturned(kit=kit), stream)
        file.kits[kit] = "lost" if way == 1 else "back"

    def _silence(self, file: File, step: Step) -> None:
        """A kit falls silent some hours ago, or is heard again; other troubles are no silence."""
        out = [kit for kit, state in file.kits.items() if state == "out"]
        if not out:
            return
        kit, now_us = out[-1], self.clock.now_us()
        if kit in self._heard_us and step.way < 6:
            self._heard_us[kit] = now_us
            self._tell(file, r.KitTroubleSolved(kit=kit, what="silent"), f"kit:{kit}")
        elif step.way < 10:
            since_us = max(now_us - step.way * 3_600_000_000 - 1, self._heard_us.get(kit, 0))
            self._heard_us.setdefault(kit, 0)
            whom = ("person", "zone")[step.way % 2]
            told = r.KitTroubleTold(kit=kit, what="silent", whom=whom, since_us=since_us)
            self._tell(file, told, f"kit:{kit}")
        else:
            told = r.KitTroubleTold(kit=kit, what="away", whom="person", since_us=now_us)
            self._tell(file, told, f"kit:{kit}")

    def _item(self, file: File, step: Step) -> None:
        number = step.who % 3
        now = ("stock", "zone", "prepared", "issued", "repair", "lost", "retired")[step.way % 7]
        what = ("button", "button", "phone")[number] if step.way != 5 else ""
        zone = ZONES[step.way % len(ZONES)] if now != "stock" else ""
        moved = r.ItemMoved(item=f"item-{number}", was="", now=now, by="anna", zone=zone, what=what)
        self.installation.append(f"item:item-{number}", moved)

    # --- alarms -----------------------------------------------------------------------------------------------------

    def _alarm(self, file: File, step: Step) -> None:
        """A new alarm, or more of the last one, and then step by step what becomes of it."""
        if not file.phones:
            return
        phone = file.phones[-1]
        last = list(file.alarms)[-1:] if step.way > 8 else []
        alarm = last[0] if last else self._open(file, phone, step.way)
        for what, wait, way in step.alarm:
            self.clock.advance_s(wait)
            self._alarm_step(file, phone, alarm, what, way)

    def _open(self, file: File, phone: Phone, way: int) -> str:
        first: type[a.FromPhone] = (a.PressReceived, a.PositionReceived, a.PressConflicted)[
            (0, 0, 0, 0, 0, 0, 1, 1, 2)[way % 9]
        ]
        event = self.installation.phone_event(first, phone, trigger=(None, *Trigger)[way % 5], origin=ORIGIN)
        alarm = phone.alarm(event.counter)
        self._tell(file, event, f"alarm:{alarm}")
        file.alarms[alarm] = True
        return alarm

    def _alarm_step(self, file: File, phone: Phone, alarm: str, what: str, way: int) -> None:
        zone, centre = ZONES[way % len(ZONES)], CENTRES[way % len(CENTRES)]
        messages: dict[str, type[a.FromPhone]] = {
            "again": a.PressedAgain,
            "cancel": a.CancelReceived,
            "text": a.TextReceived,
            "position": a.PositionReceived,
        }
        if what in messages:
            event = self.installation.phone_event(messages[what], phone, trigger=(None, *Trigger)[way % 5])
            self._tell(file, event, f"alarm:{alarm}")
        elif what == "routed":
            self.installation.route(alarm, zone if way < 9 else "", centre)
        else:
            events: dict[str, Event] = {
                "shown": a.ShownOnBoard(user="op", centre=centre),
                "taken": a.AlarmAcknowledged(user="op", centre=centre if way < 3 else ""),
                "handed": a.HandoverAccepted(user="op", centre=centre),
                "zone": a.ZoneConfirmed(user="op", zone=zone if way < 9 else "federal", reference="-"),
                "way": a.TeamUnderWay(by="op", age_s=way * 40 if way > 6 else 0),
                "site": a.TeamOnSite(by="op", age_s=way * 40 if way > 6 else 0),
                "told": a.TeamReported(by="op", outcome=list(OUTCOMES)[way % len(OUTCOMES)], text="-"),
                "closed": a.AlarmClosed(user="op", outcome=list(OUTCOMES)[way % len(OUTCOMES)], reason="-"),
                "help": a.HelpNeeded(by="op"),
            }
            self.installation.act(alarm, events[what])
        file.alarms[alarm] = what != "closed" if what in ("closed", "again", "help") else file.alarms[alarm]

    def _test(self, file: File, step: Step) -> None:
        """Tests and control presses: none of them is an alarm."""
        if file.phones and step.way < 8:
            phone = file.phones[-1]
            event = self.installation.phone_event(a.TestReceived, phone)
            self._tell(file, event, f"test:{phone.device}-{event.counter}")
        else:
            canary = CanaryReceived(device="c0", counter=step.way, sent_at_s=0, digest="")
            self.installation.append(f"canary:c0-{self._number()}", canary)

    # --- the rest ---------------------------------------------------------------------------------------------------

    def _training(self, file: File, step: Step) -> None:
        course, units = (("police", ZONES), ("magistrate", ("p", "q")))[step.way % 2]
        unit = units[step.who % len(units)]
        people = ("s1", "s2", "s3")[step.way // 2 % 3 :]
        on = self.today - timedelta(days=step.way)
        told = r.TrainingRecorded(
            session=self._number(),
            course=course,
            on=on.isoformat(),
            persons=people,
            units=(unit,) * len(people),
        )
        self.installation.append(f"rollout:training:{told.session}", told)

    def _sign(self, file: File, step: Step) -> None:
        subject = ("zone:z1", "zone:z2", "zone:z4", "office:p", "office:q")[step.way % 5]
        if subject in self._signed and step.who == 0:
            self._signed.discard(subject)
            event: Event = r.SignOffWithdrawn(subject=subject, on=self.today.isoformat(), by="anna", why="-")
        elif subject not in self._signed:
            self._signed.add(subject)
            on = self.today - timedelta(days=step.who)
            event = r.SignedOff(subject=subject, signer="chief", on=on.isoformat(), by="anna")
        else:
            return
        self.installation.append(f"rollout:{subject}", event)

    def _ask(self, file: File, step: Step) -> None:
        role = ("beneficiary", "officer")[step.way % 2]
        event = SurveyInvited(questionnaire=role, version=1, role=role)
        self.installation.append(f"survey:{self._number()}", event)

    def _answer(self, file: File, step: Step) -> None:
        role = ("beneficiary", "officer")[step.way % 2]
        answers = {"heard": ("yes", "no")[step.who % 2]}
        if step.way < 10:
            answers["safer"] = ("clearly", "same", "less")[step.way % 3]
        event = SurveyAnswered(questionnaire=role, version=1, role=role, answers=answers)
        self.installation.append(f"survey:{self._number()}", event)

    def _number(self) -> str:
        self._made += 1
        return f"{self._made:032x}"

    def _wait(self, file: File, step: Step) -> None:
        """Time passes."""
        self.clock.advance_s(step.way * 15 * 86_400)

    def _erase(self, file: File, step: Step) -> None:
        """As `egide journal erase` does it: not while an alarm is open or a kit is out."""
        if {"prepared", "out"} & set(file.kits.values()) or any(file.alarms.values()):
            return
        self._listen()
        journal = self.installation.journal
        records, marks = self.build(), Pseudonyms(self.installation.keys)
        kept = r.RecordsKept(tables=rows_about(records, marks, file.case, list(file.kits)))
        do_erase(journal, file.case, "dpo-1")
        do_erase(journal, file.case, "dpo-2", kept)
        self.erased[file.case] = self.today
        self.files[self.files.index(file)] = self._new_file()
