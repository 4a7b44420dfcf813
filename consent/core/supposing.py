"""
Read drafts that nobody has signed, as if they had been: what would this text allow?

Each is taken as signed by its issuer, and by whoever signs with them under an authority; as under the checkpoint, at
the place that ``vouched.indices`` gives it; and an offer as accepted by whom it is made to. Nothing else is supposed:
paper stays paper until its licensor's key confirms it, and who may not say a thing has not said it here either.

INVARIANT (supposed-never-clears): facts with a draft in them answer questions and clear nothing. No envelope exists
for a draft, so that neither ``facts_from`` nor a verifier can come by the same facts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from consent.core.record import Consent, GrantAccepted
from consent.core.settled.read import Read
from consent.core.settled.reading import record_of
from consent.core.vouched import Vouched
from registry.core.authority import AuthorityGranted
from registry.core.envelope import Statement, sha256_hex


def suppose(drafts: Iterable[Statement], held: Sequence[Read], vouched: Vouched) -> list[Read]:
    """Return drafts as if signed, and offers as if accepted; raises ``DomainError`` where one is unreadable."""
    reads = [_as_logged(draft, vouched) for draft in drafts]
    authorities = [s.record for s in (*held, *reads) if isinstance(s.record, AuthorityGranted)]
    signed = [replace(s, signers=_signing_with(s.issuer, authorities)) for s in reads]
    return signed + [_acceptance(s) for s in signed if s.type == "consent.granted" and s.record.basis == "contract"]


def _as_logged(draft: Statement, vouched: Vouched) -> Read:
    return Read(
        digest=draft.digest,
        type=draft.type,
        issuer=draft.issuer,
        issued_at=draft.issued_at,
        body=draft.body,
        record=record_of(draft.type, draft.body),
        index=vouched.indices[draft.digest],
        tree_size=vouched.tree_size,
        authorised=True,
    )


def _signing_with(issuer: str, authorities: Iterable[AuthorityGranted]) -> frozenset[str]:
    """Return the issuer and who would sign beside it: fellow agents, and the guardians of whoever needs some."""
    beside = (one.agents for one in authorities if issuer == one.principal or issuer in one.agents)
    return frozenset({issuer}).union(*beside)


def _acceptance(offer: Read) -> Read:
    consent: Consent = offer.record
    return replace(
        offer,
        digest=sha256_hex(f"acceptance of {offer.digest}".encode()),
        type="grant.accepted",
        issuer=consent.grantee,
        body={"grant": offer.digest},
        record=GrantAccepted(grant=offer.digest),
        signers=frozenset({consent.grantee}),
    )
