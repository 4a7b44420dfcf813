"""
The code of Go's checksum database reads our log: it accepts what we publish and refuses every mutation of it.

``tests/go/check.go`` asks ``golang.org/x/mod/sumdb/note`` and ``sumdb/tlog``, which know nothing of us: Debian's
packages `golang-go` and `golang-golang-x-mod-dev`. Where Go is not installed these tests skip.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry import log
from registry.core.checkpoint import (
    Checkpoint,
    Note,
    NoteSignature,
    NoteSigner,
    Proof,
    VerifierKey,
    open_checkpoint,
    sign_checkpoint,
)
from registry.core.cosignature import ED25519
from registry.core.errors import DomainError
from registry.core.merkle import verify_consistency
from registry.core.tiles import consistency_proof_from
from registry.log import folder
from registry.log.identity import verifiers
from tests.log_walk import append, digest, entry_of, publish_all

GOPATH = Path("/usr/share/gocode")  # where Debian puts the sources of Go libraries
SIZES = [1, 2, 5, 255, 256, 300]


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built without the network."""
    if shutil.which("go") is None:
        pytest.skip("Go is not installed: apt-get install golang-go golang-golang-x-mod-dev")
    if not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("the sources of golang.org/x/mod are not installed: apt-get install golang-golang-x-mod-dev")
    top = tmp_path_factory.mktemp("go")
    source = Path(__file__).with_name("go") / "check.go"
    own = {"GO111MODULE": "off", "GOPATH": str(GOPATH), "GOCACHE": str(top / "cache"), "GOFLAGS": "", "GOPROXY": "off"}
    subprocess.run(["go", "vet", source], env=os.environ | own, check=True)
    subprocess.run(["go", "build", "-o", top / "check", source], env=os.environ | own, check=True)
    return top / "check"


@dataclass(slots=True, kw_only=True)
class Published:
    """A log as the real publisher made it, and the program that judges it."""

    program: Path
    vkey: VerifierKey
    notes: dict[int, bytes] = field(default_factory=dict)  # by size

    def ask(self, *questions: dict[str, Any]) -> list[bool]:
        lines = "".join(json.dumps({"vkey": self.vkey.format()} | one) + "\n" for one in questions)
        done = subprocess.run([self.program], input=lines, capture_output=True, text=True, timeout=120, check=True)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(questions)
        return [answer["ok"] for answer in answers]

    def receipt(self, index: int) -> Proof:
        text = log.proof(digest(index))
        assert text is not None
        return Proof.parse(text.encode())

    def consistency(self, old: int, new: int) -> dict[str, Any]:
        """The proof that leads from one published checkpoint to another, from our tiles."""
        hashes = consistency_proof_from(old, new, folder.read_tile) if old < new else ()
        return asked_consistency(self.notes[old], self.notes[new], hashes)


def asked_receipt(proof: Proof, index: int) -> dict[str, Any]:
    return asked_bytes(proof.format(), entry_of(index))


def asked_bytes(proof: bytes, entry: bytes) -> dict[str, Any]:
    return {
        "kind": "receipt",
        "entry": base64.b64encode(entry).decode(),
        "proof": base64.b64encode(proof).decode(),
    }


def asked_consistency(old: bytes, new: bytes, hashes: tuple[bytes, ...]) -> dict[str, Any]:
    return {
        "kind": "consistency",
        "old": old.decode(),
        "new": new.decode(),
        "hashes": [base64.b64encode(one).decode() for one in hashes],
    }


@pytest.fixture
def published(db: None, settings: Any, tmp_path: Path, go: Path) -> Published:
    settings.LOG_DIR = tmp_path / "log"
    vkey = next(key for key in verifiers() if key.type == ED25519)
    made = Published(program=go, vkey=vkey)
    for before, size in zip([0, *SIZES], SIZES, strict=False):
        append(*range(before, size))
        publish_all()
        note = folder.read_checkpoint()
        assert note is not None
        made.notes[size] = note
    return made


# --- accepted ---------------------------------------------------------------------------------------------------------


