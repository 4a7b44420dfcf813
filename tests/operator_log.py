"""What the operator tries with the log: rows of entries and checkpoints, and the files that are served."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from django.db import transaction

from registry import log
from registry.core.checkpoint import Note, NoteSigner, sign_note
from registry.log.identity import origin
from registry.models import Checkpoint as CheckpointRow
from registry.models import Leaf, Run
from tests.log_walk import leaf
from tests.operator_rows import COVERED, NOWHERE, Way, sql, take_back
from tests.operator_scene import Scene
from tests.terms import revoked


def unsay(scene: Scene) -> None:
    """Take the withdrawal itself out of the database, too."""
    take_back(scene)
    sql("DELETE FROM registry_statement WHERE digest = decode({withdrawal}, 'hex')")(scene)


def without_its_number(scene: Scene) -> None:
    gone = Leaf.objects.get(digest=scene.digests["withdrawal"]).seq
    unsay(scene)
    number(scene, {index: seq for index, seq in numbers().items() if seq != gone})


def renumbered(scene: Scene) -> None:
    without_its_number(scene)
    number(scene, dict(enumerate(seq for _, seq in sorted(numbers().items()))))


def swapped(scene: Scene) -> None:
    """Consent and withdrawal change places: as if the consent had come last."""
    one, other = (Leaf.objects.get(digest=scene.digests[said]).seq for said in ("revoked", "withdrawal"))
    places = {one: other, other: one}
    number(scene, {index: places.get(seq, seq) for index, seq in numbers().items()})


def numbers() -> dict[int, int]:
    """Return the leaf behind each number."""
    return {run.index + place: run.seq + place for run in Run.objects.all() for place in range(run.count)}


def number(scene: Scene, leaves: dict[int, int]) -> None:
    """Give these leaves these numbers, and no others."""
    scene.sql("DELETE FROM registry_run")
    scene.sql("INSERT INTO registry_run (index, seq, count) SELECT *, 1 FROM unnest(%s::bigint[], %s::bigint[])",
              [*leaves], [*leaves.values()])  # fmt: skip


def a_leaf_of_nothing(scene: Scene) -> None:
    log.append(leaf(NOWHERE, NOWHERE, "consent.granted"))
    scene.world.publish()


def a_withdrawal_kept_from_the_log(scene: Scene) -> None:
    """It was accepted, and counted; before anybody numbers it, it is taken out of the queue."""
    digest = scene.world.act("consent.revoked", revoked(scene.ada, scene.digests["home"]), by=scene.ada)
    scene.sql("DELETE FROM registry_unnumbered WHERE leaf_id = %s", Leaf.objects.get(digest=digest).seq, rows=1)


def a_leaf_rewritten(scene: Scene) -> None:
    scene.sql("UPDATE registry_statement SET type = 'work.registered' WHERE digest = decode(%s, 'hex')",
              scene.digests["withdrawal"], rows=1)  # fmt: skip


def tile(scene: Scene, level: str) -> str:
    """Name the newest partial tile of a level, which is all there is of a log of this size."""
    found = (scene.folder / "log" / "tile" / level).rglob("*.p/*")
    return str(max(found, key=lambda path: int(path.name)).relative_to(scene.folder))


def flipped(level: str) -> Callable[[Scene], None]:
    def deed(scene: Scene) -> None:
        scene.write(tile(scene, level), lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])

    return deed


def a_root_of_his_own(scene: Scene) -> None:
    scene.sql(
        "UPDATE registry_checkpoint SET root = sha256('x') WHERE size = (SELECT max(size) FROM registry_checkpoint)"
    )


def a_note_with_a_key_of_his(scene: Scene) -> None:
    """The log's text under a signature of another key by the log's name."""
    row = CheckpointRow.objects.latest("size")
    text = Note.parse(row.note.encode()).text
    forged = sign_note(text, NoteSigner.of(origin(), scene.operator.key), time_s=0).format().decode()
    scene.sql("UPDATE registry_checkpoint SET note = %s WHERE size = %s", forged, row.size, rows=1)
    scene.write("log/checkpoint", lambda _: forged.encode())


def without_the_witness(scene: Scene) -> None:
    """Its cosignatures are cut off the newest checkpoint, in row and file."""
    row = CheckpointRow.objects.latest("size")
    cut = "".join(line for line in row.note.splitlines(keepends=True) if not line.startswith("\N{EM DASH} w1.example"))
    assert cut != row.note
    scene.sql("UPDATE registry_checkpoint SET note = %s WHERE size = %s", cut, row.size, rows=1)
    scene.write("log/checkpoint", lambda _: cut.encode())


def rolled_back(scene: Scene) -> None:
    older = CheckpointRow.objects.order_by("-size")[1].note
    scene.write("log/checkpoint", lambda _: older.encode())


def an_old_backup(scene: Scene) -> None:
    """Ada withdraws, which is published and seen; then yesterday's database and files are put back."""
    backup = scene.folder / "backup"
    shutil.copytree(scene.folder / "log", backup)
    moment = transaction.savepoint()
    scene.world.act("consent.revoked", revoked(scene.ada, scene.digests["home"]), by=scene.ada)
    scene.world.publish()
    assert scene.codes("home") == {"revoked"}
    assert scene.monitored() == scene.monitored("alone.json") == set()
    transaction.savepoint_rollback(moment)
    shutil.rmtree(scene.folder / "log")
    backup.rename(scene.folder / "log")


