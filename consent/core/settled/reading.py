"""
Read signed envelopes: each body as a value, its place in the log, and who signed it.

What nobody here understands might narrow, so it is refused rather than skipped.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from consent.core.bodies import PARSERS
from consent.core.settled.keyring import Keyring, Parsed
from consent.core.settled.read import Read
from consent.core.settled.recovering import recoveries, ripe_from
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
    keyring = _keyring(parsed, vouched, _recovered(parsed, vouched, believing), believing)
    return _with_signers(parsed, keyring, vouched)


def _recovered(parsed: Sequence[Parsed], vouched: Vouched, believing: bool) -> Mapping[str, int]:
    """
    Return the digests of the recoveries that count, each with the second from which its key is ripe.

    Who signed depends on keys, and keys on who signed. So each recovery is judged by what the keys of all others say,
    until nothing changes any more; one that goes on changing rests on itself, by whatever detour, and counts for
    nothing.
    """
    brought = recoveries(parsed)
    known: Mapping[str, int] = {}
    while brought:
        for _ in range(len(brought) + 1):
            before, known = known, _judged(brought, known, parsed, vouched, believing)
            if known == before:
                return known
        settled = {digest for digest, ripe_s in known.items() if before.get(digest) == ripe_s}
        settled |= {s.digest for s, _, _ in brought if s.digest not in known and s.digest not in before}
        brought, known = [one for one in brought if one[0].digest in settled], {}
    return {}


def _judged(
    brought: Sequence[Parsed], known: Mapping[str, int], parsed: Sequence[Parsed], vouched: Vouched, believing: bool
) -> Mapping[str, int]:
    found = {}
    for one in brought:
        others = {digest: ripe_s for digest, ripe_s in known.items() if digest != one[0].digest}
        keyring = _keyring(parsed, vouched, others, believing)
        ripe_s = ripe_from(one, keyring, _with_signers(parsed, keyring, vouched), vouched.registry)
        if ripe_s is not None:
            found[one[0].digest] = ripe_s
    return found


def _keyring(parsed: Sequence[Parsed], vouched: Vouched, recovered: Mapping[str, int], believing: bool) -> Keyring:
    return Keyring.of(parsed, vouched.indices, recovered, believing=believing)


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
