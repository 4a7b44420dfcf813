"""
Keys behind AWS KMS: ``KMS=aws:alias/proviso``, with ``?region=…&endpoint=…`` where the environment does not say.

- ``credential``: a P-256 key inside the KMS, which signs; the private half never leaves it.
- ``kek``, ``erasure``: a symmetric key inside the KMS for each version. It encrypts every data key with the owner's
  name as encryption context, so that the KMS itself refuses another owner, and its trail says whose key was opened.
- ``registry``, ``log``, ``log_pq``, ``tsa``: made here and encrypted by the named KMS key, with role and version as
  context; opened once a process, then in its memory. A KMS signs messages of 4,096 bytes at most with Ed25519, and
  statements are longer.

Versions are rows (``CustodyKey``), the same for every server. First ones are made at set-up, never inside somebody's
transaction. A process reads the rows again after ``REFRESH_S``, which is how it sees a rotation. Opened data keys stay
in memory for ``OPENED_S`` at most: that is how long a running process may hold a key that was destroyed.

Left out: credentials and access policies, which are the SDK's and the cloud's.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.db import IntegrityError, transaction

from registry.core.keys import PublicKey, sign
from registry.custody import material
from registry.custody.face import CustodyError, DoesNotUnwrap, Signer, UnknownVersion
from registry.custody.keeper import Kept
from registry.custody.roles import ROLES, Role
from registry.models import CustodyKey

SCHEME: Final = "aws:"
REFRESH_S: Final = 1.0
OPENED_S: Final = 300.0
MAX_OPENED: Final = 10_000  # data keys held open, 1 MB or so
MAX_RAW_BYTES: Final = 4_096  # of a message that the KMS hashes itself
PENDING_DAYS: Final = 30  # a KMS destroys a key only after a wait of 7 to 30 days
_OPTIONS: Final = {"region": "region_name", "endpoint": "endpoint_url"}
_PATIENCE: Final = Config(connect_timeout=3, read_timeout=5, retries={"max_attempts": 2})


class KmsUnavailable(CustodyError):
    """The KMS does not answer, or refuses what is asked of it."""

    code = "kms_unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The versions of a role, as they were read."""

    read_s: float  # of the monotonic clock
    rows: Mapping[int, CustodyKey]
    kept: Mapping[int, Kept]


