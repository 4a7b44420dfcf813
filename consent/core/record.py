"""
What performers say: consents, their acceptance and their withdrawal, as values.

Bodies of ``docs/formats.md`` section 3. Restrictions and suspensions are in ``consent.core.bar_bodies``, approvals in
``consent.core.approval_bodies``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from registry.core.approvals import ApprovalTerm, read_approvals
from registry.core.errors import Malformed
from registry.core.events import AnyScope, Timed, read_timed
from registry.core.fields import Reader, read_digest, read_str, read_uuid, require_sorted
from registry.core.limits import Caps, read_caps
from registry.core.record import read_date
from registry.core.terms import ACTS, ASPECTS, PERFORMER_ASPECTS
from registry.core.titles import MAX_GROUNDS

DIALOGUE_KINDS = ("none", "any", "as_scripted", "listed")
REPLICA_USES = ("employment_based", "independently_created", "background", "alteration", "synthetic")
TAILS = ("keep", "pull", "finish")
STRIKES = ("continues", "suspends")
REVOCATIONS = ("at_will", "on_notice", "for_breach", "not_during_term")
CAUSES = ("will", "breach")
GUARDIANS = ("one", "all")
AT_MAJORITY = ("ends", "continues", "to_be_ratified")
MAX_NOTICE_HOURS = 8_760  # a year
MAX_SCENES = 1_000
MAX_PROJECTS = 1_000  # nodes that one consent follows
MAX_DIGESTS = 1_000  # grants named by one revocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    kind: str  # none | any | as_scripted | listed
    script_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationTerm:
    """How the performer may take a consent back."""

    kind: str  # at_will | on_notice | for_breach | not_during_term
    notice_hours: int | None  # with `on_notice`


@dataclass(frozen=True, slots=True, kw_only=True)
class MinorTerm:
    """What holds of a consent to the use of somebody under age."""

    guardians: str  # one | all
    court_order_sha256: str | None
    at_majority: str  # ends | continues | to_be_ratified


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    performer: str
    grantee: str
    scopes: tuple[AnyScope, ...]
    description: str
    role: str | None  # None is any role
    scenes: frozenset[str] | None  # None is any scene
    dialogue: Dialogue
    replica_use: frozenset[str]
    replaces_in_person_work: bool
    represented: bool
    basis: str  # contract | consent
    revocation: RevocationTerm
    approvals: tuple[ApprovalTerm, ...]
    caps: Caps
    survives_death: bool
    tail: Mapping[str, str]  # act -> keep | pull | finish
    minor: MinorTerm | None
    strike: str
    assignable: bool
    future_projects: frozenset[str]  # nodes whose later descendants are covered with them
    retention_until: datetime | None
    cooling_off_until: datetime | None
    supersedes: tuple[str, ...]
    answers: str | None  # digest of the request or record that it answers
    # Of a consent recorded from paper by its grantee:
    document_sha256: str | None = None
    signed_on: date | None = None
    counters: str | None = None  # digest of the offer that it counters


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantAccepted:
    grant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRatified:
    grant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRevoked:
    performer: str
    grants: tuple[str, ...] | None
    grantee: str | None
    cause: str = "will"  # will | breach
    evidence_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationDisputed:
    revocation: str
    grounds: str
    evidence_sha256: str


def parse_consent(body: Reader) -> Consent:
    """Read a consent that its performer grants."""
    basis = body.choice("basis", ("contract", "consent"))
    return Consent(
        performer=body.uuid("performer"),
        grantee=body.uuid("grantee"),
        scopes=_performer_scopes(body),
        description=body.str("description", max_chars=2_000),
        role=body.opt_str("role", max_chars=200),
        scenes=_scenes(body),
        dialogue=_dialogue(body.object("dialogue")),
        replica_use=frozenset(_set_of(body, "replica_use", REPLICA_USES)),
        replaces_in_person_work=body.bool("replaces_in_person_work"),
        represented=body.bool("represented"),
        basis=basis,
        revocation=_revocation(body.object("revocation"), basis),
        approvals=read_approvals(body),
        caps=read_caps(body),
        survives_death=body.bool("survives_death"),
        tail=_tail(body.object("tail")),
        minor=_minor(body),
        strike=body.choice("strike", STRIKES),
        assignable=body.bool("assignable"),
        future_projects=frozenset(_projects(body)),
        retention_until=body.opt_time("retention_until"),
        cooling_off_until=body.opt_time("cooling_off_until"),
        supersedes=_digests(body, "supersedes", min_items=0),
        answers=body.opt_digest("answers"),
    )


def parse_recorded(body: Reader) -> Consent:
    """Read a consent recorded from paper: the document's hash and the day it was signed are required."""
    return replace(
        parse_consent(body),
        document_sha256=body.digest("document_sha256"),
        signed_on=read_date(body.raw("signed_on"), body.at("signed_on")),
        counters=body.opt_digest("counters"),
    )


def parse_accepted(body: Reader) -> GrantAccepted:
    return GrantAccepted(grant=body.digest("grant"))


