"""
Find the registry's own statements in a bundle, and read them.

``clearance_of``, ``release_of`` and ``weights_of`` return what the registry said; whether it did, is a matter of
signatures and receipts, which ``generation.core.verify`` checks in steps of their own.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from consent.core.cleared import ClearanceIssued, parse_clearance
from generation.core.bundle import Bundle
from generation.core.record import (
    ShotReleased,
    WeightsTrained,
    parse_release,
    parse_weights,
)
from generation.core.steps import Unproven, require
from registry.core.envelope import Envelope, Statement, parse_statement
from registry.core.fields import Reader

R = TypeVar("R")


def clearance_of(bundle: Bundle) -> ClearanceIssued:
    return _read(bundle, bundle.clearance.digest, "clearance.issued", parse_clearance)


def release_of(bundle: Bundle) -> ShotReleased:
    return _read(bundle, bundle.release.digest, "shot.released", parse_release)


def weights_of(bundle: Bundle, weights: str) -> tuple[str, WeightsTrained]:
    """Return the statement, the first by digest, that the registry logged the training of these weights."""
    read = {*bundle.clearance.digests, *bundle.release.digests}
    for digest in sorted(read & set(bundle.statements)):
        if parse_statement(bundle.statements[digest].envelope.payload).type != "weights.trained":
            continue
        trained = _read(bundle, digest, "weights.trained", parse_weights)
        if trained.weights == weights:
            return digest, trained
    raise Unproven(f"no statement says how weights `{weights}` were trained")


def registry_statements(bundle: Bundle) -> Iterator[tuple[Statement, Envelope]]:
    """Yield every statement that only the registry may make: whichever of them a decision read, it must have signed."""
    for digest in sorted(bundle.statements):
        envelope = bundle.statements[digest].envelope
        statement = parse_statement(envelope.payload)
        if statement.type in ("clearance.issued", "shot.released", "weights.trained"):
            yield statement, envelope


def _read(bundle: Bundle, digest: str, type_: str, parse: Callable[[Reader], R]) -> R:
    held = bundle.statements.get(digest)
    if held is None:
        raise Unproven(f"statement `{digest}`, a {type_}, is missing")
    statement = parse_statement(held.envelope.payload)
    require(statement.type == type_, f"statement `{digest}` is a {statement.type}, not a {type_}")
    body = Reader(statement.body, "body")
    record = parse(body)
    body.finish()
    return record
