"""
Answer what is in the log and prove it.

What counts as published is the newest checkpoint row: decisions read it in the same database as everything else. A
receipt is made from the files alone, as any client could make it, after one read of the entry's number.
"""

from collections.abc import Iterable

from registry.core.checkpoint import Proof, open_checkpoint
from registry.core.errors import BadProof
from registry.core.tiles import inclusion_proof_from
from registry.log import folder
from registry.log.folder import LogDamaged
from registry.log.identity import verifiers
from registry.models import Checkpoint, Entry


def tree_size() -> int:
    """Return the size of the newest published checkpoint, 0 before the first."""
    size: int | None = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    return size or 0


def indices(digests: Iterable[str]) -> dict[str, int | None]:
    """Return each statement's number; None where it is not under the newest published checkpoint."""
    size = tree_size()
    wanted = list(digests)
    rows = Entry.objects.filter(leaf__digest__in=wanted, index__lt=size).values_list("leaf__digest", "index")
    found: dict[str, int] = dict(rows)
    return {digest: found.get(digest) for digest in wanted}


def proof(digest: str) -> str | None:
    """Return the tlog-proof of one statement, None until it is published."""
    index = Entry.objects.filter(leaf__digest=digest).values_list("index", flat=True).first()
    note = folder.read_checkpoint()
    if index is None or note is None:
        return None
    size = open_checkpoint(note, *verifiers()).size
    if index >= size:
        return None
    try:
        hashes = inclusion_proof_from(index, size, folder.read_tile)
    except (FileNotFoundError, BadProof) as error:
        raise LogDamaged(problem="a tile is missing or torn; `publish --rebuild` makes it again") from error
    return Proof(index=index, hashes=hashes, checkpoint_text=note.decode()).format().decode()
