"""
Number committed leaves, extend the tree, sign it, serve it.

1. Number: give the waiting leaves the next numbers, by ``seq``, in one transaction.
2. Read back the right edge of the last signed tree, from its tiles or, where they are lost, from the entries.
3. Write the tiles and bundles of the larger tree.
4. Sign the checkpoint, and have it cosigned by as many witnesses as ``WITNESS_QUORUM`` says.
5. Insert it, unless one of this size or a larger one is there.
6. Swap the ``checkpoint`` file for the newest row.

Each pass does all six, whatever the one before it got done: recovery is the normal path, and after a crash anywhere
the next pass ends where this one would have. Two publishers at once are harmless: numbers are given under a lock, and
everything after is a function of the numbered entries, so that both write the same tiles and sign the same root.

Where too few witnesses answer, ``WitnessesMissing`` says which one said what. Nothing is published and nothing is lost:
the entries keep their numbers, the last checkpoint is still served, and the next pass asks again for a tree that is at
least as large. A row is never changed, so cosignatures that come too late stay out: the next checkpoint asks anew.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from registry.core import checkpoint as notes
from registry.core.errors import BadNote, BadProof
from registry.core.tiles import Edge
from registry.log import folder
from registry.log.folder import LogDamaged
from registry.log.identity import origin, signers, verifiers
from registry.log.witnesses import quorum, witnesses
from registry.log.witnessing import gather
from registry.models import Checkpoint, Run, Unnumbered
from registry.prepared import run

MAX_BATCH = 4_096  # leaves a pass: 1 MiB of usual entries, 256 MiB of the longest, and a checkpoint after each
NUMBERING = 0x70726F76_6C6F6731  # advisory locks of the database; any two numbers that nobody else uses
SIGNING = 0x70726F76_6C6F6732

_cosigned_sizes: dict[str, int] = {}  # by a witness's address, what it cosigned last; a wrong one costs one more try


def publish(*, at: datetime) -> Checkpoint | None:
    """
    Run one pass; return the checkpoint that it added, None where there was nothing to add.

    Raises ``LogDamaged`` where the files or rows contradict what was signed. Runs its own transactions.
    """
    _refuse_fork()
    size = _number_waiting()
    # A crash here: numbered entries under no checkpoint. The next pass finds them by their numbers and goes on.
    last = Checkpoint.objects.order_by("-size").first()
    added = _extend(last, size, at=at) if size > (last.size if last else 0) else None
    _serve_newest()
    return added


def rebuild() -> None:
    """Write every file of the newest signed tree again, from the entries, where it is missing or torn."""
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is not None:
        _rebuild(newest)
        _serve_newest()


def _number_waiting() -> int:
    """Number what is committed, at most ``MAX_BATCH`` leaves; return how many entries there are now."""
    if not Unnumbered.objects.exists():
        return _count_entries()
    with transaction.atomic():
        _lock(NUMBERING)
        size = _count_entries()
        numbered = _number(size)
        # A crash before the commit gives the numbers back and leaves the queue as it was.
        return size + numbered


def _count_entries() -> int:
    """Count by the newest number: they are dense."""
    newest = Run.objects.order_by("-index").first()
    return 0 if newest is None else newest.index + newest.count


def _number(size: int) -> int:
    """
    Take leaves out of the queue and number them from ``size`` on; return how many there were.

    They go by ``seq``, which is the order of whoever waited for whom.
    """
    return sum(count for (count,) in run(_NUMBER, [MAX_BATCH, size]).fetchall())


# Leaves whose `seq` are neighbours are one run: of these, place and `seq` grow alike.
_NUMBER = """
    WITH taken AS (
        DELETE FROM registry_unnumbered
        WHERE leaf_id IN (SELECT leaf_id FROM registry_unnumbered ORDER BY leaf_id LIMIT %s)
        RETURNING leaf_id
    ), placed AS (
        SELECT leaf_id AS seq, row_number() OVER (ORDER BY leaf_id) - 1 AS place FROM taken
    )
    INSERT INTO registry_run (index, seq, count)
    SELECT %s + min(place), min(seq), count(*) FROM placed GROUP BY seq - place
    RETURNING count
