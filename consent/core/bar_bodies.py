"""
Never and not now: the bodies of restrictions and suspensions.

Bodies of ``docs/formats.md`` section 3. What they bar is for the decision.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from registry.core.errors import Malformed
from registry.core.events import AnyScope, Timed, read_timed
from registry.core.fields import Reader, read_str, read_uuid, require_sorted
from registry.core.terms import PERFORMER_ASPECTS

SUSPENSIONS: Final = ("strike", "court", "holdback", "personal")
SUSPENDED: Final = ("performer", "union", "work", "asset", "grantee")
MAX_PROJECTS: Final = 10_000  # that one strike excepts, or one agreement frees
MAX_AGREEMENTS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionDeclared:
    restriction: str
    performer: str
    scopes: tuple[AnyScope, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionLifted:
    restriction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """Whom or what a suspension binds."""

    kind: str  # performer | union | work | asset | grantee
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionDeclared:
    suspension: str
    kind: str  # strike | court | holdback | personal
    by: str  # the issuer
    on: Suspended
    scopes: tuple[AnyScope, ...]
    agreements: frozenset[str]  # of projects; empty is every agreement, and none
    excepted_projects: frozenset[str]
    document_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionLifted:
    suspension: str
    scopes: tuple[AnyScope, ...] | None  # the part that is lifted; None with no projects: all of it
    projects: frozenset[str] | None  # for which it is lifted


def parse_restriction(body: Reader) -> RestrictionDeclared:
    return RestrictionDeclared(
        restriction=body.uuid("restriction"), performer=body.uuid("performer"), scopes=_of_performers(body)
    )


def parse_suspension(body: Reader) -> SuspensionDeclared:
    """Read a suspension; a court's names its document."""
    kind = body.choice("kind", SUSPENSIONS)
    on = _suspended(body.object("on"))
    suspension = SuspensionDeclared(
        suspension=body.uuid("suspension"),
        kind=kind,
        by=body.uuid("by"),
        on=on,
        scopes=_of_performers(body) if on.kind in ("performer", "union") else read_timed(body, "scopes"),
        agreements=frozenset(_sorted(body, "agreements", read_str, MAX_AGREEMENTS)),
        excepted_projects=frozenset(_sorted(body, "excepted_projects", read_uuid, MAX_PROJECTS)),
        document_sha256=body.opt_digest("document_sha256"),
    )
    if kind == "court" and suspension.document_sha256 is None:
        raise Malformed("missing_field", field=body.at("document_sha256"), wanted="the digest of the court's order")
    return suspension


def parse_suspension_lifted(body: Reader) -> SuspensionLifted:
    scopes = None if body.opt_raw("scopes") is None else read_timed(body, "scopes")
    projects = None
    if body.opt_raw("projects") is not None:
        projects = frozenset(_sorted(body, "projects", read_uuid, MAX_PROJECTS, min_items=1))
    return SuspensionLifted(suspension=body.uuid("suspension"), scopes=scopes, projects=projects)


def _suspended(held: Reader) -> Suspended:
    found = Suspended(kind=held.choice("kind", SUSPENDED), id=held.uuid("id"))
    held.finish()
    return found


def _of_performers(body: Reader) -> tuple[AnyScope, ...]:
    scopes = read_timed(body, "scopes")
    for number, scope in enumerate(scopes):
        box = scope.box if isinstance(scope, Timed) else scope
        if box.aspects & ~PERFORMER_ASPECTS:
            path = f"{body.at('scopes')}[{number}].aspects"
            raise Malformed("bad_value", field=path, wanted="aspects of a performer")
    return scopes


def _sorted(
    body: Reader, name: str, read: Callable[[object, str], str], max_items: int, *, min_items: int = 0
) -> tuple[str, ...]:
    items = body.list_of(name, read, min_items=min_items, max_items=max_items)
    require_sorted(items, body.at(name))
    return items


BarRecord = RestrictionDeclared | RestrictionLifted | SuspensionDeclared | SuspensionLifted

PARSERS: Final[Mapping[str, Callable[[Reader], BarRecord]]] = MappingProxyType(
    {
        "restriction.declared": parse_restriction,
        "restriction.lifted": lambda body: RestrictionLifted(restriction=body.uuid("restriction")),
        "suspension.declared": parse_suspension,
        "suspension.lifted": parse_suspension_lifted,
    }
)
