"""Signed notes, checkpoints and receipts: their formats, and every receipt that must not be believed."""

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.checkpoint import (
    PROOF_HEADER,
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
from registry.core.errors import BadNote, BadProof, DomainError
from registry.core.merkle import inclusion_proof, leaf_hash, root
from registry.core.note import MAX_NOTE_BYTES

ORIGIN = "log.example/proviso"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
SIGNER = NoteSigner.of(ORIGIN, PRIVATE)
KEY = SIGNER.key
ENTRIES = [f"entry {number}".encode() for number in range(11)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
CHECKPOINT = Checkpoint(origin=ORIGIN, size=len(ENTRIES), root=root(LEAVES))
SIGNED = sign_checkpoint(CHECKPOINT, SIGNER)
INDEX = 6
PROOF = Proof(index=INDEX, hashes=inclusion_proof(INDEX, LEAVES), checkpoint_text=SIGNED.decode())


# --- verifier keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_published_verifier_keys_are_read_and_written(text: str) -> None:
    assert VerifierKey.parse(text).format() == text


def test_the_note_published_with_the_go_library_verifies() -> None:
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    note = Note.parse(f"{text}\n{line}\n".encode())
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert verify_note(note, [key]) == (key,)
    assert note.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        KEY.format().replace("+", "+0", 1),
        KEY.format()[:-1],
        KEY.format() + "\n",
        f"{ORIGIN}+{KEY.keyid.hex()}+{base64.b64encode(bytes([4]) + KEY.public).decode()}",
        f"{ORIGIN}+{KEY.keyid.hex().upper()}+{base64.b64encode(bytes([1]) + KEY.public).decode()}",
        f"other.example+{KEY.keyid.hex()}+{base64.b64encode(bytes([1]) + KEY.public).decode()}",
        f"{ORIGIN}+{KEY.keyid.hex()}+{base64.b64encode(bytes([1]) + bytes(32)).decode()}",
    ],
)
def test_a_verifier_key_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.parse(text)


# --- notes ------------------------------------------------------------------------------------------------------------


def test_a_note_is_read_as_it_was_written() -> None:
    note = Note.parse(SIGNED)
    assert note.format() == SIGNED
    assert Note.parse(note.format()) == note


def test_a_text_with_empty_lines_is_parted_at_the_last_one() -> None:
    note = sign_note("a\n\nb\n", SIGNER)
    assert Note.parse(note.format()) == note
    assert verify_note(note, [KEY]) == (KEY,)


def test_signatures_by_unknown_keys_are_ignored_and_sixteen_are_accepted() -> None:
    note = Note.parse(SIGNED)
    strangers = tuple(
        NoteSignature(name=f"witness{number}.example", keyid=bytes(4), sig=bytes(72)) for number in range(20)
    )
    crowded = Note(text=note.text, signatures=strangers[:10] + note.signatures + strangers[10:])
    assert verify_note(Note.parse(crowded.format()), [KEY]) == (KEY,)
    with pytest.raises(BadNote):
        verify_note(Note(text=note.text, signatures=strangers), [KEY])


def test_a_known_key_that_fails_refuses_the_note_though_another_verifies() -> None:
    second = VerifierKey.of("second.example", OTHER)
    signatures = (
        *sign_note(CHECKPOINT.format(), SIGNER).signatures,
        NoteSignature(name=second.name, keyid=second.keyid, sig=OTHER.sign(b"something else")),
    )
    note = Note(text=CHECKPOINT.format(), signatures=signatures)
    assert verify_note(note, [KEY]) == (KEY,)
    with pytest.raises(BadNote):
        verify_note(note, [KEY, second])


def test_a_note_without_any_known_key_is_no_note() -> None:
    for keys in ([], [VerifierKey.of("second.example", OTHER)], [VerifierKey.of(ORIGIN, OTHER)]):
        with pytest.raises(BadNote):
            verify_note(Note.parse(SIGNED), keys)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data.replace(b"\n\n", b"\n"),
        lambda data: data.replace("\u2014".encode(), b"-"),
        lambda data: data.replace("\u2014 ".encode(), "\u2014  ".encode()),
        lambda data: data.replace(b"\n\n", b"\n\r\n"),
        lambda data: b"\xff" + data,
        lambda data: data.replace(b"proviso\n", b"proviso\t\n", 1),
        lambda data: data + data.split(b"\n\n")[1] * 100,
        lambda data: data.split(b"\n\n")[0] + b"\n\n",
        lambda data: b"",
        lambda data: b"x" * MAX_NOTE_BYTES + data,
    ],
)
def test_a_note_of_another_form_is_refused(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BadNote):
        Note.parse(damage(SIGNED))


def test_no_byte_of_a_signed_checkpoint_can_be_changed() -> None:
    for position in range(len(SIGNED)):
        damaged = SIGNED[:position] + bytes([SIGNED[position] ^ 1]) + SIGNED[position + 1 :]
        with pytest.raises(BadNote):
            open_checkpoint(damaged, KEY)


def test_a_text_that_is_no_note_is_not_signed() -> None:
    for text in ("", "no line feed", "tab\t\n", "return\r\n"):
        with pytest.raises(BadNote):
            sign_note(text, SIGNER)


