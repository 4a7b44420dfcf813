"""
A time-stamp authority: says, over a digest that it was sent, when it saw it (RFC 3161, RFC 5816).

1. Read the request: version 1, a SHA-2 digest of the right length, no extension, no policy but ours.
2. Write what is certified (``TSTInfo``): the digest, the nonce, the time, a serial number.
3. Sign it as a CMS ``SignedData`` with one signer, whose certificate is named by its SHA-256 in a signed attribute.

Whatever cannot be stamped gets an answer that says why, as RFC 3161 section 2.4.2 wants; nothing raises. The structures
are ``asn1crypto``'s. Left out: clocks, sockets and files; and how good the clock is, which ``ACCURACY_S`` claims.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

REQUEST_TYPE: Final = "application/timestamp-query"
ANSWER_TYPE: Final = "application/timestamp-reply"
POLICY: Final = "2.25.38797832942359842135697780814016417368"  # ours: an OID made from a UUID (ITU-T X.667)
ACCURACY_S: Final = 1
DIGEST_BYTES: Final = {"sha256": 32, "sha384": 48, "sha512": 64}
MAX_REQUEST_BYTES: Final = 4_096  # a request is some 70 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who stamps: the key, and the certificates that lead to its root, its own first."""

    sign: Callable[[bytes], bytes]  # message -> raw r || s, P-256 over SHA-256
    certificates: tuple[bytes, ...]  # DER; without the root


class Rejection(core.Sequence):
    """A ``TimeStampResp`` without a token, which ``asn1crypto`` takes for incomplete."""

    _fields = [("status", tsp.PKIStatusInfo)]


class Refused(Exception):
    """A request that is not stamped: the failure's name in RFC 3161, and why."""

    def __init__(self, failure: str, why: str) -> None:
        super().__init__(why)
        self.failure = failure


def answer(request: bytes, authority: Authority, *, serial: int, at: datetime) -> bytes:
    """Return the DER of a ``TimeStampResp`` to the DER of a ``TimeStampReq``."""
    try:
        asked = _read(request)
    except Refused as refused:
        status = {"status": "rejection", "status_string": [str(refused)], "fail_info": {refused.failure}}
        rejection: bytes = Rejection({"status": status}).dump()
        return rejection
    token = _token(_info(asked, serial, at), authority, certificates=asked["cert_req"].native, at=at)
    granted: bytes = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()
    return granted


def _read(request: bytes) -> tsp.TimeStampReq:
    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        algorithm = asked["message_imprint"]["hash_algorithm"]["algorithm"].native
        digest = asked["message_imprint"]["hashed_message"].native
        version, policy, extensions = asked["version"].native, asked["req_policy"].native, asked["extensions"].native
    except (ValueError, TypeError, KeyError) as error:  # what asn1crypto raises for other bytes
        raise Refused("bad_data_format", "not the DER of a time-stamp request") from error
    if version != "v1":
        raise Refused("bad_request", "the request is not of version 1")
    if len(digest) != DIGEST_BYTES.get(algorithm, -1):
        raise Refused("bad_alg", f"a digest by {', '.join(DIGEST_BYTES)} is stamped, of its whole length")
    if policy not in (None, POLICY):
        raise Refused("unaccepted_policy", f"stamps are made under the policy {POLICY}")
    if extensions:
        raise Refused("unaccepted_extensions", "no extension is known here")
    return asked


def _info(asked: tsp.TimeStampReq, serial: int, at: datetime) -> tsp.TSTInfo:
    fields = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": asked["message_imprint"],
        "serial_number": serial,
        "gen_time": at.replace(microsecond=0),  # whole seconds: some readers take no fraction
        "accuracy": {"seconds": ACCURACY_S},
        "ordering": False,
    }
    if asked["nonce"].native is not None:
        fields["nonce"] = asked["nonce"]
    return tsp.TSTInfo(fields)


def _token(info: tsp.TSTInfo, authority: Authority, *, certificates: bool, at: datetime) -> cms.ContentInfo:
    own = asn1_x509.Certificate.load(authority.certificates[0])
    content = cms.EncapsulatedContentInfo(
        {"content_type": "tst_info", "content": core.ParsableOctetString(info.dump())}
    )
    attributes = _signed_attributes(info, authority.certificates[0], at)
    algorithm = algos.DigestAlgorithm({"algorithm": "sha256"})
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}}
            ),
            "digest_algorithm": algorithm,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": _der(authority.sign(attributes.dump())),  # as a SET, RFC 5652 section 5.4
        }
    )
    signed = {
        "version": "v3",
        "digest_algorithms": [algorithm],
        "encap_content_info": content,
        "signer_infos": [signer],
    }
    if certificates:
        signed["certificates"] = [asn1_x509.Certificate.load(der) for der in authority.certificates]
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})


def _signed_attributes(info: tsp.TSTInfo, certificate: bytes, at: datetime) -> cms.CMSAttributes:
    named = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(certificate).digest()}]})
    values: Sequence[tuple[str, object]] = (
        ("content_type", "tst_info"),
        ("message_digest", hashlib.sha256(info.dump()).digest()),
        ("signing_time", cms.Time({"utc_time": at.replace(microsecond=0)})),
        ("signing_certificate_v2", named),
    )
    return cms.CMSAttributes([{"type": kind, "values": [value]} for kind, value in values])


def _der(signature: bytes) -> bytes:
    """Write raw r || s as CMS wants an ECDSA signature."""
    half = len(signature) // 2
    return encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
