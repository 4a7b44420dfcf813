"""
What a party says it is known by, beside its name: ISNI, HAND id, alias; and which party one of them is.

A name may be shared; an identifier is one party's. Where two parties state the same one, nobody can tell from the
record who is who, so that neither is believed until somebody independent has checked (``stands``):

1. Nobody else states it: there is nothing to settle.
2. An officer of a court confirmed it: that word stands, for exactly one.
3. Else it is the party's for whom it was confirmed, as long as nobody confirmed it for another.

INVARIANT (slow-to-permit-quick-to-withdraw): a rival counts as it is read, and so does a confirmation for the rival;
a confirmation of one's own counts once it is signed by a standing key and under the checkpoint. One that was given
before the rival came settles the matter beforehand, which is how a person keeps strangers from holding them up.

IPI and EIDR numbers are kept as they are stated: societies number members, and one party has several.

Left out: who confirms independently of whom. Callers know that, and hand in what remains.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_list
from registry.core.jcs import Json

SCHEMES: Final = ("alias", "hand", "isni")
MAX_IDENTIFIERS: Final = 50  # that one statement confirms or disclaims
MAX_CHARS: Final = 200
_PREFIXES: Final = re.compile(r"^(https?://)?(www\.)?(isni\.org/(isni/)?|(dx\.)?doi\.org/|isni:?|doi:|hdl:)")
_ISNI: Final = re.compile(r"[0-9]{15}[0-9x]")
_HAND: Final = re.compile(r"10\.[0-9]{1,9}(\.[0-9]+)*/\S+")

Key = tuple[str, str]  # scheme, and the value in the one form in which values are compared


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Identifier:
    """One identifier as somebody wrote it."""

    scheme: str
    value: str

    @property
    def key(self) -> Key:
        return self.scheme, compared(self.scheme, self.value)

    def format(self) -> dict[str, Json]:
        return {"scheme": self.scheme, "value": self.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Somebody independent checked that an identifier is this party's."""

    party: str
    by_court: bool  # by an officer of a court
    counts: bool  # signed by a standing key, and under the checkpoint


def stands(party: str, claimants: Set[str], confirmations: Iterable[Confirmation]) -> bool:
    """Say whether an identifier is this party's, among all who state it; see the top of this file."""
    if claimants <= {party}:
        return True
    held = list(confirmations)
    own = [one for one in held if one.party == party and one.counts]
    rival = [one for one in held if one.party != party and one.party in claimants]
    by_court = [one for one in (*own, *rival) if one.by_court]
    if by_court:
        return all(one.party == party for one in by_court)
    return bool(own) and not rival


def fold(text: str) -> str:
    """
    Write a name in the one form in which names are compared: NFKC, casefolded, single spaces.

    As NFKC_Casefold has it (Unicode, section 3.13): characters that nobody sees go, and what folding took apart is put
    together again, so that a folded name stays as it is.
    """
    seen = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", seen.casefold()).split())


def compared(scheme: str, value: str) -> str:
    """
    Return a value in the form in which values of its scheme are compared.

    Numbers lose whatever only sets digits apart, and the address before them; an alias is compared as a name is.
    """
    folded = fold(value)
    if scheme == "alias":
        return folded
    bare = "".join(c for c in _PREFIXES.sub("", folded) if c.isalnum())
    return bare or folded


def is_well_formed(scheme: str, value: str) -> bool:
    """Say whether a value can be one of its scheme: an ISNI by its check character, a HAND id as the DOI that it is."""
    if scheme == "isni":
        return is_isni(compared(scheme, value))
    if scheme == "hand":
        return _HAND.fullmatch(_PREFIXES.sub("", fold(value))) is not None
    return True


def is_isni(digits: str) -> bool:
    """Check sixteen characters of an ISNI (ISO 27729): the last one is the check of ISO/IEC 7064, MOD 11-2."""
    if not _ISNI.fullmatch(digits):
        return False
    values = [10 if c == "x" else int(c) for c in digits]
    return sum(value << place for place, value in enumerate(reversed(values))) % 11 == 1


def keys_of(identifiers: Mapping[str, str]) -> frozenset[Key]:
    """Return what of a registration's identifiers belongs to one party alone."""
    return frozenset((scheme, compared(scheme, value)) for scheme, value in identifiers.items() if scheme in SCHEMES)


def read_identifiers(body: Reader, name: str) -> tuple[Identifier, ...]:
    """Take a set of identifiers that may be absent; no two of them may be the same, however they are spelled."""
    raw, path = body.opt_raw(name), body.at(name)
    found = () if raw is None else read_list(raw, path, _read, max_items=MAX_IDENTIFIERS)
    for before, after in pairwise(found):
        if before > after:
            raise Malformed("not_sorted", field=path, value=after.value, wanted="by scheme, then by value")
    if len({one.key for one in found}) < len(found):
        raise Malformed("duplicate_value", field=path)
    return found


def _read(value: object, path: str) -> Identifier:
    body = Reader(value, path)
    read = Identifier(scheme=body.choice("scheme", SCHEMES), value=body.str("value", max_chars=MAX_CHARS))
    body.finish()
    return read
