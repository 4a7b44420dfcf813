"""
Honest records as anybody on the way could change them, or whoever holds one of the keys: each damage, and the step that
must catch it.

An attachment is exchanged as somebody with a PDF library would do it: the file is whole again afterwards, and sealed by
the registry's key, so that nothing but the step in question can notice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from generation.core.record_paper import ATTACHED, CHECKPOINT, KEYS, PROOF, SEAL, STATEMENT, TEXT
from generation.verify.pdf import read_attachments
from registry.core.checkpoint import NoteSigner, Proof, sign_checkpoint
from registry.core.envelope import Envelope, canonical, sign_statement
from registry.core.treehead import Checkpoint
from tests.decision_bodies import id_of, key_of, party, public
from tests.papers import Log
from tests.records import Made, hand_of, made, signed
from web.record.pdf import assemble, attachments_of
from web.record.values import Who

Damage = Callable[[Made], bytes]


def with_(found: Made, changes: Mapping[str, bytes | None], *, seal: str = "registry") -> bytes:
    """Write the file with other attachments (None: without it)."""
    attached: dict[str, bytes | None] = {**attachments_of(found.record), **changes}
    return assemble(found.record, {name: data for name, data in attached.items() if data is not None}, hand_of(seal))


def exchanged(*names: str) -> Damage:
    """Take these attachments from the record of another consent, in the same log."""

    def damage(found: Made) -> bytes:
        other = attachments_of(made(description="something else").record)
        return with_(found, {name: other[name] for name in names})

    return damage


def without(name: str) -> Damage:
    if name == SEAL:
        return lambda found: found.pdf.replace(b"(seal.json)", b"(moon.json)")
    return lambda found: with_(found, {name: None})


def holding(name: str, data: bytes) -> Damage:
    return lambda found: with_(found, {name: data})


def one_more(found: Made) -> bytes:
    return with_(found, {"invoice.json": b"{}"})


def changed_json(name: str, change: Callable[[Any], None]) -> Damage:
    def damage(found: Made) -> bytes:
        obj = json.loads(attachments_of(found.record)[name])
        change(obj)
        return with_(found, {name: canonical(obj)})

    return damage


def widened(found: Made) -> bytes:
    """Change a term of what was signed, and leave the signature."""
    envelope = found.record.envelope
    payload = envelope.payload.replace(b'"assignable":false', b'"assignable":true')
    assert payload != envelope.payload
    return with_(found, {STATEMENT: canonical(Envelope(payload=payload, signatures=envelope.signatures).format())})


def widened_text(found: Made) -> bytes:
    return with_(found, {TEXT: found.record.text.replace("may not pass it on", "may pass it on").encode()})


def signed_by_somebody_else(found: Made) -> bytes:
    """Sign the very same bytes with another key, and attach that one."""
    keys = replace(found.record.keys, keys={}, enrolments=()).format()
    keys["keys"] = [public("mallory")]
    envelope = sign_statement(found.record.envelope.payload, key_of("mallory"))
    return with_(found, {STATEMENT: canonical(envelope.format()), KEYS: canonical(keys)})


def other_key_under_the_name(keys: Any) -> None:
    keys["keys"] = [public("mallory")]


def proof_of_another_place(found: Made) -> bytes:
    proof = found.record.proof
    return with_(found, {PROOF: replace(proof, index=proof.index - 1).format()})


def proof_of_another_log(found: Made) -> bytes:
    """The same log key signed another tree, in which the statement does not stand."""
    other = Log()
    for number in range(4):
        other.append(signed("key.added", {"party": id_of("ada"), "number": number}, "ada"), "key.added")
    proof = Proof.parse(other.proof(2).encode())
    return with_(found, {PROOF: proof.format(), CHECKPOINT: proof.checkpoint_text.encode()})


def with_extra(found: Made) -> bytes:
    return with_(found, {PROOF: replace(found.record.proof, extra=b"trust me").format()})


def newer_checkpoint(found: Made) -> bytes:
    """Attach a checkpoint that the log signed, but not the one of the receipt."""
    found.log.append(signed("key.added", {"party": id_of("ada"), "number": 9}, "ada"), "key.added")
    return with_(found, {CHECKPOINT: Proof.parse(found.log.proof(0).encode()).checkpoint_text.encode()})


def with_checkpoint(found: Made, note: bytes) -> bytes:
    proof = replace(found.record.proof, checkpoint_text=note.decode())
    return with_(found, {PROOF: proof.format(), CHECKPOINT: note})


def checkpoint_of_a_stranger(found: Made) -> bytes:
    """The right tree, signed by somebody whom nobody named."""
    signer = NoteSigner.of(found.record.checkpoint.origin, key_of("mallory"))
    return with_checkpoint(found, sign_checkpoint(found.record.checkpoint, signer))


def broken_checkpoint(found: Made) -> bytes:
    text, _, lines = found.record.proof.checkpoint_text.partition("\n\n")
    return with_checkpoint(found, f"{text}\n\n{lines.replace(lines[-8:-2], 'AAAAAA')}".encode())


def false_cosignature(found: Made) -> bytes:
    """Somebody writes a trusted witness's name under a checkpoint that it never saw."""
    witness = NoteSigner.witness("witness.example", key_of("witness"))
    found.trust |= {"witnesses": [witness.key.format()], "quorum": 1}
    other = Checkpoint(origin="another.example/log", size=1, root=bytes(32))
    line = witness.signature(other.format()).format()
    return with_checkpoint(found, f"{found.record.proof.checkpoint_text}{line}\n".encode())


