"""
How sure it is who a party is: at which level somebody vouched for it, who, and whether it is held.

A party is held by an identifier that somebody else states too, until that is settled for it alone, by the same rule as
in a decision (``registry.core.identifiers``). What frees counts here too once it is under a checkpoint. Before a
grantee, who is tied to that grantee proves nothing.

Left out: whether a use is allowed. A decision reads the statements themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from registry import log
from registry.core.fields import Reader
from registry.core.identifiers import Confirmation as Confirmed
from registry.core.identifiers import stands
from registry.core.record import SERVING_LEVELS, VOUCH_LEVELS, parse_vouch
from registry.models import Affiliation, Authority, AuthorityAgent, Confirmation, IdentifierClaim, Vouch
from registry.selectors.authorities import principals_of
from registry.selectors.policies import court_officers
from registry.statements import open_statements

SELF_STATED: Final = "self_stated"
LEVELS: Final = (SELF_STATED, *VOUCH_LEVELS)  # from what says least to what says most


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """One vouch, as whoever may see it sees it."""

    digest: str
    voucher: str
    level: str
    accepted_at: datetime | None  # None once erased, as is what follows
    checked_on: date | None
    method: str | None
    challenge: str | None
    confirms: tuple[str, ...]  # schemes
    logged: bool
    independent: bool | None  # of the grantee who was named; None: nobody was


def level_of(party: str) -> str:
    """Return the highest level at which anybody vouched for a party, under the checkpoint."""
    rows = list(Vouch.objects.filter(party=party).values_list("digest", "level"))
    logged = _logged(digest for digest, _ in rows)
    return max((level for digest, level in rows if digest in logged), key=LEVELS.index, default=SELF_STATED)


def serves(party: str, grantee: str) -> bool:
    """Say whether a consent to a grantee may rest on who this is: vouched for independently, and not held."""
    vouched = Vouch.objects.filter(party=party, level__in=SERVING_LEVELS).values_list("digest", "voucher")
    logged = _logged(digest for digest, _ in vouched)
    apart = any(digest in logged and is_independent(str(by), party, grantee) for digest, by in vouched)
    return apart and not held_by(party, grantee)


def vouches_of(party: str, *, reader: str, at: datetime, grantee: str | None = None) -> list[Vouched]:
    """Return the vouches for a party that a reader may see: the party's own side all of them, a voucher its own."""
    rows = Vouch.objects.filter(party=party).order_by("digest")
    if not (reader == party or party in principals_of(reader, power="view", at=at)):
        rows = rows.filter(voucher=reader)
    held = list(rows)
    opened = open_statements(row.digest for row in held)
    logged = _logged(row.digest for row in held)
    found = []
    for row in held:
        one = opened.get(row.digest)
        said = None if one is None else parse_vouch(Reader(one.statement.body, "body"))
        found.append(
            Vouched(
                digest=row.digest,
                voucher=str(row.voucher),
                level=row.level,
                accepted_at=None if one is None else one.accepted_at,
                checked_on=None if said is None else said.checked_on,
                method=None if said is None else said.method,
                challenge=row.challenge,
                confirms=() if said is None else tuple(sorted({c.scheme for c in said.confirms})),
                logged=row.digest in logged,
                independent=None if grantee is None else is_independent(str(row.voucher), party, grantee),
            )
        )
    return found


def held_by(party: str, grantee: str | None = None) -> tuple[str, ...]:
    """Return the schemes of the identifiers that hold a party, sorted; none: it is not held."""
    own = IdentifierClaim.objects.filter(party=party, disclaimed_by=None).values_list("value_hmac", "scheme")
    return tuple(sorted({scheme for value, scheme in own if not _is_theirs(party, bytes(value), grantee)}))


def is_independent(voucher: str, person: str, grantee: str) -> bool:
    """Say whether a voucher stands apart from a grantee: neither it nor its affiliate, nor acting for either."""
    if voucher in (person, grantee):
        return False
    ours = set(map(str, Affiliation.objects.filter(party=grantee).values_list("affiliate", flat=True)))
    if voucher in ours or Affiliation.objects.filter(party=voucher, affiliate=grantee).exists():
        return False
    acting = AuthorityAgent.objects.filter(agent=voucher).values("authority")
    return not Authority.objects.filter(id__in=acting, principal__in={grantee, *ours}, ended=None).exists()


def _is_theirs(party: str, value: bytes, grantee: str | None) -> bool:
    claims = list(IdentifierClaim.objects.filter(value_hmac=value).values_list("party", "disclaimed_by"))
    given_up = _logged(by for _, by in claims if by is not None)
    claimants = {str(who) for who, by in claims if by not in given_up}
    if claimants <= {party}:
        return True
    rows = list(Confirmation.objects.filter(value_hmac=value, party__in=claimants))
    logged, officers = _logged(row.digest for row in rows), court_officers()
    return stands(
        party,
        claimants,
        (
            Confirmed(party=str(row.party), by_court=str(row.voucher) in officers, counts=row.digest in logged)
            for row in rows
            if grantee is None or is_independent(str(row.voucher), str(row.party), grantee)
        ),
    )


def _logged(digests: Iterable[str]) -> set[str]:
    """Return those that are under a published checkpoint."""
    return {digest for digest, index in log.indices(sorted(set(digests))).items() if index is not None}
