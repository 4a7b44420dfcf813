"""
One process of a busy registry: it submits, reads, decides and seals without end, until a file says stop.

    python -m tests.rotation_driver SCENE.json STOP

``SCENE`` names a producer's secret and a shot request that is cleared. Every request must succeed: the first that does
not ends the process with its traceback. At the end it writes how many of each there were, as one JSON object.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import django

django.setup()

from django.test import Client  # noqa: E402 - Django is set up first
from uuid6 import uuid7  # noqa: E402 - the same

from generation import media  # noqa: E402 - the same
from registry import log, vault  # noqa: E402 - the same
from registry.core.checkpoint import Note  # noqa: E402 - the same
from registry.core.note import verify_note  # noqa: E402 - the same
from registry.log.identity import verifiers  # noqa: E402 - the same
from tests.papers import unsealed  # noqa: E402 - the same
from tests.sealed_papers import CREDENTIAL  # noqa: E402 - the same
from tests.world import World  # noqa: E402 - the same


class Driver:
    def __init__(self, scene: dict[str, Any]) -> None:
        self.world, self.client, self.scene = World(), Client(), scene
        self.headers = {"Authorization": f"Bearer {scene['secret']}"}
        self.done: Counter[str] = Counter()

    def round(self) -> None:
        party = self.world.party(f"Walker {uuid7()}")  # three statements, and a data key
        self._count("submitted", 3)
        digest = self.world.work(party)
        self._expect(self.client.get(f"/api/v1/statements/{self.scene['consent']}", headers=self._ada()), 200, "read")
        assert vault.open_text("registry", vault.seal_text("registry", b"x", b""), b"") == b"x"
        self._expect(self._post("/api/v1/clearances/check"), 200, "decided")
        queued = self._post("/api/v1/shots")
        self._expect(queued, 201, "cleared")
        self._expect(self._post(f"/api/v1/shots/{queued.json()['id']}/cancel", {}), 200, "closed")
        assert media.seal(unsealed(), credential=CREDENTIAL)
        self._count("sealed")
        self._look_at_the_log()
        assert digest

    def _look_at_the_log(self) -> None:
        answer = self.client.get("/log/checkpoint")
        if answer.status_code == 200:
            note = Note.parse(answer.content)
            assert verify_note(note, verifiers())
            self._count("checkpoints")
        assert log.tree_size() >= 0

    def _post(self, path: str, body: Any = None) -> Any:
        headers = self.headers | {"Idempotency-Key": str(uuid7())}
        sent = json.dumps(self.scene["request"] | {"shot_code": str(uuid7())[-8:]} if body is None else body)
        return self.client.post(path, sent, content_type="application/json", headers=headers)

    def _ada(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.scene['ada']}"}

    def _expect(self, answer: Any, status: int, what: str) -> None:
        assert answer.status_code == status, (what, answer.status_code, answer.content)
        self._count(what)

    def _count(self, what: str, number: int = 1) -> None:
        self.done[what] += number


def main() -> None:
    scene, stop = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    driver = Driver(scene)
    while not stop.exists():
        driver.round()
        stop.with_name(f"{stop.name}.{scene_number()}").write_text(str(driver.done["decided"]))
    print(json.dumps(driver.done))


def scene_number() -> str:
    return sys.argv[3]


if __name__ == "__main__":
    main()
