"""
Settle licences: what each covers now, after all that was said about it.

1. Its terms, stretch by stretch of time (``settled.versions``), and who holds it (``settled.assignments``):
   each stretch that has one of both becomes a ``Grant`` with its boxes cut to it.
2. Boxes: windows that follow events as known now; options that the licensee exercised in time; cut where the licence
   ends because nothing happened by a date, or because control of its holder changed.
3. Recorded licences are confirmed by their licensor alone; a denied or terminated one is withdrawn.
4. What is still sold off after the end is a grant of its own, for new uses of what was released.
5. Sublicences cover what they share with every licence above them (``settled.chains``).
6. What exclusive licences and holdbacks keep others out of (``settled.exclusivity``).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from types import MappingProxyType
from typing import Any

from consent.core.grants import Grant, Withdrawn
from consent.core.settled.assignments import Held, earlier
from consent.core.settled.chains import under_their_parents
from consent.core.settled.endings import ENDED, Ending, Endings
from consent.core.settled.exclusivity import Barrier, barriers_of
from consent.core.settled.read import NOT_LOGGED, Read
from consent.core.settled.selling_off import sold_off
from consent.core.settled.settling import Settling
from consent.core.settled.standing import OWN_WORD, Word
from consent.core.settled.versions import Version, Versions, given_at
from consent.core.settled.windows import Windows, cut
from registry.core.licences import MAX_CHAIN, Licence, LicenceConfirmed, OptionExercised
from registry.core.scope import FOREVER_S
from registry.core.times import to_epoch_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Licences:
    """All licences as they stand, by whose right it is in the end, and what keeps others out, by licensor."""

    grants: Mapping[str, tuple[Grant, ...]]
    barriers: Mapping[str, tuple[Barrier, ...]]


def settle_licences(settling: Settling) -> Licences:
    """Return every licence as it stands after all the other statements."""
    settler = _Settler(settling)
    own: dict[str, list[Grant]] = {}
    barriers: defaultdict[str, list[Barrier]] = defaultdict(list)
    for s in settler.given:
        own[s.digest], kept = settler.settled(s)
        barriers[s.record.licensor] += kept
    grants: defaultdict[str, list[Grant]] = defaultdict(list)
    for grant in under_their_parents(own):
        grants[grant.holder].append(grant)
        for principal, word in settler.mandates(grant.under[-1].account if grant.under else grant.account).items():
            grants[principal].append(_administered(grant, word))
    return Licences(grants=_frozen(grants), barriers=MappingProxyType({k: tuple(v) for k, v in barriers.items() if v}))


def _administered(grant: Grant, word: Word) -> Grant:
    """Return a licence as one of those whose rights its licensor administers."""
    contested_s = max(grant.contested_until_s, word.contested_until_s)
    return replace(grant, mandate=word.authority, contested_until_s=contested_s)


def _frozen(grants: Mapping[str, list[Grant]]) -> Mapping[str, tuple[Grant, ...]]:
    return MappingProxyType(
        {holder: tuple(sorted(held, key=lambda g: (g.digest, g.selling_off))) for holder, held in grants.items()}
    )


class _Settler:
    """One pass over the statements; each licence is settled from what was said about it."""

    def __init__(self, settling: Settling) -> None:
        self._settling = settling
        self._versions = Versions(settling.statements, settling.licensed_by)
        self._endings = Endings(settling.statements, settling.may_end)
        self._confirmed = _confirmed(settling)
        self.given = [s for s in settling.statements if isinstance(s.record, Licence)]
        self._by_digest = {s.digest: s for s in self.given}
        self._exercised: defaultdict[str, list[Read]] = defaultdict(list)
        for s in settling.statements:
            if isinstance(s.record, OptionExercised) and s.authorised and s.logged:
                self._exercised[s.record.licence].append(s)

    def settled(self, s: Read) -> tuple[list[Grant], list[Barrier]]:
        """Return the grants that one licence comes to, and the barriers that it raises."""
        licence: Licence = s.record
        versions = self._versions.of(s)
        row = self._settling.assignments.of(
            s.digest, licence.licensee, lambda a: _terms_at(versions, a.record.effective_from).assignable
        )
        windows = Windows(
            happened=self._settling.happenings.of_grant(licence.licensor, sorted({held.holder for held in row})),
            exercised=frozenset(self._options(s, versions, row)),
        )
        ending = self._endings.of(s.digest, licence.licensor)
        above, stands = self._above(s)
        grants: list[Grant] = []
        barriers: list[Barrier] = []
        for version, (number, held) in product(versions, enumerate(row)):
            start_s, end_s = max(version.start_s, held.start_s), min(version.end_s, held.end_s)
            if start_s >= end_s:
                continue
            control = self._settling.happenings.control_changed(held.holder, licence.licensor)
            given_s = max(to_epoch_s(given_at(s)), held.start_s)
            ends_s = min(end_s, _ended_s(version.terms, control.said, given_s))
            grant = self._grant(s, version, held, earlier(row, number), ending, windows, (start_s, ends_s))
            grants += [grant, *sold_off(grant, version.terms, ending, (start_s, end_s))]
            if stands and not ending.sure and self._word(s) is not None:
                keeping = version.keeping
                frees_s = min(end_s, _ended_s(keeping, control.counted, given_s))
                holders = frozenset({licence.licensor, *self.mandates(s.digest)})
                barriers += barriers_of(
                    replace(grant, **_reach(s, keeping)),
                    keeping,
                    windows,
                    (start_s, frees_s),
                    above,
                    holders,
                    spares=held.holder if held.sure else None,
                )
        return grants, barriers

    def mandates(self, digest: str) -> Mapping[str, Word]:
        """
        Return the holders whose rights the licensor of a licence administers, as a society or an agent does.

        What counts is the licensor's own signature: on the licence, or on its confirmation.
        """
        given = self._by_digest[digest]
        spoken = self._confirmed.get(digest) if given.type == "licence.recorded" else given
        if spoken is None or spoken.issuer != given.record.licensor:
            return {}
        words = {p: self._settling.administered_by(spoken, given, p) for p in self._settling.authorities.principals}
        return {p: word for p, word in sorted(words.items()) if word is not None and p != given.record.licensor}

    def _above(self, s: Read) -> tuple[frozenset[str], bool]:
        """Return the licences above a sublicence, and whether none of them has surely ended."""
        above: dict[str, None] = {}
        stands = True
        parent = s.record.parent
        while parent in self._by_digest and parent not in above and len(above) < MAX_CHAIN:
            above[parent] = None
            licence: Licence = self._by_digest[parent].record
            stands = stands and not self._endings.of(parent, licence.licensor).sure
            parent = licence.parent
        return frozenset(above), stands

    def _grant(
        self,
        s: Read,
        version: Version,
        held: Held,
        passed_on: tuple[tuple[str, int], ...],
        ending: Ending,
        windows: Windows,
        stretch: tuple[int, int],
    ) -> Grant:
        terms = version.terms
        word = self._word(s)
        words = [one for one in (version.word, word) if one is not None]
        return Grant(
            digest=version.read.digest,
            counted_as=None if version.read is s else s.digest,
            kind="licence",
            grantor=terms.licensor,
            grantee=held.holder,
            passed_on=passed_on,
            scopes=cut(windows.covered(version), stretch),
            unopened=windows.unopened(terms),
            assurance=self._assurance(s),
            logged=s.logged and held.logged,
            authorised=word is not None and held.authorised,
            contested_until_s=max((one.contested_until_s for one in words), default=0),
            signed_under=next((one.authority for one in words if one.authority is not None), None),
            identity_stands=True,
            withdrawn=self._withdrawn(s, ending),
            caps=terms.caps,
            terms=terms,
            order=version.order,
            issued_s=version.issued_s,
            signed_on=s.record.signed_on,
            approvals=terms.approvals,
            exclusivity=terms.exclusivity,
            held_back=windows.held_back(terms, "licensee"),
            **_reach(s, terms),
        )

    def _word(self, s: Read) -> Word | None:
        """Return whose word a licence is; None: nobody's who may give it."""
        licence: Licence = s.record
        if s.type == "licence.recorded":
            return OWN_WORD if s.authorised and s.issuer == licence.licensee else None
        return self._settling.licensed_by(s, licence.licensor)

    def _assurance(self, s: Read) -> str:
        if s.type != "licence.recorded":
            return "signed"
        return "confirmed" if s.digest in self._confirmed else "recorded"

    def _withdrawn(self, s: Read, ending: Ending) -> Withdrawn:
        stands = not ending and s.digest in self._settling.vouched.no_revocation_of
        return () if stands else ENDED

    def _options(self, s: Read, versions: Sequence[Version], row: Sequence[Held]) -> Iterable[str]:
        """Return the names of the options that whoever held the licence exercised within their dates."""
        for exercised in self._exercised.get(s.digest, ()):
            at_s = to_epoch_s(exercised.issued_at)
            holds = any(h.holder == exercised.issuer and h.sure and h.start_s <= at_s < h.end_s for h in row)
            for option in _terms_at(versions, exercised.issued_at).options if holds else ():
                first, last = option.exercise
                if option.option == exercised.record.option and first <= exercised.issued_at < last:
                    yield option.option