def parse_revoked(body: Reader) -> ConsentRevoked:
    grants = None if body.opt_raw("grants") is None else _digests(body, "grants", min_items=1)
    cause = "will" if body.opt_raw("cause") is None else body.choice("cause", CAUSES)
    revoked = ConsentRevoked(
        performer=body.uuid("performer"),
        grants=grants,
        grantee=body.opt_uuid("grantee"),
        cause=cause,
        evidence_sha256=body.opt_digest("evidence_sha256"),
    )
    if cause == "breach" and revoked.evidence_sha256 is None:
        raise Malformed("missing_field", field=body.at("evidence_sha256"), wanted="the digest of the evidence")
    if (revoked.grants is None) == (revoked.grantee is None):
        raise Malformed("bad_value", field=body.at("grants"), wanted="either `grants` or `grantee`, not both")
    return revoked


def parse_revocation_disputed(body: Reader) -> RevocationDisputed:
    return RevocationDisputed(
        revocation=body.digest("revocation"),
        grounds=body.str("grounds", max_chars=MAX_GROUNDS),
        evidence_sha256=body.digest("evidence_sha256"),
    )


def read_dialogue(held: Reader) -> Dialogue:
    """Read `{"kind","script_sha256"}`; a script is named exactly where the kind speaks of one."""
    kind = held.choice("kind", DIALOGUE_KINDS)
    dialogue = Dialogue(kind=kind, script_sha256=held.opt_digest("script_sha256"))
    held.finish()
    if (kind in ("as_scripted", "listed")) != (dialogue.script_sha256 is not None):
        raise Malformed("bad_value", field=held.at("script_sha256"), wanted="a digest with `as_scripted` or `listed`")
    return dialogue


_dialogue = read_dialogue


def _performer_scopes(body: Reader) -> tuple[AnyScope, ...]:
    scopes = read_timed(body, "scopes")
    for number, scope in enumerate(scopes):
        box = scope.box if isinstance(scope, Timed) else scope
        if box.aspects & ~PERFORMER_ASPECTS:
            path = f"{body.at('scopes')}[{number}].aspects"
            raise Malformed("bad_value", field=path, wanted=" | ".join(ASPECTS.names(PERFORMER_ASPECTS)))
    return scopes


def _scenes(body: Reader) -> frozenset[str] | None:
    if body.raw("scenes") == "any":
        return None
    scenes = body.list_of("scenes", read_str, min_items=1, max_items=MAX_SCENES)
    require_sorted(scenes, body.at("scenes"))
    return frozenset(scenes)


def _revocation(held: Reader, basis: str) -> RevocationTerm:
    kind = held.choice("kind", REVOCATIONS)
    hours = held.opt_int("notice_hours", 1, MAX_NOTICE_HOURS)
    held.finish()
    if (kind == "on_notice") != (hours is not None):
        raise Malformed("bad_value", field=held.at("notice_hours"), wanted="hours with `on_notice`, else null")
    if basis == "consent" and kind != "at_will":
        raise Malformed("bad_value", field=held.at("kind"), wanted="`at_will`, as the basis is consent")
    return RevocationTerm(kind=kind, notice_hours=hours)


def _minor(body: Reader) -> MinorTerm | None:
    """Take ``minor``: false, or what holds of a person under age."""
    if body.raw("minor") is False:
        return None
    held = body.object("minor")
    minor = MinorTerm(
        guardians=held.choice("guardians", GUARDIANS),
        court_order_sha256=held.opt_digest("court_order_sha256"),
        at_majority=held.choice("at_majority", AT_MAJORITY),
    )
    held.finish()
    return minor


def _projects(body: Reader) -> tuple[str, ...]:
    projects = body.list_of("future_projects", read_uuid, max_items=MAX_PROJECTS)
    require_sorted(projects, body.at("future_projects"))
    return projects


def _tail(held: Reader) -> Mapping[str, str]:
    tail = {act: held.choice(act, TAILS) for act in ACTS.names(ACTS.all) if held.has(act)}
    held.finish()
    return MappingProxyType(tail)


def _set_of(body: Reader, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    names = body.list_of(name, read_str, min_items=1)
    require_sorted(names, body.at(name))
    for word in names:
        if word not in allowed:
            raise Malformed("bad_value", field=body.at(name), value=word, wanted=" | ".join(allowed))
    return names


def _digests(body: Reader, name: str, *, min_items: int) -> tuple[str, ...]:
    digests = body.list_of(name, read_digest, min_items=min_items, max_items=MAX_DIGESTS)
    require_sorted(digests, body.at(name))
    return digests


ConsentRecord = Consent | ConsentRatified | GrantAccepted | ConsentRevoked | RevocationDisputed

PARSERS: Mapping[str, Callable[[Reader], ConsentRecord]] = MappingProxyType(
    {
        "consent.granted": parse_consent,
        "consent.recorded": parse_recorded,
        "consent.ratified": lambda body: ConsentRatified(grant=body.digest("grant")),
        "grant.accepted": parse_accepted,
        "consent.revoked": parse_revoked,
        "revocation.disputed": parse_revocation_disputed,
    }
)
