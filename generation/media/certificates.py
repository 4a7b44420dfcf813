"""
The certificates under which files are sealed: an own root, an intermediate, a leaf that signs.

They are made in ``CREDENTIAL_DIR`` on first need and reused after. A verifier is given the root. The keys of root and
intermediate are kept so that the leaf, which C2PA lets live 366 days at most, can be renewed before it ends. The key
that signs is used through a callback, so that a key in an HSM can take its place.

1. Take the folder's lock: two workers that start together make one chain.
2. Make whatever is missing, root first; each file is written whole, then renamed.
3. Renew the leaf where it ends within ``RENEW_BEFORE``.

What a crash leaves is a shorter chain, which the next call completes.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

ORGANISATION = "Proviso"
COUNTRY = "GB"
COMMON_NAMES = MappingProxyType({"root": "Root", "intermediate": "Intermediate", "leaf": "Sealing"})
LEAF_LIFE = timedelta(days=366)  # the longest that C2PA lets a signer's certificate live
CA_LIFE = timedelta(days=3650)
RENEW_BEFORE = timedelta(days=60)  # a file turns invalid with its leaf: keep away from the end
BACKDATED = timedelta(minutes=5)  # for verifiers whose clock is behind ours
C2PA_CLAIM_SIGNING = ObjectIdentifier("1.3.6.1.4.1.62558.2.1")  # alone it is not enough for every validator

_Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What sealing needs: the leaf's key, leaf and intermediate, and the root for those who verify."""

    key: _Key
    chain_pem: str  # leaf, then intermediate
    root_pem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    key: _Key
    certificate: x509.Certificate


def chain(folder: Path, *, at: datetime) -> Chain:
    """Return the chain kept in this folder, made or renewed where that is due."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(folder):
        root = _held(folder, "root") or _made(folder, "root", None, at)
        intermediate = _held(folder, "intermediate") or _made(folder, "intermediate", root, at)
        leaf = _held(folder, "leaf")
        if leaf is None or leaf.certificate.not_valid_after_utc - at < RENEW_BEFORE:
            leaf = _made(folder, "leaf", intermediate, at)
    pems = [held.certificate.public_bytes(serialization.Encoding.PEM).decode() for held in (leaf, intermediate, root)]
    return Chain(key=leaf.key, chain_pem=pems[0] + pems[1], root_pem=pems[2])


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _held(folder: Path, name: str) -> _Held | None:
    file = folder / f"{name}.pem"
    if not file.exists():
        return None
    pem = file.read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"`{file}` holds no P-256 key: remove it to have a new one made")
    return _Held(key=key, certificate=x509.load_pem_x509_certificate(pem))


def _made(folder: Path, name: str, issuer: _Held | None, at: datetime) -> _Held:
    """Make a key and its certificate, kept in one file so that neither is ever without the other."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(name, key, issuer, at)
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    _write(folder / f"{name}.pem", pem + certificate.public_bytes(serialization.Encoding.PEM))
    return _Held(key=key, certificate=certificate)


def _write(path: Path, data: bytes) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def _certificate(name: str, key: _Key, issuer: _Held | None, at: datetime) -> x509.Certificate:
    """Build one certificate of the chain after C2PA's certificate profile."""
    subject = _subject(name)
    signing_key, issued_by = (key, subject) if issuer is None else (issuer.key, issuer.certificate.subject)
    start = at.replace(microsecond=0) - BACKDATED
    leaf = name == "leaf"
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issued_by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + (LEAF_LIFE if leaf else CA_LIFE))
        .add_extension(x509.BasicConstraints(ca=not leaf, path_length=_path_length(name)), critical=True)
        .add_extension(_key_usage(leaf), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    if leaf:
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, C2PA_CLAIM_SIGNING])
        builder = builder.add_extension(usages, critical=False)
    return builder.sign(signing_key, hashes.SHA256())


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Proviso {COMMON_NAMES[name]}"),
        ]
    )


def _path_length(name: str) -> int | None:
    return 0 if name == "intermediate" else None


def _key_usage(leaf: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=leaf,
        key_cert_sign=not leaf,
        crl_sign=not leaf,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
