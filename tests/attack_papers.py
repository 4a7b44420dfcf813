"""
Attacks with papers: receipts that prove what is not in the log, and a registry that lies about a person.

As in ``tests.attack_kinds``, each says whether everybody who should have noticed did.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from generation.core.receipt import Receipt
from registry.core.checkpoint import Checkpoint, Note, Proof, sign_checkpoint
from registry.core.entry import entry_of
from registry.core.merkle import inclusion_proof, leaf_hash, root
from registry.watch.listing import Check, read_list
from registry.watch.source import NotServed
from registry.watch.tree import Tree
from tests.attack_kinds import ON_LOGS, Attack
from tests.attack_world import ADA, AT, STATEMENTS, TRUST, Scene, statements
from tests.log_files import LOG_SIGNER, ORIGIN, Files

# --- receipts ---------------------------------------------------------------------------------------------------------


def false_receipt(scene: Scene) -> bool:
    """A receipt of which something was changed, cut off, added or exchanged."""
    size = scene.draw.choice((scene.seen, scene.new))
    index = scene.draw.randrange(min(size, STATEMENTS))
    true = scene.receipt(size, index)
    if not scene.believes(true):
        return False
    proof = true.proof
    place = scene.draw.randrange(len(proof.hashes) or 1)
    other = scene.base.notes[scene.old].decode()
    lies: list[Proof] = [
        replace(proof, index=proof.index ^ 1 << scene.draw.randrange(10)),
        replace(proof, hashes=(*proof.hashes, scene.draw.randbytes(32))),
        replace(proof, checkpoint_text=other),
        replace(proof, extra=scene.draw.randbytes(5)),
        replace(proof, index=size + index),
    ]
    if proof.hashes:
        cut = proof.hashes[:place] + proof.hashes[place + 1 :]
        flipped = bytes([proof.hashes[place][0] ^ 1]) + proof.hashes[place][1:]
        lies += [
            replace(proof, hashes=cut),
            replace(proof, hashes=()),
            replace(proof, hashes=(*proof.hashes[:place], flipped, *proof.hashes[place + 1 :])),
        ]
    receipt = replace(true, proof=scene.draw.choice(lies))
    if scene.draw.random() < 0.2:
        receipt = replace(true, envelope=statements()[(index + 1) % STATEMENTS])
    return not scene.believes(receipt)


def unwitnessed_receipt(scene: Scene) -> bool:
    """A receipt for what is not in the tree that the witnesses saw: made up with all that the log can sign."""
    size, index, entries = _with_a_lie(scene)
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=root([leaf_hash(entry) for entry in entries]))
    log = Files(files={"checkpoint": sign_checkpoint(checkpoint, LOG_SIGNER)})
    note = scene.gathered(log, entries).files["checkpoint"]
    return not scene.believes(_receipt_of_lie(scene, index, entries, note))


def pasted_receipt(scene: Scene) -> bool:
    """A receipt that leads to a root of its maker's, under which true signatures are pasted."""
    size, index, entries = _with_a_lie(scene)
    true = Note.parse(scene.base.notes[size])
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=root([leaf_hash(entry) for entry in entries]))
    pasted = replace(true, text=checkpoint.format()).format()
    return not scene.believes(_receipt_of_lie(scene, index, entries, pasted))


LIE = 0  # the number of the statement that no honest log holds


def _with_a_lie(scene: Scene) -> tuple[int, int, list[bytes]]:
    """A size, a place within what the witnesses saw, and a history with a lie in that place."""
    size = scene.draw.choice((scene.seen, scene.new))
    index = scene.draw.randrange(scene.seen)
    entries = [*scene.base.entries[:size]]
    entries[index] = entry_of(statements("lie")[LIE])
    return size, index, entries


def _receipt_of_lie(scene: Scene, index: int, entries: list[bytes], note: bytes) -> Receipt:
    hashes = inclusion_proof(index, [leaf_hash(entry) for entry in entries])
    proof = Proof(index=index, hashes=hashes, checkpoint_text=note.decode())
    return Receipt(envelope=statements("lie")[LIE], proof=proof, given=TRUST)


# --- a registry that lies about a person ------------------------------------------------------------------------------


def false_list(scene: Scene) -> bool:
    """A list of a person's statements that does not fit the log, or what was reported before."""
    rows = [
        {"digest": one.digest, "type": "consent.revoked", "accepted_at": "2026-11-24T11:00:00Z", "index": number}
        for number, one in enumerate(statements()[: min(scene.seen, 6)])
    ]
    tree = Tree(source=scene.base.at(scene.seen), checkpoint=scene.last().checkpoint)
    check = Check(api=Rows(rows), tree=tree, party=ADA, at=AT)
    listed = read_list(Rows(rows), ADA)
    before = check.run(listed, {})
    if before.findings or len(before.proven) != len(rows):
        return False
    reported = {one.digest: one for one in listed}
    place = scene.draw.randrange(len(rows))
    lie = [dict(row) for row in rows]
    code, fresh = scene.draw.choice(
        (("vanished", False), ("moved", False), ("entry_differs", True), ("never_logged", True))
    )
    match code:
        case "vanished":
            lie.pop(place)
        case "moved":
            lie[place]["index"] = None
        case "never_logged":
            lie[place] |= {"index": None, "accepted_at": "2026-11-24T10:59:00Z"}
        case _:
            lie[place]["type"] = "consent.granted"
    found = check.run(read_list(Rows(lie), ADA), {} if fresh else reported)
    return code in {finding.code for finding in found.findings}


class Rows:
    """An API that lists these rows, and shows no envelope."""

    name = "rows"

    def __init__(self, rows: Sequence[object]) -> None:
        self.rows = rows

    def read(self, path: str, *, limit: int) -> bytes:
        if path.startswith("statements/"):
            raise NotServed(where=path)
        return json.dumps({"results": self.rows, "next": None}).encode()


WITH_PAPERS: dict[str, tuple[int, Attack]] = {
    "false_receipt": (8, false_receipt),
    "unwitnessed_receipt": (4, unwitnessed_receipt),
    "pasted_receipt": (4, pasted_receipt),
    "false_list": (6, false_list),
}

ATTACKS = ON_LOGS | WITH_PAPERS
