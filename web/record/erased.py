"""
Find the erasures that took names out of a text, and signers out of a record.

What a record says of an erasure is when it was and where the log holds it; what else the registry said of the person
then is theirs (``generation.core.record_erased``).
"""

from collections.abc import Iterable

from generation.core.record_erased import ERASURE, Erased
from registry import log
from registry.core.errors import DomainError
from registry.errors import Conflict
from registry.models import DestroyedKey, StatementRow
from registry.statements import Opened, open_statements, owner_of


class SignerErased(DomainError):
    """Whoever signed was erased, and their key with them: nothing can show any more that the signature is theirs."""

    code = "papers_erased"
    status = 410

    def __init__(self, *, digest: str) -> None:
        super().__init__(f"somebody who signed `{digest}` was erased, and their key with them: no new record is made")


def erasures_of(opened: Opened) -> tuple[Erased, ...]:
    """Return the erasures of those whose names are gone from a text; raises ``Conflict`` before one is published."""
    return tuple(_erasure(person) for person in sorted(opened.erased))


def _erasure(person: str) -> Erased:
    """A data key is destroyed at the time of the `erasure.done` that says so, in its transaction."""
    at = DestroyedKey.objects.values_list("at", flat=True).get(owner=owner_of(person))
    digests = StatementRow.objects.filter(type=ERASURE, accepted_at=at).values_list("digest", flat=True)
    first = min(_about(person, open_statements(digests).values()), key=lambda one: one.statement.digest)
    digest = first.statement.digest
    proof = log.proof(digest)
    if proof is None:
        raise Conflict("an erasure that took a name out of it is not yet under a checkpoint", code="not_yet_published")
    return Erased(
        party=person,
        at=first.statement.issued_at,
        digest=digest,
        envelope_sha256=first.envelope.envelope_sha256,
        proof=proof,
    )


def _about(person: str, erasures: Iterable[Opened]) -> list[Opened]:
    return [one for one in erasures if one.statement.body["subject"] == person]