class AwsKms:
    """The keys of a registry whose servers reach one KMS and one database."""

    name = "kms"
    made_at_setup = True

    def __init__(self, client: Any, key: str) -> None:
        self._client = client
        self._key = key
        self._rows: dict[str, _Rows] = {}
        self._signers: dict[tuple[str, int, bytes], Signer] = {}  # by public key too: a number may be made again
        self._opened: OrderedDict[tuple[str, int, str, bytes], tuple[float, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def at(cls, address: str) -> AwsKms:
        """Return the keeper at an address; raises ``CustodyError`` for one that says nothing."""
        key, _, query = address.removeprefix(SCHEME).partition("?")
        given = dict(parse_qsl(query))
        if not address.startswith(SCHEME) or not key or given.keys() - _OPTIONS.keys():
            raise CustodyError(f"KMS is `{address}`: set it to aws:<key id, ARN or alias>?region=…&endpoint=…")
        try:
            client = boto3.client("kms", config=_PATIENCE, **{_OPTIONS[name]: value for name, value in given.items()})
        except (BotoCoreError, ValueError) as error:
            raise CustodyError(f"KMS is `{address}`, which the AWS SDK refuses ({error}): set it to another") from None
        return cls(client, key)

    # --- Use

    def kept(self, role: str) -> Mapping[int, Kept]:
        return self._versions(role).kept

    def signer(self, role: str, number: int) -> Signer:
        row = self._row(role, number)
        made = self._signers.get((role, number, bytes(row.public or b"")))
        if made is None:
            made = self._signers[role, number, bytes(row.public or b"")] = self._signer(ROLES[role], row)
        return made

    def wrap(self, role: str, number: int, owner: str, key: bytes) -> bytes:
        given = {"Plaintext": key, "EncryptionContext": {"owner": owner}}
        wrapped: bytes = self._ask("encrypt", KeyId=self._row(role, number).kms_key, **given)["CiphertextBlob"]
        return wrapped

    def unwrap(self, role: str, number: int, owner: str, wrapped: bytes) -> bytes:
        row, now_s = self._row(role, number), time.monotonic()
        name = (role, number, owner, wrapped)
        with self._lock:
            until_s, key = self._opened.get(name, (0.0, b""))
        if now_s < until_s:
            return key
        key = self._decrypt(row, wrapped, {"owner": owner}, DoesNotUnwrap(role=role, number=number, owner=owner))
        with self._lock:
            self._opened[name] = (now_s + OPENED_S, key)
            while len(self._opened) > MAX_OPENED or next(iter(self._opened.values()))[0] <= now_s:
                self._opened.popitem(last=False)
        return key

    def derive(self, role: str, number: int, info: bytes) -> bytes | None:
        return None

    # --- Changes

    def first(self, role: str) -> None:
        """It is made at set-up, never inside somebody's transaction."""

    def expect(self, role: str) -> None:
        """The settings name no key of a role here."""

    def make(self, role: str, number: int, *, waits: bool) -> None:
        row = self._make(ROLES[role], number)
        row.waits = waits
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:  # another server made it at the same moment: theirs counts
            self._destroy(row)
        self._read(role)

    def promote(self, role: str, number: int) -> None:
        CustodyKey.objects.filter(role=role, number=number).update(waits=False, since=datetime.now(UTC))
        self._read(role)

    def destroy(self, role: str, number: int) -> None:
        row = self._row(role, number)
        CustodyKey.objects.filter(role=role, number=number).delete()
        self._destroy(row)
        self._read(role)

    def refresh(self) -> None:
        self._rows.clear()

    # --- Rows

    def _versions(self, role: str) -> _Rows:
        rows = self._rows.get(role)
        if rows is None or time.monotonic() - rows.read_s > REFRESH_S:
            rows = self._read(role)
        return rows

    def _read(self, role: str) -> _Rows:
        read_s = time.monotonic()
        rows = {row.number: row for row in CustodyKey.objects.filter(role=role)}
        kept = {number: _kept(row) for number, row in rows.items()}
        self._rows[role] = _Rows(read_s=read_s, rows=rows, kept=kept)
        return self._rows[role]

    def _row(self, role: str, number: int) -> CustodyKey:
        row = self._versions(role).rows.get(number) or self._read(role).rows.get(number)
        if row is None:
            raise UnknownVersion(role=role, number=number)
        return row

    # --- The KMS

    def _make(self, role: Role, number: int) -> CustodyKey:
        now = datetime.now(UTC)
        if role.wraps:
            return CustodyKey(role=role.name, number=number, waits=True, kms_key=self._created(role, number), since=now)
        if role.algorithm == "es256":
            arn = self._created(role, number, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
            spki = self._ask("get_public_key", KeyId=arn)["PublicKey"]
            return CustodyKey(role=role.name, number=number, waits=True, public=spki, kms_key=arn, since=now)
        pem = material.new(role)
        private = material.read_private(role, pem)
        assert private is not None  # it was made a line above
        sealed = self._ask("encrypt", KeyId=self._key, Plaintext=pem, EncryptionContext=_context(role.name, number))
        return CustodyKey(
            role=role.name,
            number=number,
            waits=True,
            public=PublicKey.of(private).spki,
            kms_key=sealed["KeyId"],
            sealed=sealed["CiphertextBlob"],
            since=now,
        )

    def _created(self, role: Role, number: int, **options: str) -> str:
        arn: str = self._ask("create_key", Description=f"proviso {role.name} {number}", **options)["KeyMetadata"]["Arn"]
        return arn

    def _destroy(self, row: CustodyKey) -> None:
        if row.sealed is None:
            own = row.kms_key.rpartition("/")[2]  # of the account that made it
            self._ask("schedule_key_deletion", KeyId=own, PendingWindowInDays=PENDING_DAYS)

    def _signer(self, role: Role, row: CustodyKey) -> Signer:
        public = PublicKey(kind=role.algorithm, spki=bytes(row.public or b""))
        if row.sealed is None:
            return Signer(number=row.number, public=public, sign=lambda message: self._signed(row.kms_key, message))
        problem = CustodyError(f"version `{row.number}` of the `{role.name}` key does not open under its KMS key")
        pem = self._decrypt(row, bytes(row.sealed), _context(role.name, row.number), problem)
        private = material.read_private(role, pem)
        if private is None or PublicKey.of(private) != public:
            raise problem
        return Signer(number=row.number, public=public, sign=lambda message: sign(private, message))

    def _signed(self, arn: str, message: bytes) -> bytes:
        """Sign with P-256 inside the KMS; returns the raw r ‖ s, as everybody here writes it."""
        given = ("RAW", message) if len(message) <= MAX_RAW_BYTES else ("DIGEST", hashlib.sha256(message).digest())
        der = self._ask("sign", KeyId=arn, MessageType=given[0], Message=given[1], SigningAlgorithm="ECDSA_SHA_256")[
            "Signature"
        ]
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def _decrypt(self, row: CustodyKey, sealed: bytes, context: dict[str, str], problem: CustodyError) -> bytes:
        try:
            plain: bytes = self._client.decrypt(KeyId=row.kms_key, CiphertextBlob=sealed, EncryptionContext=context)[
                "Plaintext"
            ]
        except self._client.exceptions.InvalidCiphertextException as error:
            raise problem from error
        except (BotoCoreError, ClientError) as error:
            self._fail("decrypt", row.kms_key, error)
        return plain

    def _ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**arguments)
        except (BotoCoreError, ClientError) as error:
            self._fail(operation, arguments.get("KeyId", self._key), error)
        return answer

    def _fail(self, operation: str, key: str, error: Exception) -> NoReturn:
        why = " ".join(str(error).split())
        raise KmsUnavailable(f"the KMS does not {operation.replace('_', ' ')} with `{key}`: {why}") from error


def _context(role: str, number: int) -> dict[str, str]:
    return {"role": role, "version": str(number)}


def _kept(row: CustodyKey) -> Kept:
    public = None if row.public is None else PublicKey(kind=ROLES[row.role].algorithm, spki=bytes(row.public))
    place = row.kms_key if row.sealed is None else f"sealed by {row.kms_key}"
    return Kept(waits=row.waits, public=public, since=row.since, place=place)