def enrolled_by_somebody_else(found: Made) -> bytes:
    """A stranger who is in the log signs in the name of the performer."""
    return made(signers=("mallory",), enrol=((party("mallory"), ("mallory",)),)).pdf


def enrolled_too_late(found: Made) -> bytes:
    return made(signers=("ada",), enrol=(), enrol_after=((party("ada"), ("ada",)),)).pdf


def added_by_a_key_that_nobody_enrolled(found: Made) -> bytes:
    return made(enrol=(({"party": id_of("ada"), "key": public("ada phone")}, ("ada phone", "mallory")),)).pdf


def enrolment_not_signed_by_its_key(found: Made) -> bytes:
    return made(signers=("ada",), enrol=((party("ada"), ("mallory",)),)).pdf


def enrolment_without_receipt(keys: Any) -> None:
    keys["enrolments"][0]["proof"] = None


def enrolment_that_is_none(found: Made) -> bytes:
    keys = found.record.keys.format()
    keys["enrolments"] = [{"envelope": found.record.envelope.format(), "proof": found.record.proof.format().decode()}]
    return with_(found, {KEYS: canonical(keys)})


def other_words_on_the_page(found: Made) -> bytes:
    """Set the page anew with another name on it, as nobody but the registry can seal it."""
    hand = replace(found.record.hands[0], who=Who(id=id_of("ada"), name="Ada Marsh, who agrees to everything"))
    record = replace(found.record, hands=(hand,))
    return assemble(record, attachments_of(record), hand_of("mallory"))


def flipped_page(found: Made) -> bytes:
    """Change one byte of what is drawn."""
    at = found.pdf.index(b"stream\n", found.pdf.index(b"/Contents")) + 60
    return found.pdf[:at] + bytes([found.pdf[at] ^ 1]) + found.pdf[at + 1 :]


def seal_of_another_record(found: Made) -> bytes:
    held, other = read_attachments(found.pdf)[SEAL], made(description="something else").pdf
    data = read_attachments(other)[SEAL].data
    return found.pdf[: held.start] + data + found.pdf[held.start + len(data) :]


def nobody_s_seal(found: Made) -> bytes:
    held = read_attachments(found.pdf)[SEAL]
    return found.pdf[: held.start] + b" " * len(held.data) + found.pdf[held.start + len(held.data) :]


DAMAGED: dict[str, tuple[Damage, str]] = {
    **{f"without-{name}": (without(name), "attachments") for name in ATTACHED},
    **{
        f"empty-object-for-{name}": (holding(name, b"{}"), "attachments")
        for name in ATTACHED
        if name not in (TEXT, SEAL)
    },
    **{f"noise-for-{name}": (holding(name, b"\xff\x00noise"), "attachments") for name in ATTACHED if name != SEAL},
    "one-more-attachment": (one_more, "attachments"),
    "unknown-field-in-keys": (changed_json(KEYS, lambda keys: keys.update(note="hi")), "attachments"),
    "blank-seal": (nobody_s_seal, "attachments"),
    "text-of-another": (exchanged(TEXT), "text"),
    "statement-of-another": (exchanged(STATEMENT), "text"),
    "statement-and-text-of-another": (exchanged(STATEMENT, TEXT), "inclusion"),
    "widened-text": (widened_text, "text"),
    "widened-terms": (widened, "signatures"),
    "another-key-attached": (changed_json(KEYS, other_key_under_the_name), "signatures"),
    "signed-by-somebody-else": (signed_by_somebody_else, "inclusion"),
    "proof-of-another": (exchanged(PROOF), "inclusion"),
    "proof-of-another-place": (proof_of_another_place, "inclusion"),
    "proof-of-another-log": (proof_of_another_log, "inclusion"),
    "proof-with-extra": (with_extra, "inclusion"),
    "all-of-another-but-the-checkpoint": (exchanged(STATEMENT, TEXT, PROOF, KEYS), "checkpoint"),
    "newer-checkpoint": (newer_checkpoint, "checkpoint"),
    "checkpoint-of-a-stranger": (checkpoint_of_a_stranger, "checkpoint"),
    "broken-checkpoint": (broken_checkpoint, "checkpoint"),
    "signed-in-the-name-of-another": (enrolled_by_somebody_else, "keys"),
    "enrolled-too-late": (enrolled_too_late, "keys"),
    "added-by-a-key-that-nobody-enrolled": (added_by_a_key_that_nobody_enrolled, "keys"),
    "enrolment-not-signed-by-its-key": (enrolment_not_signed_by_its_key, "keys"),
    "enrolment-without-receipt": (changed_json(KEYS, enrolment_without_receipt), "keys"),
    "enrolment-that-is-none": (enrolment_that_is_none, "keys"),
    "false-cosignature": (false_cosignature, "witnesses"),
    "flipped-page": (flipped_page, "page"),
    "other-words-on-the-page": (other_words_on_the_page, "page"),
    "seal-of-another": (seal_of_another_record, "page"),
}
