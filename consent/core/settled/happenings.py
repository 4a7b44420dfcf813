"""
Which recorded events count for which grant.

An event says when a window opens or closes, so that whoever could gain by it may not say it alone: it counts from the
grantor, from whoever registered the work or produces the project, and, of a party's events, from somebody independent
of the grantee, as a voucher is. A change of control counts from the party itself and from the grantee too, since it can
only end something.

What counts is signed and under the checkpoint; what the same people said and is not yet makes readings stricter alone.
So does the word of those who are said to be tied to the grantee, as long as the tie itself does not count.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from consent.core.settled.read import Read
from registry.core.events import EventRecorded, Following, Happened, Moments, Plus
from registry.core.record import Project, Work

CONTROL = "change_of_control"
DEATH = "death"
Independent = Callable[[str, str, str], bool]  # (attestor, whom it speaks of, grantee)


class Happenings:
    """The events recorded, each asked for on behalf of one grant."""

    def __init__(self, statements: Sequence[Read], independent: Independent, untied: Independent) -> None:
        self._independent = independent
        self._untied = untied
        self._recorded: defaultdict[tuple[str, tuple[str, str]], list[Read]] = defaultdict(list)
        self._speakers: dict[tuple[str, str], str] = {}  # work or project -> who registered it
        for s in sorted(statements, key=lambda s: (s.order, s.digest)):
            if isinstance(s.record, EventRecorded):
                self._recorded[s.record.event, s.record.subject].append(s)
            elif isinstance(s.record, Work | Project) and s.authorised and s.logged:
                self._speakers.setdefault(_subject(s.record), s.issuer)

    def of_grant(self, grantor: str, grantees: Iterable[str] = ()) -> Happened:
        """Return the question that the windows of one grant ask; of a bar, the grantor is who declared it."""
        held_by = tuple(grantees)

        def happened(following: Following) -> Moments:
            said = [
                s
                for s in self._recorded.get((following.event, following.subject), ())
                if s.record.territory == following.territory
            ]
            return self._moments(said, grantor, held_by, following.plus)

        return happened

    def control_changed(self, party: str, grantor: str) -> Moments:
        """Return when control of a grantee is said to have changed; what ends by it ends by any such word."""
        return self._moments(self._recorded.get((CONTROL, ("party", party)), ()), grantor, (party,))

    def died_s(self, person: str, grantee: str) -> int | None:
        """Return when a person is said to have died, by somebody independent of a grantee; the earliest word counts."""
        return min(self._deaths(person, grantee).said, default=None)

    @property
    def dead(self) -> frozenset[str]:
        """Persons of whom a death is recorded, by whomever."""
        return frozenset(subject[1] for event, subject in self._recorded if event == DEATH)

    def is_dead(self, person: str, grantee: str, at_s: int) -> bool:
        """Say whether a death counts as known: signed and under the checkpoint, on or before a moment."""
        return any(moment <= at_s for moment in self._deaths(person, grantee).counted)

    def _deaths(self, person: str, grantee: str) -> Moments:
        recorded = self._recorded.get((DEATH, ("party", person)), ())
        return self._moments([s for s in recorded if s.issuer != person], person, (grantee,))

    def _moments(
        self, recorded: Iterable[Read], grantor: str, grantees: tuple[str, ...], plus: Plus = (0, 0)
    ) -> Moments:
        """Return when it happened, by the word of those who may say so: believed, and what of it counts."""
        said = [s for s in recorded if self._may_say(s, grantor, grantees, self._untied)]
        sure = [s for s in said if s.authorised and s.logged and self._may_say(s, grantor, grantees, self._independent)]
        return Moments(*(tuple(s.record.moment_s(plus) for s in some) for some in (said, sure)))

    def _may_say(self, s: Read, grantor: str, grantees: tuple[str, ...], independent: Independent) -> bool:
        event: EventRecorded = s.record
        if s.issuer == grantor or s.issuer == self._speakers.get(event.subject):
            return True
        kind, party = event.subject
        if kind != "party":
            return False
        if event.event == CONTROL and s.issuer in (party, *grantees):
            return True
        if s.issuer in grantees:
            return False
        return s.issuer == party or (
            bool(grantees) and all(independent(s.issuer, party, grantee) for grantee in grantees)
        )


def _subject(record: Work | Project) -> tuple[str, str]:
    return ("work", record.work) if isinstance(record, Work) else ("project", record.project)
