"""
What a lying log and a lying minority of witnesses may try, one function a kind.

Each takes a scene and says whether everybody who should have noticed did. It first makes sure that the lie is one: a
change that changes nothing would be caught by nobody and prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.checkpoint import Checkpoint, Note, NoteSignature, NoteSigner, sign_checkpoint
from registry.core.errors import DomainError
from registry.watch.following import Followed
from registry.watch.tree import Tree
from tests.attack_world import (
    ALONE,
    HONEST,
    LIAR,
    NOW_S,
    QUORUM,
    TIMED,
    WATCHED,
    Scene,
    cosign,
)
from tests.log_files import LOG_KEY, LOG_SIGNER, ORIGIN, Files

Attack = Callable[[Scene], bool]

FORGERS_KEY = Ed25519PrivateKey.from_private_bytes(bytes([99]) * 32)


def _codes(followed: Followed) -> set[str]:
    return {finding.code for finding in followed.findings}


def _accused(scene: Scene, followed: Followed, *kinds: str) -> bool:
    """A fault of one of these kinds was found, nothing was followed, and the evidence holds for a stranger."""
    faults = [finding for finding in followed.findings if finding.grade == "fault"]
    held = all(one.evidence is None or one.evidence.verify(ALONE) is not None for one in faults)
    return bool(faults) and held and faults[0].code in kinds and followed.seen == scene.last()


def _refused(followed: Followed, *codes: str) -> bool:
    """Nothing new was believed, for one of these reasons."""
    return bool(_codes(followed) & {*codes})


# --- histories --------------------------------------------------------------------------------------------------------


def fork(scene: Scene) -> bool:
    """Another tree of the size that was seen."""
    log = scene.serve(scene.changed(scene.seen, within=scene.seen), LIAR)
    if scene.draw.random() < 0.3:  # without a single tile
        log = Files(files={"checkpoint": log.files["checkpoint"]})
    return _accused(scene, scene.look(log, scene.last()), "fork")


def rewritten(scene: Scene) -> bool:
    """A larger tree in which an entry that was seen is edited, dropped, added or moved."""
    log = scene.serve(scene.changed(scene.new, within=scene.seen), LIAR)
    return _accused(scene, scene.look(log, scene.last()), "rewritten")


def rollback(scene: Scene) -> bool:
    """An old checkpoint played again, as it was or changed."""
    log = scene.base.at(scene.old)
    if scene.draw.random() < 0.5:
        log = scene.serve(scene.changed(scene.old, within=scene.old), LIAR)
        return _accused(scene, scene.look(log, scene.last()), "fork")
    return _accused(scene, scene.look(log, scene.last()), "rollback")


def withheld(scene: Scene) -> bool:
    """A smaller tree of a size that nobody kept: nothing but that it is smaller can be held against it."""
    size = scene.draw.randrange(scene.seen)
    log = scene.serve(scene.changed(size, within=size) if size else [], LIAR)
    return _accused(scene, scene.look(log, scene.last()), "rollback", "fork")


def equivocation(scene: Scene) -> bool:
    """
    Two clients who agreed so far are shown two trees.

    Alone neither can see it, which is so by design; where they compare, it is proven. Who asks for witnesses is never
    shown both (``split_view``).
    """
    entries = scene.changed(scene.new, within=scene.new, after=scene.seen)
    log = scene.serve(entries, LIAR)
    one, two = scene.look(scene.base.at(scene.new), scene.last()), scene.look(log, scene.last())
    if one.findings or two.findings or one.seen is None:
        return False
    return scene.compared(scene.base.at(scene.new), one.seen, log.files["checkpoint"]) in ("fork", "rewritten")


def split_view(scene: Scene) -> bool:
    """The log asks every witness for a second tree, with a proof for each, beside the one that they cosigned."""
    size = scene.draw.choice((scene.old, scene.seen, scene.new))
    entries = scene.changed(size, within=min(size, scene.seen))
    log = scene.gathered(scene.serve(entries), entries)
    last = scene.draw.choice((None, scene.last(WATCHED)))
    return _refused(scene.look(log, last, WATCHED), "quorum_missing")


# --- times ------------------------------------------------------------------------------------------------------------


def from_the_future(scene: Scene) -> bool:
    log = scene.signed_at(scene.new, NOW_S + scene.draw.randint(301, 10**9))
    followed = scene.look(log, None, TIMED)
    return followed.seen is None and _codes(followed) == {"from_the_future"}


def backdated(scene: Scene) -> bool:
    """The log dates a larger tree before a smaller one."""
    last = TIMED.open(scene.signed_at(scene.seen, NOW_S - 5000).files["checkpoint"])
    log = scene.signed_at(scene.new, NOW_S - scene.draw.randint(5301, 10**9))
    followed = scene.look(log, last, TIMED)
    held = [one.evidence for one in followed.findings if one.evidence and one.evidence.verify(TIMED).proven]
    return _codes(followed) == {"backdated"} and bool(held) and followed.seen == last


def witness_from_the_future(scene: Scene) -> bool:
    """A lying witness completes the quorum with a time that has not come."""
    checkpoint = scene.base.at(scene.new).files["checkpoint"]
    bare = Note(text=Note.parse(checkpoint).text, signatures=Note.parse(checkpoint).signatures[:1]).format()
    ahead = cosign(bare, LIAR, time_s=NOW_S + scene.draw.randint(301, 10**9))
    log = replace(scene.base.at(scene.new))
    log.files |= {"checkpoint": cosign(ahead, *HONEST[: QUORUM - 1])}
    return _refused(scene.look(log, None, WATCHED), "quorum_missing")


# --- names and signatures ---------------------------------------------------------------------------------------------


def other_origin(scene: Scene) -> bool:
    """A tree of another log, signed by this one's key or by its own."""
    text = Checkpoint.parse(Note.parse(scene.base.notes[scene.new]).text)
    foreign = replace(text, origin=scene.draw.choice(("other.example/log", ORIGIN + "/2", ORIGIN[:-1])))
    signer = scene.draw.choice((LOG_SIGNER, NoteSigner.of(foreign.origin, LOG_KEY)))
    log = Files(files=scene.base.files | {"checkpoint": sign_checkpoint(foreign, signer)})
    return _refused(scene.look(log, scene.last()), "other_origin")


