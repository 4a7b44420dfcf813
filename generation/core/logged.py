"""
The steps that every receipt takes: from a statement to the root of a checkpoint, and from there to keys and witnesses.

Each function is one step of ``generation.core.receipt``, ``record_paper`` or ``whole_log``; what they share with a
shot's bundle is in ``generation.core.inclusion`` and ``generation.core.trust``.
"""

from generation.core.steps import Found, require
from generation.core.trust import Signed, Trust, open_signed
from registry.core.checkpoint import Checkpoint, Note, Proof, VerifierKey
from registry.core.entry import entry_of
from registry.core.envelope import Envelope
from registry.core.merkle import leaf_hash, verify_inclusion


def included(envelope: Envelope, proof: Proof) -> Found:
    """Lead from the statement's entry to the root that its receipt names."""
    require(proof.extra is None, "the receipt carries `extra`, which nobody signed")
    checkpoint = Checkpoint.parse(Note.parse(proof.checkpoint_text.encode()).text)
    verify_inclusion(proof.index, checkpoint.size, leaf_hash(entry_of(envelope)), proof.hashes, checkpoint.root)
    place = f"entry {proof.index} of {checkpoint.size}, root `{checkpoint.root.hex()}`"
    return "proven", f"the log holds it, signatures included: {place}"


def signed_by_log(text: str, known: tuple[VerifierKey, ...], trust: Trust) -> Found:
    """Only a signed root proves anything; without any key of the log its signature cannot even be looked at."""
    origin = Checkpoint.parse(Note.parse(text.encode()).text).origin
    if not any(key.name == origin for key in known):
        return "consistent", f"of {origin}: no key of that log was given, so that nobody's signature was checked"
    return _told(open_signed(text, known), trust)


def _told(signed: Signed, trust: Trust) -> Found:
    by = " and ".join(sorted({key.kind.algorithm.name for key in signed.signers}))
    told = f"the tree of {signed.checkpoint.size} entries is signed by the log {signed.checkpoint.origin} ({by})"
    lacks = signed.lacks(trust)
    return ("consistent", f"{told}; not in the trust given: {', '.join(lacks)}") if lacks else ("proven", told)


def open_if_known(text: str, known: tuple[VerifierKey, ...]) -> tuple[Signed, ...]:
    """Return the checkpoint as its log signed it; nothing where no key of that log is known."""
    origin = Checkpoint.parse(Note.parse(text.encode()).text).origin
    return (open_signed(text, known),) if any(key.name == origin for key in known) else ()
