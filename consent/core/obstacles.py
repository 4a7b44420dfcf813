"""
Why a use is not allowed, in words that programs, producers and lawyers can act on.

Codes are API: added, never renamed or reused. ``ORDER`` is also the order in which a grant's failing conditions are
looked at, so that the first one names the obstacle.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from registry.core.jcs import Json, canonical
from registry.core.scope import Scope

Code = Literal[
    "unknown_subject",
    "bytes_mismatch",
    "inventory_unknown",
    "appearance_claimed",
    "no_title",
    "title_disputed",
    "no_grant",
    "grantee_not_covered",
    "not_yet_logged",
    "revoked",
    "suspended",
    "restricted",
    "holdback",
    "not_started",
    "expired",
    "act_not_covered",
    "aspect_not_covered",
    "purpose_not_covered",
    "media_not_covered",
    "territory_not_covered",
    "language_not_covered",
    "window_not_covered",
    "project_not_covered",
    "content_not_covered",
    "role_not_covered",
    "scene_not_covered",
    "dialogue_not_covered",
    "replica_use_not_covered",
    "exclusive_to_other",
    "cap_exhausted",
    "approval_declined",
    "assurance_too_low",
    "identity_unverified",
    "unauthorised_signer",
    "never_allowed",
    "rule_refused",
    "rule_unreadable",
    "rule_fact_missing",
    "engine_unlicensed",
    "weights_tainted",
    "description_mismatch",
    "too_fragmented",
    "product_not_covered",
    "identity_contested",
]
CODES: tuple[Code, ...] = get_args(Code)
ORDER = {code: place for place, code in enumerate(CODES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """Whom to ask, and for exactly what."""

    ask: str
    for_: tuple[Scope, ...] = ()

    def format(self) -> dict[str, Json]:
        return {"ask": self.ask, "for": [scope.format() for scope in self.for_]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    code: Code
    subject: tuple[str, str]  # kind: asset performer project engine request weights work party; id
    act: str | None = None
    aspect: str | None = None
    missing: tuple[Scope, ...] = ()
    nearest: str | None = None
    remedy: Remedy | None = None
    rule: str | None = None  # id of the rule that refuses
    fact: str | None = None  # that nobody stated and the rule reads

    @property
    def sort_key(self) -> tuple[int, tuple[str, str], bytes]:
        """Place in a decision: by code, then subject, then by all that it says, so that no two tie."""
        return ORDER[self.code], self.subject, canonical([self.act or "", self.aspect or "", self.format()])

    def format(self) -> dict[str, Json]:
        return {
            "code": self.code,
            "subject": {"kind": self.subject[0], "id": self.subject[1]},
            "act": self.act,
            "aspect": self.aspect,
            "missing": [scope.format() for scope in self.missing],
            "nearest": self.nearest,
            "rule": self.rule,
            "fact": self.fact,
            "remedy": None if self.remedy is None else self.remedy.format(),
        }
