"""
Who acts for whom: the bodies of `authority.granted`, `authority.ended` and `authority.disputed`.

Bodies of ``docs/formats.md`` section 3. Whether a signature given under an authority counts is for the decision.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from registry.core import recovery
from registry.core.box import FOREVER_S, read_window
from registry.core.errors import EmptyDimension, Malformed
from registry.core.fields import Reader, read_str, read_uuid, require_sorted
from registry.core.terms import ACTS
from registry.core.times import from_epoch_s
from registry.core.titles import MAX_GROUNDS

ROLES: Final = ("agent", "guardian", "estate", "union", "vendor", "society")
POWERS: Final = ("view", "negotiate", "grant", "revoke", "approve", recovery.POWER)
ATTESTED: Final = frozenset({"guardian", "estate"})  # roles that the principal cannot grant: somebody else attests them
MAX_AGENTS: Final = 32  # of one authority


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityGranted:
    authority: str
    principal: str
    agents: tuple[str, ...]
    required: int  # how many of the agents sign together
    role: str
    powers: frozenset[str]
    acts: int  # mask: what may be granted or approved
    start: datetime
    end: datetime | None
    evidence_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityEnded:
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityDisputed:
    authority: str
    grounds: str
    evidence_sha256: str


def parse_granted(body: Reader) -> AuthorityGranted:
    """Read an authority; guardians and estates are attested with evidence, and no more sign than there are agents."""
    agents = body.list_of("agents", read_uuid, min_items=1, max_items=MAX_AGENTS)
    require_sorted(agents, body.at("agents"))
    start, end = _window(body)
    granted = AuthorityGranted(
        authority=body.uuid("authority"),
        principal=body.uuid("principal"),
        agents=agents,
        required=body.int("required", 1, MAX_AGENTS),
        role=body.choice("role", ROLES),
        powers=frozenset(_powers(body)),
        acts=ACTS.mask(_sorted(body, "acts"), body.at("acts")),
        start=start,
        end=end,
        evidence_sha256=body.opt_digest("evidence_sha256"),
    )
    if granted.required > len(agents):
        raise Malformed("bad_value", field=body.at("required"), wanted="at most the number of agents")
    if granted.role in ATTESTED and granted.evidence_sha256 is None:
        raise Malformed("missing_field", field=body.at("evidence_sha256"), wanted="the digest of the evidence")
    if recovery.POWER in granted.powers and granted.role not in recovery.ROLES:
        roles = " | ".join(sorted(recovery.ROLES))
        raise Malformed("bad_value", field=body.at("powers"), value=recovery.POWER, wanted=f"the role {roles} for it")
    return granted


def parse_disputed(body: Reader) -> AuthorityDisputed:
    return AuthorityDisputed(
        authority=body.uuid("authority"),
        grounds=body.str("grounds", max_chars=MAX_GROUNDS),
        evidence_sha256=body.digest("evidence_sha256"),
    )


def _window(body: Reader) -> tuple[datetime, datetime | None]:
    start_s, end_s = read_window(body)
    if start_s >= end_s:
        raise EmptyDimension(dimension="window", field=body.at("window"))
    return from_epoch_s(start_s), None if end_s == FOREVER_S else from_epoch_s(end_s)


def _powers(body: Reader) -> tuple[str, ...]:
    powers = _sorted(body, "powers")
    for power in powers:
        if power not in POWERS:
            raise Malformed("bad_value", field=body.at("powers"), value=power, wanted=" | ".join(POWERS))
    return powers


def _sorted(body: Reader, name: str) -> tuple[str, ...]:
    names = body.list_of(name, read_str)
    require_sorted(names, body.at(name))
    return names


AuthorityRecord = AuthorityGranted | AuthorityEnded | AuthorityDisputed

PARSERS: Final[Mapping[str, Callable[[Reader], AuthorityRecord]]] = MappingProxyType(
    {
        "authority.granted": parse_granted,
        "authority.ended": lambda body: AuthorityEnded(authority=body.uuid("authority")),
        "authority.disputed": parse_disputed,
    }
)