@pytest.mark.parametrize("name", ["", "with space", "with+plus", "no\u00a0break", "line\nfeed"])
def test_a_name_that_would_break_the_line_is_refused(name: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.of(name, PRIVATE)


# --- checkpoints ------------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    assert Checkpoint.parse(CHECKPOINT.format()) == CHECKPOINT
    extended = replace(CHECKPOINT, extensions=("extension", "another one"))
    assert Checkpoint.parse(extended.format()) == extended
    assert open_checkpoint(SIGNED, KEY) == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "origin\n01\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n-1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n+1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n\u0661\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n1e3\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n" + "9" * 20 + "\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n1\n" + base64.b64encode(bytes(31)).decode() + "\n",
        "origin\n1\n" + base64.b64encode(bytes(32)).decode()[:-1] + "\n",
        "origin\n1\n" + base64.b64encode(bytes(32)).decode(),
        "\n1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n1\n" + base64.b64encode(bytes(32)).decode() + "\n\n",
    ],
)
def test_a_checkpoint_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


def test_a_checkpoint_of_another_log_is_refused_though_its_key_signed() -> None:
    note = sign_note(replace(CHECKPOINT, origin="other.example").format(), SIGNER)
    with pytest.raises(BadNote):
        open_checkpoint(note.format(), KEY)


# --- receipts ---------------------------------------------------------------------------------------------------------


def test_a_receipt_is_read_as_it_was_written() -> None:
    for proof in (PROOF, replace(PROOF, extra=b"anything"), replace(PROOF, hashes=())):
        assert Proof.parse(proof.format()) == proof
    assert PROOF.format().startswith(f"{PROOF_HEADER}\nindex {INDEX}\n".encode())
    assert PROOF.format().endswith(b"\n\n" + SIGNED)


def test_a_receipt_proves_its_entry() -> None:
    assert PROOF.verify(ENTRIES[INDEX], KEY) == CHECKPOINT


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_every_entry_has_a_receipt_and_none_serves_another_entry(index: int) -> None:
    proof = replace(PROOF, index=index, hashes=inclusion_proof(index, LEAVES))
    for number, entry in enumerate(ENTRIES):
        if number == index:
            proof.verify(entry, KEY)
        else:
            with pytest.raises(BadProof):
                proof.verify(entry, KEY)


@pytest.mark.parametrize(
    "forged",
    [
        replace(PROOF, index=INDEX + 1),
        replace(PROOF, index=len(ENTRIES)),
        replace(PROOF, index=INDEX + 16),
        replace(PROOF, hashes=PROOF.hashes[:-1]),
        replace(PROOF, hashes=(*PROOF.hashes, bytes(32))),
        replace(PROOF, hashes=PROOF.hashes[::-1]),
        replace(PROOF, hashes=()),
        replace(PROOF, hashes=(PROOF.hashes[0][:31], *PROOF.hashes[1:])),
        replace(PROOF, checkpoint_text=sign_checkpoint(replace(CHECKPOINT, size=20), SIGNER).decode()),
        replace(PROOF, checkpoint_text=sign_checkpoint(replace(CHECKPOINT, root=bytes(32)), SIGNER).decode()),
        replace(PROOF, checkpoint_text=sign_checkpoint(CHECKPOINT, NoteSigner.of(ORIGIN, OTHER)).decode()),
        replace(PROOF, checkpoint_text=PROOF.checkpoint_text.replace("11\n", "12\n", 1)),
        replace(PROOF, checkpoint_text=CHECKPOINT.format()),
        replace(PROOF, checkpoint_text=""),
    ],
)
def test_a_forged_receipt_proves_nothing(forged: Proof) -> None:
    with pytest.raises((BadProof, BadNote)):
        forged.verify(ENTRIES[INDEX], KEY)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b"@v1", b"@v2", 1),
        lambda data: data.replace(b"index 6", b"index 06"),
        lambda data: data.replace(b"index 6", b"index -6"),
        lambda data: data.replace(b"index 6", b"index  6"),
        lambda data: data.replace(b"index 6", b"Index 6"),
        lambda data: data.replace(b"index 6\n", b""),
        lambda data: data.replace(b"index 6", b"extra AA==\nextra AA==\nindex 6"),
        lambda data: data.replace(b"index 6", b"extra A\nindex 6"),
        lambda data: data.replace(b"index 6", b"index 6\nextra AA=="),
        lambda data: data.replace(b"=\n", b"\n", 1),
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.split(b"\n\n")[0],
        lambda data: b"\xff" + data,
        lambda data: data.replace(b"index 6\n", b"index 6\n" + (base64.b64encode(bytes(32)) + b"\n") * 64),
        lambda data: b"",
    ],
)
def test_a_receipt_of_another_form_is_refused(damage: Callable[[bytes], bytes]) -> None:
    assert PROOF.format() != damage(PROOF.format())
    with pytest.raises(BadNote):
        Proof.parse(damage(PROOF.format()))


def test_no_byte_of_a_receipt_can_be_changed() -> None:
    data = PROOF.format()
    for position in range(len(data)):
        damaged = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        with pytest.raises(DomainError):
            Proof.parse(damaged).verify(ENTRIES[INDEX], KEY)
