"""
What is said about licences: granting and recording them, and all that changes one later.

Bodies of ``docs/formats.md`` section 3. A licence lets its licensee use works, assets or a catalogue within boxes; all
else it says is a condition, which binds whoever relies on it. How they are settled:
``consent.core.settled.licences``.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from registry.core.approvals import ApprovalTerm, read_approvals
from registry.core.envelope import canonical
from registry.core.errors import Malformed
from registry.core.events import AnyScope, Following, box_of, read_following, read_timed
from registry.core.fields import Reader, require_sorted
from registry.core.jcs import Json
from registry.core.limits import Caps, read_caps
from registry.core.record import read_date
from registry.core.subjects import Subject, read_categories, read_subjects
from registry.core.times import parse_time

EXCLUSIVITIES: Final = ("none", "sole", "exclusive")
BINDS: Final = ("licensee", "licensor")
CONTROL_CHANGES: Final = ("continues", "ends")
LICENSED_KINDS: Final = ("asset", "catalogue", "work")
MAX_SELL_OFF_DAYS: Final = 1_095  # three years
MAX_HOLDBACKS: Final = 32
MAX_OPTIONS: Final = 32
MAX_OPTION_NAME: Final = 80  # characters
MAX_CHAIN: Final = 8  # licences from the holder down to the one relied on


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdback:
    binds: str  # licensee | licensor
    scopes: tuple[AnyScope, ...]

    def format(self) -> dict[str, Json]:
        return {"binds": self.binds, "scopes": [scope.format() for scope in self.scopes]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    option: str  # its name
    exercise: tuple[datetime, datetime]  # half-open
    scopes: tuple[AnyScope, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsUnless:
    event: Following  # without `plus`
    by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    licensor: str
    licensee: str
    subjects: tuple[Subject, ...]
    new_assets: bool
    scopes: tuple[AnyScope, ...]
    exclusivity: str  # none | sole | exclusive
    sublicensable: bool
    parent: str | None  # digest of the licence under which this is a sublicence
    assignable: bool
    change_of_control: str  # continues | ends
    caps: Caps
    holdbacks: tuple[Holdback, ...]
    approvals: tuple[ApprovalTerm, ...]
    options: tuple[Option, ...]
    ends_unless: EndsUnless | None
    product_categories: tuple[str, ...]  # empty: every category
    sell_off_days: int
    document_sha256: str | None
    signed_on: date | None

    @property
    def every_scope(self) -> tuple[AnyScope, ...]:
        """Every box that a licence speaks of: its own, those of its options and of its holdbacks."""
        options = (box for option in self.options for box in option.scopes)
        return (*self.scopes, *options, *(box for holdback in self.holdbacks for box in holdback.scopes))

    @property
    def every_act(self) -> int:
        """Every act that it speaks of: whoever signs it for the licensor must reach them."""
        acts = 0
        for box in self.every_scope:
            acts |= box_of(box).acts
        return acts


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceConfirmed:
    licence: str  # digest of the licence.recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceDenied:
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceAmended:
    licence: str  # digest of the first statement of the licence
    effective_from: datetime
    terms: Licence  # without document_sha256 and signed_on
    document_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceTerminated:
    licence: str
    sell_off_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionExercised:
    licence: str
    option: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantAssigned:
    grant: str  # digest of a licence, a consent or a title claim
    to: str
    effective_from: datetime
    document_sha256: str | None


def parse_licence_granted(body: Reader) -> Licence:
    return _licence(body, signed_on=_signed_on(body), document_sha256=body.opt_digest("document_sha256"))


def parse_licence_recorded(body: Reader) -> Licence:
    """Read a licence recorded from paper: the document's hash and the day it was signed are required."""
    licence = parse_licence_granted(body)
    for name in ("document_sha256", "signed_on"):
        if getattr(licence, name) is None:
            raise Malformed("missing_field", field=body.at(name))
    return licence


def parse_licence_amended(body: Reader) -> LicenceAmended:
    terms = body.object("terms")
    amended = LicenceAmended(
        licence=body.digest("licence"),
        effective_from=body.time("effective_from"),
        terms=_licence(terms, signed_on=None, document_sha256=None),
        document_sha256=body.opt_digest("document_sha256"),
    )
    terms.finish()
    return amended


