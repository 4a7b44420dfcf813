"""
Challenges: see that a person is there now, and not a recording of them.

1. ``challenge`` draws a passcode for one person and one voucher, which ends after a quarter of an hour.
2. ``answer`` takes what the person said or wrote, by the person's own token and once: it is encrypted in the vault
   under that person's key. A written text has to hold the passcode; no answer that was ever given is given again.
3. ``read`` opens it for the voucher, who compares it with the passcode, and for the person.
4. `identity.vouched` may then name the challenge, once (``registry.selectors.challenges``).

Left out: whether face and voice are the person's. The voucher says so, and signs it.
"""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

from django.db import IntegrityError, transaction
from uuid6 import uuid7

from registry import vault
from registry.core.errors import DomainError
from registry.core.passcodes import LASTS, holds, make_passcode
from registry.errors import Conflict, Forbidden, Inadmissible, Unknown
from registry.locks import Head, lock
from registry.models import Challenge
from registry.selectors.challenges import require_challenge
from registry.selectors.parties import kind_of, require_person
from registry.services.tokens import Principal

MAX_BYTES: Final = 64 << 20  # two minutes of film from a telephone
MAX_OPEN: Final = 5  # of one person and one voucher at once; a stranger's do not keep out whom the person waits for
MAX_TEXT_BYTES: Final = 4_000
READ_BYTES: Final = 1 << 20
HEAD_BYTES: Final = 16
TEXT: Final = "text/plain"
# Where in the first bytes what stands, by kind of challenge. Nothing here is decoded: the voucher looks and listens.
_FORMS: Final = {
    "spoken": (
        (4, b"ftypqt", "video/quicktime"),
        (4, b"ftyp", "video/mp4"),
        (0, b"\x1a\x45\xdf\xa3", "video/webm"),
        (0, b"OggS", "audio/ogg"),
        (8, b"WAVE", "audio/wav"),
        (0, b"ID3", "audio/mpeg"),
        (0, b"\xff\xfb", "audio/mpeg"),
        (0, b"fLaC", "audio/flac"),
    ),
    "written": ((0, b"\x89PNG\r\n\x1a\n", "image/png"), (0, b"\xff\xd8\xff", "image/jpeg")),
}


class UnsupportedAnswer(DomainError):
    """Not what a telephone or a keyboard makes of an answer."""

    code = "unsupported_answer"
    status = 422

    def __init__(self, *, kind: str) -> None:
        wanted = "MP4, MOV, WebM, Ogg, WAV, MP3 or FLAC" if kind == "spoken" else "PNG, JPEG or plain text"
        super().__init__(f"a `{kind}` answer is sent as {wanted}", field="file")


class AnswerTooLarge(DomainError):
    """More bytes than an answer has."""

    code = "too_large"
    status = 413

    def __init__(self) -> None:
        super().__init__(f"an answer has at most `{MAX_BYTES}` bytes", field="file")


def challenge(person: str, *, voucher: str, kind: str, by: Principal, at: datetime) -> Challenge:
    """Make a challenge for a person; asked for by them, or by who is to vouch for them."""
    require_person(person, field="party")
    kind_of(voucher, field="voucher")
    if by.party not in (person, voucher):
        raise Forbidden("a challenge is made by the person or by who vouches for them", code="foreign_token")
    if voucher == person:
        raise Inadmissible("nobody vouches for their own identity", code="self_vouched", field="voucher")
    with transaction.atomic(durable=True):
        lock(exclusive=[Head("challenges", person)])
        waiting = Challenge.objects.filter(party=person, voucher=voucher, answered_at=None, expires_at__gt=at)
        if waiting.count() >= MAX_OPEN:
            raise Conflict(f"`{MAX_OPEN}` challenges of these two wait for an answer", code="too_many_challenges")
        return Challenge.objects.create(
            id=str(uuid7()),
            party=person,
            voucher=voucher,
            kind=kind,
            passcode=make_passcode(secrets.randbelow),
            made_by=by.party,
            made_at=at,
            expires_at=at + LASTS,
        )


def answer(ident: str, file: BinaryIO, *, by: Principal, at: datetime) -> Challenge:
    """Keep the person's answer to a challenge that still runs; raises a ``DomainError`` and keeps nothing."""
    row = require_challenge(ident, party=by.party)
    if not by.party == by.person == row.party:
        raise Forbidden("a challenge is answered by the person alone", code="foreign_token")
    _require_open(row, at)
    sha256, mime = _measure(file), _mime(file, row)
    if Challenge.objects.filter(sha256=sha256).exists():
        raise Conflict("these bytes answered a challenge before", code="answer_replayed", field="file")
    name = str(uuid7())
    try:
        stored = vault.store_evidence(row.party, name, _pieces(file))
        with transaction.atomic(durable=True), vault.discarding(name):
            kept = Challenge.objects.filter(id=row.id, answered_at=None)
            if not kept.update(answer=name, answered_at=at, sha256=stored.sha256, size=stored.size, mime=mime):
                raise Conflict("the challenge was answered already", code="challenge_answered")
    except IntegrityError as error:  # the same bytes came twice at once
        raise Conflict("these bytes answered a challenge before", code="answer_replayed", field="file") from error
    assert stored.sha256 == sha256
    return Challenge.objects.get(id=row.id)


def read(ident: str, *, by: Principal) -> tuple[bytes, str]:
    """Return an answer's bytes and type, for the voucher and the person; raises ``Unknown`` for anybody else."""
    row = require_challenge(ident, party=by.party)
    if row.answer is None or row.mime is None:
        raise Unknown(kind="answer", id=ident, status=404)
    return vault.read_evidence(row.party, row.answer), row.mime


def _require_open(row: Challenge, at: datetime) -> None:
    if row.answered_at is not None:
        raise Conflict("the challenge was answered already", code="challenge_answered")
    if at >= row.expires_at:
        raise Conflict("the challenge has expired: ask for another", code="challenge_expired")


def _measure(file: BinaryIO) -> str:
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(file):
        size += len(piece)
        if size > MAX_BYTES:
            raise AnswerTooLarge
        digest.update(piece)
    if not size:
        raise Inadmissible("the answer is empty", code="bad_value", field="file")
    return digest.hexdigest()


def _mime(file: BinaryIO, row: Challenge) -> str:
    """Tell by its first bytes what an answer is; a text is read, and holds the passcode."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    for place, magic, mime in _FORMS[row.kind]:
        if head[place:].startswith(magic):
            return mime
    text = _text(file) if row.kind == "written" else None
    if text is None:
        raise UnsupportedAnswer(kind=row.kind)
    if not holds(text, row.passcode):
        raise Inadmissible("the text does not hold the passcode of this challenge", code="wrong_passcode", field="file")
    return TEXT


def _text(file: BinaryIO) -> str | None:
    file.seek(0)
    raw = file.read(MAX_TEXT_BYTES + 1)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if len(raw) <= MAX_TEXT_BYTES and "\0" not in text else None


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(READ_BYTES):
        yield piece
