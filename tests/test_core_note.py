"""Signature types of notes: what each one signs, to the byte; who counts as a witness; the line at fault."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from registry.core.checkpoint import (
    Checkpoint,
    Note,
    NoteSignature,
    NoteSigner,
    Proof,
    VerifierKey,
    open_checkpoint,
    sign_checkpoint,
    sign_note,
    verify_note,
)
from registry.core.cosignature import ED25519, ED25519_COSIGNATURE, MLDSA44_COSIGNATURE
from registry.core.errors import BadNote, BadProof
from registry.core.merkle import inclusion_proof, leaf_hash, root
from registry.core.note import MAX_NOTE_BYTES, parse_signatures
from registry.core.quorum import QuorumMissing, check_quorum, check_witnesses, cosigned
from registry.core.submission import Submission

ORIGIN = "log.example/proviso"
AT_S = 1_795_000_000
ED = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PQ = MLDSA44PrivateKey.from_seed_bytes(bytes(range(32)))
LOG = (NoteSigner.of(ORIGIN, ED), NoteSigner.of(ORIGIN, PQ))
LEAVES = [leaf_hash(b"%d" % number) for number in range(7)]
CHECKPOINT = Checkpoint(origin=ORIGIN, size=7, root=root(LEAVES))
TEXT = CHECKPOINT.format()


def ed(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def pq(number: int) -> MLDSA44PrivateKey:
    return MLDSA44PrivateKey.from_seed_bytes(bytes([number]) * 32)


WITNESSES = tuple(NoteSigner.witness(f"w{number}.example", ed(number)) for number in range(1, 4))
KEYS = tuple(signer.key for signer in WITNESSES)


def cosign(*signers: NoteSigner, text: str = TEXT, time_s: int = AT_S) -> Note:
    return sign_note(text, *LOG, *signers, time_s=time_s)


# --- types ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signer", "type_", "public_bytes", "blob_bytes"),
    [
        (LOG[0], ED25519, 32, 64),
        (LOG[1], MLDSA44_COSIGNATURE, 1312, 8 + 2420),
        (WITNESSES[0], ED25519_COSIGNATURE, 32, 8 + 64),
        (NoteSigner.witness("w.example", PQ), MLDSA44_COSIGNATURE, 1312, 8 + 2420),
    ],
)
def test_each_type_has_its_key_id_its_lengths_and_one_spelling(
    signer: NoteSigner, type_: int, public_bytes: int, blob_bytes: int
) -> None:
    assert (signer.type, len(signer.public)) == (type_, public_bytes)
    hashed = signer.name.encode() + b"\n" + bytes([type_]) + signer.public
    assert signer.key.keyid == hashlib.sha256(hashed).digest()[:4]
    assert VerifierKey.parse(signer.key.format()) == signer.key
    assert len(signer.signature(TEXT, time_s=AT_S).sig) == blob_bytes


def test_a_cosignature_of_version_1_signs_the_time_and_the_whole_text() -> None:
    text = TEXT + "an extension\n"
    signature = WITNESSES[0].signature(text, time_s=AT_S)
    assert signature.sig[:8] == AT_S.to_bytes(8, "big")
    message = f"cosignature/v1\ntime {AT_S}\n{text}".encode()
    ed(1).public_key().verify(signature.sig[8:], message)
    assert signature.time_s == AT_S


def test_an_mldsa_cosignature_signs_the_name_the_time_and_the_tree() -> None:
    signature = LOG[1].signature(TEXT, time_s=AT_S)
    name = ORIGIN.encode()
    message = b"subtree/v1\n\x00" + bytes([len(name)]) + name + AT_S.to_bytes(8, "big")
    message += bytes([len(name)]) + name + (0).to_bytes(8, "big") + (7).to_bytes(8, "big") + CHECKPOINT.root
    PQ.public_key().verify(signature.sig[8:], message)


def test_a_checkpoint_with_both_signatures_is_believed_under_either_key() -> None:
    signed = sign_checkpoint(CHECKPOINT, *LOG, time_s=AT_S)
    for keys in ([LOG[0].key], [LOG[1].key], [LOG[0].key, LOG[1].key]):
        assert open_checkpoint(signed, *keys) == CHECKPOINT
    with pytest.raises(BadNote):
        open_checkpoint(signed, VerifierKey.of(ORIGIN, pq(9)))


def test_a_checkpoint_from_before_the_second_key_is_believed_as_it_was() -> None:
    assert open_checkpoint(sign_checkpoint(CHECKPOINT, LOG[0]), LOG[0].key, LOG[1].key) == CHECKPOINT
    with pytest.raises(BadNote):
        open_checkpoint(sign_checkpoint(CHECKPOINT, LOG[0]), LOG[1].key)


@pytest.mark.parametrize("place", [0, 1])
def test_one_false_signature_by_a_known_key_refuses_the_checkpoint_and_names_its_line(place: int) -> None:
    note = Note.parse(sign_checkpoint(CHECKPOINT, *LOG, time_s=AT_S))
    wrong = note.signatures[place]
    wrong = replace(wrong, sig=wrong.sig[:-1] + bytes([wrong.sig[-1] ^ 1]))
    forged = replace(note, signatures=(*note.signatures[:place], wrong, *note.signatures[place + 1 :]))
    assert open_checkpoint(forged.format(), LOG[1 - place].key) == CHECKPOINT
    with pytest.raises(BadNote) as refused:
        open_checkpoint(forged.format(), LOG[0].key, LOG[1].key)
    assert refused.value.line == 5 + place


def test_no_byte_of_an_mldsa_signature_and_no_time_can_be_changed() -> None:
    (signature,) = sign_note(TEXT, LOG[1], time_s=AT_S).signatures
    for position in (0, 7, 8, 1000, 2427):
        sig = signature.sig[:position] + bytes([signature.sig[position] ^ 1]) + signature.sig[position + 1 :]
        assert not LOG[1].key.verifies(TEXT, sig)
    assert LOG[1].key.verifies(TEXT, signature.sig)
    assert not LOG[1].key.verifies(TEXT, signature.sig[:-1])
    assert not LOG[1].key.verifies(TEXT, signature.sig + b"\0")


def test_the_root_of_no_entries_is_that_of_nothing() -> None:
    empty = Checkpoint(origin=ORIGIN, size=0, root=root([]))
    assert open_checkpoint(sign_checkpoint(empty, *LOG), LOG[0].key) == empty
    with pytest.raises(BadNote) as refused:
        open_checkpoint(sign_checkpoint(replace(empty, root=CHECKPOINT.root), *LOG), LOG[0].key)
    assert refused.value.line == 3


def test_extensions_that_no_known_key_signed_are_refused() -> None:
    extended = replace(CHECKPOINT, extensions=("seen by nobody",))
    signed = sign_checkpoint(extended, *LOG)
    assert open_checkpoint(signed, LOG[0].key, LOG[1].key) == extended
    with pytest.raises(BadNote) as refused:
        open_checkpoint(signed, LOG[1].key)
    assert refused.value.line == 4


@pytest.mark.parametrize("signer", [WITNESSES[0], LOG[1]])
def test_what_is_no_checkpoint_is_not_cosigned(signer: NoteSigner) -> None:
    with pytest.raises(BadNote):
        sign_note("a poem\n\nin two parts\n", signer)
    assert sign_note("a poem\n\nin two parts\n", LOG[0])


def test_a_type_that_is_not_known_is_no_key_and_its_signatures_are_ignored() -> None:
    for type_ in (0, 2, 3, 5, 7, 255):
        with pytest.raises(BadNote):
            VerifierKey(name=ORIGIN, public=LOG[0].public, type=type_)
    strange = NoteSignature(name=ORIGIN, keyid=b"\x01\x02\x03\x04", sig=bytes(5000))
    note = sign_note(TEXT, LOG[0]).signed_also([strange])
    assert verify_note(Note.parse(note.format()), [LOG[0].key]) == (LOG[0].key,)


def test_a_signer_whose_key_is_elsewhere_signs_as_one_whose_key_is_here() -> None:
    asked: list[bytes] = []

    def far_away(message: bytes) -> bytes:
        asked.append(message)
        return ED.sign(message)

    assert sign_note(TEXT, NoteSigner(key=LOG[0].key, sign=far_away)) == sign_note(TEXT, LOG[0])
    assert asked == [TEXT.encode()]


def test_sixteen_post_quantum_signatures_fit_into_a_note() -> None:
    """The format names 16 signatures of "nearly 5kB" as what a verifier has to accept."""
    longest = bytes(5_000)
    crowd = [NoteSignature(name=f"witness{number}.example", keyid=b"wxyz", sig=longest) for number in range(16)]
    data = sign_note(TEXT, *LOG, time_s=AT_S).signed_also(crowd).format()
    assert len(data) < MAX_NOTE_BYTES
    assert open_checkpoint(data, LOG[0].key) == CHECKPOINT
    receipt = replace(PROOF, checkpoint_text=data.decode()).format()
    assert Proof.parse(receipt).verify(b"4", LOG[0].key) == CHECKPOINT


# --- witnesses --------------------------------------------------------------------------------------------------------


def test_who_cosigned_is_said_with_the_time_and_strangers_are_ignored() -> None:
    note = cosign(WITNESSES[0], WITNESSES[2])
    assert [(one.key, one.time_s) for one in cosigned(note, KEYS)] == [(KEYS[0], AT_S), (KEYS[2], AT_S)]
    assert cosigned(note, [KEYS[1]]) == ()
    assert cosigned(cosign(), KEYS) == ()
    assert len(check_quorum(note, KEYS, 2)) == 2
    with pytest.raises(QuorumMissing) as missing:
        check_quorum(note, KEYS, 3)
    assert (missing.value.size, missing.value.have, missing.value.quorum) == (7, 2, 3)


def test_two_keys_of_one_witness_are_one_witness() -> None:
    both = (WITNESSES[0], NoteSigner.witness(WITNESSES[0].name, pq(1)))
    note = cosign(*both)
    assert len(cosigned(note, [signer.key for signer in both])) == 1


def test_one_public_key_under_two_names_is_refused_because_it_would_count_twice() -> None:
    twin = NoteSigner.witness("twin.example", ed(1))
    with pytest.raises(BadNote):
        check_witnesses([KEYS[0], twin.key])


def test_a_log_is_no_witness_of_itself_and_a_log_key_is_none_at_all() -> None:
    own = NoteSigner.witness(ORIGIN, ed(5))
    assert cosigned(cosign(own), [own.key]) == ()
    assert cosigned(cosign(), [LOG[1].key]) == ()
    with pytest.raises(BadNote):
        cosigned(cosign(), [LOG[0].key])


def test_what_a_witness_signs_under_the_name_of_a_log_is_not_the_logs_own() -> None:
    """A cosignature of version 1 names nobody: its key may be any witness's, listed under another name."""
    namesake = NoteSigner.witness(ORIGIN, ed(9))
    data = sign_note(TEXT, namesake, time_s=AT_S).format()
    with pytest.raises(BadNote, match="line 1: "):
        open_checkpoint(data, namesake.key)
    assert open_checkpoint(cosign(namesake).format(), namesake.key, LOG[0].key) == CHECKPOINT


