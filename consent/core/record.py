"""
What performers say: consents, their acceptance and their withdrawal, as values.

Bodies of ``docs/formats.md`` section 3. A consent may say only what the software enforces; a term not yet honoured is
refused with ``unsupported_term``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_digest, read_str, require_sorted
from registry.core.limits import Caps, read_caps
from registry.core.rights import UnsupportedTerm, read_scopes, refuse_unless
from registry.core.scope import Scope
from registry.core.terms import ACTS, ASPECTS, PERFORMER_ASPECTS

DIALOGUE_KINDS = ("none", "any", "as_scripted", "listed")
REPLICA_USES = ("employment_based", "independently_created", "background", "alteration", "synthetic")
TAILS = ("keep", "pull", "finish")
STRIKES = ("continues", "suspends")
MAX_NOTICE_HOURS = 8_760  # a year
MAX_SCENES = 1_000
MAX_DIGESTS = 1_000  # grants named by one revocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    kind: str  # none | any | as_scripted | listed
    script_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    performer: str
    grantee: str
    scopes: tuple[Scope, ...]
    description: str
    role: str | None  # None is any role
    scenes: frozenset[str] | None  # None is any scene
    dialogue: Dialogue
    replica_use: frozenset[str]
    replaces_in_person_work: bool
    represented: bool
    basis: str  # contract | consent
    notice_hours: int | None  # None: a revocation takes effect at commit
    caps: Caps
    survives_death: bool
    tail: Mapping[str, str]  # act -> keep | pull | finish
    strike: str
    assignable: bool
    retention_until: datetime | None
    supersedes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantAccepted:
    grant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRevoked:
    performer: str
    grants: tuple[str, ...] | None
    grantee: str | None


def parse_consent(body: Reader) -> Consent:
    for name in ("approvals", "future_projects"):
        refuse_unless(body, name, [])
    refuse_unless(body, "minor", False)
    refuse_unless(body, "cooling_off_until", None)
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
        notice_hours=_notice_hours(body.object("revocation"), basis),
        caps=read_caps(body),
        survives_death=body.bool("survives_death"),
        tail=_tail(body.object("tail")),
        strike=body.choice("strike", STRIKES),
        assignable=body.bool("assignable"),
        retention_until=body.opt_time("retention_until"),
        supersedes=_digests(body, "supersedes", min_items=0),
    )


def parse_accepted(body: Reader) -> GrantAccepted:
    return GrantAccepted(grant=body.digest("grant"))


def parse_revoked(body: Reader) -> ConsentRevoked:
    grants = None if body.opt_raw("grants") is None else _digests(body, "grants", min_items=1)
    revoked = ConsentRevoked(performer=body.uuid("performer"), grants=grants, grantee=body.opt_uuid("grantee"))
    if (revoked.grants is None) == (revoked.grantee is None):
        raise Malformed("bad_value", field=body.at("grants"), wanted="either `grants` or `grantee`, not both")
    return revoked


def read_dialogue(held: Reader) -> Dialogue:
    """Read `{"kind","script_sha256"}`; a script is named exactly where the kind speaks of one."""
    kind = held.choice("kind", DIALOGUE_KINDS)
    dialogue = Dialogue(kind=kind, script_sha256=held.opt_digest("script_sha256"))
    held.finish()
    if (kind in ("as_scripted", "listed")) != (dialogue.script_sha256 is not None):
        raise Malformed("bad_value", field=held.at("script_sha256"), wanted="a digest with `as_scripted` or `listed`")
    return dialogue


_dialogue = read_dialogue


def _performer_scopes(body: Reader) -> tuple[Scope, ...]:
    scopes = read_scopes(body)
    for number, scope in enumerate(scopes):
        if scope.aspects & ~PERFORMER_ASPECTS:
            path = f"{body.at('scopes')}[{number}].aspects"
            raise Malformed("bad_value", field=path, wanted=" | ".join(ASPECTS.names(PERFORMER_ASPECTS)))
    return scopes


def _scenes(body: Reader) -> frozenset[str] | None:
    if body.raw("scenes") == "any":
        return None
    scenes = body.list_of("scenes", read_str, min_items=1, max_items=MAX_SCENES)
    require_sorted(scenes, body.at("scenes"))
    return frozenset(scenes)


def _notice_hours(held: Reader, basis: str) -> int | None:
    kind = held.choice("kind", ("at_will", "on_notice", "for_breach", "not_during_term"))
    if kind in ("for_breach", "not_during_term"):
        raise UnsupportedTerm(field=held.at("kind"))
    hours = held.opt_int("notice_hours", 1, MAX_NOTICE_HOURS)
    held.finish()
    if (kind == "on_notice") != (hours is not None):
        raise Malformed("bad_value", field=held.at("notice_hours"), wanted="hours with `on_notice`, else null")
    if basis == "consent" and hours is not None:
        raise Malformed("bad_value", field=held.at("kind"), wanted="`at_will`, as the basis is consent")
    return hours


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


ConsentRecord = Consent | GrantAccepted | ConsentRevoked

PARSERS: Mapping[str, Callable[[Reader], ConsentRecord]] = MappingProxyType(
    {
        "consent.granted": parse_consent,
        "grant.accepted": parse_accepted,
        "consent.revoked": parse_revoked,
    }
)
