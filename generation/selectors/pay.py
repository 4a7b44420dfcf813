"""
The terms of pay of grants, read from their private parts, and who pays whom under them.

An amendment without terms of its own leaves those that stood before it, and what it came to is counted with them: what
is paid once is paid once, however often a licence is amended. What was erased, or what nobody can compute, has no terms
and says so; a grant without a private part pays nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from consent.models import Consent
from generation.core.pay import PayTerms, read_pay
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.models import Amendment, Licence, PrivateRow
from registry.statements import open_privates

NOTHING = PayTerms(pay=(), mfn=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidGrant:
    """A consent or licence under its digest; from an amendment on that says its pay, under that one's."""

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
    """Map those of these digests that are grants to what is paid for them; claims of title are none."""
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
    paid = {}
    for digest, (kind, grantor, grantee, root) in found.items():
        said, pay = terms[digest]
        paid[digest] = PaidGrant(digest=said, kind=kind, grantor=grantor, grantee=grantee, root=root, terms=pay)
    return paid


def _terms(roots: Mapping[str, str]) -> dict[str, tuple[str, PayTerms | None]]:
    """Return for each grant or amendment which statement says its pay, and the pay."""
    before = {digest: _until(digest, root) for digest, root in roots.items()}
    named = sorted({*roots.values(), *chain.from_iterable(before.values())})
    private = frozenset(PrivateRow.objects.filter(digest__in=named).values_list("digest", flat=True))
    opened = open_privates(private)
    found: dict[str, tuple[str, PayTerms | None]] = {}
    for digest, root in roots.items():
        said = next((one for one in reversed(before[digest]) if _pays(opened.get(one))), root)
        found[digest] = said, NOTHING if said not in private else _read(opened.get(said))
    return found


def _until(digest: str, root: str) -> list[str]:
    """Return an amendment and those of its licence that it followed, in the order in which they hold."""
    if digest == root:
        return []
    rows = Amendment.objects.filter(licence=root).order_by("effective_from", "accepted_at", "digest")
    amended = list(rows.values_list("digest", flat=True))
    return amended[: amended.index(digest) + 1]


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
