"""
Carry an old receipt over to a newer checkpoint of its log, step by step.

1. Statement: the envelope's payload is canonical and has the header that all statements share.
2. Old receipt: it leads from this very envelope to the old root.
3. Newer checkpoint: signed by the log.
4. Consistency: the newer tree extends the old one, and the entry is where it was (``registry.core.resealing``).
5. Witnesses: as many as the trust given asks for cosigned the newer checkpoint.
6. Trust: the log's keys of today are in the trust given.

The old checkpoint's signature is not looked at: its root is part of what is signed now. So a receipt outlives the keys
and the algorithms under which it was made, as long as somebody carries it over in time.
"""

from dataclasses import dataclass

from generation.core.inclusion import check_witnesses
from generation.core.logged import included, signed_by_log
from generation.core.receipt import statement_of, trust_of
from generation.core.steps import Checks, Found, Judgement, require, run
from generation.core.trust import NO_TRUST, Signed, Trust, open_signed
from registry.core.checkpoint import Proof, VerifierKey
from registry.core.envelope import Envelope
from registry.core.jcs import Json
from registry.core.resealing import reseal
from registry.core.tiles import ReadTile


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealing:
    envelope: Envelope
    old: Proof
    newer: bytes  # the log's checkpoint of today, a signed note
    stated: tuple[VerifierKey, ...]  # keys that the log states of itself
    read: ReadTile  # tiles as of the newer size
    given: Trust | None

    @property
    def trusted(self) -> Trust:
        return self.given or NO_TRUST

    @property
    def known(self) -> tuple[VerifierKey, ...]:
        return tuple(dict.fromkeys((*self.stated, *self.trusted.log)))

    @property
    def signed(self) -> Signed:
        return open_signed(self.newer.decode(), self.known)

    def made(self) -> Proof:
        """Return the new receipt; raises where it cannot be made."""
        return reseal(self.old, self.newer, self.read, self.known)


def verify_resealing(resealing: Resealing) -> Judgement:
    """Judge whether the receipt can be carried over."""
    steps = run(STEPS, resealing, lambda _: ())
    about: dict[str, Json] = {"digest": resealing.envelope.digest, "index": resealing.old.index}
    return Judgement(kind="reseal", steps=steps, planned=len(STEPS), about=about)


def _statement(resealing: Resealing) -> Found:
    return statement_of(resealing.envelope)


def _old(resealing: Resealing) -> Found:
    return included(resealing.envelope, resealing.old)


def _newer(resealing: Resealing) -> Found:
    signed = resealing.signed
    newest = signed.note.format() == resealing.newer
    require(newest, "the checkpoint is not written as signed notes are")
    return signed_by_log(resealing.newer.decode(), resealing.known, resealing.trusted)


def _consistency(resealing: Resealing) -> Found:
    made = resealing.made()
    return "proven", f"entry {made.index} of the {resealing.signed.checkpoint.size}, in a tree that extends the old one"


def _witnesses(resealing: Resealing) -> Found:
    return check_witnesses([resealing.signed], resealing.trusted)


def _trust(resealing: Resealing) -> Found:
    return trust_of(resealing.given, resealing.signed.lacks(resealing.trusted))


STEPS: Checks[Resealing] = (
    ("statement", _statement),
    ("old receipt", _old),
    ("newer checkpoint", _newer),
    ("consistency", _consistency),
    ("witnesses", _witnesses),
    ("trust", _trust),
)
