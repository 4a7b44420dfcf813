"""
Where attacks on a log are simulated: honest histories, their witnesses, and clients that saw them up to some size.

A ``Base`` is an honest log made once, with a checkpoint of each of its sizes cosigned by every witness. A ``Scene`` is
one round over a base: the chance that the round draws from, and what the lying log makes of the history. Nothing is
written to disk; everything that detects is the real code.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from generation.core.receipt import Receipt, verify_receipt
from generation.core.trust import Trust
from registry.core.checkpoint import Checkpoint, Note, NoteSigner, Proof, sign_checkpoint
from registry.core.entry import entry_of
from registry.core.envelope import Envelope, format_statement, sign_statement
from registry.core.merkle import consistency_proof, inclusion_proof, leaf_hash
from registry.core.note import parse_signatures
from registry.core.submission import Submission
from registry.core.times import to_epoch_s
from registry.watch.following import Followed, Watch
from registry.watch.signed import Keys, Seen
from registry.watch.walking import Walk
from registry.watch.witness import Witness
from tests.log_files import LOG_SIGNER, LOG_VKEY, ORIGIN, Files, entries

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW_S = to_epoch_s(AT)
ADA = "0193e1a0-0000-7000-8000-00000000000a"
WITNESSES, QUORUM = 4, 3  # two quorums share two witnesses, one of them honest: 2 * 3 - 4 > 1 liar
LIARS = 1  # of the witnesses
STATEMENTS = 64


def _key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


SIGNERS = [NoteSigner.witness(f"witness{number}.example", _key(10 + number)) for number in range(WITNESSES)]
LIAR = SIGNERS[0]
HONEST = SIGNERS[LIARS:]
PQ_SIGNER = NoteSigner.of(ORIGIN, MLDSA44PrivateKey.from_seed_bytes(bytes(range(32))))

ALONE = Keys(log=(LOG_VKEY,))  # who asks for no witnesses
WATCHED = Keys(log=(LOG_VKEY,), witnesses=tuple(one.key for one in SIGNERS), quorum=QUORUM)
TIMED = Keys(log=(LOG_VKEY, PQ_SIGNER.key))
TRUST = Trust(log=(LOG_VKEY,), registry=(), c2pa=(), witnesses=WATCHED.witnesses, quorum=QUORUM)


@lru_cache
def statements(world: str = "") -> tuple[Envelope, ...]:
    """Signed statements; those of another world share nothing with them."""
    made = []
    for number in range(STATEMENTS):
        payload = format_statement(
            type="consent.revoked",
            id=f"0193e1a0-0000-7000-8000-{number:012x}",
            issued_at=AT,
            issuer=ADA,
            nonce=bytes(16),
            body={"number": number, "world": world},
        )
        made.append(sign_statement(payload, _key(7)))
    return tuple(made)


@lru_cache
def entry_list(world: str, size: int) -> tuple[bytes, ...]:
    """The entries of a history: statements first, then filling."""
    own = [entry_of(envelope) for envelope in statements(world)]
    return tuple((own + entries(size - STATEMENTS, world=world))[:size])


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """An honest log."""

    entries: tuple[bytes, ...]
    leaves: tuple[bytes, ...]
    sizes: tuple[int, ...]
    notes: dict[int, bytes]  # cosigned by every witness, by size
    files: dict[str, bytes]

    @classmethod
    def make(cls, sizes: Sequence[int]) -> Base:
        log, notes = Files(), {}
        whole = entry_list("", sizes[-1])
        for size in sizes:
            log.grow([*whole[log.edge.size : size]])
            notes[size] = cosign(log.files["checkpoint"], *SIGNERS, time_s=NOW_S - 10_000 + size)
        leaves = tuple(map(leaf_hash, whole))
        return cls(entries=whole, leaves=leaves, sizes=tuple(sizes), notes=notes, files=log.files)

    def at(self, size: int) -> Files:
        """The log as it is served at one of its sizes."""
        return Files(files=self.files | {"checkpoint": self.notes[size]})


def cosign(note: bytes, *signers: NoteSigner, time_s: int = NOW_S - 100) -> bytes:
    parsed = Note.parse(note)
    return parsed.signed_also(signer.signature(parsed.text, time_s=time_s) for signer in signers).format()


@lru_cache
def bases() -> tuple[Base, ...]:
    """Small trees, at whose edges proofs are short, and some of several tiles."""
    small = [
        Base.make(sizes) for sizes in ((1, 2, 3, 5), (2, 4, 8, 16), (7, 8, 9, 30), (3, 11, 20, 41), (5, 6, 31, 48))
    ]
    return (*small * 4, Base.make((200, 255, 256, 257)), Base.make((40, 256, 300, 513)))


@dataclass(slots=True)
class MemoryStates:
    """What a witness remembers, in memory."""

    notes: dict[str, Note] = field(default_factory=dict)

    @contextmanager
    def locked(self, origin: str) -> Iterator[None]:
        yield

    def read(self, origin: str) -> Note | None:
        return self.notes.get(origin)

    def write(self, origin: str, note: Note) -> None:
        self.notes[origin] = note

    def keep_fork(self, origin: str, note: Note) -> None:
        pass


@dataclass(slots=True, kw_only=True)
class Scene:
    """One round: a base, three of its sizes, and chance."""

    draw: random.Random
    base: Base
    old: int
    seen: int
    new: int

    @classmethod
    def drawn(cls, draw: random.Random) -> Scene:
        base = draw.choice(bases())
        old, seen, new = sorted(draw.sample(base.sizes, 3))
        return cls(draw=draw, base=base, old=old, seen=seen, new=new)

    # --- clients ---

    def last(self, keys: Keys = ALONE) -> Seen:
        """What a client verified before."""
        return keys.open(self.base.notes[self.seen])

    def remember(self, size: int) -> Seen | None:
        return ALONE.open(self.base.notes[size]) if size in (self.old, self.seen) else None

    def look(self, source: Files, last: Seen | None, keys: Keys = ALONE) -> Followed:
        """A monitor looks, and reads every new entry of what it believes."""
        watch = Watch(source=source, keys=keys, at=AT, remember=self.remember)
        followed = watch.follow(last)
        if followed.tree is not None and not followed.findings:
            walk = Walk(tree=followed.tree, start=0 if last is None else last.size)
            walk.run(lambda walked, size: None)
            return replace(followed, findings=tuple(walk.findings))
        return followed

    def compared(self, source: Files, own: Seen, other: bytes) -> str | None:
        """Two clients compare: what the one finds in the other's checkpoint."""
        watch = Watch(source=source, keys=ALONE, at=AT)
        followed = watch.follow(None)
        assert followed.tree is not None
        finding = watch.compare(other, followed.tree, own)
        return None if finding is None else finding.code

    # --- a lying log ---

    def changed(self, size: int, *, within: int, after: int = 0) -> list[bytes]:
        """A history of ``size`` entries, changed somewhere in [after, within)."""
        entries = [*self.base.entries[:size]]
        place = self.draw.randrange(after, within)
        foreign = entry_list("lie", STATEMENTS)[self.draw.randrange(STATEMENTS)]
        match self.draw.choice(("edit", "insert", "drop", "swap")):
            case "swap" if place + 1 < within and entries[place] != entries[place + 1]:
                entries[place], entries[place + 1] = entries[place + 1], entries[place]
            case "insert":
                entries.insert(place, foreign)
                entries.pop()
            case "drop":
                entries.pop(place)
                entries.append(foreign)
            case _:
                entries[place] = foreign
        return entries

    def serve(self, entries: list[bytes], *signers: NoteSigner) -> Files:
        """Serve these entries under a checkpoint of the log, cosigned by whom it can get."""
        log = Files()
        log.grow(entries)
        log.files["checkpoint"] = cosign(log.files["checkpoint"], *signers)
        return log

    def signed_at(self, size: int, time_s: int) -> Files:
        """The honest tree, whose log says a time of its own choosing."""
        checkpoint = Checkpoint.parse(Note.parse(self.base.notes[size]).text)
        note = sign_checkpoint(checkpoint, LOG_SIGNER, PQ_SIGNER, time_s=time_s)
        return Files(files=self.base.files | {"checkpoint": note})

    def gathered(self, log: Files, entries: list[bytes]) -> Files:
        """Ask every witness to cosign what the log serves; all have seen the honest tree of ``seen``."""
        note = Note.parse(log.files["checkpoint"])
        leaves = [leaf_hash(entry) for entry in entries]
        proof = consistency_proof(self.seen, leaves) if self.seen <= len(leaves) else ()
        found = [one.signature(note.text, time_s=NOW_S - 50) for one in SIGNERS[:LIARS]]
        for signer in SIGNERS[LIARS:]:
            states = MemoryStates({ORIGIN: Note.parse(self.base.notes[self.seen])})
            witness = Witness(logs={ORIGIN: (LOG_VKEY,)}, signers=(signer,), states=states)
            body = Submission(old_size=self.seen, proof=proof, note=note).format()
            answer = witness.add_checkpoint(body, now_s=NOW_S - 50)
            if answer.status == 200:
                found += parse_signatures(answer.body.decode())
        return replace(log, files=log.files | {"checkpoint": note.signed_also(found).format()})

    # --- receipts ---

    def receipt(self, size: int, index: int) -> Receipt:
        """The honest receipt of a statement."""
        return Receipt(
            envelope=statements()[index],
            proof=Proof(
                index=index,
                hashes=inclusion_proof(index, self.base.leaves[:size]),
                checkpoint_text=self.base.notes[size].decode(),
            ),
            given=TRUST,
        )

    def believes(self, receipt: Receipt) -> bool:
        return verify_receipt(receipt).exit_code == 0
