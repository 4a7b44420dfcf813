"""
Settle what statements did to grants, so that ``decide`` sees each as it stands.

Consents and licences are settled apart (``settled.consents``, ``settled.licences``), from one ``Settling``:
the statements read, what the registry vouches for, and who is who.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Final

from consent.core.settled.assignments import Assignments
from consent.core.settled.disputes import Disputes
from consent.core.settled.happenings import Happenings
from consent.core.settled.identities import Identities
from consent.core.settled.read import Read, counting, first_by
from consent.core.settled.standing import Authorities, Word
from consent.core.vouched import Vouched
from registry.core.authority import AuthorityEnded, AuthorityGranted
from registry.core.licences import Licence, LicenceAmended, LicenceDenied
from registry.core.record import Party, Project

ADMINISTRATORS: Final = frozenset({"agent", "society"})  # roles that license others' rights in their own name


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What grants are settled from."""

    statements: tuple[Read, ...]
    vouched: Vouched
    identities: Identities
    happenings: Happenings  # which recorded events count for whom
    assignments: Assignments  # who stands in whose place
    disputes: Disputes
    authorities: Authorities
    parties: Mapping[str, Party]  # as each was first registered
    projects: Mapping[str, Project]
    below: Mapping[str, frozenset[str]]  # project -> its known descendants

    @classmethod
    def of(cls, statements: Sequence[Read], vouched: Vouched) -> "Settling":
        """Gather what is known of people and projects from the statements read."""
        parties = {party: s.record for party, s in first_by(counting(statements, Party), "party").items()}
        projects = {project: s.record for project, s in first_by(counting(statements, Project), "project").items()}
        tied = _Ties(statements, parties)
        disputes = Disputes(statements, vouched.registry)
        return cls(
            statements=tuple(statements),
            vouched=vouched,
            identities=Identities(
                statements, independent=tied.independent, heard=tied.heard, is_officer=disputes.is_officer
            ),
            happenings=Happenings(statements, tied.independent, tied.untied),
            assignments=Assignments(statements),
            disputes=disputes,
            authorities=Authorities(statements, disputes, tied.independent),
            parties=parties,
            projects=projects,
            below=_descendants(projects),
        )

    def born(self, person: str) -> date | None:
        """Return a person's birthday, None where nobody stated it."""
        return self.parties[person].born if person in self.parties else None

    def licensed_by(self, s: Read, licensor: str) -> Word | None:
        """
        Return whose word a licence or an amendment of one is for its licensor.

        It is their own, or of somebody who may grant all acts that it speaks of.
        """
        terms: Licence = s.record.terms if isinstance(s.record, LicenceAmended) else s.record
        return self.authorities.word(s, licensor, power="grant", acts=terms.every_act)

    def confirmed_by(self, s: Read, recorded: Read) -> Word | None:
        """Return whose word it is that confirms a recorded licence, in the same way."""
        return self.authorities.word(s, recorded.record.licensor, power="grant", acts=recorded.record.every_act)

    def administered_by(self, s: Read, licence: Read, holder: str) -> Word | None:
        """Return whose word a licence of an administrator, a society or an agent, is for a holder of rights."""
        acts = licence.record.every_act
        word = self.authorities.word(s, holder, power="grant", acts=acts, roles=ADMINISTRATORS)
        return None if word is None or word.own else word

    def may_end(self, s: Read, licensor: str) -> bool:
        """
        Say whether an ending is the licensor's; as it narrows, whoever may say it for them is believed.

        Who may grant for them answers for what was recorded, be it with a no; who may revoke for them terminates.
        """
        power = "grant" if isinstance(s.record, LicenceDenied) else "revoke"
        return s.issuer == licensor or self.authorities.word(s, licensor, power=power) is not None


class _Ties:
    """
    Who is affiliated with whom, and who acts for whom.

    Where a tie refuses, it is believed as it is read (``independent``). Where it would silence somebody who says that a
    thing has ended, it must be signed and under the checkpoint (``untied``).
    """

    def __init__(self, statements: Sequence[Read], known: Mapping[str, Party]) -> None:
        self._known = known
        ended = {(s.record.authority, s.issuer) for s in counting(statements, AuthorityEnded)}
        self._believed = _tied(statements, ended)
        self._sure = _tied([s for s in statements if s.authorised and s.logged], ended)

    def independent(self, voucher: str, performer: str, grantee: str) -> bool:
        """
        Neither of the two, nor affiliated with the grantee either way, nor acting for the grantee or its affiliates.

        Whose ties are not known is not independent. Whoever acts for the performer is.
        """
        return self._apart(voucher, performer, grantee, self._believed)

    def untied(self, voucher: str, performer: str, grantee: str) -> bool:
        """The same, but for ties that do not count yet."""
        return self._apart(voucher, performer, grantee, self._sure)

    def heard(self, voucher: str, party: str, grantee: str) -> bool:
        """The same, of somebody who refuses by what they say: not to be known yet is no tie."""
        return voucher not in (party, grantee) and not self._are_tied(voucher, grantee, self._sure)

    def _apart(self, voucher: str, performer: str, grantee: str, ties: "_Tied") -> bool:
        if voucher in (performer, grantee) or voucher not in self._known or grantee not in self._known:
            return False
        return not self._are_tied(voucher, grantee, ties)

    def _are_tied(self, voucher: str, grantee: str, ties: "_Tied") -> bool:
        named, acting = ties
        if any(voucher in acting[party] for party in (grantee, *named[grantee])):
            return True
        return voucher in named[grantee] or grantee in named[voucher]


_Tied = tuple[Mapping[str, set[str]], Mapping[str, set[str]]]  # party -> affiliates; principal -> agents


def _tied(statements: Iterable[Read], ended: Set[tuple[str, str]]) -> _Tied:
    named: defaultdict[str, set[str]] = defaultdict(set)
    acting: defaultdict[str, set[str]] = defaultdict(set)
    for s in statements:
        if isinstance(s.record, Party):
            named[s.record.party] |= s.record.affiliates
        elif isinstance(s.record, AuthorityGranted):
            over = ((s.record.authority, party) for party in (s.record.principal, *s.record.agents))
            if ended.isdisjoint(over):
                acting[s.record.principal].update(s.record.agents)
    return named, acting


def ancestors(project: str, projects: Mapping[str, Project]) -> list[str]:
    """Return a project and the nodes above it; a loop ends where it closes."""
    row: list[str] = []
    node: str | None = project
    while node is not None and node not in row:
        row.append(node)
        node = projects[node].parent if node in projects else None
    return row


def _descendants(projects: Mapping[str, Project]) -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for project in projects:
        for node in ancestors(project, projects)[1:]:
            found[node].add(project)
    return {node: frozenset(below) for node, below in found.items()}
