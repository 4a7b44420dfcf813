"""
Keys of a party: `key.added`, `key.revoked`.

Every new key signs the statement that brings it; beside it a standing key signs, unless the party has never had one.
Where they lost theirs, agents whom they named for it issue the statement (``registry.core.recovery``). The write path
holds these rules (``registry.services.authority``), since they concern signatures. The party is told of each further
key: it may be a thief's.
"""

from registry.core import recovery
from registry.core.record import KeyAdded, KeyRevoked, parse_key_added, parse_key_revoked
from registry.errors import Conflict, Unknown
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
    if key.revoked is not None:
        raise Conflict(f"key `{record.keyid}` is revoked already", code="already_revoked", field="body.keyid")


def _apply_revoked(context: Context) -> None:
    record: KeyRevoked = context.record
    Key.objects.filter(keyid=record.keyid).update(revoked=context.at, revoked_by=context.digest)
    bump([Head("key", record.keyid)])


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
)

KINDS = (KEY_ADDED, KEY_REVOKED)
