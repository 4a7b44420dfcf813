"""
The terms of pay of grants, read from their private parts, and who pays whom under them.

An amendment without terms of its own leaves those of its licence. What was erased, or what nobody can compute, has no
terms and says so; a grant without a private part pays nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consent.models import Consent
from generation.core.pay import PayTerms, read_pay
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.models import Amendment, Licence, PrivateRow
from registry.statements import open_privates

NOTHING = PayTerms(pay=(), mfn=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidGrant:
    """A consent or licence under its digest, or an amendment under its own."""

    digest: str
    kind: str  # consent | licence
    grantor: str
    grantee: str  # as signed
    root: str  # digest of the licence that an amendment amends; else its own
    terms: PayTerms | None  # None: erased or unreadable


def grants_of(grantor: str) -> list[str]:
    """Return the digests of all that a party granted, amendments included."""
    consents = list(Consent.objects.filter(performer=grantor).values_list("digest", flat=True))
    licences = list(Licence.objects.filter(licensor=grantor).values_list("digest", flat=True))
    amendments = list(Amendment.objects.filter(licence__in=licences).values_list("digest", flat=True))
    return [*consents, *licences, *amendments]


def paid_grants(digests: Iterable[str]) -> dict[str, PaidGrant]:
    """Return the grants among these digests with their terms; claims of title are none."""
    wanted = sorted(set(digests))
    roots = dict(Amendment.objects.filter(digest__in=wanted).values_list("digest", "licence"))
    licences = {row.digest: row for row in Licence.objects.filter(digest__in=[*wanted, *roots.values()])}
    found: dict[str, tuple[str, str, str, str]] = {}
    for consent in Consent.objects.filter(digest__in=wanted):
        found[consent.digest] = ("consent", consent.performer, consent.grantee, consent.digest)
    for digest in wanted:
        root = roots.get(digest, digest)
        if root in licences:
            found[digest] = ("licence", licences[root].licensor, licences[root].licensee, root)
    terms = _terms({digest: root for digest, (_, _, _, root) in found.items()})
    return {
        digest: PaidGrant(digest=digest, kind=kind, grantor=grantor, grantee=grantee, root=root, terms=terms[digest])
        for digest, (kind, grantor, grantee, root) in found.items()
    }


def _terms(roots: Mapping[str, str]) -> dict[str, PayTerms | None]:
    named = {*roots, *roots.values()}
    private = frozenset(PrivateRow.objects.filter(digest__in=sorted(named)).values_list("digest", flat=True))
    opened = open_privates(private)
    found: dict[str, PayTerms | None] = {}
    for digest, root in roots.items():
        said = digest if _pays(opened.get(digest)) else root
        found[digest] = NOTHING if said not in private else _read(opened.get(said))
    return found


def _pays(private: Json) -> bool:
    return isinstance(private, dict) and "pay" in private


def _read(private: Json) -> PayTerms | None:
    """Read terms; None where they were erased, or stored before anybody checked them."""
    if not isinstance(private, dict):
        return None
    try:
        return read_pay(private)
    except DomainError:
        return None
