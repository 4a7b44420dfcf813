"""
Parties and who vouches for them: `party.registered`, `identity.vouched`.

A name is personal, and so is an identifier: projections keep keyed hashes of them, for matching, and the text itself
stays in the sealed statement. What they mean for others who state the same is in ``registry.kinds.aliases``.
"""

import re
from collections.abc import Iterable
from typing import Final

from registry.core.envelope import PublicKey
from registry.core.record import Party as PartyRecord
from registry.core.record import Vouch as VouchRecord
from registry.core.record import parse_party, parse_vouch
from registry.core.recovery import ripe_at
from registry.errors import AlreadyRegistered, Inadmissible
from registry.kinds.aliases import claim, confirm, identifier_heads, require_claimed, require_well_formed
from registry.kinds.kind import ANY_PARTY, Context, Kind, Locks, Look
from registry.locks import Head, party_head
from registry.models import (
    Affiliation,
    Confirmation,
    IdentifierClaim,
    Key,
    Membership,
    NameIndex,
    Party,
    Vouch,
)
from registry.names import name_hmac
from registry.selectors.challenges import require_answered
from registry.selectors.parties import as_data_subject, kind_of
from registry.texts.parties import describe_party, describe_vouch

_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def _issuers(record: PartyRecord, look: Look) -> frozenset[str]:
    return ANY_PARTY if record.key is None else frozenset({record.party})


def _heads(record: PartyRecord, issuer: str) -> Locks:
    heads = {Head(record.kind, record.party)} | identifier_heads(record.claimed)
    if record.key is not None:
        heads.add(Head("key", record.key.keyid))
    return Locks(exclusive=frozenset(heads))


def _check(context: Context) -> None:
    record: PartyRecord = context.record
    if Party.objects.filter(id=record.party).exists():
        raise AlreadyRegistered(kind="party", id=record.party, field="body.party")
    if record.party in record.affiliates:
        raise Inadmissible("a party is no affiliate of itself", code="self_affiliated", field="body.affiliates")
    require_well_formed(record)
    if record.key is not None:
        refuse_known_key(record.key)


def refuse_known_key(key: PublicKey) -> None:
    """Refuse a key that any party has or had."""
    if Key.objects.filter(keyid=key.keyid).exists():
        raise AlreadyRegistered(kind="key", id=key.keyid, field="body.key")


def _apply(context: Context) -> None:
    record: PartyRecord = context.record
    Party.objects.create(id=record.party, kind=record.kind, digest=context.digest)
    Affiliation.objects.bulk_create(
        Affiliation(party=record.party, affiliate=affiliate) for affiliate in sorted(record.affiliates)
    )
    Membership.objects.bulk_create(Membership(party=record.party, union=union) for union in union_ids(record.unions))
    NameIndex.objects.create(party=record.party, word_hmac=name_hmac(record.name))
    claim(record, context)
    if record.key is not None:
        add_key(record.key, record.party, context)


def union_ids(unions: Iterable[str]) -> list[str]:
    """Return the unions that are named by the id of a party; a name in words alone binds nobody to a strike."""
    return [union for union in unions if _ID.fullmatch(union)]


def add_key(key: PublicKey, party: str, context: Context) -> None:
    """Write the row of a new key; one that agents brought counts once it is ripe."""
    issuer = context.statement.issuer
    recovered = issuer != party
    Key.objects.create(
        keyid=key.keyid,
        party=party,
        kind=key.kind,
        spki=key.spki,
        credential=None if key.passkey is None else key.passkey.format(),
        added=context.at,
        added_by=context.digest,
        recovered_by=issuer if recovered else None,
        ripe_at=ripe_at(context.statement.issued_at) if recovered else None,
    )


def _check_vouch(context: Context) -> None:
    record: VouchRecord = context.record
    kind_of(record.party, field="body.party")
    if record.party == context.statement.issuer:
        raise Inadmissible("nobody vouches for their own identity", code="self_vouched", field="body.party")
    if record.checked_on > context.at.date():
        raise Inadmissible("the identity was checked on a day to come", code="bad_value", field="body.checked_on")
    require_claimed(record.party, record.confirms, field="body.confirms")
    if record.challenge is not None:
        require_answered(record.challenge, party=record.party, voucher=context.statement.issuer, at=context.at)


def _apply_vouch(context: Context) -> None:
    record: VouchRecord = context.record
    Vouch.objects.create(
        digest=context.digest,
        party=record.party,
        voucher=context.statement.issuer,
        level=record.level,
        challenge=record.challenge,
    )
    confirm(record, context)


def _vouch_heads(record: VouchRecord, issuer: str) -> Locks:
    confirmed = identifier_heads(one.key for one in record.confirms)
    return Locks(exclusive=confirmed | {party_head(record.party)})


PARTY_REGISTERED = Kind(
    type="party.registered",
    effect="widens",
    parse=parse_party,
    issuers=_issuers,
    subject=lambda record: record.party if record.kind == "person" else None,
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_party,
    tables=(Party, Affiliation, Key, Membership, NameIndex, IdentifierClaim),
    brings=lambda record: record.key,
)

IDENTITY_VOUCHED = Kind(
    type="identity.vouched",
    effect="widens",
    parse=parse_vouch,
    issuers=lambda record, look: ANY_PARTY,
    subject=lambda record: as_data_subject(record.party),
    heads=_vouch_heads,
    check=_check_vouch,
    apply=_apply_vouch,
    describe=describe_vouch,
    tables=(Vouch, Confirmation, IdentifierClaim),
    usual={"challenge": None, "confirms": []},
)

KINDS = (PARTY_REGISTERED, IDENTITY_VOUCHED)
