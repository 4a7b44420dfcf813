"""
Whose yes a ground asks for, and what was answered.

1. A ground's terms name an approver for some acts, on the spec or on the result: the licensor, its grantor; the
   performer, who in a licence is everybody recorded in the asset that it licenses; their estate; or a party by its id.
   Each may have others approve for them.
2. The last word of an approver holds. A no counts as it is read; a yes, signed and under the checkpoint, and where an
   agent gave it, for the acts that their authority names and while nobody disputes it.
3. Where nobody answered within the hours that run from when it was asked, silence answers as the terms say.

Whoever holds a moral right is asked in the same way, on the spec; their silence never answers.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from consent.core.approval_bodies import ApprovalDeclined, ApprovalGiven
from consent.core.grants import Grant
from consent.core.settled.read import Read
from consent.core.settled.settling import Settling
from registry.core.approvals import ApprovalTerm
from registry.core.terms import ACTS

HOUR_S: Final = 3_600
Answer = Literal["given", "declined"]
Key = tuple[str, str, str]  # shot, digest of the ground, spec | result


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """For whom an answer was given, and how far it reaches."""

    principal: str
    estate: bool = False
    acts: int = ACTS.all
    from_s: int = 0  # until then its authority is disputed


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One answer, in the order of the log."""

    given: bool
    voices: tuple[Voice, ...]

    def speaks_for(self, party: str, *, estate: bool, act: int, at_s: int) -> bool:
        """Say whether it is a party's answer, or that of their estate, for one act at one moment."""
        return any(
            voice.principal == party
            and (voice.estate or not estate)
            and (not self.given or (voice.acts & act and voice.from_s <= at_s))
            for voice in self.voices
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An approval that a ground asks for."""

    grant: str
    by: str  # the party asked
    on: str
    due_s: int | None
    answer: Answer | None


def spoken_of(settling: Settling) -> Mapping[Key, tuple[Spoken, ...]]:
    """Return every answer that counts, by what it answers, in the order of the log."""
    found: defaultdict[Key, list[Spoken]] = defaultdict(list)
    for s in sorted(settling.statements, key=lambda s: (s.order, s.digest)):
        if not isinstance(s.record, ApprovalGiven | ApprovalDeclined):
            continue
        given = isinstance(s.record, ApprovalGiven)
        if given and not (s.authorised and s.logged):
            continue
        found[s.record.shot, s.record.grant, s.record.on].append(Spoken(given=given, voices=_voices(s, settling)))
    return MappingProxyType({key: tuple(answers) for key, answers in found.items()})


def _voices(s: Read, settling: Settling) -> tuple[Voice, ...]:
    """Return for whom somebody answered: for themselves, and for everybody who has them approve."""
    authorities = settling.authorities
    return (
        Voice(principal=s.issuer),
        *(
            Voice(principal=principal, estate=word.role == "estate", acts=word.acts, from_s=word.contested_until_s)
            for principal in sorted(authorities.principals - {s.issuer})
            for word in authorities.words(s, principal, power="approve")
        ),
    )


def wanted_by(
    grant: Grant,
    act: str,
    *,
    shot: str,
    shown: Iterable[str],
    spoken: Mapping[Key, tuple[Spoken, ...]],
    asked: Mapping[str, int],
    at_s: int,
) -> Iterator[Wanted]:
    """Yield what a ground asks for before one act, each with its answer; silence counted in. ``shown``: the people."""
    for term in grant.approvals:
        if term.acts & ACTS.mask((act,)):
            answers = spoken.get((shot, grant.digest, term.on), ())
            asked_s = asked.get(f"{grant.digest}:{term.on}")
            due_s = None if asked_s is None or term.hours is None else asked_s + term.hours * HOUR_S
            for party in _asked(term, grant, shown):
                answer = last_word(answers, party, estate=term.by == "estate", act=act, at_s=at_s)
                if answer is None and due_s is not None and due_s <= at_s:
                    answer = "given" if term.on_silence == "approved" else "declined"
                yield Wanted(grant=grant.digest, by=party, on=term.on, due_s=due_s, answer=answer)


def last_word(answers: tuple[Spoken, ...], party: str, *, act: str, at_s: int, estate: bool = False) -> Answer | None:
    """Return what an approver, or their estate, said last about an act, as it stands at a moment."""
    for one in reversed(answers):
        if one.speaks_for(party, estate=estate, act=ACTS.mask((act,)), at_s=at_s):
            return "given" if one.given else "declined"
    return None


def _asked(term: ApprovalTerm, grant: Grant, shown: Iterable[str]) -> Iterable[str]:
    if term.by not in ("licensor", "performer", "estate"):
        return (term.by,)
    return (grant.grantor,) if grant.kind == "consent" or term.by == "licensor" else shown