LOG: dict[str, Way] = {
    "a withdrawal whose statement is gone": Way(
        does=unsay, decide={"revoked": COVERED}, fsck={"leaf_gone": "is not there"}
    ),
    "a withdrawal whose number is gone, too": Way(
        does=without_its_number, decide={"revoked": COVERED}, fsck={"entries_not_dense": "is due"}
    ),
    "a withdrawal that is gone, and the numbers closed up": Way(
        does=renumbered, decide={"revoked": COVERED}, fsck={"root_differs": "have another root"}
    ),
    "a consent and its withdrawal in the other order": Way(
        does=swapped, decide={"revoked": {"revoked"}}, fsck={"root_differs": "have another root"}
    ),
    "a leaf of nothing": Way(does=a_leaf_of_nothing, fsck={"statement_unreadable": NOWHERE}),
    "a withdrawal kept from the log": Way(
        does=a_withdrawal_kept_from_the_log, decide={"home": {"revoked"}}, fsck={"leaf_not_queued": "waits for none"}
    ),
    "a leaf that says something else": Way(
        does=a_leaf_rewritten, fsck={"column_differs": "its column `type`", "root_differs": "have another root"}
    ),
    "a tile flipped": Way(
        does=flipped("0"),
        fsck={"tile_differs": "tile/0/"},
        verifier={("fsck", "log"): (1, "tiles")},
        monitor={"watching.json": {"bad_proof"}},
    ),
    "a bundle of entries flipped": Way(
        does=flipped("entries"), fsck={"tile_differs": "tile/entries/"}, verifier={("fsck", "log"): (1, "tiles")}
    ),
    "a root of his own": Way(does=a_root_of_his_own, fsck={"root_differs": "", "checkpoint_differs": "its note says"}),
    "a checkpoint under a key of his": Way(
        does=a_note_with_a_key_of_his,
        fsck={"checkpoint_unsigned": "does not verify"},
        verifier={("fsck", "log"): (1, "checkpoint")},
        monitor={"watching.json": {"bad_note"}},
    ),
    "a checkpoint without its witness": Way(
        does=without_the_witness,
        verifier={("fsck", "log"): (2, "witnesses")},
        monitor={"watching.json": {"quorum_missing"}},
    ),
    "an old checkpoint served": Way(
        does=rolled_back, fsck={"checkpoint_stale": "is signed"}, monitor={"watching.json": {"rollback"}}
    ),
    "an old backup of everything": Way(
        does=an_old_backup,
        decide={"home": COVERED},
        sound=True,
        monitor={"watching.json": {"rollback"}, "alone.json": {"rollback"}},
    ),
}
