"""
Check one receipt, a `c2sp.org/tlog-proof@v1` file, against the statement that it is of.

1. Statement: the envelope's payload is canonical and has the header that all statements share.
2. Inclusion: the log's entry for this very envelope leads to the root of the receipt's checkpoint.
3. Checkpoint: signed by keys of the log that are in the trust given.
4. Witnesses: as many as the trust asks for cosigned it.
5. Trust: whether one was given.

A receipt names no keys: without a trust it can only be consistent. Whose signatures stand in the envelope is told by a
record or a bundle, which carry the keys; here the log's commitment to them is all that is shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from generation.core.inclusion import check_witnesses
from generation.core.logged import included, open_if_known, signed_by_log
from generation.core.steps import Checks, Found, Judgement, Said, run
from generation.core.trust import NO_TRUST, Trust
from registry.core.checkpoint import Proof
from registry.core.envelope import Envelope, parse_statement
from registry.core.jcs import Json
from registry.core.times import format_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    envelope: Envelope
    proof: Proof
    given: Trust | None

    @property
    def trusted(self) -> Trust:
        return self.given or NO_TRUST


def verify_receipt(receipt: Receipt) -> Judgement:
    """Judge a receipt and the statement that it is said to be of."""
    steps = run(STEPS, receipt, _vouched)
    about: dict[str, Json] = {"digest": receipt.envelope.digest, "index": receipt.proof.index}
    return Judgement(kind="receipt", steps=steps, planned=len(STEPS), about=about)


def statement_of(envelope: Envelope) -> Found:
    """Read the header; the body is whatever was signed."""
    statement = parse_statement(envelope.payload)
    return "proven", f"{statement.type} `{statement.digest}`, issued by party `{statement.issuer}`"


def trust_of(given: Trust | None, lacks: list[str]) -> Found:
    """Evidence that names its own keys shows only that it agrees with itself."""
    if given is None:
        return "consistent", "no trust was given: name the log's keys in a file of your own (--trust)"
    if lacks:
        return "consistent", f"not in the trust given: {', '.join(lacks)}"
    return "proven", "every key that was needed is in the trust given"


def _statement(receipt: Receipt) -> Found:
    return statement_of(receipt.envelope)


def _inclusion(receipt: Receipt) -> Found:
    return included(receipt.envelope, receipt.proof)


def _checkpoint(receipt: Receipt) -> Found:
    return signed_by_log(receipt.proof.checkpoint_text, receipt.trusted.log, receipt.trusted)


def _witnesses(receipt: Receipt) -> Found:
    return check_witnesses(open_if_known(receipt.proof.checkpoint_text, receipt.trusted.log), receipt.trusted)


def _trust(receipt: Receipt) -> Found:
    signed = open_if_known(receipt.proof.checkpoint_text, receipt.trusted.log)
    lacks = [lack for one in signed for lack in one.lacks(receipt.trusted)] if signed else ["a key of the log"]
    return trust_of(receipt.given, lacks)


STEPS: Checks[Receipt] = (
    ("statement", _statement),
    ("inclusion", _inclusion),
    ("checkpoint", _checkpoint),
    ("witnesses", _witnesses),
    ("trust", _trust),
)


def _vouched(receipt: Receipt) -> Iterator[Said]:
    statement = parse_statement(receipt.envelope.payload)
    yield (
        "signatures",
        f"that the {len(receipt.envelope.signatures)} signature(s) stand, and are by whom they should be",
    )
    yield "time", f"that it was said at {format_time(statement.issued_at)}, as it claims: no clock signed it"
    yield "standing", "that nothing took it back since"