def test_go_opens_our_checkpoints_and_passes_over_the_signature_that_it_does_not_know(published: Published) -> None:
    assert all(len(Note.parse(note).signatures) >= 2 for note in published.notes.values()), "Ed25519 and ML-DSA-44"
    questions = [{"kind": "checkpoint", "note": note.decode()} for note in published.notes.values()]
    assert published.ask(*questions) == [True] * len(SIZES)


def test_go_accepts_the_receipt_of_every_statement(published: Published) -> None:
    questions = [asked_receipt(published.receipt(index), index) for index in range(SIZES[-1])]
    assert published.ask(*questions) == [True] * SIZES[-1]


def test_go_accepts_the_consistency_of_every_two_checkpoints(published: Published) -> None:
    pairs = [(old, new) for old in SIZES for new in SIZES if old <= new]
    assert published.ask(*[published.consistency(*pair) for pair in pairs]) == [True] * len(pairs)


def test_go_reads_the_whole_log_from_our_tiles(published: Published) -> None:
    newest = published.notes[SIZES[-1]].decode()
    questions = [
        {"kind": "tiles", "old": note.decode(), "new": newest, "dir": str(folder.log_dir())}
        for note in published.notes.values()
    ]
    assert published.ask(*questions) == [True] * len(SIZES)


# --- refused ----------------------------------------------------------------------------------------------------------


def flipped(data: bytes) -> Iterator[bytes]:
    """Change each byte, by each of two bits."""
    for place in range(len(data)):
        for bit in (1, 0x80):
            yield data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]


