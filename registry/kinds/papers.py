"""Note which paper a statement names, and who may read its issuer's copy (``registry.services.documents``)."""

from collections.abc import Iterable

from registry.kinds.kind import Context
from registry.models import DocumentMention


def mention(context: Context, sha256: str | None, *, readers: Iterable[str], issuer: str | None = None) -> None:
    """Let these parties read the copy that an issuer, by default the statement's, deposited, if it did."""
    if sha256 is None:
        return
    issuer = issuer or context.statement.issuer
    DocumentMention.objects.bulk_create(
        DocumentMention(digest=context.digest, sha256=sha256, issuer=issuer, reader=reader)
        for reader in sorted(set(readers) - {issuer})
    )