"""


def _extend(last: Checkpoint | None, size: int, *, at: datetime) -> Checkpoint | None:
    """Write the tree of ``size`` entries and sign it; return the row where it is ours."""
    edge = _edge_of(last)
    edge, files = edge.extend(_entries(edge.size, size))
    folder.write_files(files)
    # A crash here: tiles of a size that nobody signed. The next pass writes the same ones, or those of a larger size.
    note = _sign(edge, last, at=at)
    # A crash here: witnesses saw a tree that is not published yet. The next pass shows them one that extends it.
    added = _add(edge, note, at=at)
    # A crash here: a signed row that is not yet served. The next pass starts by serving it.
    folder.drop_partials(files)
    return added


def _edge_of(last: Checkpoint | None) -> Edge:
    """Return the right edge of the last signed tree; it must have the root that was signed."""
    if last is None:
        return Edge.empty()
    try:
        edge = Edge.read(last.size, folder.read_tile)
        if edge.root == bytes(last.root):
            return edge
    except (FileNotFoundError, BadProof):
        pass  # lost or torn files are derived data: made again from the entries, and compared again
    return _rebuild(last)


def _rebuild(last: Checkpoint) -> Edge:
    """Write all tiles of the last signed tree again, from the entries."""
    edge = Edge.empty()
    while edge.size < last.size:
        edge, files = edge.extend(_entries(edge.size, min(edge.size + MAX_BATCH, last.size)))
        folder.write_files(files)
    if edge.root != bytes(last.root):
        raise LogDamaged(problem=f"the first `{last.size}` entries do not have the root that was signed over them")
    return edge


def _entries(start: int, end: int) -> Sequence[bytes]:
    """Read the entries [start, end), all of which must be there."""
    entries = [bytes(entry) for (entry,) in run(_ENTRIES, [start, start, end, end]).fetchall()]
    if len(entries) != end - start:
        raise LogDamaged(problem=f"`{len(entries)}` entries stand where `{end - start}` were numbered from `{start}`")
    return entries


_ENTRIES = """
    SELECT l.entry FROM registry_run r JOIN registry_leaf l ON l.seq >= r.seq AND l.seq < r.seq + r.count
    WHERE r.index >= coalesce((SELECT max(index) FROM registry_run WHERE index <= %s), 0)
    AND r.index + l.seq - r.seq >= %s AND r.index < %s AND r.index + l.seq - r.seq < %s
    ORDER BY r.index + l.seq - r.seq
"""


def _sign(edge: Edge, last: Checkpoint | None, *, at: datetime) -> notes.Note:
    """Sign the checkpoint of this tree, and have it cosigned; no transaction is open while witnesses think."""
    checkpoint = notes.Checkpoint(origin=origin(), size=edge.size, root=edge.root)
    time_s = int(at.timestamp())
    note = notes.sign_note(checkpoint.format(), *signers(None if last is None else last.note), time_s=time_s)
    return gather(note, witnesses(), quorum(), read=folder.read_tile, now_s=time_s, sizes=_cosigned_sizes)


def _add(edge: Edge, note: notes.Note, *, at: datetime) -> Checkpoint | None:
    """
    Insert the checkpoint of this tree by compare-and-swap on its size.

    A rival may have signed this size or a larger one: its root is that of the same entries, so there is nothing to do.
    """
    with transaction.atomic():
        _lock(SIGNING)
        if Checkpoint.objects.filter(size__gte=edge.size).exists():
            return None
        return Checkpoint.objects.create(size=edge.size, root=edge.root, note=note.format().decode(), published_at=at)


def _serve_newest() -> None:
    """Make the file say what the newest row says; under the lock, so that it never goes back."""
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None or folder.serves(newest.note):
        return
    with transaction.atomic():
        _lock(SIGNING)
        newest = Checkpoint.objects.latest("size")
        folder.swap_checkpoint(newest.note)


def _refuse_fork() -> None:
    """
    Refuse to publish beside a checkpoint that our rows do not know, as after restoring an old backup.

    INVARIANT (append-only): what was shown to others stays a prefix of whatever is shown later.
    """
    served = folder.read_checkpoint()
    if served is None:
        return
    try:
        shown = notes.open_checkpoint(served, *verifiers())
    except BadNote as error:
        raise LogDamaged(problem=f"the published checkpoint does not verify: {error}") from error
    row = Checkpoint.objects.filter(size=shown.size).first()
    if row is None or bytes(row.root) != shown.root:
        raise LogDamaged(problem=f"a checkpoint of size `{shown.size}` was published that the database does not hold")


def _lock(number: int) -> None:
    """Wait for the publishers' lock, which the end of the transaction returns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
