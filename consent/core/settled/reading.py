"""
Read signed envelopes: each body as a value, its place in the log, and who signed it.

What nobody here understands might narrow, so it is refused rather than skipped.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from consent.core.bodies import PARSERS
from consent.core.settled.keyring import Keyring, Parsed
from consent.core.settled.read import Read
from consent.core.settled.recovering import recoveries, ripening
from consent.core.vouched import Vouched
from registry.core.envelope import Envelope, parse_statement
from registry.core.erasure import parse_erasure
from registry.core.errors import Malformed
from registry.core.fields import Reader
from registry.core.record import read_shown

# The registry's own, which say what was done and permit nothing.
RECORDS: Final = frozenset(
    {"clearance.issued", "shot.closed", "shot.released", "shot.withdrawn", "use.cleared", "weights.trained"}
)


def read_all(envelopes: Iterable[Envelope], vouched: Vouched, *, believing: bool = False) -> list[Read]:
    """
    Return every statement once, by digest; raises ``DomainError`` where one cannot be read or placed.

    ``believing``: what bears a key of somebody who was erased is taken for theirs, as nobody can tell any more.
    """
    held: dict[str, Envelope] = {}
    for envelope in envelopes:
        if held.setdefault(envelope.digest, envelope) is not envelope:
            raise Malformed("duplicate_value", field="envelopes", value=envelope.digest)
    parsed: list[Parsed] = []
    for digest in sorted(held):
        statement = parse_statement(held[digest].payload)
        if digest not in vouched.indices:
            raise Malformed("missing_field", field=f"vouched.indices.{digest}")
        parsed.append((statement, held[digest], record_of(statement.type, statement.body)))
    brought = recoveries(parsed)
    recovered: Mapping[str, int] = {}
    while True:
        keyring = Keyring.of(parsed, vouched.indices, recovered, believing=believing)
        statements = _with_signers(parsed, keyring, vouched)
        more = {**ripening(brought, keyring, statements, vouched.registry), **recovered} if brought else recovered
        if len(more) == len(recovered):
            return statements
        recovered = more


def _with_signers(parsed: Sequence[Parsed], keyring: Keyring, vouched: Vouched) -> list[Read]:
    return [
        Read(
            digest=statement.digest,
            type=statement.type,
            issuer=statement.issuer,
            issued_at=statement.issued_at,
            body=statement.body,
            record=record,
            index=vouched.indices[statement.digest],
            tree_size=vouched.tree_size,
            authorised=statement.issuer in signers,
            signers=signers,
            suspect=keyring.is_suspect(statement, envelope),
        )
        for statement, envelope, record in parsed
        for signers in (keyring.signers(statement, envelope),)
    ]


def record_of(kind: str, body: object) -> object:
    """Return the value of a body; what nobody here understands might narrow, so it is refused."""
    if kind in RECORDS:
        return None
    if kind == "erasure.done":
        return _erasure(Reader(body, "body"))
    if kind not in PARSERS:
        raise Malformed("unknown_type", field="type", value=kind)
    reader = Reader(body, "body")
    record = PARSERS[kind](reader)
    read_shown(reader)
    reader.finish()
    return record


def _erasure(reader: Reader) -> object:
    """The registry's own, and read: it says what still has to be asked for."""
    record = parse_erasure(reader)
    reader.finish()
    return record
