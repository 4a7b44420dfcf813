"""`fsck` finds nothing in what the services wrote, and names every planted fault."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command

from registry.core.envelope import PublicKey
from registry.log import folder
from tests.world import PEOPLE, World, licence_body, new_id
from web import fsck

pytestmark = pytest.mark.django_db(transaction=True)

Owner = psycopg.Connection[Any]


@pytest.fixture(autouse=True)
def _own_log(settings: Any, tmp_path: Path) -> None:
    settings.LOG_DIR = tmp_path / "log"


@pytest.fixture
def scene(_own_log: None, db: None) -> World:
    """A bit of everything, published."""
    world = World()
    ada = world.party("Ada Marsh", unions=["SAG-AFTRA"])
    studio = world.party("Northlight", kind="organisation")
    other = world.party("Westwind", kind="organisation", affiliates=[studio.id])
    second = Ed25519PrivateKey.generate()
    added = {"party": studio.id, "key": PublicKey.of(second).format()}
    world.submit(world.signed("key.added", added, by=studio, keys=(second, studio.key)))
    world.project(studio, parent=world.project(studio))
    work = world.work(studio)
    plate, cut = world.asset(studio, inventory=PEOPLE, work=work), world.asset(studio)
    world.appearance(plate, ada, by=studio)
    part = {"asset": cut.id, "component": plate.id, "aspects": ["picture"], "spans": None}
    world.act("component.recorded", part, by=studio)
    world.title(studio, plate)
    world.publish()
    terms = licence_body(studio, other, plate) | {"document_sha256": "a" * 64, "signed_on": "2026-01-02"}
    recorded = world.act("licence.recorded", terms, by=other, private={"fee": "100 EUR"})
    world.act("licence.confirmed", {"licence": recorded}, by=studio)
    world.act("licence.terminated", {"licence": world.licence(studio, other, cut)}, by=studio)
    world.act("key.revoked", {"party": studio.id, "keyid": PublicKey.of(second).keyid}, by=studio)
    world.publish()
    world.work(studio)  # waits for its number
    return world


def test_what_the_services_wrote_is_sound(scene: World) -> None:
    report = fsck.run()
    assert report.findings == []
    assert report.counted["statements"] == report.counted["entries"] + 1
    assert report.counted["checkpoints"] == 2
    assert fsck.run().format() == report.format()  # it left no trace


def test_the_command_says_so_and_exits_0(scene: World) -> None:
    out = io.StringIO()
    call_command("fsck", stdout=out)
    assert out.getvalue().startswith("sound: ")


@dataclass(frozen=True)
class Saved:
    """The rows and files of a scene, so that one scene serves for all faults."""

    tables: tuple[str, ...]
    files: Path

    @classmethod
    def of(cls, owner: Owner) -> Saved:
        rows = owner.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'registry\\_%'").fetchall()
        tables = tuple(name for (name,) in rows)
        owner.execute("CREATE SCHEMA saved")
        for table in tables:
            owner.execute(f"CREATE TABLE saved.{table} AS TABLE public.{table}")
        files = folder.log_dir().with_name("saved")
        shutil.copytree(folder.log_dir(), files)
        return cls(tables, files)

    def restore(self, owner: Owner) -> None:
        with owner.transaction():
            owner.execute(f"TRUNCATE {', '.join(self.tables)}")
            for table in self.tables:
                owner.execute(f"INSERT INTO {table} SELECT * FROM saved.{table} ON CONFLICT DO NOTHING")
        shutil.rmtree(folder.log_dir())
        shutil.copytree(self.files, folder.log_dir())


def sql(statement: str) -> Callable[[World, Owner], None]:
    def plant(world: World, owner: Owner) -> None:
        changed = owner.execute(statement)
        assert changed.rowcount, f"nothing was planted by {statement}"

    return plant


def flip_tile(world: World, owner: Owner) -> None:
    path = max((folder.log_dir() / "tile" / "0").rglob("*.p/*"))
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


def lose_tiles(world: World, owner: Owner) -> None:
    for path in (folder.log_dir() / "tile" / "entries").rglob("*"):
        if path.is_file():
            path.unlink()


def serve_old_checkpoint(world: World, owner: Owner) -> None:
    row = owner.execute("SELECT note FROM registry_checkpoint ORDER BY size").fetchone()
    assert row is not None
    (folder.log_dir() / "checkpoint").write_text(row[0])


def forge_checkpoint(world: World, owner: Owner) -> None:
    path = folder.log_dir() / "checkpoint"
    path.write_text(path.read_text().replace("proviso", "prov1so", 1))


def swap_statements(world: World, owner: Owner) -> None:
    """Give one statement the ciphertext of another under the same data key."""
    owner.execute(
        "UPDATE registry_statement a SET envelope = b.envelope FROM registry_statement b "
        "WHERE a.type = 'project.registered' AND b.type = 'component.recorded'"
    )


def forge_key(world: World, owner: Owner) -> None:
    """An operator with the whole database writes a key for a party and signs in its name."""
    studio, key = world.actors["Northlight"], Ed25519PrivateKey.generate()
    public = PublicKey.of(key)
    owner.execute(
        "INSERT INTO registry_key (keyid, party, kind, spki, added, added_by) VALUES (%s, %s, %s, %s, now(), %s)",
        [public.keyid, studio.id, public.kind, public.spki, "0" * 64],
    )
    body = {"work": new_id(), "title": "Forged", "kind": "film", "identifiers": {}}
    world.submit(world.signed("work.registered", body, by=studio, keys=(key,)))


def lose_private(world: World, owner: Owner) -> None:
    owner.execute("DELETE FROM registry_private")


PLANTED: list[tuple[str, Callable[[World, Owner], None], str]] = [
    ("a leaf's type changed", sql("UPDATE registry_statement SET type = 'key.added' WHERE seq = 3"), "root_differs"),
    (
        "a leaf that is no JSON",
        sql("UPDATE registry_statement SET type = chr(34) WHERE seq = 3"),
        "leaf_changed",
    ),
    (
        "a digest changed",
        sql("UPDATE registry_statement SET digest = sha256('x') WHERE seq = 3"),
        "statement_unreadable",
    ),
    ("a leaf out of the queue", sql("DELETE FROM registry_unnumbered"), "leaf_not_queued"),
    ("a gap in the numbers", sql("UPDATE registry_run SET index = index + 900 WHERE index = 0"), "entries_not_dense"),
    (
        "a run cut short",
        sql("UPDATE registry_run SET count = count - 1 WHERE seq = (SELECT max(seq) FROM registry_run)"),
        "leaf_not_queued",
    ),
    (
        "a run too long",
        sql("UPDATE registry_run SET count = count + 9 WHERE seq = (SELECT max(seq) FROM registry_run)"),
        "leaf_not_queued",
    ),
    ("a root changed", sql("UPDATE registry_checkpoint SET root = sha256('x') WHERE size > 5"), "root_differs"),
    (
        "a note changed",
        sql("UPDATE registry_checkpoint SET note = replace(note, 'prov', 'pr0v')"),
        "checkpoint_unsigned",
    ),
    (
        "a note of another size",
        sql("UPDATE registry_checkpoint a SET note = b.note FROM registry_checkpoint b WHERE a.size > b.size"),
        "checkpoint_differs",
    ),
    ("a tile flipped", flip_tile, "tile_differs"),
    ("bundles lost", lose_tiles, "tile_missing"),
    ("an old checkpoint served", serve_old_checkpoint, "checkpoint_stale"),
    ("a forged checkpoint served", forge_checkpoint, "checkpoint_unsigned"),
    (
        "a ciphertext flipped",
        sql(
            "UPDATE registry_statement SET envelope = set_byte(envelope, 20, "
            "get_byte(envelope, 20) # 1) WHERE type = 'title.claimed'"
        ),
        "statement_unreadable",
    ),
    ("ciphertexts swapped", swap_statements, "statement_unreadable"),
    (
        "a statement deleted",
        sql("DELETE FROM registry_statement WHERE type = 'licence.terminated'"),
        "entries_not_dense",
    ),
    (
        "an issuer changed",
        sql("UPDATE registry_statement SET issuer = gen_random_uuid() WHERE type = 'title.claimed'"),
        "column_differs",
    ),
    (
        "an envelope's hash changed",
        sql("UPDATE registry_statement SET envelope_sha256 = sha256('x') WHERE type = 'title.claimed'"),
        "envelope_differs",
    ),
    ("a text removed", sql("UPDATE registry_statement SET text = NULL WHERE type = 'title.claimed'"), "text_differs"),
    ("a private part lost", lose_private, "private_differs"),
    (
        "a private part without its statement",
        sql("UPDATE registry_private SET digest = repeat('0', 64)"),
        "private_stray",
    ),
    (
        "a data key of another",
        sql(
            "UPDATE registry_datakey SET wrapped = (SELECT wrapped FROM registry_datakey WHERE owner = 'registry') "
            "WHERE owner LIKE 'asset:%%'"
        ),
        "data_key_unreadable",
    ),
    (
        "a data key that names a later KEK",
        sql("UPDATE registry_datakey SET wrapped = set_byte(wrapped, 3, 9) WHERE owner LIKE 'asset:%%'"),
        "data_key_unreadable",
    ),
    ("a data key destroyed", sql("DELETE FROM registry_datakey WHERE owner LIKE 'party:%%'"), "statement_unreadable"),
    ("a key written by hand", forge_key, "key_unknown"),
    ("a key written by hand, in its table", forge_key, "row_stray"),
    (
        "a key given to another",
        sql("UPDATE registry_key SET party = gen_random_uuid() WHERE revoked IS NULL"),
        "row_stray",
    ),
    (
        "a revocation undone",
        sql("UPDATE registry_key SET revoked = NULL, revoked_by = NULL WHERE revoked IS NOT NULL"),
        "row_missing",
    ),
    ("a party deleted", sql("DELETE FROM registry_party WHERE kind = 'person'"), "row_missing"),
    ("a vouch raised", sql("UPDATE registry_vouch SET level = 'in_person'"), "row_stray"),
    ("an appearance deleted", sql("DELETE FROM registry_appearance"), "row_missing"),
    (
        "an inventory emptied",
        sql("UPDATE registry_asset SET inventory = jsonb_set(inventory, '{people}', '\"none\"')"),
        "row_stray",
    ),
    (
        "a licence revived",
        sql("UPDATE registry_licence SET terminated = NULL WHERE terminated IS NOT NULL"),
        "row_missing",
    ),
    (
        "a licence's reach widened",
        sql(
            "INSERT INTO registry_licence_subject (licence, subject_kind, subject_id) "
            "SELECT digest, 'work', gen_random_uuid() FROM registry_licence LIMIT 1"
        ),
        "row_stray",
    ),
    ("an epoch set back", sql("UPDATE registry_head SET epoch = 0 WHERE epoch > 0"), "row_missing"),
]


def test_every_planted_fault_is_named(scene: World, owner: Owner) -> None:
    saved = Saved.of(owner)
    unnamed = []
    for name, plant, fault in PLANTED:
        plant(scene, owner)
        found = {finding.fault for finding in fsck.run().findings}
        if fault not in found:
            unnamed.append((name, fault, found))
        saved.restore(owner)
    assert unnamed == []
    assert fsck.run().sound  # what was found was what had been planted


def test_the_command_names_the_fault_and_exits_1(scene: World, owner: Owner) -> None:
    owner.execute("UPDATE registry_vouch SET level = 'in_person'")
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("fsck", "--json", stdout=out)
    assert ended.value.code == 1
    told = json.loads(out.getvalue())
    assert not told["sound"]
    assert any("registry_vouch" in finding["subject"] for finding in told["findings"])
