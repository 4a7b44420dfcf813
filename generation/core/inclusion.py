"""
Where statements stand in the log, and whether that fits what was decided.

1. ``places_of``: each receipt leads from its statement to the root of its checkpoint; one index holds one statement.
2. ``check_order``: places are those that the decisions were told; grounds lie before the decision that used them,
   clearance and release after the log that they read.
3. ``check_enrolments``: who signed a ground was enrolled in the log before it. A false enrolment made up for one bundle
   is not in the log, and one in the log is there for everybody to see.
4. ``check_checkpoints``: the roots are signed by the log, and no size has two.
5. ``check_witnesses``: as many of the trusted witnesses as the trust asks for cosigned each of them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from consent.core.cleared import ClearanceIssued
from generation.core.bundle import Bundle, Decided
from generation.core.credential import Credential
from generation.core.record import ShotReleased
from generation.core.steps import Found, Outcome, require
from generation.core.trust import Signed, Trust, open_signed
from registry.core.checkpoint import Checkpoint, Note, Proof, VerifierKey
from registry.core.entry import entry_of
from registry.core.envelope import Envelope, parse_statement
from registry.core.keys import PublicKey
from registry.core.merkle import leaf_hash, verify_inclusion

Places = Mapping[str, "Place"]  # by digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An entry's number, and the checkpoint under whose root it was shown to be."""

    digest: str
    index: int
    checkpoints: tuple[str, ...]  # signed notes, verbatim; their signatures are not checked yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Checkpoints of one log, each signed by a known key of it."""

    signed: tuple[Signed, ...]  # one at least

    @property
    def origin(self) -> str:
        return self.signed[0].checkpoint.origin

    @property
    def sizes(self) -> frozenset[int]:
        return frozenset(one.checkpoint.size for one in self.signed)

    def lacks(self, trust: Trust) -> list[str]:
        """Say what signatures of the log the trust asks for and some checkpoint has not."""
        return [*dict.fromkeys(lack for one in self.signed for lack in one.lacks(trust))]


def places_of(bundle: Bundle, credential: Credential) -> dict[str, Place]:
    """Check every receipt, the one inside the file too; raises where one fails or two statements share an index."""
    places = {
        digest: _place(held.envelope, [held.proof])
        for digest, held in bundle.statements.items()
        if held.proof is not None
    }
    cleared = bundle.clearance.digest
    require(cleared in places, f"the clearance `{cleared}` has no proof of inclusion")
    both = [bundle.statements[cleared].proof or "", credential.proof]
    places[cleared] = _place(bundle.statements[cleared].envelope, both)
    by_index: dict[int, str] = {}
    for place in places.values():
        other = by_index.setdefault(place.index, place.digest)
        require(other == place.digest, f"statements `{other}` and `{place.digest}` both are number {place.index}")
    return places


def check_order(bundle: Bundle, places: Places, issued: ClearanceIssued, released: ShotReleased) -> None:
    """Compare proven places with what the decisions were told and with each other."""
    for decided, logged in ((bundle.clearance, issued), (bundle.release, released)):
        _check_told(decided, places)
        for digest, _ in logged.grounds:
            require(digest in places, f"ground `{digest}` has no proof of inclusion")
            late = f"ground `{digest}` is number {places[digest].index}, the decision read {logged.tree_size} entries"
            require(places[digest].index < logged.tree_size, late)
        own = places[decided.digest].index
        require(own >= logged.tree_size, f"statement `{decided.digest}` lies within the log that it says it read")
    require(places[bundle.clearance.digest].index < places[bundle.release.digest].index, "the release lies before")
    require(issued.tree_size <= released.tree_size, "the release read an older log than the clearance")


def check_enrolments(bundle: Bundle, places: Places, grounds: Collection[str]) -> None:
    """Each key that signed a ground was brought by a statement proven to be in the log before it."""
    brought = _brought(bundle, places)
    for ground in sorted(grounds):
        for signature in bundle.statements[ground].envelope.signatures:
            enrolled = brought.get(signature.keyid)
            problem = f"ground `{ground}` is signed by key `{signature.keyid}`, of which no enrolment is proven"
            require(enrolled is not None and enrolled < places[ground].index, problem)


def check_checkpoints(texts: Iterable[str], known: Collection[VerifierKey]) -> Checked:
    """Verify every checkpoint by a known key of its origin; all are of one log, and no size has two roots."""
    roots: dict[int, bytes] = {}
    signed = tuple(open_signed(text, tuple(known)) for text in sorted(set(texts)))
    for checkpoint in (one.checkpoint for one in signed):
        same = roots.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
        require(same, f"the log signed two roots for {checkpoint.size} entries")
    require(len({one.checkpoint.origin for one in signed}) == 1, "the receipts come from more than one log")
    return Checked(signed=signed)


def check_witnesses(signed: Collection[Signed], trust: Trust) -> Found:
    """Count the trusted witnesses of every checkpoint; raises ``BadNote`` where one of them signed falsely."""
    if not signed:
        return "vouched", "that the log shows everybody the same entries: no key of it is known"
    fewest = min(len(one.witnessed(trust)) for one in signed)
    if not trust.quorum:
        return "vouched", "that the log shows everybody the same entries: the trust given asks for no witnesses"
    outcome: Outcome = "proven" if fewest >= trust.quorum else "consistent"
    return outcome, f"every checkpoint is cosigned by {fewest} or more witnesses, {trust.quorum} are asked for"


def _place(envelope: Envelope, proofs: list[str]) -> Place:
    indices = set()
    checkpoints = []
    for text in proofs:
        proof = Proof.parse(text.encode())
        require(proof.extra is None, "a receipt carries `extra`, which nobody signed")
        checkpoint = Checkpoint.parse(Note.parse(proof.checkpoint_text.encode()).text)
        verify_inclusion(proof.index, checkpoint.size, leaf_hash(entry_of(envelope)), proof.hashes, checkpoint.root)
        indices.add(proof.index)
        checkpoints.append(proof.checkpoint_text)
    require(len(indices) == 1, f"two receipts of statement `{envelope.digest}` name different places")
    return Place(digest=envelope.digest, index=indices.pop(), checkpoints=tuple(checkpoints))


def _check_told(decided: Decided, places: Places) -> None:
    """A place that the decision was told is the proven one; what it was told is unpublished came after its log."""
    for digest, told in decided.vouched.indices.items():
        if digest not in places:
            continue
        proven = places[digest].index
        if told is None:
            require(
                proven >= decided.vouched.tree_size, f"statement `{digest}` was in the log, the decision was told not"
            )
        else:
            require(proven == told, f"statement `{digest}` is number {proven}, the decision was told {told}")


def _brought(bundle: Bundle, places: Places) -> dict[str, int]:
    """Map each key that a proven statement enrolled or added to the first place where it did."""
    brought: dict[str, int] = {}
    for digest, place in places.items():
        statement = parse_statement(bundle.statements[digest].envelope.payload)
        key = statement.body.get("key") if statement.type in ("party.registered", "key.added") else None
        if key is not None:
            keyid = PublicKey.parse(key, "body.key").keyid
            brought[keyid] = min(place.index, brought.get(keyid, place.index))
    return brought
