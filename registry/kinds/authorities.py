"""
Who acts for whom: `authority.granted`, `authority.ended`, `authority.disputed`.

A person grants authority over their own affairs. Guardians and estates cannot be appointed by whom they act for, so a
third party, who is none of the agents, attests to them with evidence. What was signed under an authority is for
``registry.services.authority`` at the door, and for the decision ever after.
"""

from types import MappingProxyType

from registry.core.authority import ATTESTED, PARSERS, AuthorityDisputed, AuthorityEnded, AuthorityGranted
from registry.errors import AlreadyRegistered, Conflict, Inadmissible
from registry.kinds.kind import Context, Kind, Locks, Look
from registry.kinds.papers import mention
from registry.locks import Head, bump, party_head
from registry.models import Authority, AuthorityAgent, Dispute, DocumentMention
from registry.selectors.authorities import agents_of, require_authority
from registry.selectors.parties import as_data_subject, kind_of
from registry.selectors.policies import court_officers
from registry.texts.authorities import describe_disputed, describe_ended, describe_granted

OF_PEOPLE = ("estate", "guardian", "union")  # roles that only a person has


def _who_grants(record: AuthorityGranted, look: Look) -> frozenset[str]:
    """The principal; of a guardian or an estate whoever else is neither principal nor agent."""
    if record.role not in ATTESTED:
        return frozenset({record.principal})
    return frozenset({look.issuer}) - {record.principal, *record.agents}


def _check_granted(context: Context) -> None:
    record: AuthorityGranted = context.record
    if Authority.objects.filter(id=record.authority).exists():
        raise AlreadyRegistered(kind="authority", id=record.authority, field="body.authority")
    principal = kind_of(record.principal, field="body.principal")
    if principal != "person" and record.role in OF_PEOPLE:
        raise Inadmissible(f"party `{record.principal}` is not a person", code="not_a_person", field="body.principal")
    if record.principal in record.agents:
        raise Inadmissible("nobody is their own agent", code="self_authorised", field="body.agents")
    for number, agent in enumerate(record.agents):
        field = f"body.agents[{number}]"
        if kind_of(agent, field=field) != "organisation" and record.role == "union":
            raise Inadmissible("a union is an organisation", code="not_an_organisation", field=field)


def _apply_granted(context: Context) -> None:
    record: AuthorityGranted = context.record
    Authority.objects.create(
        id=record.authority,
        digest=context.digest,
        principal=record.principal,
        attestor=context.statement.issuer,
        role=record.role,
        required=record.required,
        powers=sorted(record.powers),
        acts=record.acts,
        start=record.start,
        end=record.end,
    )
    AuthorityAgent.objects.bulk_create(AuthorityAgent(authority=record.authority, agent=a) for a in record.agents)
    mention(context, record.evidence_sha256, readers={record.principal, *record.agents} | court_officers())


def _granted_heads(record: AuthorityGranted, issuer: str) -> Locks:
    return Locks(exclusive=frozenset({party_head(record.principal), Head("authority", record.authority)}))


def _who_ends(record: AuthorityEnded, look: Look) -> frozenset[str]:
    """The principal, an agent who resigns, or who attested to it."""
    row = require_authority(record.authority, field="body.authority")
    return agents_of(row.id) | {row.principal, row.attestor}


def _check_ended(context: Context) -> None:
    if require_authority(context.record.authority, field="body.authority").ended is not None:
        raise Conflict("the authority has ended already", code="already_ended", field="body.authority")


def _apply_ended(context: Context) -> None:
    Authority.objects.filter(id=context.record.authority).update(ended=context.digest)
    bump([Head("authority", context.record.authority)])


def _who_disputes(record: AuthorityDisputed, look: Look) -> frozenset[str]:
    """Whoever has evidence; an agent who doubts the authority resigns instead."""
    row = require_authority(record.authority, field="body.authority")
    return frozenset({look.issuer}) - agents_of(row.id)


def _apply_disputed(context: Context) -> None:
    row = require_authority(context.record.authority, field="body.authority")
    Dispute.objects.create(
        digest=context.digest,
        kind="authority",
        target=row.id,
        by=context.statement.issuer,
        against=row.attestor,
        issued_at=context.statement.issued_at,
    )
    sides = agents_of(row.id) | {row.principal, row.attestor}
    mention(context, context.record.evidence_sha256, readers=sides | court_officers())
    bump([Head("authority", row.id)])


def _of_authority(record: AuthorityEnded | AuthorityDisputed, issuer: str) -> Locks:
    row = require_authority(record.authority, field="body.authority")
    return Locks(shared=frozenset({party_head(row.principal)}), exclusive=frozenset({Head("authority", row.id)}))


def _principal(record: AuthorityEnded | AuthorityDisputed) -> str | None:
    return as_data_subject(require_authority(record.authority, field="body.authority").principal)


AUTHORITY_GRANTED = Kind(
    type="authority.granted",
    effect="widens",
    parse=PARSERS["authority.granted"],
    issuers=_who_grants,
    subject=lambda record: as_data_subject(record.principal),
    heads=_granted_heads,
    check=_check_granted,
    apply=_apply_granted,
    describe=describe_granted,
    tables=(Authority, AuthorityAgent, DocumentMention),
    usual=MappingProxyType({"powers": ["negotiate", "view"], "required": 1, "evidence_sha256": None}),
)

AUTHORITY_ENDED = Kind(
    type="authority.ended",
    effect="narrows",
    parse=PARSERS["authority.ended"],
    issuers=_who_ends,
    subject=_principal,
    heads=_of_authority,
    check=_check_ended,
    apply=_apply_ended,
    describe=describe_ended,
    tables=(Authority,),
)

AUTHORITY_DISPUTED = Kind(
    type="authority.disputed",
    effect="narrows",
    parse=PARSERS["authority.disputed"],
    issuers=_who_disputes,
    subject=_principal,
    heads=_of_authority,
    apply=_apply_disputed,
    describe=describe_disputed,
    tables=(Dispute, DocumentMention),
)

KINDS = (AUTHORITY_GRANTED, AUTHORITY_ENDED, AUTHORITY_DISPUTED)
