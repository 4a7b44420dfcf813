"""
What had to be kept of somebody who was erased: sealed under a key of its own, for two people to open.

Each person's things get one AES-256 key, which only the role `erasure` wraps (``registry.custody``). No service reads
it but the one that logs, in the same transaction, who opened what (``generation.services.opening``): who holds the KEK
and the whole database opens nothing here. In a file both keys lie beside each other; a KMS can give them to different
people.
"""

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.core.envelope import Envelope
from registry.core.jcs import Json, canonical, parse_json, sha256_hex
from registry.custody import DoesNotUnwrap, UnknownVersion, custody
from registry.models import KeptKey, KeptRow
from registry.vault.keys import KEY_BYTES, KeyDestroyed
from registry.vault.texts import NONCE_BYTES, TextDamaged

ROLE = "erasure"
MAX_BYTES = 16 << 20  # of one thing; an envelope has less than one


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to keep."""

    digest: str
    reason: str
    until: datetime
    content: Json


def seal(subject: str, items: Collection[Item]) -> None:
    """Keep these under a new key of the person's. Joins the caller's transaction; nothing to keep makes no key."""
    if not items:
        return
    key = secrets.token_bytes(KEY_BYTES)
    version, wrapped = custody().wrap(ROLE, _owner(subject), key)
    KeptKey.objects.create(subject=subject, version=version, wrapped=wrapped)
    KeptRow.objects.bulk_create(
        KeptRow(
            digest=item.digest,
            subject=subject,
            reason=item.reason,
            until=item.until,
            sealed=_sealed(key, item),
        )
        for item in items
    )


def unseal(subject: str, digests: Collection[str]) -> Mapping[str, Json]:
    """
    Open what was kept, by digest; for ``generation.services.opening`` alone.

    Raises ``KeyDestroyed`` where nothing is kept of the person, ``TextDamaged``; what is not there is left out.
    """
    key = _key(subject)
    rows = KeptRow.objects.filter(subject=subject, digest__in=set(digests))
    return {row.digest: _opened(key, row) for row in rows}


def broken_seals(subject: str) -> dict[str, str]:
    """
    Say by digest which of a person's seals do not hold, and why; for a check. Nothing that they close leaves here.

    Raises ``CustodyError`` where the role's key is not for us to use.
    """
    rows = KeptRow.objects.filter(subject=subject)
    try:
        key = _key(subject)
    except TextDamaged as error:
        return {row.digest: str(error) for row in rows}
    return {row.digest: problem for row in rows if (problem := _fault(key, row)) is not None}


def let_go(at: datetime) -> dict[str, list[str]]:
    """Destroy what was kept until now, and a person's key with the last of it; return the digests by person."""
    gone: dict[str, list[str]] = {}
    for row in KeptRow.objects.select_for_update().filter(until__lte=at).order_by("digest"):
        gone.setdefault(row.subject, []).append(row.digest)
    KeptRow.objects.filter(digest__in=[digest for digests in gone.values() for digest in digests]).delete()
    left = KeptRow.objects.filter(subject__in=gone).values("subject")
    KeptKey.objects.filter(subject__in=gone).exclude(subject__in=left).delete()
    return gone


def behind(version: int) -> int:
    """Count the keys that are wrapped under a version of the role older than this one."""
    return KeptKey.objects.filter(version__lt=version).count()


def rewrap(version: int) -> Iterator[int]:
    """Wrap keys anew that are behind this version, which is the current one; yields how many, one by one."""
    subjects = KeptKey.objects.filter(version__lt=version).order_by("subject").values_list("subject", flat=True)
    for subject in [*subjects]:
        yield _rewrapped(KeptKey.objects.filter(subject=subject).first())


def _rewrapped(row: KeptKey | None) -> int:
    """Compare and swap: whoever let go of it meanwhile, or wrapped it anew, was first."""
    if row is None:
        return 0
    number, wrapped = custody().wrap(ROLE, _owner(row.subject), _unwrapped(row))
    same = KeptKey.objects.filter(subject=row.subject, version=row.version, wrapped=row.wrapped)
    return same.update(version=number, wrapped=wrapped)


def _key(subject: str) -> bytes:
    row = KeptKey.objects.filter(subject=subject).first()
    if row is None:
        raise KeyDestroyed(owner=_owner(subject))
    return _unwrapped(row)


def _unwrapped(row: KeptKey) -> bytes:
    try:
        return custody().unwrap(ROLE, row.version, _owner(row.subject), bytes(row.wrapped))
    except (DoesNotUnwrap, UnknownVersion) as error:
        raise TextDamaged(owner=_owner(row.subject)) from error


def _sealed(key: bytes, item: Item) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, canonical(item.content), _aad(item.digest))


def _opened(key: bytes, row: KeptRow) -> Json:
    sealed = bytes(row.sealed)
    try:
        plain = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _aad(row.digest))
    except (InvalidTag, ValueError) as error:
        raise TextDamaged(owner=_owner(row.subject)) from error
    return parse_json(plain, max_bytes=MAX_BYTES)


def _fault(key: bytes, row: KeptRow) -> str | None:
    try:
        content = _opened(key, row)
    except TextDamaged as error:
        return str(error)
    envelope = content.get("envelope") if isinstance(content, dict) else None
    digest = sha256_hex(canonical(content)) if envelope is None else Envelope.parse(envelope).digest
    return None if digest == row.digest else f"`{digest}` stands where `{row.digest}` should"


def _owner(subject: str) -> str:
    return f"kept:{subject}"


def _aad(digest: str) -> bytes:
    return f"kept {digest}".encode()
