"""
Faults to plant in a populated registry (``tests.sweep_scene``), each with the code by which `fsck` must name it.

Whoever plants has the owner's rights, the registry's keys and the folder: some of these are forged as well as can be.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from uuid6 import uuid7

from registry import vault
from registry.core.envelope import Envelope, parse_statement
from registry.core.jcs import canonical, parse_json
from registry.core.keys import PublicKey
from registry.core.note import sign_note
from registry.core.treehead import Checkpoint
from registry.log.folder import log_dir
from registry.log.identity import origin, signers
from registry.models import Checkpoint as CheckpointRow
from registry.models import Deposit, Document, Leftover, StatementRow
from registry.statements import open_statement, owner_of
from registry.vault.files import path_of

Plant = Callable[[], object]


def sql(statement: str) -> Plant:
    def plant() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount, f"nothing was planted by {statement}"

    return plant


def resealed(type_: str, change: Callable[[Envelope], Envelope]) -> Plant:
    """Put another envelope into a statement's row, sealed as the registry would have sealed it."""

    def plant() -> None:
        row = StatementRow.objects.filter(type=type_).order_by("accepted_at")[0]
        opened = open_statement(row.digest)
        assert opened is not None
        plain = canonical(change(opened.envelope).format())
        cipher = vault.seal_text(owner_of(row.subject), plain, f"envelope {row.digest}".encode())
        StatementRow.objects.filter(digest=row.digest).update(envelope=cipher)

    return plant


def _spoilt(envelope: Envelope) -> Envelope:
    first, *rest = envelope.signatures
    return replace(envelope, signatures=(replace(first, sig=first.sig[:-1] + bytes([first.sig[-1] ^ 1])), *rest))


def _without_the_new_key(envelope: Envelope) -> Envelope:
    key = PublicKey.parse(parse_statement(envelope.payload).body["key"], "key")
    return replace(envelope, signatures=tuple(one for one in envelope.signatures if one.keyid != key.keyid))


def _said_anew(envelope: Envelope) -> Envelope:
    body: Any = parse_json(envelope.payload)
    return replace(envelope, payload=canonical(body | {"nonce": base64.b64encode(bytes(16)).decode()}))


def _of_no_kind(envelope: Envelope) -> Envelope:
    """A type that is reserved, and that nothing reads yet."""
    body: Any = parse_json(envelope.payload)
    return replace(envelope, payload=canonical(body | {"type": "engine.overridden"}))


def fork() -> None:
    """Sign another tree of the newest size with the log's own keys, and serve it."""
    newest = CheckpointRow.objects.latest("size")
    other = Checkpoint(origin=origin(), size=newest.size, root=bytes(32))
    (log_dir() / "checkpoint").write_bytes(sign_note(other.format(), *signers(), time_s=1).format())


def lose_checkpoint() -> None:
    (log_dir() / "checkpoint").unlink()


def show_more() -> None:
    """The database was set back behind what is served."""
    CheckpointRow.objects.latest("size").delete()


def on_file(model: type[Deposit] | type[Document], change: Callable[[Path], object]) -> Plant:
    def plant() -> None:
        row = model.objects.order_by("pk")[0]
        change(path_of(str(row.pk)))

    return plant


def stray() -> None:
    path = Path(settings.MEDIA_DIR) / "00" / "0192b3c0-0000-7000-8000-000000000000"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"PROVISO1")


def wanted_to_go() -> None:
    Leftover.objects.create(file=Deposit.objects.order_by("pk")[0].pk)


def key_of_nothing() -> None:
    vault.data_key(f"asset:{uuid7()}")


RELEASED = "(SELECT id FROM generation_shot WHERE release IS NOT NULL ORDER BY id LIMIT 1)"
FIRST = """(SELECT seq FROM registry_statement
    WHERE type = 'party.registered' AND subject IS NOT NULL ORDER BY seq LIMIT 1)"""
# Planted together where none of them is told by the code of another.
PLANTED: tuple[Mapping[str, Plant], ...] = (
    {
        "checkpoint_ahead": sql("DELETE FROM registry_run WHERE index = (SELECT max(index) FROM registry_run)"),
        "event_differs": sql(f"DELETE FROM generation_shotevent WHERE shot = {RELEASED}"),
        "file_differs": sql("UPDATE registry_document SET size = size + 1"),
        "key_unproven": resealed("key.added", _without_the_new_key),
    },
    {
        "checkpoint_forked": fork,
        "data_key_stray": key_of_nothing,
        "fingerprint_differs": sql("DELETE FROM registry_fingerprint WHERE mirrored"),
        "digest_differs": resealed("title.claimed", _said_anew),
    },
    {
        "checkpoint_missing": lose_checkpoint,
        "file_missing": on_file(Document, Path.unlink),
        "leaf_differs": sql("UPDATE registry_statement SET type = chr(34) WHERE type = 'title.claimed'"),
        "shot_differs": sql(f"UPDATE generation_shot SET output_sha256 = repeat('0', 64) WHERE id = {RELEASED}"),
        "note_moved": sql("UPDATE registry_deposit SET stored_at = stored_at - interval '40 days'"),
    },
    {
        "checkpoint_unknown": show_more,
        "file_stray": stray,
        "note_dangles": sql("UPDATE generation_compared SET statement = repeat('0', 64)"),
        "signature_bad": resealed("title.claimed", _spoilt),
    },
    {
        "leaf_gone": sql("INSERT INTO registry_unnumbered (leaf_id) VALUES (99999)"),
        "leftover_wanted": wanted_to_go,
        "type_unknown": resealed("title.claimed", _of_no_kind),
        "use_differs": sql("UPDATE generation_shotuse SET requested_party = gen_random_uuid()"),
        "file_unreadable": on_file(Deposit, lambda path: path.write_bytes(path.read_bytes()[:-1])),
    },
    {
        "own_key_unusable": sql("UPDATE registry_key SET revoked = now(), revoked_by = repeat('0', 64)"),
        "note_differs": sql("UPDATE registry_passkey_counter SET counter = counter + 1"),
        "deposit_differs": sql("UPDATE registry_asset SET size = size + 1"),
    },
    {
        "replay_failed": sql(f"UPDATE registry_statement SET seq = seq + 100000 WHERE seq = {FIRST}"),
    },
    {
        "shot_missing": sql(f"DELETE FROM generation_shot WHERE id = {RELEASED}"),
        "use_missing": sql("DELETE FROM generation_shotuse WHERE statement IS NOT NULL"),
    },
)