def parse_licence_terminated(body: Reader) -> LicenceTerminated:
    return LicenceTerminated(licence=body.digest("licence"), sell_off_until=body.opt_time("sell_off_until"))


def parse_option_exercised(body: Reader) -> OptionExercised:
    return OptionExercised(licence=body.digest("licence"), option=body.str("option", max_chars=MAX_OPTION_NAME))


def parse_grant_assigned(body: Reader) -> GrantAssigned:
    return GrantAssigned(
        grant=body.digest("grant"),
        to=body.uuid("to"),
        effective_from=body.time("effective_from"),
        document_sha256=body.opt_digest("document_sha256"),
    )


def _licence(body: Reader, *, signed_on: date | None, document_sha256: str | None) -> Licence:
    return Licence(
        licensor=body.uuid("licensor"),
        licensee=body.uuid("licensee"),
        subjects=read_subjects(body, "subjects", LICENSED_KINDS),
        new_assets=body.bool("new_assets"),
        scopes=read_timed(body, "scopes"),
        exclusivity=body.choice("exclusivity", EXCLUSIVITIES),
        sublicensable=body.bool("sublicensable"),
        parent=body.opt_digest("parent"),
        assignable=body.opt_bool("assignable") or False,
        change_of_control=body.opt_choice("change_of_control", CONTROL_CHANGES) or "ends",
        caps=read_caps(body),
        holdbacks=_holdbacks(body),
        approvals=read_approvals(body),
        options=_options(body),
        ends_unless=_ends_unless(body.opt_object("ends_unless")),
        product_categories=read_categories(body),
        sell_off_days=body.opt_int("sell_off_days", 0, MAX_SELL_OFF_DAYS) or 0,
        document_sha256=document_sha256,
        signed_on=signed_on,
    )


def _signed_on(body: Reader) -> date | None:
    signed_on = body.opt_raw("signed_on")
    return None if signed_on is None else read_date(signed_on, body.at("signed_on"))


def _holdbacks(body: Reader) -> tuple[Holdback, ...]:
    holdbacks = body.list_of("holdbacks", _holdback, max_items=MAX_HOLDBACKS)
    require_sorted([canonical(holdback.format()).decode() for holdback in holdbacks], body.at("holdbacks"))
    return holdbacks


def _holdback(value: object, path: str) -> Holdback:
    held = Reader(value, path)
    holdback = Holdback(binds=held.choice("binds", BINDS), scopes=read_timed(held, "scopes"))
    held.finish()
    return holdback


def _options(body: Reader) -> tuple[Option, ...]:
    options = body.list_of("options", _option, max_items=MAX_OPTIONS)
    require_sorted([option.option for option in options], body.at("options"))
    return options


def _option(value: object, path: str) -> Option:
    held = Reader(value, path)
    option = Option(
        option=held.str("option", max_chars=MAX_OPTION_NAME),
        exercise=_exercise(held),
        scopes=read_timed(held, "scopes"),
    )
    held.finish()
    return option


def _exercise(held: Reader) -> tuple[datetime, datetime]:
    path = held.at("exercise")
    times = held.list_of("exercise", _time, min_items=2, max_items=2)
    if times[0] >= times[1]:
        raise Malformed("bad_value", field=path, wanted="a start before the end")
    return times[0], times[1]


def _time(value: object, path: str) -> datetime:
    if not isinstance(value, str):
        raise Malformed("bad_time", field=path)
    return parse_time(value, field=path)


def _ends_unless(held: Reader | None) -> EndsUnless | None:
    if held is None:
        return None
    ends = EndsUnless(
        event=read_following(held.raw("event"), held.at("event"), plus=False),
        by=held.time("by"),
    )
    held.finish()
    return ends


PARSERS: Final = {
    "licence.granted": parse_licence_granted,
    "licence.recorded": parse_licence_recorded,
    "licence.confirmed": lambda body: LicenceConfirmed(licence=body.digest("licence")),
    "licence.denied": lambda body: LicenceDenied(licence=body.digest("licence")),
    "licence.amended": parse_licence_amended,
    "licence.terminated": parse_licence_terminated,
    "option.exercised": parse_option_exercised,
    "grant.assigned": parse_grant_assigned,
}
