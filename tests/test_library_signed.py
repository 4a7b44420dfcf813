"""The shipped sample library: every byte of its statements verifies, offline, and says exactly what it should."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from consent.core.bodies import PARSERS
from library.bodies import SHOWN_IN, party_id
from library.check import check, submissions
from library.sign import sign, write
from registry.core.envelope import Envelope, PublicKey, Statement, pae, parse_statement
from registry.core.errors import DomainError
from registry.core.fields import Reader
from registry.core.keys import verify
from registry.core.record import read_shown
from registry.core.terms import TERRITORIES
from tests.sample_library import FILES, LIBRARY, index

PERFORMERS = 48


def statements() -> list[Statement]:
    return [parse_statement(Envelope.parse(one["envelope"]).payload) for one in submissions(LIBRARY)]


def of_type(type_: str) -> list[Statement]:
    return [one for one in statements() if one.type == type_]


def test_the_shipped_library_checks() -> None:
    found = check(LIBRARY, shipped=True)
    assert len(found.digests) == len(set(found.digests))
    assert len(found.manifest.samples) == sum(entry["split"] == "train" for entry in index())


def test_every_envelope_verifies_and_the_pins_are_exactly_their_digests() -> None:
    keys: dict[str, tuple[str, PublicKey]] = {}
    digests = []
    for one in submissions(LIBRARY):
        payload = base64.b64decode(one["envelope"]["payload"])
        body = json.loads(payload)
        if body["type"] == "party.registered":
            key = PublicKey.parse(body["body"]["key"])
            keys[key.keyid] = body["issuer"], key
        (signature,) = one["envelope"]["signatures"]
        party, key = keys[signature["keyid"]]
        assert party == body["issuer"]
        signed = pae("application/vnd.proviso.statement.v1+json", payload)
        assert verify(key, signed, base64.b64decode(signature["sig"]))
        digests.append(hashlib.sha256(payload).hexdigest())
    pins = json.loads((LIBRARY / "pins.json").read_text("utf-8"))
    assert pins["digests"] == sorted(digests)
    assert len(keys) == 3 + PERFORMERS


def test_every_body_is_one_that_the_registry_reads_to_its_end() -> None:
    for statement in statements():
        body = Reader(statement.body, "body")
        PARSERS[statement.type](body)
        read_shown(body)
        body.finish()


def test_the_files_are_those_of_the_index_without_the_casts_own() -> None:
    registered = {str(one.body["sha256"]) for one in of_type("asset.registered")}
    for entry in index():
        sha256 = hashlib.sha256((FILES / entry["file"]).read_bytes()).hexdigest()
        assert (sha256 in registered) is (entry["split"] != "heldout")
    held_out = {person for entry in index() if entry["split"] == "heldout" for person in entry["people"]}
    assert not {party_id(person) for person in held_out} & {one.issuer for one in of_type("party.registered")}


def test_consents_cover_exactly_the_aspects_that_the_files_show() -> None:
    shown: defaultdict[str, set[str]] = defaultdict(set)
    for entry in index():
        for person in entry["people"] if entry["split"] != "heldout" else ():
            shown[party_id(person)] |= set(SHOWN_IN[entry["kind"]][0])
    recorded: defaultdict[str, set[str]] = defaultdict(set)
    for one in of_type("appearance.recorded"):
        recorded[str(one.body["performer"])] |= set(one.body["aspects"])  # type: ignore[arg-type]  # a list of names
    granted = {}
    for one in of_type("consent.granted"):
        body: Any = one.body
        assert body["performer"] == one.issuer
        assert body["grantee"] == party_id("operator")
        assert (body["basis"], body["revocation"]["kind"], body["caps"]) == ("consent", "at_will", {"shots": None})
        assert sorted(box["acts"] for box in body["scopes"]) == [
            ["condition", "distribute"],
            ["scan", "store", "train"],
        ]
        (aspects,) = {tuple(box["aspects"]) for box in body["scopes"]}
        granted[one.issuer] = set(aspects)
        assert all(box["territories"] == sorted(TERRITORIES.terms) for box in body["scopes"])
        assert all(box["content"] == {"depicts": [], "scene": []} for box in body["scopes"])
    assert granted == shown == recorded
    assert len(granted) == PERFORMERS


def test_every_grant_is_to_the_operator_alone() -> None:
    grants: list[Any] = [one.body for one in of_type("licence.granted")]
    assert [grant["licensee"] for grant in grants] == [party_id("operator")]
    assert {one.issuer for one in of_type("title.claimed")} == {party_id("library")}
    assert {one.issuer for one in of_type("identity.vouched")} == {party_id("notary")}


def test_ids_and_nonces_are_fixed_and_keys_are_not(tmp_path: Path) -> None:
    entries = [entry for entry in index() if entry["split"] != "heldout"]
    again = sign(entries, FILES, at=datetime(2026, 11, 24, tzinfo=UTC))
    made = [parse_statement(Envelope.parse(one["envelope"]).payload) for _, part in again.chapters for one in part]
    shipped = statements()
    assert [(one.type, one.id, one.issuer, one.nonce) for one in made] == [
        (one.type, one.id, one.issuer, one.nonce) for one in shipped
    ]
    assert not {one.digest for one in made} & {one.digest for one in shipped}


def test_no_private_key_is_written(tmp_path: Path) -> None:
    signed = sign(index()[:2] + index()[60:62], FILES, at=datetime(2026, 11, 24, tzinfo=UTC))
    shutil.copytree(FILES, tmp_path / "assets")
    write(signed, tmp_path)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*.json"))
    assert signed.keys
    for key in signed.keys.values():
        raw = key.private_bytes_raw()
        for spelling in (raw, raw.hex().encode(), base64.b64encode(raw)):
            assert spelling not in written


def _swap_texts(chapter: list[Any]) -> None:
    chapter[0]["text"], chapter[1]["text"] = chapter[1]["text"], chapter[0]["text"]


def _swap_signatures(chapter: list[Any]) -> None:
    first, second = chapter[0]["envelope"], chapter[1]["envelope"]
    first["signatures"], second["signatures"] = second["signatures"], first["signatures"]


def _drop_one(chapter: list[Any]) -> None:
    chapter.pop()


def _repeat_one(chapter: list[Any]) -> None:
    chapter.append(chapter[0])


def _other_payload(chapter: list[Any]) -> None:
    payload = base64.b64decode(chapter[0]["envelope"]["payload"]).replace(b'"US"', b'"UZ"', 1)
    chapter[0]["envelope"]["payload"] = base64.b64encode(payload).decode()


@pytest.mark.parametrize("spoil", [_swap_texts, _swap_signatures, _drop_one, _repeat_one, _other_payload])
def test_a_damaged_library_does_not_check(tmp_path: Path, spoil: Callable[[list[Any]], None]) -> None:
    copy = shutil.copytree(LIBRARY, tmp_path / "library")
    check(copy, shipped=True)
    path = copy / "envelopes" / "008-consents.json"
    chapter = json.loads(path.read_text("utf-8"))
    spoil(chapter)
    path.write_text(json.dumps(chapter), "utf-8")
    with pytest.raises((ValueError, DomainError)):
        check(copy, shipped=True)


def test_a_file_that_was_changed_does_not_check(tmp_path: Path) -> None:
    copy = shutil.copytree(LIBRARY, tmp_path / "library")
    path = copy / "assets" / "plates" / "dawn-hills-1.png"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(ValueError, match="differs"):
        check(copy)