def reused_key_id(scene: Scene) -> bool:
    """A signature under the log's name and key id that is not the log's, beside a true one or alone."""
    note = Note.parse(scene.base.notes[scene.new])
    forger = NoteSigner.of(ORIGIN, FORGERS_KEY)
    blob = scene.draw.choice((forger.signature(note.text).sig, scene.draw.randbytes(64), scene.draw.randbytes(63)))
    false = NoteSignature(name=ORIGIN, keyid=LOG_SIGNER.key.keyid, sig=blob)
    others = scene.draw.choice((note.signatures, note.signatures[1:]))
    signatures = scene.draw.choice(((false, *others), (*others, false)))
    log = Files(files=scene.base.files | {"checkpoint": replace(note, signatures=signatures).format()})
    return _refused(scene.look(log, scene.last()), "bad_note")


def changed_text(scene: Scene) -> bool:
    """The true signatures under another text: a size or a root changed in the file."""
    note = Note.parse(scene.base.notes[scene.new])
    checkpoint = Checkpoint.parse(note.text)
    lie = scene.draw.choice(
        (
            replace(checkpoint, size=checkpoint.size + scene.draw.choice((1, 256))),
            replace(checkpoint, root=scene.draw.randbytes(32)),
            replace(checkpoint, extensions=("more",)),
        )
    )
    log = Files(files=scene.base.files | {"checkpoint": replace(note, text=lie.format()).format()})
    return _refused(scene.look(log, scene.last()), "bad_note")


