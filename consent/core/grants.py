"""
A grant in one shape, whether licence or consent: what ``decide`` compares with a demand.

What other statements did to it is settled already (``settled.settling``): a ``Grant`` is a signed body as it is
now, its boxes cut to what they still cover. One body may come as several grants, where an amendment or an assignment
parts its time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any, Final, TypeVar

from consent.core.obstacles import Code
from consent.core.record import Consent, Dialogue
from registry.core.approvals import ApprovalTerm
from registry.core.limits import NO_CAPS, Caps
from registry.core.rights import Licence, Subject
from registry.core.scope import Scope

AT_ONCE: Final = 0  # a withdrawal that took effect when it was committed: before any time that is asked
NO_TAIL: Final[Mapping[str, str]] = MappingProxyType({})

Said = TypeVar("Said")
Withdrawn = tuple[tuple[int, int], ...]  # (mask of acts, second since 1970 from which they no longer count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    digest: str
    kind: str  # consent | licence
    grantor: str
    grantee: str
    scopes: tuple[Scope, ...]  # none: nothing of it has opened, or is left
    assurance: str  # signed | confirmed | recorded
    logged: bool
    authorised: bool
    identity_stands: bool  # of a performer, vouched for by someone independent; licences need none
    identity_contested: bool = False  # somebody else says that they are who the performer is, and that is not settled
    withdrawn: Withdrawn = ()
    caps: Caps = NO_CAPS
    tail: Mapping[str, str] = field(default_factory=lambda: NO_TAIL)
    subjects: tuple[Subject, ...] = ()
    reaches_assets_before: int | None = None  # index: a licence of a work without new assets; None is all
    role: str | None = None
    scenes: frozenset[str] | None = None
    dialogue: Dialogue | None = None
    replica_use: frozenset[str] = frozenset()
    terms: Consent | Licence | None = None  # the body as it was signed, for rules
    counted_as: str | None = None  # digest under which uses are counted, where it is not its own
    signed_under: str | None = None  # digest of the authority under which somebody else signed
    signed_by: str = "own"  # or the role of that authority
    strike_suspends: bool = False  # during a strike of a union of the performer's
    contested_until_s: int = 0  # signed under an authority that is disputed until then
    order: int = 0  # place in the log of what it says
    issued_s: int = 0
    signed_on: date | None = None  # of paper
    mandate: str | None = None  # digest of the authority under which its licensor administers the holder's right
    passed_on: tuple[tuple[str, int], ...] = ()  # earlier grantees, each with the place in the log of its assignment
    under: tuple["Grant", ...] = ()  # of a sublicence: the licences above it, nearest first; all their conditions bind
    unopened: tuple[Scope, ...] = ()  # boxes whose start has not happened, for explanations
    approvals: tuple[ApprovalTerm, ...] = ()
    product_categories: frozenset[str] | None = None  # what may be advertised; None is everything
    exclusivity: str = "none"
    held_back: tuple[Scope, ...] = ()  # what the grantee does not do under it
    selling_off: bool = False  # serves only new uses of what was released under it
    # What was taken away from the boxes for this one demand, and why; `stated` are the boxes before that.
    barred: tuple[tuple[Scope, Code], ...] = ()
    stated: tuple[Scope, ...] = ()
    # Nothing about the grant itself, or a licence above it, can fail. Derived; kept as decide asks it of every grant.
    sound: bool = field(init=False, repr=False)
    # What is relied on with it, as (digest, assurance): itself, what it was signed under, and the licences above it.
    grounds: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)
    # Itself and the licences above it, as far as they wait for somebody's approval.
    approved: tuple["Grant", ...] = field(init=False, repr=False, compare=False)
    # What it and the licences above it name, each with the place in the log before which an asset must lie that is
    # meant with it, if any; a use is of what all of them name.
    named: tuple[tuple[tuple[Subject, ...], int | None], ...] = field(init=False, repr=False, compare=False)
    # Its own terms, or those of a licence above it, take something away from its boxes.
    narrows: bool = field(init=False, repr=False)
    # All terms of its boxes together: what shares nothing with a use in one dimension need not be looked at.
    reach: int = field(init=False, repr=False, compare=False)
    # What rules may see of it whenever they are asked; gathered once, by `remembered`.
    said: Any = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        stands = self.logged and self.authorised and self.identity_stands and self.assurance != "recorded"
        bound = self.caps or self.selling_off or self.contested_until_s or self.identity_contested
        chain = all(link.sound for link in self.under)
        object.__setattr__(self, "sound", stands and not self.withdrawn and not bound and chain)
        links = (self, *self.under)
        object.__setattr__(self, "grounds", tuple(self._grounds()))
        object.__setattr__(self, "approved", tuple(link for link in links if link.approvals))
        object.__setattr__(self, "named", tuple(self._named().items()))
        object.__setattr__(self, "reach", reduce(or_, (box.packed for box in self.scopes), 0))
        own = bool(self.held_back) or self.product_categories is not None
        object.__setattr__(self, "narrows", own or any(link.narrows for link in self.under))

    def _grounds(self) -> "Iterator[tuple[str, str]]":
        for link in (self, *self.under):
            yield link.digest, link.assurance
            if link.signed_under is not None:
                yield link.signed_under, "signed"
        if self.mandate is not None:
            yield self.mandate, "signed"

    def _named(self) -> dict[tuple[Subject, ...], int | None]:
        found: dict[tuple[Subject, ...], int | None] = {}
        for link in (self, *self.under):
            before, known = link.reaches_assets_before, found.get(link.subjects)
            found[link.subjects] = before if known is None else known if before is None else min(before, known)
        return found

    def remembered(self, gather: "Callable[[Grant], Said]") -> "Said":
        """Return what is gathered of it and nothing else, at the first call alone; always the same function."""
        if self.said is None:
            object.__setattr__(self, "said", gather(self))
        said: Said = self.said
        return said

    @property
    def account(self) -> str:
        """The digest under which its uses are counted, and by which it is known throughout its life."""
        return self.counted_as or self.digest

    @property
    def holder(self) -> str:
        """Whose right it is in the end: the grantor, or that of the licence at the top."""
        return self.under[-1].grantor if self.under else self.grantor
