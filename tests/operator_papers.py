"""What the operator tries with shots, media and papers that were handed out: who holds a paper needs no operator."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from consent.core import rules
from generation.models import Shot
from registry.core.envelope import Envelope, canonical, sign_statement
from registry.vault.chunks import encrypt
from registry.vault.files import path_of
from registry.vault.keys import existing_key
from tests import media
from tests.operator_rows import Way, sql
from tests.operator_scene import Scene
from tests.studio import outcome_of
from tests.test_papers_bundle import fetched

BUNDLE = ("bundle.json", "out.mp4")


def bundle(change: Callable[[dict[str, Any]], object]) -> Callable[[Scene], None]:
    """Change the bundle."""

    def deed(scene: Scene) -> None:
        def changed(data: bytes) -> bytes:
            obj = json.loads(data)
            change(obj)
            return json.dumps(obj).encode()

        scene.write("bundle.json", changed)

    return deed


def wider_use(obj: dict[str, Any]) -> None:
    for decided in (obj["clearance"], obj["release"]):
        decided["request"]["territories"] = ["FR", "US"]


def wider_consent(obj: dict[str, Any]) -> None:
    """Every consent in it is for America, too."""
    for one in obj["statements"]:
        payload = base64.b64decode(one["envelope"]["payload"])
        payload = payload.replace(b'"territories":["BE","DE","FR"]', b'"territories":["BE","DE","FR","US"]')
        one["envelope"]["payload"] = base64.b64encode(payload).decode()


def no_never(obj: dict[str, Any]) -> None:
    """What Ada never allows is left out of it, and of the list of what was read."""
    for one in list(obj["statements"]):
        payload = base64.b64decode(one["envelope"]["payload"])
        if json.loads(payload)["type"] == "restriction.declared":
            obj["statements"].remove(one)


def file(path: str, before: bytes, after: bytes) -> Callable[[Scene], None]:
    return lambda scene: scene.write(path, lambda data: data.replace(before, after))


def other_pictures(scene: Scene) -> None:
    scene.write(
        "out.mp4", lambda data: (place := data.index(b"mdat") + 99) and data[:place] + b"\0\1" + data[place + 2 :]
    )


def another_place(scene: Scene) -> None:
    index = (scene.folder / "home.tlog-proof").read_text().splitlines()[1]
    number = int(index.removeprefix("index "))
    scene.write("home.tlog-proof", lambda data: data.replace(index.encode(), b"index %d" % (number - 1)))


def signed_by_him(scene: Scene) -> None:
    """The same words under a key of the operator's."""

    def signed(data: bytes) -> bytes:
        return canonical(sign_statement(Envelope.parse(json.loads(data)).payload, scene.operator.key).format())

    scene.write("home.json", signed)


def papers_of_another_shot(scene: Scene) -> None:
    """The shot that waits is marked as released, with the papers and the file of the one that was."""
    taken = [
        "state", "todo", "release", "release_request", "release_vouched", "release_digests", "output", "output_sha256",
        "sealed_grounds",
    ]  # fmt: skip
    released = Shot.objects.get(id=scene.shot)
    Shot.objects.filter(id=scene.waiting).update(**{name: getattr(released, name) for name in taken})
    fetched(scene.studio, scene.waiting, scene.folder)


def marked_as_released(scene: Scene) -> None:
    """A shot that nobody rendered: there is nothing to hand out."""
    Shot.objects.filter(id=scene.waiting).update(
        state="released", todo=None, release="0" * 64, output=scene.shot, output_sha256="0" * 64,
        release_request={}, release_vouched={}, release_digests=[],
    )  # fmt: skip
    answer = scene.studio.get(f"/shots/{scene.waiting}/bundle")
    assert (answer.status_code, answer.json()["code"]) == (410, "papers_erased")


def other_bytes_in_the_vault(scene: Scene) -> None:
    """Another picture under the genuine key: it opens, and is not what was cleared."""
    picture = scene.cast["capped"][1].id
    key = existing_key(f"asset:{picture}")
    path_of(picture).write_bytes(b"".join(encrypt(picture, key, [media.png(media.scene(seed=5))])))
    scene.studio.work(scene.waiting)
    assert outcome_of(scene.waiting)[0] == "failed"


def other_rules(scene: Scene) -> None:
    """A server whose rule packs were edited releases a shot; whoever checks it has packs of their own."""
    packs = rules.read_packs()
    edited = {name: text for name, text in packs.items() if not name.startswith("us-ca.")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "read_packs", lambda: edited)
        rules.installed.cache_clear()
        shot = scene.studio.released(scene.request("home") | {"take": 3})
        scene.world.publish()
        fetched(scene.studio, shot, scene.folder)
    rules.installed.cache_clear()


PAPERS: dict[str, Way] = {
    "a bundle for a wider use": Way(does=bundle(wider_use), verifier={BUNDLE: (1, "clearance")}),
    "a bundle with a wider consent": Way(does=bundle(wider_consent), verifier={BUNDLE: (1, "clearance replayed")}),
    "a bundle without her never": Way(does=bundle(no_never), verifier={BUNDLE: (1, "clearance replayed")}),
    "other pictures in the released file": Way(does=other_pictures, verifier={BUNDLE: (1, "file")}),
    "the papers of another shot": Way(does=papers_of_another_shot, verifier={BUNDLE: (1, "clearance")}),
    "a release with the rules edited": Way(does=other_rules, verifier={BUNDLE: (1, "clearance replayed")}),
    "a record that covers more countries": Way(
        does=file("record.pdf", b"Belgium", b"Bermuda"), verifier={("record.pdf",): (1, "text")}
    ),
    "a record without its seal": Way(
        does=file("record.pdf", b"(seal.json)", b"(moon.json)"), verifier={("record.pdf",): (1, "attachments")}
    ),
    "a receipt for another place": Way(
        does=another_place, verifier={("home.tlog-proof", "--envelope", "home.json"): (1, "inclusion")}
    ),
    "a receipt beside a statement under his key": Way(
        does=signed_by_him,
        verifier={("home.tlog-proof", "--envelope", "home.json"): (1, "inclusion")},
    ),
    "a shot that is marked as released": Way(does=marked_as_released, decide={"capped": {"cap_exhausted"}}),
    "other bytes in the vault": Way(does=other_bytes_in_the_vault, fsck={"file_differs": "says other bytes"}),
    "a released shot in another's name": Way(
        does=sql("UPDATE generation_release SET reviewed_by = {id_operator} WHERE shot = {shot}"),
        fsck={"row_stray": "generation_release"},
    ),
}