def mutated_hashes(hashes: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """Every byte of every hash; one left out, doubled, added, cut short, in another order, or none at all."""
    for place, value in enumerate(hashes):
        before, after = hashes[:place], hashes[place + 1 :]
        for other in flipped(value):
            yield (*before, other, *after)
        yield before + after
        yield (*before, value, value, *after)
        yield (*before, value[:-1], *after)
        yield (*before, value + b"\0", *after)
    for extra in (bytes(32), *hashes[:1]):
        yield (*hashes, extra)
        yield (extra, *hashes)
    if len(set(hashes)) > 1:
        yield hashes[::-1]
    if hashes:
        yield ()


def mutated_note(note: bytes) -> Iterator[bytes]:
    """Every byte of the text, and of the Ed25519 signature; a size, a root, an origin; lines cut off and added."""
    parsed = Note.parse(note)
    checkpoint = Checkpoint.parse(parsed.text)
    for text in flipped(parsed.text.encode()):
        yield note.replace(parsed.text.encode(), text, 1)
    own = next(place for place, one in enumerate(parsed.signatures) if len(one.sig) == 64)
    signature = parsed.signatures[own]
    for sig in (*flipped(signature.sig), signature.sig[:-1], signature.sig + b"\0", b"\0"):
        yield with_signature(parsed, own, replace(signature, sig=sig))
    for keyid in flipped(signature.keyid):
        yield with_signature(parsed, own, replace(signature, keyid=keyid))
    yield with_signature(parsed, own, replace(signature, name="other.example"))
    yield replace(parsed, signatures=tuple(one for one in parsed.signatures if one != signature)).format()
    for lie in (
        replace(checkpoint, size=checkpoint.size + 1),
        replace(checkpoint, root=bytes(32)),
        replace(checkpoint, origin="other.example"),
        replace(checkpoint, extensions=("more",)),
    ):
        yield replace(parsed, text=lie.format()).format()
        stranger = NoteSigner.of(lie.origin, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
        yield sign_checkpoint(lie, stranger)
    for cut in (1, 2, 50, len(parsed.text) + 1):
        yield note[:-cut]
    yield note + b"x"
    yield note + b"\n"
    yield b"\n" + note


def with_signature(note: Note, place: int, other: NoteSignature) -> bytes:
    signatures = list(note.signatures)
    signatures[place] = other
    return replace(note, signatures=tuple(signatures)).format()


def accepted(published: Published, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answers = published.ask(*questions)
    return [question for question, ok in zip(questions, answers, strict=True) if ok]


def refused_by_us(run: Callable[[], object]) -> bool:
    try:
        run()
    except DomainError:
        return True
    return False


@pytest.mark.parametrize("size", [1, 300])
def test_go_refuses_every_mutated_checkpoint_and_so_do_we(published: Published, size: int) -> None:
    mutants = [*mutated_note(published.notes[size])]
    assert len(mutants) > 200
    readable = [mutant for mutant in mutants if _is_text(mutant)]
    assert accepted(published, [{"kind": "checkpoint", "note": one.decode()} for one in readable]) == []
    assert all(refused_by_us(lambda one=one: log_opens(published, one)) for one in mutants)


def _is_text(data: bytes) -> bool:
    """JSON carries text alone; whatever is none, Go is asked about in receipts, where bytes travel as base64."""
    try:
        return bool(data.decode())
    except UnicodeDecodeError:
        return False


def log_opens(published: Published, note: bytes) -> object:

    return open_checkpoint(note, published.vkey)


@pytest.mark.parametrize("index", [0, 1, 4, 254, 255, 256, 299])
def test_go_refuses_every_mutated_receipt_and_so_do_we(published: Published, index: int) -> None:
    true, entry = published.receipt(index), entry_of(index)
    mutants = [replace(true, hashes=hashes).format() for hashes in mutated_hashes(true.hashes)]
    others = {true.index ^ 1 << bit for bit in range(12)} | {true.index + 1, 300, 2**62} - {true.index}
    mutants += [replace(true, index=other).format() for other in others]
    note = true.checkpoint_text.encode()
    mutants += [true.format().replace(note, one) for one in mutated_note(note)]
    mutants += [replace(true, checkpoint_text=published.notes[size].decode()).format() for size in SIZES[:-1]]
    mutants += [true.format().replace(b"index ", b"index -"), true.format()[:40], b""]
    assert accepted(published, [asked_bytes(one, entry) for one in mutants]) == []
    assert all(refused_by_us(lambda one=one: Proof.parse(one).verify(entry, published.vkey)) for one in mutants)
    entries = [*flipped(entry), entry[:-1], entry + b" ", b"", entry_of(index + 1)]
    assert accepted(published, [asked_bytes(true.format(), one) for one in entries]) == []
    assert published.ask(asked_receipt(true, index)) == [True]


@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 5), (5, 300), (255, 256), (256, 300), (5, 5)])
def test_go_refuses_every_mutated_proof_of_consistency_and_so_do_we(published: Published, old: int, new: int) -> None:
    note_of, true = published.notes, published.consistency(old, new)
    hashes = tuple(base64.b64decode(one) for one in true["hashes"])
    proofs = [*mutated_hashes(hashes)]
    mutants = [asked_consistency(note_of[old], note_of[new], one) for one in proofs]
    mutants += [asked_consistency(note_of[size], note_of[new], hashes) for size in SIZES if size != old]
    mutants += [asked_consistency(note_of[old], note_of[size], hashes) for size in SIZES if size != new]
    if old < new:
        mutants.append(asked_consistency(note_of[new], note_of[old], hashes))
    assert accepted(published, mutants) == []
    older, newer = (Checkpoint.parse(Note.parse(note_of[size]).text) for size in (old, new))
    for proof in proofs:
        assert refused_by_us(lambda proof=proof: verify_consistency(old, new, older.root, newer.root, proof))
    assert published.ask(true) == [True]


def test_go_refuses_a_log_of_which_any_file_was_changed(published: Published, tmp_path: Path) -> None:
    newest = published.notes[SIZES[-1]].decode()
    copy = tmp_path / "copy"
    shutil.copytree(folder.log_dir(), copy)
    question = {"kind": "tiles", "old": published.notes[5].decode(), "new": newest, "dir": str(copy)}
    assert published.ask(question) == [True]
    paths = ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"]
    for path in paths:
        whole = (copy / path).read_bytes()
        for place in {0, 1, 2, 31, len(whole) // 2, len(whole) - 1}:
            (copy / path).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert published.ask(question) == [False], (path, place)
        for torn in (b"", whole[:-1], whole[:-32]):
            (copy / path).write_bytes(torn)
            assert published.ask(question) == [False], path
        (copy / path).unlink()
        assert published.ask(question) == [False], path
        (copy / path).write_bytes(whole)
    assert published.ask(question) == [True]
