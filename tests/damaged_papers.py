"""Honest papers as anybody on the way could change them: each damage, and the step that must catch it."""

import base64
from collections.abc import Callable
from dataclasses import replace

from generation.core.credential import Credential
from generation.media.certificates import Chain
from registry.core.checkpoint import Checkpoint, NoteSigner, Proof, sign_checkpoint
from registry.core.envelope import sha256_hex, sign_statement
from tests.decisions import key_of
from tests.papers import (
    Papers,
    payload_of,
    resealed,
    unsealed,
)

Damage = Callable[[Papers, Chain], None]


def flip(found: Papers, place: int) -> None:
    found.mp4 = found.mp4[:place] + bytes([found.mp4[place] ^ 1]) + found.mp4[place + 1 :]


def claim_the_file(found: Papers) -> None:
    """Say that the bundle is for the file as it is now."""
    found.bundle["output_sha256"] = sha256_hex(found.mp4)


def flipped_in(box_: bytes, *, claimed: bool) -> Damage:
    def damage(found: Papers, _: Chain) -> None:
        flip(found, found.mp4.index(box_) + 40)
        if claimed:
            claim_the_file(found)

    return damage


def truncated_file(found: Papers, _: Chain) -> None:
    found.mp4 = found.mp4[:-1]


def stripped_credential(found: Papers, _: Chain) -> None:
    found.mp4 = unsealed()
    claim_the_file(found)


def not_a_video(found: Papers, _: Chain) -> None:
    found.mp4 = b"\x00" * 5_000
    claim_the_file(found)


def resealed_by_a_stranger(found: Papers, stranger: Chain) -> None:
    found.mp4 = resealed(stranger, credential_of(found))
    claim_the_file(found)


def resealed_by_a_stranger_whom_the_bundle_names(found: Papers, stranger: Chain) -> None:
    resealed_by_a_stranger(found, stranger)
    found.bundle["trust"]["c2pa"].append(stranger.root_pem)


def credential_of(found: Papers) -> Credential:
    issued = next(s for s in found.bundle["statements"] if payload_of(s)["type"] == "clearance.issued")
    body = payload_of(issued)["body"]
    return Credential(
        clearance=sha256_hex(base64.b64decode(issued["envelope"]["payload"])),
        proof=issued["proof"],
        grounds=tuple((digest, assurance) for digest, assurance in body["grounds"]),
        weights="b" * 64,
        training_root="c" * 64,
        ingredients=(),
        composite=False,
    )


def swapped_clearance(found: Papers, _: Chain) -> None:
    found.bundle["clearance"], found.bundle["release"] = found.bundle["release"], found.bundle["clearance"]


def dropped(type_: str) -> Damage:
    def damage(found: Papers, _: Chain) -> None:
        found.bundle["statements"].remove(found.statement(type_))

    return damage


def dropped_without_trace(type_: str) -> Damage:
    """Drop a statement, and every mention of it."""

    def damage(found: Papers, _: Chain) -> None:
        statement = found.statement(type_)
        digest = sha256_hex(base64.b64decode(statement["envelope"]["payload"]))
        found.bundle["statements"].remove(statement)
        for decided in (found.bundle["clearance"], found.bundle["release"]):
            decided["digests"].remove(digest)
            del decided["vouched"]["indices"][digest]

    return damage


def changed_request(which: str) -> Damage:
    def damage(found: Papers, _: Chain) -> None:
        found.bundle[which]["request"]["territories"] = ["DE", "FR", "US"]

    return damage


def changed_vouched(which: str) -> Damage:
    def damage(found: Papers, _: Chain) -> None:
        told = found.bundle[which]["vouched"]
        told["no_revocation_of"] = told["no_revocation_of"][:1]

    return damage


def changed_tree_size(found: Papers, _: Chain) -> None:
    found.bundle["clearance"]["vouched"]["tree_size"] += 1


def forged_consent(found: Papers, _: Chain) -> None:
    """The same words, signed by somebody else: the digest stays."""
    consent = found.statement("consent.granted")
    payload = base64.b64decode(consent["envelope"]["payload"])
    consent["envelope"] = sign_statement(payload, key_of("mallory")).format()


def widened_consent(found: Papers, _: Chain) -> None:
    consent = found.statement("consent.granted")
    payload = base64.b64decode(consent["envelope"]["payload"]).replace(b'"DE","FR"', b'"DE","US"')
    consent["envelope"]["payload"] = base64.b64encode(payload).decode()


def broken_consent_signature(found: Papers, _: Chain) -> None:
    signature = found.statement("consent.granted")["envelope"]["signatures"][0]
    raw = bytearray(base64.b64decode(signature["sig"]))
    raw[5] ^= 1
    signature["sig"] = base64.b64encode(raw).decode()


def second_signature_on_a_consent(found: Papers, _: Chain) -> None:
    """By an enrolled key, valid: but another envelope than the log holds."""
    consent = found.statement("consent.granted")
    payload = base64.b64decode(consent["envelope"]["payload"])
    consent["envelope"] = sign_statement(payload, key_of("ada"), key_of("gallery")).format()


def no_proof_of(type_: str) -> Damage:
    def damage(found: Papers, _: Chain) -> None:
        found.statement(type_)["proof"] = None

    return damage


def truncated_proof(found: Papers, _: Chain) -> None:
    consent = found.statement("consent.granted")
    proof = Proof.parse(consent["proof"].encode())
    consent["proof"] = replace(proof, hashes=proof.hashes[:-1]).format().decode()