def test_a_cosignature_of_another_checkpoint_or_another_time_refuses_the_note() -> None:
    other = replace(CHECKPOINT, root=bytes(32)).format()
    (moved,) = sign_note(other, WITNESSES[0], time_s=AT_S).signatures
    (early,) = sign_note(TEXT, WITNESSES[0], time_s=AT_S).signatures
    backdated = replace(early, sig=(AT_S - 1).to_bytes(8, "big") + early.sig[8:])
    for false in (moved, backdated):
        with pytest.raises(BadNote) as refused:
            cosigned(cosign().signed_also([false]), KEYS)
        assert refused.value.line == 7


# --- the line at fault ------------------------------------------------------------------------------------------------

SIGNED = sign_note(TEXT, *LOG, time_s=AT_S).format()
PROOF = Proof(index=4, hashes=inclusion_proof(4, LEAVES), checkpoint_text=SIGNED.decode(), extra=b"x")
SUBMISSION = Submission(old_size=3, proof=(bytes(32), bytes(32)), note=Note.parse(SIGNED))


@pytest.mark.parametrize(
    ("line", "damage"),
    [
        (1, lambda data: data.replace(b"\n\n", b"\n")),
        (2, lambda data: data.replace(b"\n7\n", b"\n\xff\n")),
        (2, lambda data: data.replace(b"\n7\n", b"\n7\t\n")),
        (5, lambda data: data.replace("\u2014".encode(), b"-", 1)),
        (6, lambda data: data[:-3] + b"\n"),
        (6, lambda data: data[:-1]),
        (7, lambda data: data + b"prose\n"),
        (7, lambda data: data + "\u2014 a+b AAAAAAAA\n".encode()),
        (7, lambda data: data + "\u2014 name AAAA\n".encode()),
    ],
)
def test_a_malformed_note_is_refused_with_the_line_at_fault(line: int, damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BadNote) as refused:
        Note.parse(damage(SIGNED))
    assert refused.value.line == line
    assert refused.value.extra() == {"line": line}
    assert str(refused.value).startswith(f"line {line}: ")


