"""
Follow a log from its last verified checkpoint to the one that it serves now.

1. The checkpoint is read, and believed by ``Keys``: signature, origin, time, witnesses.
2. One of the size that was seen before has the same root, or the log forked.
3. A smaller one was taken back, whatever it holds; where it contradicts what was seen, that is proven too.
4. A larger one begins with what was seen. Its beginning is computed from tiles that lead to the new root, so that a
   difference is the log's own word and not a server's accident; that proof goes into the evidence.
5. The log's own times do not go back while it grows.

Only what passed all of it is followed; whatever else is served, the last verified checkpoint stays. Nothing is written
here, and the clock is the caller's.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from registry.core.errors import BadNote, BadProof
from registry.core.merkle import verify_consistency
from registry.core.quorum import QuorumMissing
from registry.core.times import to_epoch_s
from registry.watch.evidence import Evidence, EvidenceKind
from registry.watch.findings import Finding
from registry.watch.signed import FromTheFuture, Keys, Seen
from registry.watch.source import Source, Unreachable, read_checkpoint
from registry.watch.tree import Tree

Remember = Callable[[int], Seen | None]  # the checkpoint of a size that was verified before


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """How far the log is verified now; ``tree`` is None where nothing could be read of it."""

    seen: Seen | None  # the last verified checkpoint, new or as it was
    tree: Tree | None
    findings: tuple[Finding, ...] = ()
    signed: bool = False  # what is served now was signed by the keys that are believed, whatever else it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One look at one log."""

    source: Source
    keys: Keys
    at: datetime
    remember: Remember = lambda size: None

    def follow(self, last: Seen | None) -> Followed:
        """Read the newest checkpoint and judge it against the last verified one."""
        try:
            seen = self.keys.open(read_checkpoint(self.source))
        except (BadNote, Unreachable) as error:
            return self._stay(last, _unchecked(error))
        try:
            ahead = self.keys.check(seen, at_s=to_epoch_s(self.at))
        except FromTheFuture as error:
            evidence = Evidence(
                kind="from_the_future", seen_at=self.at, where=self.source.name, earlier=seen.note, later=None
            )
            return self._stay(last, Finding(code=error.code, facts={"problem": str(error)}, evidence=evidence))
        except (BadNote, QuorumMissing) as error:
            return self._stay(last, _unchecked(error))
        notices = tuple(Finding(code="witness_ahead", facts={"witness": one.key.name}) for one in ahead)
        found = self._judge(last, seen)
        return replace(found, findings=notices + found.findings, signed=True)

    def compare(self, data: bytes, tree: Tree, own: Seen) -> Finding | None:
        """
        Judge a checkpoint that somebody else was shown, or that a receipt holds, against the verified one.

        Raises ``BadNote`` where the log did not sign it.
        """
        other = self.keys.open(data)
        try:
            if other.size <= own.size:
                return self._difference(other, own, tree)
            larger = Tree(source=self.source, checkpoint=other.checkpoint)
            if found := self._difference(own, other, larger):
                return found
        except (BadProof, Unreachable) as error:
            if other.size <= own.size:
                return _unchecked(error)
        return Finding(code="ahead", facts={"size": other.size, "own": own.size})

    def _judge(self, last: Seen | None, seen: Seen) -> Followed:
        tree = Tree(source=self.source, checkpoint=seen.checkpoint)
        if last is not None and seen.size < last.size:
            return self._stay(last, self._rollback(last, seen))
        try:
            finding = None if last is None else self._difference(last, seen, tree)
            if finding is None:  # even a first checkpoint is believed only with the tiles that lead to it
                tree.prefix_root(seen.size)
        except (BadProof, Unreachable) as error:
            return self._stay(last, _unchecked(error))
        if finding is None and last is not None and last.contradicts(seen):
            finding = self._finding("backdated", last, seen)
        if finding is not None:
            return self._stay(last, finding)
        if last is not None and last.size == seen.size:
            seen = last  # the same tree: what was kept first stays
        return Followed(seen=seen, tree=tree)

    def _difference(self, small: Seen, large: Seen, tree: Tree) -> Finding | None:
        """Return how the larger tree, which is ``tree``, begins otherwise than the smaller one."""
        if small.size == large.size:
            same = small.checkpoint.root == large.checkpoint.root
            return None if same else self._finding("fork", small, large)
        root = tree.prefix_root(small.size)
        if root == small.checkpoint.root:
            return None
        proof = tree.consistency(small.size)
        verify_consistency(small.size, large.size, root, large.checkpoint.root, proof)
        return self._finding("rewritten", small, large, root=root, proof=proof)

    def _rollback(self, last: Seen, seen: Seen) -> Finding:
        """Say the worst that can be proven of a smaller checkpoint."""
        known = self.remember(seen.size)
        if known is not None and known.checkpoint.root != seen.checkpoint.root:
            return self._finding("fork", known, seen)
        try:
            larger = Tree(source=self.source, checkpoint=last.checkpoint)
            if found := self._difference(seen, last, larger):
                return found
        except (BadProof, Unreachable):  # the larger tree is served no more: that it was taken back stands
            pass
        return self._finding("rollback", last, seen)

    def _finding(
        self,
        kind: EvidenceKind,
        earlier: Seen,
        later: Seen,
        *,
        root: bytes | None = None,
        proof: tuple[bytes, ...] = (),
    ) -> Finding:
        evidence = Evidence(
            kind=kind,
            seen_at=self.at,
            where=self.source.name,
            earlier=earlier.note,
            later=later.note,
            root=root,
            proof=proof,
        )
        return Finding(code=kind, facts={"earlier": earlier.size, "later": later.size}, evidence=evidence)

    def _stay(self, last: Seen | None, finding: Finding) -> Followed:
        """Keep to the last verified checkpoint, whose tree may still be read."""
        tree = None if last is None else Tree(source=self.source, checkpoint=last.checkpoint)
        return Followed(seen=last, tree=tree, findings=(finding,))


def _unchecked(error: BadNote | BadProof | Unreachable | QuorumMissing) -> Finding:
    code = "log_unreachable" if isinstance(error, Unreachable) else error.code
    return Finding(code=code, facts={"problem": str(error)})
