"""
Keys of a party: `key.added`, `key.revoked`.

Every new key signs the statement that brings it; beside it a standing key signs, unless the party has never had one.
Where they lost theirs, agents whom they named for it issue the statement (``registry.core.recovery``). The write path
holds these rules (``registry.services.authority``), since they concern signatures. The party is told of each further
key: it may be a thief's.
"""

from registry import log
from registry.core import recovery
from registry.core.record import KeyAdded, KeyRevoked, parse_key_added, parse_key_revoked
from registry.errors import Conflict, Inadmissible, Unknown
from registry.kinds.kind import Context, Kind, Locks, Look, Voice
from registry.kinds.parties import add_key, refuse_known_key
from registry.locks import Head, bump, party_head
from registry.models import Key, Notice
from registry.selectors.parties import as_data_subject, ever_had_a_key
from registry.texts.parties import describe_key_added, describe_key_revoked


def _check_added(context: Context) -> None:
    refuse_known_key(context.record.key)


def _speaks(record: KeyAdded, look: Look) -> Voice:
    return Voice(principals=frozenset({record.party}), power=recovery.POWER, roles=recovery.ROLES)


def _apply_added(context: Context) -> None:
    record: KeyAdded = context.record
    issuer = context.statement.issuer
    if issuer == record.party and ever_had_a_key(record.party):  # of what agents bring, ``enact`` tells
        Notice.objects.create(party=issuer, digest=context.digest, type="key.added", signed_by=issuer, at=context.at)
    add_key(record.key, record.party, context)


def _check_revoked(context: Context) -> None:
    record: KeyRevoked = context.record
    key = Key.objects.filter(keyid=record.keyid, party=record.party).first()
    if key is None:
        raise Unknown(kind="key", id=record.keyid, field="body.keyid")
    if key.revoked is not None and not _is_earlier(record.compromised_from, key.compromised_from):
        raise Conflict(f"key `{record.keyid}` is revoked already", code="already_revoked", field="body.keyid")
    if record.compromised_from is not None and record.compromised_from > (size := log.tree_size()):
        problem = f"the log has `{size}` entries: nothing was signed at place `{record.compromised_from}` yet"
        raise Inadmissible(problem, code="place_not_reached", field="body.compromised_from")


def _apply_revoked(context: Context) -> None:
    """End a key. That it had been in other hands may become known later, and then be said of an ended key too."""
    record: KeyRevoked = context.record
    key = Key.objects.get(keyid=record.keyid)
    if key.revoked is None:
        key.revoked, key.revoked_by = context.at, context.digest
    if _is_earlier(record.compromised_from, key.compromised_from):
        key.compromised_from = record.compromised_from
    key.save(update_fields=["revoked", "revoked_by", "compromised_from"])
    bump([Head("key", record.keyid)])


def _is_earlier(place: int | None, than: int | None) -> bool:
    return place is not None and (than is None or place < than)


KEY_ADDED = Kind(
    type="key.added",
    effect="widens",
    parse=parse_key_added,
    issuers=lambda record, look: {record.party},
    subject=lambda record: as_data_subject(record.party),
    heads=lambda record, issuer: Locks(exclusive=frozenset({party_head(record.party), Head("key", record.key.keyid)})),
    check=_check_added,
    apply=_apply_added,
    describe=describe_key_added,
    tables=(Key,),
    brings=lambda record: record.key,
    speaks=_speaks,
)

KEY_REVOKED = Kind(
    type="key.revoked",
    effect="narrows",
    parse=parse_key_revoked,
    issuers=lambda record, look: {record.party},
    subject=lambda record: as_data_subject(record.party),
    heads=lambda record, issuer: Locks(exclusive=frozenset({Head("key", record.keyid)})),
    check=_check_revoked,
    apply=_apply_revoked,
    describe=describe_key_revoked,
    tables=(Key,),
    usual={"compromised_from": None},
)

KINDS = (KEY_ADDED, KEY_REVOKED)
