"""
Aliases, and whose an identifier is: `alias.declared`, and what registrations and vouches say of identifiers.

A claim that somebody else makes too holds both until it is settled (``registry.core.identifiers``), from the moment at
which it is accepted: the identifier has a head of its own, which a decision about either shares, and which the second
claim and a confirmation for a rival take alone and raise.

A prompt means a person by their alias as by their name. Once somebody confirmed that an alias is another's, a prompt
means that other alone (``lost_to``): else whoever takes a performer's alias could keep it out of every prompt.
"""

from collections.abc import Collection, Iterable
from typing import Final

from django.db.models import QuerySet

from registry.core.identifiers import Confirmation as Confirmed
from registry.core.identifiers import Identifier, Key, is_well_formed, stands
from registry.core.record import Alias, Party, Vouch, parse_alias
from registry.errors import Conflict, Inadmissible
from registry.kinds.kind import Context, Kind, Locks
from registry.locks import Head, bump, party_head
from registry.models import Confirmation, IdentifierClaim
from registry.names import identifier_hmac, name_hmac
from registry.selectors.parties import as_data_subject, kind_of
from registry.selectors.policies import court_officers
from registry.texts.parties import describe_alias

IDENTIFIER: Final = "identifier"  # a kind of head, and of thread


def identifier_heads(keys: Iterable[Key]) -> frozenset[Head]:
    """Return the heads of identifiers, which are called by their keyed hashes."""
    return frozenset(Head(IDENTIFIER, identifier_hmac(key).hex()) for key in keys)


def require_well_formed(record: Party) -> None:
    """Refuse an ISNI whose check character is wrong, and a HAND id that is no DOI."""
    for scheme, value in sorted(record.identifiers.items()):
        if not is_well_formed(scheme, value):
            raise Inadmissible(
                f"`{value}` is no well-formed `{scheme}`",
                code="bad_identifier",
                field=f"body.identifiers.{scheme}",
            )


def require_claimed(party: str, identifiers: Collection[Identifier], *, field: str) -> None:
    """Refuse what is said of an identifier that the party does not state."""
    for number, one in enumerate(identifiers):
        if not _held(one.key).filter(party=party).exists():
            raise Inadmissible(
                f"party `{party}` does not state this `{one.scheme}`", code="not_claimed", field=f"{field}[{number}]"
            )


def claim(record: Party | Alias, context: Context) -> None:
    """Write what a party states, and tell whoever rests on a rival's identity to decide again."""
    word = name_hmac(record.alias) if isinstance(record, Alias) and record.alias is not None else None
    for key in sorted(record.claimed):
        rivals = _held(key).exclude(party=record.party).exists()
        IdentifierClaim.objects.create(
            digest=context.digest,
            value_hmac=identifier_hmac(key),
            party=record.party,
            scheme=key[0],
            word_hmac=word,
        )
        if rivals:
            bump(identifier_heads([key]))
        _settle(key)


def confirm(record: Vouch, context: Context) -> None:
    """Write what a vouch confirms; where a rival states it too, whoever rests on the rival decides again."""
    for one in record.confirms:
        Confirmation.objects.create(
            digest=context.digest,
            value_hmac=identifier_hmac(one.key),
            party=record.party,
            voucher=context.statement.issuer,
        )
        if _held(one.key).exclude(party=record.party).exists():
            bump(identifier_heads([one.key]))
        _settle(one.key)


def _settle(key: Key) -> None:
    """Note of each claim whether it is lost to another party's; one that is lost stays so while that other stands."""
    claims = list(_held(key))
    claimants = {row.party for row in claims}
    said = list(Confirmation.objects.filter(value_hmac=identifier_hmac(key), party__in=claimants).order_by("digest"))
    officers = court_officers() if said else frozenset()
    confirmed = [Confirmed(party=row.party, by_court=row.voucher in officers, counts=True) for row in said]
    owner = next((one for one in sorted(claimants) if said and stands(one, claimants, confirmed)), None)
    own = [row.digest for row in said if row.party == owner]
    for row in claims:
        lost_to = None if owner in (None, row.party) else row.lost_to if row.lost_to in own else own[0]
        if lost_to != row.lost_to:
            IdentifierClaim.objects.filter(digest=row.digest, value_hmac=row.value_hmac).update(lost_to=lost_to)


def _held(key: Key) -> QuerySet[IdentifierClaim]:
    """Return the claims of an identifier that nobody has given up."""
    return IdentifierClaim.objects.filter(value_hmac=identifier_hmac(key), disclaimed_by=None)


def _heads(record: Alias, issuer: str) -> Locks:
    disclaimed = {one.key for one in record.disclaims}
    return Locks(exclusive=identifier_heads(record.claimed | disclaimed) | {party_head(record.party)})


def _check(context: Context) -> None:
    record: Alias = context.record
    kind_of(record.party, field="body.party")
    for key in record.claimed:
        if _held(key).filter(party=record.party).exists():
            raise Conflict("this alias is declared already", code="already_declared", field="body.alias")
    require_claimed(record.party, record.disclaims, field="body.disclaims")


def _apply(context: Context) -> None:
    record: Alias = context.record
    for one in record.disclaims:
        _held(one.key).filter(party=record.party).update(disclaimed_by=context.digest)
        _settle(one.key)
    if any(_held(key).exclude(party=record.party).exists() for key in record.claimed):
        bump([party_head(record.party)])
    claim(record, context)


ALIAS_DECLARED = Kind(
    type="alias.declared",
    effect="widens",
    parse=parse_alias,
    issuers=lambda record, look: {record.party},
    subject=lambda record: as_data_subject(record.party),
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_alias,
    tables=(IdentifierClaim,),
    usual={"alias": None, "disclaims": []},
)

KINDS = (ALIAS_DECLARED,)