def lengthened_proof(found: Papers, _: Chain) -> None:
    consent = found.statement("consent.granted")
    proof = Proof.parse(consent["proof"].encode())
    consent["proof"] = replace(proof, hashes=(*proof.hashes, bytes(32))).format().decode()


def proof_of_another_statement(found: Papers, _: Chain) -> None:
    found.statement("consent.granted")["proof"] = found.statement("licence.granted")["proof"]


def proof_with_extra(found: Papers, _: Chain) -> None:
    consent = found.statement("consent.granted")
    proof = Proof.parse(consent["proof"].encode())
    consent["proof"] = replace(proof, extra=b"trust me").format().decode()


def proof_that_is_prose(found: Papers, _: Chain) -> None:
    found.statement("consent.granted")["proof"] = "it is in the log, I have seen it\n"


def checkpoint_signed_by_a_foreign_key(found: Papers, _: Chain) -> None:
    for statement in found.bundle["statements"]:
        proof = Proof.parse(statement["proof"].encode())
        checkpoint = Checkpoint.parse(proof.checkpoint_text.split("\n\n")[0] + "\n")
        note = sign_checkpoint(checkpoint, NoteSigner.of(checkpoint.origin, key_of("mallory"))).decode()
        statement["proof"] = replace(proof, checkpoint_text=note).format().decode()


def checkpoint_without_a_signature_that_counts(found: Papers, _: Chain) -> None:
    consent = found.statement("consent.granted")
    proof = Proof.parse(consent["proof"].encode())
    text, _, signatures = proof.checkpoint_text.partition("\n\n")
    broken = signatures.replace(signatures[-8:-2], "AAAAAA")
    consent["proof"] = replace(proof, checkpoint_text=f"{text}\n\n{broken}").format().decode()


def false_cosignature_of_a_trusted_witness(found: Papers, _: Chain) -> None:
    """Somebody writes a witness's name under a checkpoint that it never saw."""
    witness = NoteSigner.witness("witness.example", key_of("witness"))
    found.trust |= {"witnesses": [witness.key.format()], "quorum": 1}
    consent = found.statement("consent.granted")
    proof = Proof.parse(consent["proof"].encode())
    line = witness.signature("another.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
    consent["proof"] = replace(proof, checkpoint_text=f"{proof.checkpoint_text}{line.format()}\n").format().decode()


def statement_that_is_not_json(found: Papers, _: Chain) -> None:
    found.statement("consent.granted")["envelope"]["payload"] = base64.b64encode(b"\xff{").decode()


def request_that_is_a_list(found: Papers, _: Chain) -> None:
    found.bundle["clearance"]["request"] = [[[]]]


DAMAGED: dict[str, tuple[Damage, str]] = {
    "flipped-byte-in-mdat": (flipped_in(b"mdat", claimed=False), "file"),
    "truncated-file": (truncated_file, "file"),
    "flipped-byte-in-mdat-and-claimed": (flipped_in(b"mdat", claimed=True), "credential"),
    "flipped-byte-in-moov-and-claimed": (flipped_in(b"moov", claimed=True), "credential"),
    "flipped-byte-in-our-assertion-and-claimed": (flipped_in(b"org.proviso.clearance", claimed=True), "credential"),
    "stripped-credential": (stripped_credential, "credential"),
    "not-a-video": (not_a_video, "credential"),
    "resealed-by-a-stranger": (resealed_by_a_stranger, "credential"),
    "resealed-by-a-stranger-whom-the-bundle-names": (resealed_by_a_stranger_whom_the_bundle_names, "clearance"),
    "swapped-clearance": (swapped_clearance, "clearance"),
    "dropped-clearance": (dropped("clearance.issued"), "clearance"),
    "dropped-release": (dropped("shot.released"), "release"),
    "changed-request": (changed_request("clearance"), "clearance"),
    "changed-request-of-release": (changed_request("release"), "release"),
    "request-that-is-a-list": (request_that_is_a_list, "clearance"),
    "changed-vouched": (changed_vouched("clearance"), "clearance replayed"),
    "changed-vouched-of-release": (changed_vouched("release"), "release replayed"),
    "changed-tree-size": (changed_tree_size, "clearance replayed"),
    "dropped-appearance": (dropped("appearance.recorded"), "clearance replayed"),
    "dropped-appearance-without-trace": (dropped_without_trace("appearance.recorded"), "clearance replayed"),
    "forged-consent": (forged_consent, "clearance replayed"),
    "widened-consent": (widened_consent, "clearance replayed"),
    "broken-consent-signature": (broken_consent_signature, "clearance replayed"),
    "statement-that-is-not-json": (statement_that_is_not_json, "clearance replayed"),
    "second-signature-on-a-consent": (second_signature_on_a_consent, "inclusion"),
    "no-proof-of-clearance": (no_proof_of("clearance.issued"), "inclusion"),
    "no-proof-of-release": (no_proof_of("shot.released"), "inclusion"),
    "no-proof-of-weights": (no_proof_of("weights.trained"), "inclusion"),
    "no-proof-of-a-ground": (no_proof_of("licence.granted"), "inclusion"),
    "truncated-proof": (truncated_proof, "inclusion"),
    "lengthened-proof": (lengthened_proof, "inclusion"),
    "proof-of-another-statement": (proof_of_another_statement, "inclusion"),
    "proof-with-extra": (proof_with_extra, "inclusion"),
    "proof-that-is-prose": (proof_that_is_prose, "inclusion"),
    "foreign-log-key": (checkpoint_signed_by_a_foreign_key, "checkpoints"),
    "broken-checkpoint-signature": (checkpoint_without_a_signature_that_counts, "checkpoints"),
    "false-cosignature": (false_cosignature_of_a_trusted_witness, "witnesses"),
}