@pytest.mark.parametrize(
    ("line", "damage"),
    [
        (1, lambda text: "\n" + text.partition("\n")[2]),
        (2, lambda text: text.replace("\n7\n", "\n07\n")),
        (2, lambda text: text.replace("\n7\n", f"\n{2**63}\n")),
        (2, lambda text: text.replace("\n7\n", "\n7.0\n")),
        (2, lambda text: text.replace("\n7\n", "\n\u0667\n")),  # seven, in Arabic
        (3, lambda text: text[:-2] + "\n"),
        (3, lambda text: ORIGIN + "\n7\n"),
        (4, lambda text: text + "\n"),
        (5, lambda text: text + "one\n\n"),
    ],
)
def test_a_malformed_checkpoint_is_refused_with_the_line_at_fault(line: int, damage: Callable[[str], str]) -> None:
    with pytest.raises(BadNote) as refused:
        Checkpoint.parse(damage(TEXT))
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("line", "damage"),
    [
        (1, lambda data: data.replace(b"@v1", b"@v2")),
        (2, lambda data: data.replace(b"extra eA==", b"extra eA=")),
        (3, lambda data: data.replace(b"index 4", b"index four")),
        (3, lambda data: data.replace(b"index 4", b"index 7")),
        (3, lambda data: data.replace(b"index 4", b"index 9223372036854775808")),
        (4, lambda data: data.replace(base64.b64encode(PROOF.hashes[0]), b"AAAA")),
        (5, lambda data: data.replace(base64.b64encode(PROOF.hashes[1]), b"%%%%")),
        (12, lambda data: data[: data.rindex("\u2014".encode())].rstrip(b"\n")),
        (12, lambda data: data.replace("\u2014 ".encode(), b"\xe2\x80\x94x ", 1)),
        (12, lambda data: data.replace(b"\n7\n", b"\n8\n")),
    ],
)
def test_a_malformed_receipt_is_refused_with_the_line_of_the_whole_file(
    line: int, damage: Callable[[bytes], bytes]
) -> None:
    data = damage(PROOF.format())
    assert data != PROOF.format()
    with pytest.raises((BadNote, BadProof)) as refused:
        Proof.parse(data).verify(b"4", LOG[0].key)
    assert refused.value.line == line


