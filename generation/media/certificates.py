"""
The certificates under which files are sealed and stamped: an own root, an intermediate, a leaf that signs, one that
stamps.

They are made in ``CREDENTIAL_DIR`` on first need and reused after. A verifier is given the root. The keys of root and
intermediate are kept so that the leaf, which C2PA lets live 366 days at most, can be renewed before it ends. The key
that signs is the registry's for credentials (``registry.custody``), in a file or in a KMS; here is its certificate.

1. Take the folder's lock: two workers that start together make one chain.
2. Make whatever is missing, root first; each file is written whole, then renamed.
3. Issue a leaf where the key that signs is another one by now, or the leaf ends within ``RENEW_BEFORE``; likewise the
   certificate of the key that stamps, which lives as long as the intermediate: what it stamped outlives the leaf.

What a crash leaves is a shorter chain, which the next call completes.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from generation.media.stamps import Authority
from registry import disk
from registry.custody import Signer

ORGANISATION = "Proviso"
COUNTRY = "GB"
COMMON_NAMES = MappingProxyType(
    {"root": "Root", "intermediate": "Intermediate", "leaf": "Sealing", "stamp": "Time Stamping"}
)
LEAF_LIFE = timedelta(days=366)  # the longest that C2PA lets a signer's certificate live
CA_LIFE = timedelta(days=3650)
RENEW_BEFORE = timedelta(days=60)  # a file turns invalid with its leaf: keep away from the end
BACKDATED = timedelta(minutes=5)  # for verifiers whose clock is behind ours
C2PA_CLAIM_SIGNING = ObjectIdentifier("1.3.6.1.4.1.62558.2.1")  # alone it is not enough for every validator
USAGES = MappingProxyType(
    {
        "leaf": (ExtendedKeyUsageOID.EMAIL_PROTECTION, C2PA_CLAIM_SIGNING),
        "stamp": (ExtendedKeyUsageOID.TIME_STAMPING,),
    }
)

_Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What sealing needs: who signs, leaf and intermediate, and the root for those who verify."""

    sign: Callable[[bytes], bytes]  # message -> raw r || s
    chain_pem: str  # leaf, then intermediate
    root_pem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Issuer:
    key: _Key
    certificate: x509.Certificate


def chain(folder: Path, signer: Signer, *, at: datetime) -> Chain:
    """Return the chain kept in this folder for who signs now, made or renewed where that is due."""
    certificates = _certified(folder, "leaf", signer, at)
    pems = [certificate.public_bytes(serialization.Encoding.PEM).decode() for certificate in certificates]
    return Chain(sign=signer.sign, chain_pem=pems[0] + pems[1], root_pem=pems[2])


def stamping(folder: Path, signer: Signer, *, at: datetime) -> Authority:
    """Return the time-stamp authority whose certificate is kept in this folder, made or renewed where that is due."""
    *chain_, _ = _certified(folder, "stamp", signer, at)
    ders = tuple(certificate.public_bytes(serialization.Encoding.DER) for certificate in chain_)
    return Authority(sign=signer.sign, certificates=ders)


def _certified(folder: Path, name: str, signer: Signer, at: datetime) -> tuple[x509.Certificate, ...]:
    """Return the signer's certificate under this name, and those above it, the root last."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(folder):
        root = _held(folder, "root") or _made(folder, "root", None, at)
        intermediate = _held(folder, "intermediate") or _made(folder, "intermediate", root, at)
        own = _standing(folder, name, signer, at) or _issued(folder, name, signer, intermediate, at)
    return own, intermediate.certificate, root.certificate


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _standing(folder: Path, name: str, signer: Signer, at: datetime) -> x509.Certificate | None:
    """Return the leaf, unless it is about to end, or another key's: then it goes on being believed in older files."""
    file = folder / f"{name}.pem"
    if not file.exists():
        return None
    leaf = x509.load_pem_x509_certificate(file.read_bytes())
    standing = leaf.not_valid_after_utc - at >= RENEW_BEFORE and _spki(leaf.public_key()) == signer.public.spki
    return leaf if standing else None


def _issued(folder: Path, name: str, signer: Signer, issuer: _Issuer, at: datetime) -> x509.Certificate:
    public = serialization.load_der_public_key(signer.public.spki)
    assert isinstance(public, ec.EllipticCurvePublicKey)  # the role's algorithm
    ends = None if name == "leaf" else issuer.certificate.not_valid_after_utc
    leaf = _certificate(name, public, issuer.key, issuer.certificate.subject, at, ends)
    _write(folder / f"{name}.pem", leaf.public_bytes(serialization.Encoding.PEM))
    return leaf


def _held(folder: Path, name: str) -> _Issuer | None:
    file = folder / f"{name}.pem"
    if not file.exists():
        return None
    pem = file.read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"`{file}` holds no P-256 key: remove it to have a new one made")
    return _Issuer(key=key, certificate=x509.load_pem_x509_certificate(pem))


def _made(folder: Path, name: str, issuer: _Issuer | None, at: datetime) -> _Issuer:
    """Make a key and its certificate, kept in one file so that neither is ever without the other."""
    key = ec.generate_private_key(ec.SECP256R1())
    signing, issued_by = (key, _subject(name)) if issuer is None else (issuer.key, issuer.certificate.subject)
    certificate = _certificate(name, key.public_key(), signing, issued_by, at)
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    _write(folder / f"{name}.pem", pem + certificate.public_bytes(serialization.Encoding.PEM))
    return _Issuer(key=key, certificate=certificate)


def _write(path: Path, data: bytes) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    disk.keep_names([path])


def _certificate(
    name: str,
    public: ec.EllipticCurvePublicKey,
    signing: _Key,
    issued_by: x509.Name,
    at: datetime,
    ends: datetime | None = None,
) -> x509.Certificate:
    """Build one certificate of the chain after C2PA's certificate profile."""
    start = at.replace(microsecond=0) - BACKDATED
    leaf = name in USAGES
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .issuer_name(issued_by)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(ends or start + (LEAF_LIFE if leaf else CA_LIFE))
        .add_extension(x509.BasicConstraints(ca=not leaf, path_length=_path_length(name)), critical=True)
        .add_extension(_key_usage(leaf), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    if leaf:
        critical = name == "stamp"  # RFC 3161 section 2.3: this purpose alone, and critical
        builder = builder.add_extension(x509.ExtendedKeyUsage(USAGES[name]), critical=critical)
    return builder.sign(signing, hashes.SHA256())


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Proviso {COMMON_NAMES[name]}"),
        ]
    )


def _spki(public: CertificatePublicKeyTypes) -> bytes:
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


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
