"""What a file holds, as typed values: each becomes the sealed JSON of one row of `casework.models`."""

from datetime import date

import msgspec


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all sealed contents."""


class Sourced(Facts, frozen=True, kw_only=True):
    """A warning never stands without its source and date, and whether it was verified or only reported (rule 12)."""

    text: str
    source: str
    on: date
    verified: bool = False
    # Somebody's opinion and not something that happened: kept apart from facts (Directive (EU) 2016/680, art. 7).
    assessment: bool = False


class Area(Facts, frozen=True, kw_only=True):
    """A circle on the ground, in 1e-7 degree and metres. `label` says what lies in its middle."""

    lat_e7: int
    lon_e7: int
    radius_m: int
    label: str = ""


class CaseFacts(Facts, frozen=True, kw_only=True):
    """Context of the case; `instructions` are tactical, and each names its author as source (rule 12)."""

    context: str = ""
    reference: str = ""
    instructions: tuple[Sourced, ...] = ()


class BeneficiaryFacts(Facts, frozen=True, kw_only=True):
    """The person who carries the button. `silence` says how to make contact without giving them away (rule 13).

    `language` is one of ours and that of the documents; `safe_contact` is a way that the perpetrator does not see,
    `safe_when` says at which times, `unsafe_contact` what must never be used. `agreed_word` proves at a call-back
    that she speaks freely (rule 8): anyone who knows it can end an alarm. `consent` names what she agreed to.
    """

    name: str
    born: date
    languages: str
    description: str = ""
    silence: str = ""
    phone: str = ""
    language: str = "fr"
    safe_contact: str = ""
    safe_when: str = ""
    unsafe_contact: str = ""
    agreed_word: str = ""
    needs: str = ""
    interpreter: str = ""
    routine: str = ""
    consent: str = ""
    consent_on: date | None = None


class PerpetratorFacts(Facts, frozen=True, kw_only=True):
    """A person who threatens, or who acts for one. `role` is "suspect" or "convicted" (Directive 2016/680, art. 6).

    `acts_for` names the perpetrator for whom somebody acts (rule 26), empty for the perpetrator himself. `national`
    is an identity number or another mark under which two files of one person are recognised.
    """

    name: str
    born: date | None = None
    role: str = "suspect"
    relation: str = ""
    description: str = ""
    vehicle: str = ""
    personality: tuple[Sourced, ...] = ()
    likely_places: str = ""
    acts_for: str = ""
    national: str = ""
    addictions: str = ""
    detained_until: date | None = None


class WeaponFacts(Sourced, frozen=True, kw_only=True):
    """A weapon; `known` says that somebody saw it, otherwise it is suspected."""

    known: bool = False


class AntecedentFacts(Sourced, frozen=True, kw_only=True):
    """What happened before."""


class ChildFacts(Facts, frozen=True, kw_only=True):
    """A child in the file; nothing here says where the child is now (rule 12)."""

    name: str
    born: date
    remark: str = ""
    school: str = ""


class PoliceReportFacts(Facts, frozen=True, kw_only=True):
    """A report that was filed, with its number."""

    number: str
    on: date
    about: str
    unit: str = ""


class PersonFacts(Facts, frozen=True, kw_only=True):
    """Somebody else in the file. `role` is a word of `PERSON_ROLES`, kept apart from the perpetrators (rule 26)."""

    name: str
    role: str = "at-risk"
    relation: str = ""
    contact: str = ""
    remark: str = ""


class Breach(Facts, frozen=True, kw_only=True):
    """A recorded breach of a measure."""

    on: date
    source: str


class Extension(Facts, frozen=True, kw_only=True):
    """A measure was made to hold until `until`, by `issuer`."""

    on: date
    until: date
    issuer: str


class MeasureFacts(Facts, frozen=True, kw_only=True):
    """A measure of the law. `kind` is a word of `MEASURE_KINDS`; a place ban or residence ban has an area."""

    kind: str
    issuer: str
    starts: date
    ends: date | None = None
    against: str = ""
    area: Area | None = None
    breaches: tuple[Breach, ...] = ()
    reference: str = ""
    conditions: str = ""
    extensions: tuple[Extension, ...] = ()
    # The areas of a ban around further addresses.
    more_areas: tuple[Area, ...] = ()


class PlaceFacts(Facts, frozen=True, kw_only=True):
    """A place of the protected person with the last 50 metres (rule 13). `kind`: home, work, school or other."""

    kind: str
    address: str
    area: Area
    entrance: str = ""
    floor: str = ""
    bell: str = ""
    door_code: str = ""
    dog: str = ""
    meeting_point: str = ""


MEASURE_KINDS = ("residence-ban", "place-ban", "contact-ban", "other")
PERSON_ROLES = ("at-risk", "witness", "to-warn", "support")