def _reach(s: Read, terms: Licence) -> dict[str, Any]:
    """Return what terms are about: subjects, which of them later ones may join, and products."""
    return {
        "subjects": terms.subjects,
        "reaches_assets_before": None if terms.new_assets else (NOT_LOGGED if s.index is None else s.index),
        "product_categories": frozenset(terms.product_categories) if terms.product_categories else None,
    }


def _ended_s(terms: Licence, changed: Sequence[int], given_s: int) -> int:
    """Return when a change of control of its holder ends a licence; one from before they held it ends nothing."""
    changes = changed if terms.change_of_control == "ends" else ()
    return min((moment for moment in changes if moment >= given_s), default=FOREVER_S)


def _terms_at(versions: Sequence[Version], at: datetime) -> Licence:
    """Return the terms that hold at a moment; before all of them, the first."""
    at_s = to_epoch_s(at)
    return next((v.terms for v in reversed(versions) if v.start_s <= at_s), versions[0].terms)


def _confirmed(settling: Settling) -> Mapping[str, Read]:
    """Map the recorded licences that their licensor confirmed to the confirmation; as it widens, it must be logged."""
    recorded = {s.digest: s for s in settling.statements if s.type == "licence.recorded"}
    return {
        s.record.licence: s
        for s in settling.statements
        if isinstance(s.record, LicenceConfirmed)
        and s.logged
        and s.record.licence in recorded
        and settling.confirmed_by(s, recorded[s.record.licence]) is not None
    }
