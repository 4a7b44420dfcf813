"""
The cast: who they are, the keys they hold, and how they sign.

Keys are made under ``var/demo/keys/`` and stay with their owners: the registry sees public halves and signatures only.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from uuid6 import uuid7

from registry.core.envelope import Envelope, PublicKey, sign_statement
from registry.services import tokens
from web.demo.client import Api
from web.demo.phone import Phone

TOKEN_LASTS = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One of the cast, with the key that only they hold."""

    name: str
    party: str
    key: Ed25519PrivateKey
    api: Api
    phone: Phone | None = None  # signs in the key's place

    def with_phone(self, phone: Phone) -> Member:
        """Return the same member, signing with a passkey from now on."""
        return replace(self, phone=phone)

    def say(
        self,
        kind: str,
        body: Mapping[str, Any],
        *,
        private: Mapping[str, Any] | None = None,
        beside: Phone | None = None,
    ) -> Said:
        """Have a statement drafted, read it, sign it, send it; ``beside``: a phone that signs too."""
        draft = self.api.post(
            "/api/v1/statements/draft",
            {"type": kind, "issuer": self.party, "body": dict(body), "language": "en", "private": private},
        )
        return self.sign(draft, beside=beside)

    def settle(self, kind: str, body: Mapping[str, Any], *, private: Mapping[str, Any] | None = None) -> Said:
        """Say something that others rest on, and wait until it is under a checkpoint and counts."""
        said = self.say(kind, body, private=private)
        self.receipt(said)
        return said

    def receipt(self, said: Said) -> bytes:
        """Return the log's receipt of a statement, waiting for it."""
        return self.api.download(f"/api/v1/statements/{said.digest}/proof?wait=1")

    def sign(self, draft: Mapping[str, Any], *, beside: Phone | None = None) -> Said:
        """Sign a draft's bytes and send them with the text that was read."""
        payload = base64.b64decode(draft["payload"])
        own = sign_statement(payload, self.key).signatures if self.phone is None else (self.phone.sign(payload),)
        envelope = Envelope(payload=payload, signatures=(*(() if beside is None else (beside.sign(payload),)), *own))
        answer = self.api.post(
            "/api/v1/statements",
            {"envelope": envelope.format(), "text": draft["text"], "private": draft["private"]},
        )
        return Said(digest=answer["digest"], text=draft["text"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A statement that the registry took, and the text that was signed."""

    digest: str
    text: str


def enrol(name: str, kind: str, *, base: str, keys: Path, at: datetime, born: str | None = None) -> Member:
    """Make a key, let the party enrol itself with its single-use token, and give it a token to work with."""
    party, key = str(uuid7()), _new_key(keys / f"{slug(name)}.pem")
    invited = Member(name=name, party=party, key=key, api=Api(base=base, token=tokens.enrol(party=party, at=at).secret))
    invited.say("party.registered", party_body(party, name, kind, born=born, key=PublicKey.of(key).format()))
    made = tokens.create(party=party, scopes=["read", "rights", "sign"], ends_at=at + TOKEN_LASTS, at=at)
    return Member(name=name, party=party, key=key, api=Api(base=base, token=made.secret))


def party_body(party: str, name: str, kind: str, *, born: str | None, key: object) -> dict[str, Any]:
    return {
        "party": party,
        "kind": kind,
        "name": name,
        "identifiers": {},
        "affiliates": [],
        "born": born,
        "domicile": "FR",
        "unions": [],
        "key": key,
    }


def person_acting(member: Member, name: str, *, scopes: list[str], at: datetime) -> Api:
    """Register a person who acts for an organisation, and return their access; they sign nothing themselves."""
    person = str(uuid7())
    member.say("party.registered", party_body(person, name, "person", born=None, key=None))
    made = tokens.create(party=member.party, person=person, scopes=scopes, ends_at=at + TOKEN_LASTS, at=at)
    return Api(base=member.api.base, token=made.secret)


def slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def _new_key(path: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key
