"""
What honest logs do all day, and nobody may cry wolf at: they grow, stand still, lose a witness, are served by caches.
"""

from __future__ import annotations

from dataclasses import replace

from registry.core.checkpoint import Note, NoteSignature
from registry.core.tiles import parse_tile_path
from registry.watch.listing import Check, read_list
from registry.watch.tree import Tree
from tests.attack_papers import Rows
from tests.attack_world import ADA, ALONE, AT, NOW_S, STATEMENTS, TIMED, WATCHED, Scene, statements
from tests.log_files import Files


def grows(scene: Scene) -> bool:
    """A monitor follows from one checkpoint to the next and sees the same one again; a witness may be away."""
    keys = scene.draw.choice((ALONE, WATCHED))
    log, last = _cosigned_by_some(scene), scene.draw.choice((None, scene.last(keys)))
    first = scene.look(log, last, keys)
    again = scene.look(log, first.seen, keys)
    read = [] if first.tree is None else list(first.tree.entries())
    return not first.findings and not again.findings and read == [*scene.base.entries[: scene.new]]


def _cosigned_by_some(scene: Scene) -> Files:
    """The log, with one witness away or not, some strangers' signatures, and its lines in any order."""
    note = Note.parse(scene.base.notes[scene.new])
    own, *others = note.signatures
    scene.draw.shuffle(others)
    strangers = [
        NoteSignature(name=f"stranger{number}.example", keyid=scene.draw.randbytes(4), sig=scene.draw.randbytes(72))
        for number in range(scene.draw.randrange(3))
    ]
    lines = [own, *others[: len(others) - scene.draw.randrange(2)], *strangers]
    scene.draw.shuffle(lines)
    log = scene.base.at(scene.new)
    return replace(log, files=log.files | {"checkpoint": replace(note, signatures=tuple(lines)).format()})


def drops_partial_files(scene: Scene) -> bool:
    """Partial tiles gave way to full ones since the checkpoint was signed."""
    log = scene.base.at(scene.seen)
    full = {path for path in log.files if path.startswith("tile/") and parse_tile_path(path).width == 256}
    log.files = {path: data for path, data in log.files.items() if path.partition(".p/")[0] not in full or path in full}
    return not scene.look(log, None).findings


def is_compared(scene: Scene) -> bool:
    """Clients who saw different sizes compare, in both directions."""
    own = ALONE.open(scene.base.notes[scene.new])
    found = {scene.compared(scene.base.at(scene.new), own, scene.base.notes[size]) for size in (scene.old, scene.seen)}
    small = ALONE.open(scene.base.notes[scene.seen])
    ahead = scene.compared(scene.base.at(scene.seen), small, scene.base.notes[scene.new])
    return found == {None} and ahead == "ahead"  # which says that there is more, and accuses nobody


def proves_entries(scene: Scene) -> bool:
    size = scene.draw.choice((scene.old, scene.seen, scene.new))
    return scene.believes(scene.receipt(size, scene.draw.randrange(min(size, STATEMENTS))))


def dates_truly(scene: Scene) -> bool:
    """The log's own times rise, or differ by as much as clocks do."""
    last = TIMED.open(scene.signed_at(scene.seen, NOW_S - 100).files["checkpoint"])
    log = scene.signed_at(scene.new, NOW_S - 100 + scene.draw.randint(-300, 400))
    return not scene.look(log, last, TIMED).findings


def lists_truly(scene: Scene) -> bool:
    """The list fits; what is not published yet is listed without a place."""
    rows = [
        {
            "digest": one.digest,
            "type": "consent.revoked",
            "accepted_at": "2026-11-24T11:30:00.123456Z",
            "index": number if number < scene.seen else None,
        }
        for number, one in enumerate(statements()[: min(scene.seen, 6) + 2])
    ]
    tree = Tree(source=scene.base.at(scene.seen), checkpoint=scene.last().checkpoint)
    check = Check(api=Rows(rows), tree=tree, party=ADA, at=AT)
    listed = read_list(Rows(rows), ADA)
    found = check.run(listed, {})
    again = check.run(listed, {one.listed.digest: one.listed for one in found.proven})
    return not found.findings and not again.findings and not again.proven


HONEST_DAYS = {
    "grows": (10, grows),
    "drops_partial_files": (3, drops_partial_files),
    "is_compared": (4, is_compared),
    "proves_entries": (6, proves_entries),
    "dates_truly": (1, dates_truly),
    "lists_truly": (4, lists_truly),
}