def test_a_submission_is_read_as_it_was_written() -> None:
    assert Submission.parse(SUBMISSION.format()) == SUBMISSION
    first = Submission(old_size=0, proof=(), note=Note.parse(SIGNED))
    assert first.format().startswith(b"old 0\n\n" + TEXT.encode())
    assert Submission.parse(first.format()) == first


@pytest.mark.parametrize(
    ("line", "damage"),
    [
        (1, lambda data: data.replace(b"old 3", b"old -3")),
        (1, lambda data: data.replace(b"old 3", b"new 3")),
        (1, lambda data: data.replace(b"old 3", b"old 18446744073709551615")),
        (1, lambda data: b"\n" + data),
        (1, lambda data: b"\xff" + data),
        (2, lambda data: data.replace(b"AAA", b"AA", 1)),
        (3, lambda data: data.replace(b"=\n\n", b"=\r\n\n", 1)),
        (65, lambda data: data.replace(b"old 3\n", b"old 3\n" + (base64.b64encode(bytes(32)) + b"\n") * 63)),
        (6, lambda data: data.replace(b"\n7\n", b"\nseven\n")),
        (9, lambda data: data.replace("\u2014 ".encode(), b"- ", 1)),
    ],
)
def test_a_malformed_submission_is_refused_with_the_line_at_fault(line: int, damage: Callable[[bytes], bytes]) -> None:
    data = damage(SUBMISSION.format())
    assert data != SUBMISSION.format()
    with pytest.raises(BadNote) as refused:
        Submission.parse(data)
    assert refused.value.line == line


def test_signature_lines_alone_are_refused_with_the_line_at_fault() -> None:
    text = SIGNED.decode().partition("\n\n")[2]
    assert parse_signatures(text) == Note.parse(SIGNED).signatures
    for line, damaged in ((3, text + "x\n"), (2, text[:-1]), (1, "\n" + text), (1, "")):
        with pytest.raises(BadNote) as refused:
            parse_signatures(damaged)
        assert refused.value.line == line
