"""
Statements as they are kept: written once as ciphertext, opened by digest.

Envelope, text and private part are sealed under the data key of the one person they are about, else under the
registry's own; the digest and the part's name are authenticated with them, so that no ciphertext can stand in for
another. Where a data key was destroyed the statement is gone, and ``open_statements`` leaves it out. A text names other
people too: their names are sealed under their own keys (``registry.named``). What is sealed is packed before
(``registry.core.packed``).

Left out: whether a statement may be accepted (``registry.services.accept``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from registry import log, vault
from registry.core.envelope import Envelope, Statement, parse_statement
from registry.core.jcs import Json, canonical, parse_json, sha256_hex
from registry.core.packed import pack, pack_envelope, unpack, unpack_envelope
from registry.models import Party, PrivateRow, StatementRow
from registry.named import Joined, join, people_in, split
from registry.vault import graves

MAX_PRIVATE_BYTES = 256 * 1024  # pay, counsel, papers' hashes; papers themselves are assets


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A stored statement in the clear."""

    envelope: Envelope
    statement: Statement
    text: str | None
    accepted_at: datetime
    subject: str | None  # the data subject
    erased: frozenset[str] = frozenset()  # persons whom the text named and who were erased since

    @property
    def whole(self) -> bool:
        """Whether the text is the one that was signed."""
        return not self.erased


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRow:
    """A stored statement as a query found it, with the wrapped key that opens it."""

    digest: str
    envelope: bytes  # ciphertext
    accepted_at: datetime
    subject: str | None
    wrapped: bytes | None  # None: destroyed


def owner_of(subject: str | None) -> str:
    """Return whose data key a statement about ``subject`` is stored under."""
    return "registry" if subject is None else f"party:{subject}"


def open_statements(digests: Iterable[str]) -> dict[str, Opened]:
    """Open statements by digest, in two queries; what is not stored, or whose key was destroyed, is left out."""
    rows = list(StatementRow.objects.filter(digest__in=sorted(set(digests))))
    try:
        return _open(rows)
    except vault.KeyDestroyed:
        owners = vault.data_keys(owner_of(row.subject) for row in rows)
        return _open([row for row in rows if owner_of(row.subject) in owners])


def open_rows(rows: Iterable[SealedRow]) -> dict[str, Opened]:
    """Open what a query read, without their texts and without another query; what was erased is left out."""
    held = [row for row in rows if row.wrapped is not None]
    wrapped = {owner_of(row.subject): row.wrapped for row in held if row.wrapped is not None}
    sealed = [vault.Sealed(owner_of(row.subject), row.envelope, _aad("envelope", row.digest)) for row in held]
    plains = vault.open_with_keys(sealed, wrapped)
    return {row.digest: _opened(row, plain, None) for row, plain in zip(held, plains, strict=True)}


def open_statement(digest: str) -> Opened | None:
    return open_statements([digest]).get(digest)


def open_private(digest: str, subject: str | None) -> Json:
    """Open the private part of a statement; None where it has none."""
    row = PrivateRow.objects.filter(digest=digest).first()
    if row is None:
        return None
    return parse_json(unpack(vault.open_text(owner_of(subject), bytes(row.ciphertext), _aad("private", digest))))


def open_privates(digests: Iterable[str]) -> dict[str, Json]:
    """Open the private parts of many statements; what has none, or whose key was destroyed, is left out."""
    rows = list(PrivateRow.objects.filter(digest__in=sorted(set(digests))))
    named = StatementRow.objects.filter(digest__in=[row.digest for row in rows]).values_list("digest", "subject")
    owners = {digest: owner_of(subject) for digest, subject in named}
    keys = vault.data_keys(owners.values())
    held = [row for row in rows if owners[row.digest] in keys]
    sealed = [vault.Sealed(owners[row.digest], bytes(row.ciphertext), _aad("private", row.digest)) for row in held]
    return {row.digest: parse_json(unpack(plain)) for row, plain in zip(held, vault.open_texts(sealed), strict=True)}


def insert(
    envelope: Envelope,
    statement: Statement,
    *,
    subject: str | None,
    text: str | None,
    private: Json,
    at: datetime,
    wrapped: bytes | None = None,
) -> bool:
    """
    Insert a statement; False where its digest is stored already. Joins the caller's transaction.

    ``wrapped`` is the registry's data key, where the caller has read it under its locks. Raises ``vault.KeyDestroyed``
    where the person it is about, or one whom its text names, was erased.
    """
    owner, digest = owner_of(subject), envelope.digest
    others = [] if text is None else _known_people(people_in(text, subject))
    people = {*others, *([] if subject is None else [subject])}
    held = {owner_of(person): graves.hold(owner_of(person)) for person in sorted(people)}
    seal = vault.sealer(owner, held.get(owner, wrapped))
    row = log.Row(
        digest=digest,
        envelope_sha256=envelope.envelope_sha256,
        type=statement.type,
        issuer=statement.issuer,
        issued_at=statement.issued_at,
        accepted_at=at,
        subject=subject,
        envelope=seal(pack_envelope(envelope), _aad("envelope", digest)),
        text=None if text is None else seal(pack(_parted(text, digest, others)), _aad("text", digest)),
    )
    if not log.append(row):
        return False
    if private is not None:
        plain = canonical(private)
        sealed = seal(pack(plain), _aad("private", digest))
        PrivateRow.objects.create(digest=digest, sha256=sha256_hex(plain), ciphertext=sealed)
    return True


def _open(rows: list[StatementRow]) -> dict[str, Opened]:
    sealed = [vault.Sealed(owner_of(row.subject), row.envelope, _aad("envelope", row.digest)) for row in rows]
    shown = [row for row in rows if row.text is not None]
    sealed += [vault.Sealed(owner_of(row.subject), row.text, _aad("text", row.digest)) for row in shown]
    plains = vault.open_texts(sealed)
    texts = join({row.digest: unpack(plain) for row, plain in zip(shown, plains[len(rows) :], strict=True)})
    return {
        row.digest: _opened(row, plain, texts.get(row.digest))
        for row, plain in zip(rows, plains[: len(rows)], strict=True)
    }


def _known_people(ids: list[str]) -> list[str]:
    """Return those of these ids that are persons'; one that nobody registered is just a number."""
    return sorted(map(str, Party.objects.filter(id__in=ids, kind="person").values_list("id", flat=True))) if ids else []


def _parted(text: str, digest: str, people: list[str]) -> bytes:
    """Return a text with each name of somebody else sealed apart."""
    if not people:
        return text.encode()
    registered = dict(Party.objects.filter(id__in=people).values_list("digest", "id"))
    names = {registered[one]: str(opened.statement.body["name"]) for one, opened in open_statements(registered).items()}
    return split(text, digest, names)


def _opened(row: StatementRow | SealedRow, plain: bytes, text: Joined | None) -> Opened:
    envelope = unpack_envelope(plain)
    return Opened(
        envelope=envelope,
        statement=parse_statement(envelope.payload),
        text=None if text is None else text.text,
        accepted_at=row.accepted_at,
        subject=row.subject,
        erased=frozenset() if text is None else text.erased,
    )


def _aad(part: str, digest: str) -> bytes:
    return f"{part} {digest}".encode()
