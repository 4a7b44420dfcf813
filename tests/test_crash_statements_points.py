"""
Whoever takes in a statement or a file dies at every point of it: all of it is there or nothing, and the same call again
gets the answer that the dead one owed.

What an answer stands for is there whatever happens after it, the bytes on the disk included.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from registry import disk, vault
from registry.locks import clock
from registry.models import Deposit, Document, Leaf
from registry.services import assets, documents
from tests import media, terms
from tests.crash_disk import LOST, Disk, Fate
from tests.crash_points import Points, numbered
from tests.crash_scene import taken_back
from tests.world import Actor, World, new_id
from web import fsck

pytestmark = pytest.mark.django_db

Act = Callable[[], Any]
Rows = dict[str, int]


def rows() -> Rows:
    """How many rows each table has."""
    tables = sorted(model._meta.db_table for model in apps.get_models() if model._meta.managed)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables))
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something that is asked of the registry, and how to see that it holds what it answered."""

    act: Act
    holds: Callable[[Any], bool]


def statement(world: World, type_: str, body: Any, *, by: Actor) -> Case:
    submission = world.signed(type_, body, by=by)
    return Case(act=lambda: world.submit(submission), holds=lambda digest: Leaf.objects.filter(digest=digest).exists())


def a_work(world: World) -> Case:
    work = {"work": new_id(), "title": "The Ridge", "kind": "film", "identifiers": {}}
    return statement(world, "work.registered", work, by=world.actors["Northlight"])


def a_consent(world: World) -> Case:
    ada = world.actors["Ada Marsh"]
    return statement(world, "consent.granted", terms.consent(ada, world.actors["Northlight"]), by=ada)


def a_revocation(world: World) -> Case:
    ada = world.actors["Ada Marsh"]
    grant = world.act("consent.granted", terms.consent(ada, world.actors["Northlight"]), by=ada)
    return statement(world, "consent.revoked", terms.revoked(ada, grant), by=ada)


def an_asset(world: World) -> Case:
    """Its bytes are deposited already; this is the statement about them."""
    studio = world.actors["Northlight"]
    return statement(world, "asset.registered", world.asset_body(studio, media.png()), by=studio)


def a_file(world: World) -> Case:
    picture, party = media.png(), world.actors["Northlight"].id
    return Case(
        act=lambda: assets.deposit(io.BytesIO(picture), party=party, at=clock()).asset,
        holds=lambda asset: vault.inspect(asset) == picture and Deposit.objects.filter(asset=asset).exists(),
    )


def a_paper(world: World) -> Case:
    paper, party = b"%PDF-1.7\nevidence", world.actors["Northlight"].id
    return Case(
        act=lambda: documents.deposit(io.BytesIO(paper), party=party, at=clock()).sha256,
        holds=lambda sha256: vault.inspect(Document.objects.get(sha256=sha256).id) == paper,
    )


CASES = {case.__name__: case for case in (a_work, a_consent, a_revocation, an_asset, a_file, a_paper)}
FATES = (None, LOST)  # None: only the process dies


@dataclass(slots=True)
class Life:
    """One call in a world, and the disk that it writes to, as it was before."""

    disk: Disk
    case: Case
    spare: Path

    @classmethod
    def of(cls, root: Path, case: Case) -> Life:
        spare = root.with_name("spare")
        shutil.copytree(root, spare)
        return cls(Disk.of(root), case, spare)

    def begin_again(self) -> None:
        shutil.rmtree(self.disk.root)
        shutil.copytree(self.spare, self.disk.root)
        self.disk = Disk.of(self.disk.root)

    def run(self, fatal: int | None) -> tuple[Points, Any]:
        disk.forget()
        points, answer = Points(fatal=fatal, memory=self.disk), None
        with numbered(points):
            answer = self.case.act()
        return points, answer

    def die(self, fatal: int, before: Rows, complete: Rows, fate: Fate | None) -> None:
        points, answer = self.run(fatal)
        assert answer is None
        assert rows() == (complete if "after commit" in points.names else before), points.names[-1]
        if fate is not None:
            self.disk.cut(fate)
        points, answer = self.run(None)
        assert rows() == complete
        self.disk.cut(LOST)
        assert self.case.holds(answer)


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.LOG_DIR, settings.MEDIA_DIR = tmp_path / "log", tmp_path / "disk" / "srv" / "media"
    (tmp_path / "disk").mkdir()
    world = World()
    world.party("Ada Marsh")
    world.party("Northlight", kind="organisation")
    return world


@pytest.mark.parametrize("case", CASES)
def test_a_call_is_wholly_there_or_not_at_all(case: str, world: World, tmp_path: Path) -> None:
    made = CASES[case](world)
    life = Life.of(tmp_path / "disk", made)
    before = rows()
    with taken_back():
        points, answer = life.run(None)
        assert life.case.holds(answer)
        complete = rows()
    assert complete != before
    for fatal in range(len(points.names)):
        life.begin_again()
        with taken_back():
            life.die(fatal, before, complete, FATES[fatal % len(FATES)])
    life.begin_again()
    life.run(None)
    world.publish()
    assert fsck.run().findings == []


@pytest.mark.django_db(transaction=True)
def test_a_commit_without_an_answer_leaves_the_bytes_to_what_it_may_have_committed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_file(world)

    def lose_the_database(wrapper: BaseDatabaseWrapper) -> None:
        commit(wrapper)
        raise OperationalError("server closed the connection unexpectedly")

    commit = BaseDatabaseWrapper._commit
    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "_commit", lose_the_database)
        with pytest.raises(OperationalError):
            case.act()
    assert case.holds(case.act())
