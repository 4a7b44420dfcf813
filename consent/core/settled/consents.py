"""
Settle consents: what each covers now, after all that was said about it.

1. An offer (`basis: contract`) is a grant once its grantee accepted it, unless the grantee had countered it before.
2. Whose word it is: the performer's own, a guardian's, or that of who may grant for them (``settled.standing``).
   A person under age needs their guardians, whoever else signs; a dead person's key signs nothing.
3. What of its boxes stands (``settled.consent_boxes``), and until when (``settled.withdrawals``).
4. Who stands in the grantee's place (``settled.assignments``): each stretch of time is a grant of its own.
5. What replaces what (``settled.replacing``).

A consent recorded from paper by its grantee serves `store` alone, and waits for the person's own.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from consent.core.ages import OF_AGE, age_on, majority_s
from consent.core.grants import AT_ONCE, Grant
from consent.core.record import Consent, ConsentRatified, GrantAccepted
from consent.core.settled.assignments import Held
from consent.core.settled.consent_boxes import Circumstances, boxes_of, unopened
from consent.core.settled.read import Read
from consent.core.settled.replacing import Consents, replaced
from consent.core.settled.settling import Settling
from consent.core.settled.standing import OWN_WORD, Word
from consent.core.settled.withdrawals import Withdrawals
from registry.core.authority import ROLES
from registry.core.events import box_of
from registry.core.scope import Scope
from registry.core.terms import ACTS
from registry.core.times import to_epoch_s

_STORE = ACTS.mask(("store",))
_OF_THE_DEAD = frozenset({"estate"})  # roles that sign for them
_OF_THE_LIVING = frozenset(ROLES) - _OF_THE_DEAD


def settle_consents(settling: Settling) -> Consents:
    """Return every consent that is one, as it stands after all the other statements."""
    settler = _Settler(settling)
    grants = {s.digest: settler.settled(s) for s in settling.statements if isinstance(s.record, Consent)}
    return replaced({digest: held for digest, held in grants.items() if held}, settling.statements)


class _Settler:
    """One pass over the statements; each consent is settled from what was said about it."""

    def __init__(self, settling: Settling) -> None:
        self._settling = settling
        self._withdrawals = Withdrawals(settling)
        self._accepted = _by_grant(settling, GrantAccepted)
        self._ratified = _by_grant(settling, ConsentRatified)
        self._countered: defaultdict[str, list[Read]] = defaultdict(list)
        for s in settling.statements:
            if isinstance(s.record, Consent) and s.record.counters is not None:
                self._countered[s.record.counters].append(s)

    def settled(self, s: Read) -> list[Grant]:
        """Return the grants that one consent comes to: one for each who held it; none for an open offer."""
        consent: Consent = s.record
        recorded = s.type == "consent.recorded"
        accepted = None if recorded or consent.basis == "consent" else self._acceptance(s)
        if consent.basis == "contract" and not recorded and accepted is None:
            return []
        logged = s.logged and (accepted is None or accepted.logged)
        row = self._settling.assignments.of(s.digest, consent.grantee, lambda assigned: consent.assignable)
        withdrawn = self._withdrawals.of(s, frozenset(held.holder for held in row), accepted)
        return [replace(self._grant(s, held), logged=logged and held.logged, withdrawn=withdrawn) for held in row]

    def _grant(self, s: Read, held: Held) -> Grant:
        consent: Consent = s.record
        word = self._word(s, held.holder)
        recorded = s.type == "consent.recorded"
        known = self._circumstances(s, held, word)
        boxes = _held_by(boxes_of(consent, known), held)
        return Grant(
            digest=s.digest,
            kind="consent",
            grantor=consent.performer,
            grantee=held.holder,
            scopes=_stored(boxes) if recorded else boxes,
            unopened=unopened(consent, known.happened),
            assurance="recorded" if recorded else "signed",
            logged=s.logged,
            authorised=word is not None and held.authorised,
            signed_under=None if word is None else word.authority,
            signed_by="own" if word is None or word.role is None else word.role,
            contested_until_s=0 if word is None else word.contested_until_s,
            identity_stands=self._settling.identities.stands(consent.performer, held.holder),
            identity_contested=self._settling.identities.contested(consent.performer, held.holder),
            caps=consent.caps,
            tail=consent.tail,
            role=consent.role,
            scenes=consent.scenes,
            dialogue=consent.dialogue,
            replica_use=consent.replica_use,
            approvals=consent.approvals,
            strike_suspends=consent.strike == "suspends",
            order=s.order[0],
            issued_s=to_epoch_s(s.issued_at),
            signed_on=consent.signed_on,
            terms=consent,
        )

    def _word(self, s: Read, holder: str) -> Word | None:
        """Return whose word a consent is, among those who may give it to whoever holds it."""
        consent: Consent = s.record
        if s.type == "consent.recorded":
            return OWN_WORD if s.authorised and s.issuer == consent.grantee else None
        if self._settling.happenings.is_dead(consent.performer, consent.grantee, to_epoch_s(s.issued_at)):
            return None if s.issuer == consent.performer else self._for_them(s, holder, roles=_OF_THE_DEAD)
        born = self._settling.born(consent.performer)
        if self._is_under_age(s) or (consent.minor is not None and born is None):
            return self._guarded(s, holder)
        return None if consent.minor is not None else self._for_them(s, holder)  # it may not say so of somebody of age

    def _for_them(self, s: Read, holder: str, *, roles: Collection[str] = _OF_THE_LIVING) -> Word | None:
        return self._settling.authorities.word(
            s, s.record.performer, power="grant", acts=_acts(s.record), grantee=holder, roles=roles
        )

    def _guarded(self, s: Read, holder: str) -> Word | None:
        """A person under age consents with their guardians: as many as their authority requires, or all."""
        consent: Consent = s.record
        if consent.minor is None:
            return None
        return self._settling.authorities.guardians(
            s,
            consent.performer,
            acts=_acts(consent),
            grantee=holder,
            all_of_them=consent.minor.guardians == "all",
        )

    def _is_under_age(self, s: Read) -> bool:
        born = self._settling.born(s.record.performer)
        return born is not None and age_on(born, s.issued_at.date()) < OF_AGE

    def _circumstances(self, s: Read, held: Held, word: Word | None) -> Circumstances:
        consent: Consent = s.record
        lives = word is None or word.role != "estate"
        died_s = self._settling.happenings.died_s(consent.performer, held.holder)
        before_death = died_s is not None and to_epoch_s(s.issued_at) < died_s
        return Circumstances(
            happened=self._settling.happenings.of_grant(consent.performer, (held.holder,)),
            issued_s=to_epoch_s(s.issued_at),
            in_person=(lives and consent.performer in s.signers) or s.type == "consent.recorded",
            majority_s=self._ends_at_majority_s(s),
            died_s=died_s if before_death and not consent.survives_death else None,
            below=self._settling.below,
        )

    def _ends_at_majority_s(self, s: Read) -> int | None:
        consent: Consent = s.record
        born = self._settling.born(consent.performer)
        if consent.minor is None or consent.minor.at_majority == "continues":
            return None
        if born is None:
            return AT_ONCE  # nobody said when they come of age: it may have been long ago
        of_age_s = majority_s(born)
        ratified = consent.minor.at_majority == "to_be_ratified" and any(
            ratification.issuer == consent.performer
            and ratification.authorised
            and ratification.logged
            and to_epoch_s(ratification.issued_at) >= of_age_s
            for ratification in self._ratified.get(s.digest, ())
        )
        return None if ratified else of_age_s

    def _acceptance(self, s: Read) -> Read | None:
        """Return the grantee's acceptance of an offer that it had not countered before; a logged one before others."""
        consent: Consent = s.record
        said = [
            accepted
            for accepted in self._accepted.get(s.digest, ())
            if self._may_accept(accepted, consent) and not self._is_countered(s, accepted)
        ]
        return min(said, key=lambda accepted: (not accepted.logged, accepted.order, accepted.digest), default=None)

    def _may_accept(self, accepted: Read, consent: Consent) -> bool:
        return self._settling.authorities.word(accepted, consent.grantee, power="negotiate") is not None

    def _is_countered(self, offer: Read, accepted: Read) -> bool:
        """A counter-offer by the grantee is a refusal: what comes after it accepts nothing."""
        return any(
            counter.issuer == offer.record.grantee and counter.order < accepted.order
            for counter in self._countered.get(offer.digest, ())
        )


def _by_grant(settling: Settling, kind: type[GrantAccepted] | type[ConsentRatified]) -> Mapping[str, list[Read]]:
    found: defaultdict[str, list[Read]] = defaultdict(list)
    for s in settling.statements:
        if isinstance(s.record, kind):
            found[s.record.grant].append(s)
    return found


def _acts(consent: Consent) -> int:
    acts = 0
    for scope in consent.scopes:
        acts |= box_of(scope).acts
    return acts


def _held_by(boxes: Iterable[Scope], held: Held) -> tuple[Scope, ...]:
    """Cut boxes to the time in which somebody holds them."""
    cut = []
    for box in boxes:
        start_s, end_s = max(box.start_s, held.start_s), min(box.end_s, held.end_s)
        if start_s < end_s:
            cut.append(
                box if (start_s, end_s) == (box.start_s, box.end_s) else replace(box, start_s=start_s, end_s=end_s)
            )
    return tuple(cut)


def _stored(boxes: Iterable[Scope]) -> tuple[Scope, ...]:
    return tuple(replace(box, acts=_STORE) for box in boxes if box.acts & _STORE)