def stuffed_quorum(scene: Scene) -> bool:
    """One lying witness and the log count themselves as often as they can."""
    log = scene.serve(scene.changed(scene.new, within=scene.new))
    note = Note.parse(log.files["checkpoint"])
    own = LIAR.signature(note.text, time_s=NOW_S - 5)
    renamed = [replace(own, name=f"witness{number}.example") for number in range(1, 4)]
    by_log = NoteSigner.witness(ORIGIN, LOG_KEY).signature(note.text, time_s=NOW_S)
    as_witness = [
        NoteSignature(name=one.name, keyid=one.key.keyid, sig=own.sig) for one in HONEST
    ]  # the liar's own word under the names and key ids of others
    stuffing = scene.draw.choice(([own] * QUORUM, [own, *renamed], [own, by_log, by_log], [own, *as_witness]))
    log.files["checkpoint"] = replace(note, signatures=(*note.signatures, *stuffing)).format()
    return _refused(scene.look(log, None, WATCHED), "quorum_missing", "bad_note")


def borrowed_cosignatures(scene: Scene) -> bool:
    """The honest witnesses' word on one tree, pasted under another."""
    lie = scene.serve(scene.changed(scene.seen, within=scene.seen), LIAR)
    note = Note.parse(lie.files["checkpoint"])
    pasted = Note.parse(scene.base.notes[scene.seen]).signatures[1 + 1 :]  # below the log's and the liar's
    lie.files["checkpoint"] = note.signed_also(pasted).format()
    return _refused(scene.look(lie, None, WATCHED), "bad_note")


# --- files ------------------------------------------------------------------------------------------------------------


def wrong_tiles(scene: Scene) -> bool:
    """Files that are damaged, torn, extended, swapped or gone: what is read is true or is not read."""
    log = scene.base.at(scene.new)
    needed = _needed(scene)
    path = scene.draw.choice(needed)
    data = log.files[path]
    at = scene.draw.randrange(len(data))
    lie = scene.draw.choice(
        (
            data[:at] + bytes([data[at] ^ 1 << scene.draw.randrange(8)]) + data[at + 1 :],
            data[:at],
            data + data[at:],
            data[::-1],
            log.files[scene.draw.choice(needed)],
            None,
        )
    )
    if lie == data:
        lie = data[1:]
    log.files = {name: kept for name, kept in log.files.items() if name != path}
    if lie is not None:
        log.files[path] = lie
    read = _read(scene, log)
    return read is None or read == [*scene.base.entries[: scene.new]]  # a full file in the place of a partial one


def _needed(scene: Scene) -> list[str]:
    """The files that whoever reads all of the tree must read."""
    log = scene.base.at(scene.new)
    log.asked.clear()
    followed = scene.look(log, scene.last())
    assert followed.tree is not None
    assert list(followed.tree.entries()) == [*scene.base.entries[: scene.new]]
    return sorted({path for path in log.asked if path.startswith("tile/")} & log.files.keys())


def _read(scene: Scene, log: Files) -> list[bytes] | None:
    """Read everything; None where it is not believed."""
    try:
        if scene.look(log, scene.last()).findings:
            return None
        return list(Tree(source=log, checkpoint=ALONE.open(log.files["checkpoint"]).checkpoint).entries())
    except DomainError:
        return None


ON_LOGS: dict[str, tuple[int, Attack]] = {  # how often in a hundred or so, and the attack
    "fork": (10, fork),
    "rewritten": (12, rewritten),
    "rollback": (8, rollback),
    "withheld": (6, withheld),
    "equivocation": (8, equivocation),
    "split_view": (6, split_view),
    "from_the_future": (2, from_the_future),
    "backdated": (2, backdated),
    "witness_from_the_future": (4, witness_from_the_future),
    "other_origin": (6, other_origin),
    "reused_key_id": (6, reused_key_id),
    "changed_text": (6, changed_text),
    "stuffed_quorum": (4, stuffed_quorum),
    "borrowed_cosignatures": (4, borrowed_cosignatures),
    "wrong_tiles": (10, wrong_tiles),
}
