"""
What is said about rights in works and assets: title claims and licences.

Bodies of ``docs/formats.md`` section 3. A licence may say only what the software enforces: a term that is not yet
honoured is refused with ``unsupported_term``, since a condition that nobody checks would be worse than none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from registry.core.envelope import canonical
from registry.core.errors import DomainError, Malformed
from registry.core.fields import Reader, read_uuid, require_sorted
from registry.core.limits import Caps, read_caps
from registry.core.record import read_date, read_fraction
from registry.core.scope import Scope

RIGHTS = ("underlying", "script", "picture", "master", "composition", "artwork")
NATURES = ("economic", "moral")
MAX_SCOPES = 64  # boxes of one grant
MAX_SUBJECTS = 1_000  # works and assets of one licence
MAX_SHARE = 10_000  # denominator of a share


class UnsupportedTerm(DomainError):
    """A term that the design knows and this version does not enforce yet."""

    code = "unsupported_term"
    status = 422

    def __init__(self, *, field: str) -> None:
        super().__init__(f"`{field}` says something that is not enforced yet, so it is not accepted", field=field)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Subject:
    kind: str  # asset | work
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleClaim:
    claimant: str
    subject: Subject
    right: str
    nature: str
    scopes: tuple[Scope, ...]
    share: tuple[int, int]
    document_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    licensor: str
    licensee: str
    subjects: tuple[Subject, ...]
    new_assets: bool
    scopes: tuple[Scope, ...]
    caps: Caps
    document_sha256: str | None
    signed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceConfirmed:
    licence: str  # digest of the licence.recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceDenied:
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceTerminated:
    licence: str


def parse_title_claim(body: Reader) -> TitleClaim:
    return TitleClaim(
        claimant=body.uuid("claimant"),
        subject=_subject(body.raw("subject"), body.at("subject")),
        right=body.choice("right", RIGHTS),
        nature=body.choice("nature", NATURES),
        scopes=read_scopes(body),
        share=_share(body),
        document_sha256=body.opt_digest("document_sha256"),
    )


def parse_licence_granted(body: Reader) -> Licence:
    return _licence(body)


def parse_licence_recorded(body: Reader) -> Licence:
    """Read a licence recorded from paper: the document's hash and the day it was signed are required."""
    licence = _licence(body)
    for name in ("document_sha256", "signed_on"):
        if getattr(licence, name) is None:
            raise Malformed("missing_field", field=body.at(name))
    return licence


def _licence(body: Reader) -> Licence:
    refuse_unless(body, "exclusivity", "none")
    refuse_unless(body, "sublicensable", False)
    refuse_unless(body, "parent", None)
    refuse_unless(body, "ends_unless", None)
    for name in ("holdbacks", "approvals", "options", "product_categories"):
        refuse_unless(body, name, [])
    subjects = body.list_of("subjects", _subject, min_items=1, max_items=MAX_SUBJECTS)
    require_sorted([f"{subject.kind} {subject.id}" for subject in subjects], body.at("subjects"))
    signed_on = body.opt_raw("signed_on")
    return Licence(
        licensor=body.uuid("licensor"),
        licensee=body.uuid("licensee"),
        subjects=subjects,
        new_assets=body.bool("new_assets"),
        scopes=read_scopes(body),
        caps=read_caps(body),
        document_sha256=body.opt_digest("document_sha256"),
        signed_on=None if signed_on is None else read_date(signed_on, body.at("signed_on")),
    )


def refuse_unless(body: Reader, name: str, only: object) -> None:
    """Take a field whose only honoured value is ``only``; what the design knows beyond it is `unsupported_term`."""
    value = body.raw(name)
    if type(value) is not type(only) or value != only:
        raise UnsupportedTerm(field=body.at(name))


def read_scopes(body: Reader) -> tuple[Scope, ...]:
    """Take ``scopes``: 1 to 64 boxes, sorted by their canonical bytes, none twice."""
    scopes = body.list_of("scopes", Scope.parse, min_items=1, max_items=MAX_SCOPES)
    require_sorted([canonical(scope.format()).decode() for scope in scopes], body.at("scopes"))
    return scopes


def _subject(value: object, path: str) -> Subject:
    held = Reader(value, path)
    if held.raw("kind") == "catalogue":
        raise UnsupportedTerm(field=held.at("kind"))
    subject = Subject(kind=held.choice("kind", ("asset", "work")), id=read_uuid(held.raw("id"), held.at("id")))
    held.finish()
    return subject


def _share(body: Reader) -> tuple[int, int]:
    share = read_fraction(body.raw("share"), body.at("share"), maximum=MAX_SHARE)
    if share[0] > share[1]:
        raise Malformed("bad_value", field=body.at("share"), wanted="a share of at most 1")
    return share


RightsRecord = TitleClaim | Licence | LicenceConfirmed | LicenceDenied | LicenceTerminated

PARSERS: Mapping[str, Callable[[Reader], RightsRecord]] = MappingProxyType(
    {
        "title.claimed": parse_title_claim,
        "licence.granted": parse_licence_granted,
        "licence.recorded": parse_licence_recorded,
        "licence.confirmed": lambda body: LicenceConfirmed(licence=body.digest("licence")),
        "licence.denied": lambda body: LicenceDenied(licence=body.digest("licence")),
        "licence.terminated": lambda body: LicenceTerminated(licence=body.digest("licence")),
    }
)
