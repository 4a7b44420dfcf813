"""
What no check can prove, table by table, and why.

Everything else that any table holds is derived from statements, log, files, ciphertexts or rows, and compared: a
test changes each column of each table, deletes and copies rows, and holds this list to what is found. A table without
an entry here is proven whole; a new one has to be proven, or to be put here.

``ADDED`` and ``GONE`` stand for a row that was put in or taken out. ``where`` is the SQL condition on a row ``t`` to
which an entry is limited; the reason says it in words.
"""

from dataclasses import dataclass
from typing import Final

ADDED, GONE, EVERYTHING = "+", "-", "*"

_ERASED = """t.subject IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM registry_datakey k WHERE k.owner = 'party:' || t.subject)"""
_OF_ERASED = """EXISTS (
    SELECT 1 FROM registry_statement s
    WHERE s.digest = decode(t.digest, 'hex') AND s.subject IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM registry_datakey k WHERE k.owner = 'party:' || s.subject))"""
_STATE = """t.event IN ('queued', 'refused', 'running', 'screening', 'awaiting_approval', 'released', 'withdrawn',
    'failed', 'quarantined', 'aborted')"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproven:
    """Columns of a table that nothing proves."""

    table: str
    columns: frozenset[str]  # or ADDED, GONE, EVERYTHING
    why: str
    where: str | None = None  # None: in every row


def _of(table: str, columns: str, why: str, where: str | None = None) -> Unproven:
    return Unproven(table=table, columns=frozenset(columns.split()), why=why, where=where)


UNPROVEN: Final = (
    # What was signed and logged
    _of(
        "registry_statement",
        "issuer issued_at accepted_at envelope text",
        "of an erased statement only what the log and the erasure commit to can be compared; the rest is noise",
        _ERASED,
    ),
    _of(
        "registry_private",
        "sha256 ciphertext -",
        "of an erased statement: nothing says any more whether it had a private part",
        _OF_ERASED,
    ),
    _of(
        "registry_checkpoint",
        "-",
        "of an older size: each is signed by itself, and nothing counts them; witnesses and followers keep theirs",
        "t.size < (SELECT max(size) FROM registry_checkpoint)",
    ),
    _of(
        "registry_head",
        "* + -",
        "of epoch 0: a row to lock, made by whoever first asks for it; it says nothing",
        "t.epoch = 0",
    ),
    _of(
        "registry_head",
        "epoch kind id + -",
        "after erasures it may be higher than the statements that are left say, by one for each that is gone; "
        "a higher one makes a clearance decide again",
        "EXISTS (SELECT 1 FROM registry_destroyed_key)",
    ),
    # Keys and files
    _of(
        "registry_datakey",
        "created_at",
        "a clock reading that nothing rests on",
    ),
    _of(
        "registry_datakey",
        "-",
        "of a secret: it is derived again, or what was hashed with it differs",
        "t.owner LIKE 'secret:%'",
    ),
    _of(
        "registry_custody_key",
        "since",
        "a clock reading that nothing rests on",
    ),
    _of(
        "registry_custody_key",
        "number",
        "of a key that only certificates name, or that has wrapped nothing: the number is just what we call it",
        "t.role IN ('credential', 'tsa') OR (t.role = 'erasure' AND NOT EXISTS (SELECT 1 FROM registry_kept_key))",
    ),
    _of(
        "registry_deposit",
        "party",
        "who deposited bytes that were never registered is said nowhere else",
        "NOT EXISTS (SELECT 1 FROM registry_asset a WHERE a.id = t.asset)",
    ),
    _of(
        "registry_fingerprint",
        "id",
        "a number that nothing refers to",
    ),
    _of(
        "registry_leftover",
        "* + -",
        "a list of what is to be removed, and soon empty; that nothing wanted is on it is checked",
    ),
    # Notes about persons and papers
    _of(
        "registry_challenge",
        "voucher made_by",
        "whom a challenge is for is said by the vouch that rests on it; no vouch does",
        "NOT EXISTS (SELECT 1 FROM registry_vouch v WHERE v.challenge = t.id)",
    ),
    _of(
        "registry_challenge",
        "made_by",
        "which of the two asked for it is told to nobody",
    ),
    _of(
        "registry_challenge",
        "kind mime passcode",
        "the voucher saw and heard the answer and signed what came of it",
    ),
    _of(
        "registry_challenge",
        "+ - id party expires_at",
        "an unanswered one allows nothing",
        "t.answer IS NULL",
    ),
    _of(
        "registry_document",
        "party mime",
        "whose copy of a paper it is follows from the token it came with; its type is for whoever shows it",
    ),
    _of(
        "registry_document_reading",
        "id party person at + -",
        "who opened a paper: written by the reader's own request, which no signature covers; the "
        "application's role can only insert",
    ),
    _of(
        "registry_erasure_request",
        "id by_party by_person told_sha256 receipt_sha256 due_at",
        "who asked, what they were told, and the secret of their receipt: the person has the receipt",
    ),
    _of(
        "registry_erasure_request",
        "* + -",
        "while it waits, or was taken back, nothing has come of it",
        "t.done_at IS NULL",
    ),
    _of(
        "registry_notice_read",
        "read_at -",
        "what somebody has read is their own word, and allows nothing",
    ),
    _of(
        "registry_passkey_challenge",
        "* + -",
        "lives five minutes and serves once; a new key proves itself by signing",
    ),
    _of(
        "registry_token",
        "* + -",
        "who may call; what is said with it is signed by other keys, or is listed here",
    ),
    # Messages, and what was told
    _of(
        "consent_alert",
        "* + -",
        "what was told of ends to come; the statements say when something ends",
    ),
    _of(
        "consent_ending",
        "* + -",
        "when to look at what ends; made from the published log, for alerts alone",
    ),
    _of(
        "consent_endings_read",
        "* + -",
        "how far the log was read for ends",
    ),
    _of(
        "consent_mute",
        "* + -",
        "whom somebody does not want to hear from",
    ),
    _of(
        "consent_consentrequest",
        "heard",
        "whether the asker was muted then; that somebody is there where it is heard is checked",
    ),
    _of(
        "consent_requestevent",
        "* + -",
        "that it was seen, passed on or declined: a message, no statement",
        "t.state <> 'sent'",
    ),
    _of(
        "generation_told",
        "id tail effective_at looked_at + -",
        "what producers were told of withdrawals; whether a shot must go is decided from the statements",
    ),
    _of(
        "generation_favouredalert",
        "id kind + -",
        "what somebody was told about better pay; made from signed terms",
    ),
    _of(
        "generation_compared",
        "at -",
        "that a release was compared; without it, it is compared again",
    ),
    # Caches
    *(
        _of(table, "* + -", "a cache of decisions, made again and compared as a whole (`sheet_differs`)")
        for table in (
            "consent_sheet",
            "consent_sheet_subject",
            "consent_asking",
            "consent_shape",
            "consent_rule_facts",
            "consent_grant_box",
            "consent_touched",
        )
    ),
    _of(
        "generation_idempotencykey",
        "* + -",
        "the first answer to a call, for who repeats it",
    ),
    # Shots
    _of(
        "generation_shot",
        "requested_by unknown_words outcome_detail step steps fence attempts heartbeat_at not_before asked "
        "carried findings review_due reviewed_at review_note updated_at",
        "notes of work in progress, of who asked and of what a reviewer wrote; what came of them is logged",
    ),
    _of(
        "generation_shot",
        "may_show_person",
        "whether a prompt without anybody may show somebody: only who reviews it",
        "t.performers = '{}'",
    ),
    _of(
        "generation_shot",
        "decision checks reviewed_by verdict sealed_grounds",
        "of a shot that was not released: nothing of it is logged but that it was cleared, and how it ended",
        "t.release IS NULL",
    ),
    _of(
        "generation_shot",
        "todo leased_by lease_until output_sha256",
        "who works on it, and on what",
        "t.release IS NULL",
    ),
    _of(
        "generation_shot",
        "spec prompt clearance_request weights performers",
        "of a refused request nothing is logged",
        "t.clearance IS NULL",
    ),
    _of(
        "generation_shot",
        "spec prompt clearance_request release_request",
        "the words of somebody who was erased are gone from it",
        "EXISTS (SELECT 1 FROM registry_destroyed_key d, unnest(t.performers) p WHERE d.owner = 'party:' || p)",
    ),
    _of(
        "generation_shot",
        "clearance_vouched clearance_digests clearance_grounds release_request release_vouched release_digests",
        "of a shot that was refused nothing is logged",
        "t.clearance IS NULL",
    ),
    _of(
        "generation_shot",
        "release_request release_vouched release_digests",
        "of a shot that was not released",
        "t.release IS NULL",
    ),
    _of(
        "generation_shotuse",
        "requested_by decided_at",
        "who asked, and a clock reading",
    ),
    _of(
        "generation_shotuse",
        "use request decision vouched digests state - +",
        "of a use that was not cleared nothing is logged",
        "t.statement IS NULL",
    ),
    _of(
        "generation_shotevent",
        "seq at data",
        "when something happened to a shot, and with what: told to who watches it; the application's role can "
        "only insert",
    ),
    _of(
        "generation_shotevent",
        "* + -",
        "a step, a look, a seal: told to who watches, and nothing follows from it",
        f"NOT {_STATE}",
    ),
    _of(
        "generation_shotevent",
        "+ - event",
        "a state that a shot passed through: only the first and the last are logged",
        _STATE,
    ),
    # What producers state
    _of(
        "generation_basis",
        "id by_person -",
        "who typed it; what was stated is sealed, and the application's role can only insert",
    ),
    _of(
        "generation_cut",
        "id format name sha256 events by_person by_party",
        "what an editor's file said: the file is not kept, and nothing about rights follows from it",
    ),
    _of(
        "generation_cut",
        "-",
        "of the newest version",
        "t.version = (SELECT max(version) FROM generation_cut c WHERE c.project = t.project)",
    ),
    _of(
        "generation_manifest",
        "-",
        "that no run was cleared on: what was admitted and not trained",
    ),
)


def exceptions(table: str, column: str) -> list[Unproven]:
    """Return the entries that let a change of this column go unseen."""
    own = (one for one in UNPROVEN if one.table == table)
    return [one for one in own if column in one.columns or (EVERYTHING in one.columns and column not in (ADDED, GONE))]
