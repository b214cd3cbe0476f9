"""What is read out by radio in twenty seconds: weapons first, then where, who, and how to make contact (rule 3)."""

from django.utils.translation import gettext as _

from egide.access.templatetags.units import metres
from egide.alarm.state import AlarmState
from egide.boards.service import Briefing, disclosed_address
from egide.boards.shown.words import place_of


def radio_lines(briefing: Briefing, state: AlarmState) -> list[str]:
    """Sentences in the order of reading. A non-disclosed address never goes over the air, wherever she is."""
    lines = [_weapons(briefing), _where(briefing, state), _person(briefing)]
    lines += [*_perpetrator(briefing), *_contact(briefing)]
    return [_shortened(line) for line in lines]


def _weapons(briefing: Briefing) -> str:
    weapons = ", ".join(
        f"{weapon.text} ({_('seen') if weapon.known else _('suspected')})" for weapon in briefing.file.weapons
    )
    return (
        _("Silent alarm. Weapons: %(weapons)s.") % {"weapons": weapons}
        if weapons
        else _("Silent alarm. No weapon in the file.")
    )


def _where(briefing: Briefing, state: AlarmState) -> str:
    route = state.lead.route
    address = disclosed_address(briefing, state)
    place = address or (place_of(route) if route and route.position else "")
    if not place or route is None or route.position is None:
        return _("Position not known.")
    accuracy = metres(route.position.accuracy_m)
    if route.basis == "last known":
        return _("Last known position: %(place)s, to within %(accuracy)s.") % {
            "place": place,
            "accuracy": accuracy,
        }
    return _("Position: %(place)s, to within %(accuracy)s.") % {"place": place, "accuracy": accuracy}


def _person(briefing: Briefing) -> str:
    return _("Person: %(name)s, %(age)s years.") % {
        "name": briefing.file.beneficiary.name,
        "age": briefing.age,
    }


def _perpetrator(briefing: Briefing) -> list[str]:
    if not briefing.perpetrators:
        return []
    facts = briefing.perpetrators[0].facts
    told = ", ".join(filter(None, (facts.name, facts.description, facts.vehicle)))
    return [_("Perpetrator: %(told)s.") % {"told": told.rstrip(".")}]


def _contact(briefing: Briefing) -> list[str]:
    silence = briefing.file.beneficiary.silence
    return [_("Contact: %(how)s.") % {"how": silence.rstrip(".")}] if silence else []


def _shortened(line: str, words: int = 18) -> str:
    parts = line.split()
    return line if len(parts) <= words else " ".join(parts[:words]).rstrip(",;") + " …"
