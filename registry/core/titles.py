"""
What is said about who holds rights: title claims, disputes of them, and how disputes end.

Bodies of ``docs/formats.md`` section 3. Who may say it, and what it does to a decision, is for others.
"""

from dataclasses import dataclass
from typing import Final

from registry.core.errors import Malformed
from registry.core.fields import Reader
from registry.core.record import read_fraction
from registry.core.scope import Scope
from registry.core.subjects import Subject, read_scopes, read_subject

RIGHTS: Final = ("underlying", "script", "picture", "master", "composition", "artwork")
NATURES: Final = ("economic", "moral")
OUTCOMES: Final = ("withdrawn", "dismissed", "upheld", "settled")
MAX_SHARE: Final = 10_000  # denominator of a share
MAX_GROUNDS: Final = 2_000  # characters
DISPUTE_LAPSES_S: Final = 180 * 86_400  # after which a dispute that nobody renews no longer refuses


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
class TitleDisputed:
    claim: str  # digest of the title.claimed
    grounds: str
    evidence_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleResolved:
    dispute: str  # digest of a dispute of a title, an authority or a revocation
    outcome: str  # withdrawn | dismissed | upheld | settled
    document_sha256: str | None


def parse_title_claim(body: Reader) -> TitleClaim:
    return TitleClaim(
        claimant=body.uuid("claimant"),
        subject=read_subject(body.raw("subject"), body.at("subject"), ("asset", "work")),
        right=body.choice("right", RIGHTS),
        nature=body.choice("nature", NATURES),
        scopes=read_scopes(body),
        share=_share(body),
        document_sha256=body.opt_digest("document_sha256"),
    )


def parse_title_disputed(body: Reader) -> TitleDisputed:
    return TitleDisputed(
        claim=body.digest("claim"),
        grounds=body.str("grounds", max_chars=MAX_GROUNDS),
        evidence_sha256=body.digest("evidence_sha256"),
    )


def parse_title_resolved(body: Reader) -> TitleResolved:
    return TitleResolved(
        dispute=body.digest("dispute"),
        outcome=body.choice("outcome", OUTCOMES),
        document_sha256=body.opt_digest("document_sha256"),
    )


def _share(body: Reader) -> tuple[int, int]:
    share = read_fraction(body.raw("share"), body.at("share"), maximum=MAX_SHARE)
    if share[0] > share[1]:
        raise Malformed("bad_value", field=body.at("share"), wanted="a share of at most 1")
    return share


PARSERS: Final = {
    "title.claimed": parse_title_claim,
    "title.disputed": parse_title_disputed,
    "title.resolved": parse_title_resolved,
}
