"""
Where statements stand in the log, and whether that fits what was decided.

1. ``places_of``: each receipt leads from its statement to the root of its checkpoint; one index holds one statement.
2. ``check_order``: places are those that the decisions were told; grounds lie before the decision that used them,
   clearance and release after the log that they read.
3. ``check_enrolments``: who signed a ground was enrolled in the log before it. A false enrolment made up for one bundle
   is not in the log, and one in the log is there for everybody to see.
4. ``check_checkpoints``: the roots are signed by the log, and no size has two.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from consent.core.cleared import ClearanceIssued
from generation.core.bundle import Bundle, Decided
from generation.core.credential import Credential
from generation.core.papers import Unproven, require
from generation.core.record import ShotReleased
from registry.core.checkpoint import Checkpoint, Note, Proof, VerifierKey, open_checkpoint
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
    origin: str
    sizes: frozenset[int]
    signers: tuple[VerifierKey, ...]


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


def check_checkpoints(places: Iterable[Place], keys: Collection[VerifierKey]) -> Checked:
    """Verify every checkpoint by a known key of its origin; all are of one log, and no size has two roots."""
    texts = {text for place in places for text in place.checkpoints}
    signers: dict[VerifierKey, None] = {}
    roots: dict[int, bytes] = {}
    origins = set()
    for text in sorted(texts):
        checkpoint, signer = _opened(text, keys)
        signers[signer] = None
        origins.add(checkpoint.origin)
        same = roots.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
        require(same, f"the log signed two roots for {checkpoint.size} entries")
    require(len(origins) == 1, "the receipts come from more than one log")
    return Checked(origin=origins.pop(), sizes=frozenset(roots), signers=tuple(signers))


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


def _opened(text: str, keys: Collection[VerifierKey]) -> tuple[Checkpoint, VerifierKey]:
    origin = Checkpoint.parse(Note.parse(text.encode()).text).origin
    named = [key for key in keys if key.name == origin]
    if not named:
        raise Unproven(f"no key of the log `{origin[:80]}` is known")
    for key in named[:-1]:
        if any(signature.keyid == key.keyid for signature in Note.parse(text.encode()).signatures):
            return open_checkpoint(text.encode(), key), key
    return open_checkpoint(text.encode(), named[-1]), named[-1]
