"""
What the operator tries with the registry's and the log's own keys, which he may have: no performer's key among them.

With these he can make a registry that is sound in itself, so that ``fsck`` finds nothing. Whoever kept something knows
better: a witness, which does not cosign another history; a monitor, by its last verified checkpoint; who was given
papers, from which the decision is made again; and the person, whose own monitor remembers what it saw.
"""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from django.conf import settings

from consent.core.decision import decide
from consent.kinds import ERASURE_DONE
from consent.services import questions
from registry.core.checkpoint import Checkpoint, sign_note
from registry.core.erasure import Erasure
from registry.kinds.kind import Context
from registry.locks import clock
from registry.log.identity import origin, signers
from registry.log.witnessing import WitnessesMissing
from registry.models import Checkpoint as CheckpointRow
from registry.models import Head, Leaf, Party, StatementRow
from registry.services.accept import read_body
from registry.services.record import record
from registry.statements import open_statement
from tests.operator_log import without_its_number
from tests.operator_papers import BUNDLE
from tests.operator_rows import COVERED, Way, take_back
from tests.operator_scene import Scene
from tests.test_papers_bundle import fetched
from web.fsck.projections import projected
from web.statements import KINDS


def another_history(scene: Scene) -> None:
    """The registry as if Bea had never withdrawn: every number, root and file made again with the log's own keys."""
    without_its_number(scene)
    start_again(scene)
    for _ in range(3):  # it grows on, as if nothing had happened
        scene.world.work(scene.operator)
    scene.sql("DELETE FROM registry_unnumbered")
    scene.sql("DELETE FROM registry_run")
    scene.sql("DELETE FROM registry_checkpoint")
    scene.sql("INSERT INTO registry_unnumbered (leaf_id) SELECT seq FROM registry_leaf")
    shutil.rmtree(scene.folder / "log")
    with pytest.raises(WitnessesMissing) as refusal:
        scene.world.publish()
    assert [answer.code for answer in refusal.value.answers] == ["witness_bad_proof"]
    settings.WITNESS_QUORUM = 0
    scene.world.publish()


def start_again(scene: Scene) -> None:
    """Make every projection anew, as fits what is still said; heads are there to be locked, too, and stay."""
    heads = [*Head.objects.values_list("kind", "ident")]
    for model in projected():
        model._default_manager.all().delete()
    for digest in Leaf.objects.order_by("seq").values_list("digest", flat=True):
        row, opened = StatementRow.objects.get(digest=digest), open_statement(digest)
        if opened is not None:
            kind = KINDS[row.type]
            record, _ = read_body(opened.statement, kind)
            kind.enact(Context(record=record, statement=opened.statement, at=opened.accepted_at))
        elif row.type == "party.registered":
            Party.objects.create(id=row.subject, kind="person", digest=digest)
    Head.objects.bulk_create((Head(kind=kind, ident=ident) for kind, ident in heads), ignore_conflicts=True)


def two_of_one_size(scene: Scene) -> None:
    """With the log's own keys: another root for the size that everybody has seen."""
    row = CheckpointRow.objects.latest("size")
    other = Checkpoint(origin=origin(), size=row.size, root=bytes(32))
    note = sign_note(other.format(), *signers(row.note), time_s=int(clock().timestamp()))
    scene.write("log/checkpoint", lambda _: note.format())


def a_decision_that_says_yes(scene: Scene) -> None:
    """The server's own decision was changed, and lets out a film with Bea, who withdrew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(questions, "decide", lambda *asked: replace(decide(*asked), obstacles=()))
        shot = scene.studio.released(scene.request("revoked"))
    scene.world.publish()
    fetched(scene.studio, shot, scene.folder)


def hidden_behind_an_erasure(scene: Scene) -> None:
    """
    Bea's withdrawal is said to be about somebody who was erased, of whom nobody can ask any more.

    The log holds a digest and a type: whom it was about, nobody but Bea can tell.
    """
    assert scene.erased is not None
    take_back(scene)
    scene.sql(
        "UPDATE registry_statement SET subject = %s, issuer = %s WHERE digest = decode(%s, 'hex')",
        scene.erased.id, scene.erased.id, scene.digests["withdrawal"], rows=1,
    )  # fmt: skip
    said = Erasure(cause="asked", subject=scene.erased.id, destroyed=(scene.digests["withdrawal"],), kept=())
    record(ERASURE_DONE, said.format(), at=clock())
    scene.world.publish()


KEYS: dict[str, Way] = {
    "another history, with the log's own keys": Way(
        does=another_history,
        decide={"revoked": COVERED},
        sound=True,
        verifier={("fsck", "log"): (2, "witnesses")},
        monitor={"watching.json": {"quorum_missing"}, "alone.json": {"rewritten"}},
    ),
    "two checkpoints of one size, with the log's own keys": Way(
        does=two_of_one_size,
        fsck={"checkpoint_forked": "two roots are signed"},
        monitor={"watching.json": {"quorum_missing"}, "alone.json": {"fork"}},
    ),
    "a decision that says yes, with the registry's own key": Way(
        does=a_decision_that_says_yes, sound=True, verifier={BUNDLE: (1, "clearance replayed")}
    ),
    "a withdrawal hidden behind an erasure, with the registry's own key": Way(
        does=hidden_behind_an_erasure,
        decide={"revoked": COVERED},
        fsck={"note_differs": "is not what was logged"},
        person={"vanished"},
    ),
}
