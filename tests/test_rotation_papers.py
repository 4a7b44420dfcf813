"""Papers over a rotation of every key that signs them: old ones hold by old and by new trust, new ones by new trust."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from generation.selectors.bundle import trust
from generation.verify.__main__ import main
from registry.statements import open_statement
from tests.custody_keys import places
from tests.rotating import keys
from tests.studio import Studio
from tests.world import Actor, World

pytestmark = pytest.mark.django_db(transaction=True)

ROLES = ("registry", "log", "log_pq", "credential", "tsa")


class Kept:
    """What a stranger has in a folder, and has checked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def put(self, name: str, data: bytes) -> str:
        (self.folder / name).write_bytes(data)
        return str(self.folder / name)

    def trust(self, name: str) -> None:
        """Note whom the registry tells everybody to trust today."""
        self.put(name, json.dumps(trust()).encode())

    def checked(self, by: str, *arguments: str) -> int:
        placed = [one if one.startswith("--") else str(self.folder / one) for one in arguments]
        return main([*placed, "--trust", str(self.folder / by)])


def record(world: World, who: Actor, digest: str) -> bytes:
    headers = {"Authorization": f"Bearer {world.token(who, 'read')}"}
    answer = Client().get(f"/api/v1/statements/{digest}/record.pdf", headers=headers)
    assert answer.status_code == 200, answer.content
    return bytes(answer.content)


def papers(studio: Studio, kept: Kept, when: str) -> None:
    """Keep a shot with its bundle, and record, statement and receipt of the newest consent."""
    world, shot = studio.world, studio.released()
    world.publish()
    kept.put(f"{when}.json", studio.get(f"/shots/{shot}/bundle").content)
    kept.put(f"{when}.mp4", studio.get(f"/shots/{shot}/media").content)
    consent = studio.grant(scenes=[when])
    world.publish()
    receipts(studio, kept, when, consent)


def receipts(studio: Studio, kept: Kept, when: str, consent: str) -> None:
    opened = open_statement(consent)
    assert opened is not None
    kept.put(f"{when}.statement", json.dumps(opened.envelope.format()).encode())
    kept.put(f"{when}.tlog-proof", Client().get(f"/api/v1/statements/{consent}/proof").content)
    kept.put(f"{when}.pdf", record(studio.world, studio.ada, consent))


def answers(kept: Kept, when: str, by: str) -> list[int]:
    """Return the exit codes of shot, receipt and record."""
    return [
        kept.checked(by, f"{when}.json", f"{when}.mp4"),
        kept.checked(by, f"{when}.tlog-proof", "--envelope", f"{when}.statement"),
        kept.checked(by, f"{when}.pdf"),
    ]


def test_old_papers_hold_by_old_and_new_trust_and_new_ones_by_new_trust(tmp_path: Path, settings: Any) -> None:
    settings.CREDENTIAL_DIR, settings.KEY_PLACES = tmp_path / "certs", places(tmp_path / "keys")
    studio, kept = Studio.open(tmp_path, settings), Kept(tmp_path / "stranger")
    papers(studio, kept, "old")
    kept.trust("old-trust")
    assert answers(kept, "old", "old-trust") == [0, 0, 0]
    for role in ROLES:
        keys("rotate", role)
    studio.world.publish()  # the checkpoint that both keys sign
    papers(studio, kept, "new")
    kept.trust("new-trust")

    assert answers(kept, "old", "old-trust") == [0, 0, 0]
    assert answers(kept, "old", "new-trust") == [0, 0, 0]
    assert answers(kept, "new", "new-trust") == [0, 0, 0]
    # Bundle and record name their keys, which are nobody's yet. A receipt names none: a new key might be a forger's.
    assert answers(kept, "new", "old-trust") == [2, 1, 2]
