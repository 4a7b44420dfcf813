"""
Answer what is in the log and prove it.

What counts as published is the newest checkpoint row: decisions read it in the same database as everything else. A
receipt is made from the files alone, as any client could make it, after one read of the entry's number.
"""

from collections.abc import Iterable
from typing import Final

from registry.core.checkpoint import Proof, open_checkpoint
from registry.core.errors import BadProof
from registry.core.tiles import inclusion_proof_from
from registry.log import folder
from registry.log.folder import LogDamaged
from registry.log.identity import verifiers
from registry.models import Checkpoint
from registry.prepared import run

NO_END: Final = (1 << 63) - 1
# The run of a leaf is the last one that begins no later, if it reaches so far (``registry.models.log``).
_INDICES: Final = """
    SELECT s.digest, r.index + s.seq - r.seq FROM registry_statement s CROSS JOIN LATERAL (
        SELECT index, seq, count FROM registry_run WHERE seq <= s.seq ORDER BY seq DESC LIMIT 1
    ) r
    WHERE s.digest = ANY(%s) AND s.seq < r.seq + r.count AND r.index + s.seq - r.seq < %s
"""
_DIGESTS: Final = """
    SELECT s.digest FROM registry_run r JOIN registry_statement s ON s.seq >= r.seq AND s.seq < r.seq + r.count
    WHERE r.index >= coalesce((SELECT max(index) FROM registry_run WHERE index <= %s), 0)
    AND r.index + s.seq - r.seq >= %s AND r.index < %s AND r.index + s.seq - r.seq < %s
    ORDER BY r.index + s.seq - r.seq
"""


def tree_size() -> int:
    """Return the size of the newest published checkpoint, 0 before the first."""
    size: int | None = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    return size or 0


def indices(digests: Iterable[str]) -> dict[str, int | None]:
    """Return each statement's number; None where it is not under the newest published checkpoint."""
    size = tree_size()
    wanted = list(digests)
    rows = run(_INDICES, [[bytes.fromhex(digest) for digest in wanted], size]).fetchall()
    found = {bytes(digest).hex(): int(index) for digest, index in rows}
    return {digest: found.get(digest) for digest in wanted}


def digests(start: int, end: int) -> list[str]:
    """Return the statements that have the numbers [start, end), in their order."""
    return [bytes(digest).hex() for (digest,) in run(_DIGESTS, [start, start, end, end]).fetchall()]


def proof(digest: str) -> str | None:
    """Return the tlog-proof of one statement, None until it is published."""
    found = run(_INDICES, [[bytes.fromhex(digest)], NO_END]).fetchone()
    note = folder.read_checkpoint()
    if found is None or note is None:
        return None
    index = int(found[1])
    size = open_checkpoint(note, *verifiers()).size
    if index >= size:
        return None
    try:
        hashes = inclusion_proof_from(index, size, folder.read_tile)
    except (FileNotFoundError, BadProof) as error:
        raise LogDamaged(problem="a tile is missing or torn; `publish --rebuild` makes it again") from error
    return Proof(index=index, hashes=hashes, checkpoint_text=note.decode()).format().decode()
