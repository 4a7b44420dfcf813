"""
Who may give whose word: signatures given under an authority, and what becomes of them.

A statement is its principal's word where a standing key of theirs signed it, or where it was signed under an authority:

1. The authority counts: signed by the principal, or, of guardians and estates, by a third party who is none of the
   agents and, as a voucher is, independent of whoever the grant is to.
2. It is from before the statement, by the log, and the statement was issued within its window.
3. It holds the power that the statement needs, and every act that it grants.
4. As many of its agents signed as it requires, each with a standing key, one of them the issuer.
5. It had not been ended by then; no dispute of it was upheld; while one is open nothing signed under it counts.

INVARIANT (signed-by-its-owner): training, nudity and restrictions need the living person's own key; no authority gives
that word. What is narrower (an ending, a dispute) counts as it is read.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from consent.core.settled.disputes import Disputes
from consent.core.settled.read import Read
from registry.core.authority import ATTESTED, ROLES, AuthorityEnded, AuthorityGranted
from registry.core.terms import ACTS

Independent = Callable[[str, str, str], bool]  # (voucher, whom it speaks of, grantee)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Whose signature a statement rests on."""

    authority: str | None  # digest of the `authority.granted`; None: the principal's own key
    role: str | None = None
    agents: frozenset[str] = frozenset()
    contested_until_s: int = 0  # while its authority is disputed it does not count
    acts: int = ACTS.all  # that it may speak of

    @property
    def own(self) -> bool:
        return self.authority is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An authority that stands, or will once it is no longer disputed."""

    read: Read
    contested_until_s: int


OWN_WORD: Final = Word(authority=None)


class Authorities:
    """The authorities among the statements, each asked whether a statement was rightly signed under it."""

    def __init__(self, statements: Sequence[Read], disputes: Disputes, independent: Independent) -> None:
        self._disputes = disputes
        self._independent = independent
        self._of: defaultdict[str, list[Read]] = defaultdict(list)  # principal -> authorities that count
        self._ended: defaultdict[str, list[Read]] = defaultdict(list)  # authority id -> endings
        for s in statements:
            if isinstance(s.record, AuthorityGranted) and s.authorised and s.logged and _rightly_issued(s):
                self._of[s.record.principal].append(s)
            elif isinstance(s.record, AuthorityEnded):
                self._ended[s.record.authority].append(s)
        for held in self._of.values():
            held.sort(key=lambda s: (s.order, s.digest))

    def word(
        self,
        s: Read,
        principal: str,
        *,
        power: str,
        acts: int = 0,
        grantee: str | None = None,
        roles: Collection[str] = ROLES,
    ) -> Word | None:
        """Return whose word a statement is for a principal; None: nobody's who may give it, in one of these roles."""
        if s.issuer == principal:
            return OWN_WORD if s.authorised else None
        words = self.words(s, principal, power=power, grantee=grantee)
        reaching = (word for word in words if word.role in roles and not acts & ~word.acts)
        return min(reaching, key=lambda word: word.contested_until_s, default=None)

    def words(self, s: Read, principal: str, *, power: str, grantee: str | None = None) -> list[Word]:
        """Return the word of each authority of a principal under which somebody else signed a statement."""
        if not s.authorised:
            return []
        return [
            self._word(held)
            for held in self._of.get(principal, ())
            if power in held.record.powers and self._signed_under(s, held, grantee)
        ]

    def guardians(self, s: Read, person: str, *, acts: int, grantee: str, all_of_them: bool) -> Word | None:
        """Return the word of a person's guardians in a statement that they signed, whoever issued it."""
        words = []
        for held in self._of.get(person, ()):
            granted: AuthorityGranted = held.record
            if granted.role != "guardian" or "grant" not in granted.powers or acts & ~granted.acts:
                continue
            signed = s.signers & frozenset(granted.agents)
            enough = len(granted.agents) if all_of_them else granted.required
            if s.authorised and len(signed) >= enough and self._in_force(s, held, grantee):
                words.append(self._word(held))
        return min(words, key=lambda word: word.contested_until_s, default=None)

    @property
    def principals(self) -> frozenset[str]:
        """Everybody for whom somebody may speak."""
        return frozenset(self._of)

    def standing(self, principal: str, *, role: str) -> list[Held]:
        """Return a principal's authorities of a role that nobody ended, each with how long it is disputed."""
        return [
            Held(read=held, contested_until_s=self._word(held).contested_until_s)
            for held in self._of.get(principal, ())
            if held.record.role == role and not self._is_over(held)
        ]

    def _word(self, held: Read) -> Word:
        standing = self._disputes.of(held.record.authority, lambda party: _concerns(party, held))
        return Word(
            authority=held.digest,
            role=held.record.role,
            agents=frozenset(held.record.agents),
            contested_until_s=standing.open_until_s,
            acts=held.record.acts,
        )

    def _signed_under(self, s: Read, held: Read, grantee: str | None) -> bool:
        granted: AuthorityGranted = held.record
        signed = s.signers & frozenset(granted.agents)
        if s.issuer not in signed or len(signed) < granted.required:
            return False
        return self._in_force(s, held, grantee)

    def _in_force(self, s: Read, held: Read, grantee: str | None) -> bool:
        """Say whether an authority stood when a statement was made, and was not found wanting since."""
        granted: AuthorityGranted = held.record
        if held.order >= s.order or not _in_window(granted, s) or self._ended_before(held, s):
            return False
        if granted.role in ATTESTED and not self._is_attested(held, grantee):
            return False
        return not self._disputes.of(granted.authority, lambda party: _concerns(party, held)).upheld

    def _is_attested(self, held: Read, grantee: str | None) -> bool:
        """Who attests to a guardian or an estate stands apart from whoever gains by their signature."""
        return grantee is None or self._independent(held.issuer, held.record.principal, grantee)

    def _ended_before(self, held: Read, s: Read) -> bool:
        return any(end.order <= s.order for end in self._endings(held))

    def _is_over(self, held: Read) -> bool:
        upheld = self._disputes.of(held.record.authority, lambda party: _concerns(party, held)).upheld
        return upheld or bool(self._endings(held))

    def _endings(self, held: Read) -> list[Read]:
        """Return the endings by those who may: the principal, an agent, who attested."""
        return [end for end in self._ended.get(held.record.authority, ()) if _concerns(end.issuer, held)]


def _rightly_issued(s: Read) -> bool:
    granted: AuthorityGranted = s.record
    if granted.role not in ATTESTED:
        return s.issuer == granted.principal
    return s.issuer != granted.principal and s.issuer not in granted.agents


def _concerns(party: str, held: Read) -> bool:
    return party in (held.record.principal, held.issuer, *held.record.agents)


def _in_window(granted: AuthorityGranted, s: Read) -> bool:
    return granted.start <= s.issued_at and (granted.end is None or s.issued_at < granted.end)
