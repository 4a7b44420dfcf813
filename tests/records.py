"""
Records without a server: a small log in memory, keys of every kind that signs plainly, and the real page.

``made()`` tells the story of one consent: a performer is enrolled, later adds a second key, signs with it, and
everything gets its receipt. A test changes one thing of what came out, or of what goes in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from consent.core.record import parse_consent
from consent.texts.consents import describe_consent
from generation.core.bundle import Receipted
from generation.core.record_erased import ERASURE, Erased
from generation.core.record_keys import Keys
from generation.core.trust import Trust
from registry.core.checkpoint import Proof, VerifierKey
from registry.core.envelope import Envelope, PublicKey, Signature, format_statement, sha256_hex, sign, sign_statement
from registry.core.fields import Reader
from registry.core.note import Note
from registry.core.treehead import Checkpoint
from tests.decision_bodies import Body, consent, id_of, key_of, party, public
from tests.papers import ORIGIN, Log
from web.record.pdf import write_record
from web.record.values import Hand, Record, Who

ADDED_AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
SIGNED_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ERASED_AT = SIGNED_AT + timedelta(minutes=20)
ADDRESS = "https://registry.example/api/v1/statements/{}/proof"
CAST = ("ada", "ada phone", "mallory")
Enrolments = tuple[tuple[Body, tuple[str, ...]], ...]  # what brings a key, and which keys sign it, its issuer's last
NAMES = MappingProxyType({id_of("ada"): "Ada Marsh", id_of("studio"): "Northlight", id_of("film"): "The Ridge"})


@dataclass(kw_only=True)
class Made:
    """A record as it was written, what it was written from, and the trust that a stranger has from elsewhere."""

    pdf: bytes
    record: Record
    trust: dict[str, Any]
    log: Log

    def write(self, folder: Path) -> tuple[str, str]:
        """Write record and trust."""
        paths = folder / "record.pdf", folder / "trust.json"
        paths[0].write_bytes(self.pdf)
        paths[1].write_text(json.dumps(self.trust))
        return str(paths[0]), str(paths[1])


def hand_of(name: str) -> Callable[[bytes], Signature]:
    """Return the hand of the registry, or of whoever passes for it."""
    key = key_of(name)
    own = PublicKey.of(key)
    return lambda message: Signature(keyid=own.keyid, kind=own.kind, sig=sign(key, message))


def signed(type_: str, body: Body, *keys: str, issuer: str = "ada", at: datetime = ADDED_AT, language: str = "en",
           text: str = "") -> Envelope:  # fmt: skip
    """Sign one statement of the story."""
    shown = {"language": language, "text_sha256": sha256_hex(text.encode()), "private_sha256": None}
    payload = format_statement(
        type=type_, id=id_of(f"{type_} {body}"), issued_at=at, issuer=id_of(issuer), nonce=bytes(16), body=body | shown
    )
    return sign_statement(payload, *map(key_of, keys))


def text_of(body: Body, language: str, names: Mapping[str, str] = NAMES) -> str:
    """Return the words of a consent, as a draft of it would say them."""

    def called(id_: str) -> str:
        return f"{names[id_]} ({id_})" if id_ in names else id_

    return describe_consent(parse_consent(Reader(body, "body")), language, called)


def enrolments_of(names: Mapping[str, str]) -> Enrolments:
    """Ada is registered with one key, and adds that of her phone."""
    registered = party("ada") | {"name": names[id_of("ada")]}
    return ((registered, ("ada",)), ({"party": id_of("ada"), "key": public("ada phone")}, ("ada phone", "ada")))


def made(
    *,
    signed_in: str = "en",
    language: str = "en",
    names: Mapping[str, str] = NAMES,
    registry: str = "registry",
    log: Log | None = None,
    signers: tuple[str, ...] = ("ada phone",),
    enrol: Enrolments | None = None,
    enrol_after: Enrolments = (),
    shown: bool = True,  # whether the reader may see how the keys were enrolled
    ended: datetime | None = None,
    erased: tuple[str, ...] = (),  # whose names are gone from the text
    **changed: Any,
) -> Made:
    """Tell the story and write its record."""
    log = Log() if log is None else log
    before = [*_enrolled(log, enrolments_of(names) if enrol is None else enrol)]
    body = consent("ada", "studio", **changed)
    text = text_of(body, signed_in, names)
    envelope = signed("consent.granted", body, *signers, at=SIGNED_AT, language=signed_in, text=text)
    place = log.append(envelope, "consent.granted")
    after = [*_enrolled(log, enrol_after)]
    gone = [(name, log.append(erasure(name), ERASURE)) for name in erased]
    log.append(signed("key.revoked", {"later": "filler"}, "ada"), "key.revoked")
    proof, trust = Proof.parse(log.proof(place).encode()), trust_of(log, registry)
    held = [(one, at) for one, at in (*before, *after) if shown]
    keys = Keys(
        keys={key.keyid: key for key in _keys_of([envelope, *(one for one, _ in held)])},
        enrolments=tuple(Receipted(envelope=one, proof=log.proof(at)) for one, at in held),
        trust=Trust.parse(trust),
    )
    record = _record(envelope, text, proof, keys, names=names, signed_in=signed_in, language=language, ended=ended)
    if language != signed_in:
        record = replace(record, translation=text_of(body, language, names))
    if erased:
        left = text_of(body, signed_in, {one: name for one, name in names.items() if one not in map(id_of, erased)})
        record = replace(record, text=left, erased=tuple(erased_at(log, name, index) for name, index in gone))
    return Made(pdf=write_record(record, hand_of(registry)), record=record, trust=trust, log=log)


def erasure(name: str) -> Envelope:
    return signed(ERASURE, {"cause": "asked", "subject": id_of(name)}, "registry", issuer="registry", at=ERASED_AT)


def erased_at(log: Log, name: str, index: int) -> Erased:
    """Say that somebody was erased, with the receipt of what the log holds there."""
    entry = json.loads(log.entries[index])
    digest, envelope = entry["digest"], entry["envelope"]
    return Erased(party=id_of(name), at=ERASED_AT, digest=digest, envelope_sha256=envelope, proof=log.proof(index))


def _enrolled(log: Log, enrolments: Enrolments) -> Iterator[tuple[Envelope, int]]:
    for body, keys in enrolments:
        type_ = "party.registered" if "name" in body else "key.added"
        envelope = signed(type_, body, *keys, issuer=keys[-1].split()[0])
        yield envelope, log.append(envelope, type_)


def _keys_of(envelopes: Iterable[Envelope]) -> Iterator[PublicKey]:
    known = {PublicKey.of(key_of(name)).keyid: PublicKey.of(key_of(name)) for name in CAST}
    return (known[signature.keyid] for envelope in envelopes for signature in envelope.signatures)


def _record(
    envelope: Envelope,
    text: str,
    proof: Proof,
    keys: Keys,
    *,
    names: Mapping[str, str],
    signed_in: str,
    language: str,
    ended: datetime | None,
) -> Record:
    ada = Who(id=id_of("ada"), name=names[id_of("ada")])
    return Record(
        envelope=envelope,
        type="consent.granted",
        issued_at=SIGNED_AT,
        accepted_at=SIGNED_AT + timedelta(seconds=12),
        text=text,
        signed_in=signed_in,
        language=language,
        translation=None,
        hands=tuple(Hand(who=ada, kind=s.kind, algorithm=s.kind, keyid=s.keyid) for s in envelope.signatures),
        principal=None,
        watched=True,
        ended=ended,
        proof=proof,
        checkpoint=Checkpoint.parse(Note.parse(proof.checkpoint_text.encode()).text),
        log_signers=("Ed25519",),
        witnesses=0,
        keys=keys,
        check_at=ADDRESS.format(envelope.digest),
        made_at=SIGNED_AT + timedelta(hours=1),
    )


def trust_of(log: Log, registry: str = "registry") -> dict[str, Any]:
    return {
        "log": [VerifierKey.of(ORIGIN, key_of(log.key)).format()],
        "registry": [public(registry)["spki"]],
        "c2pa": [],
    }
