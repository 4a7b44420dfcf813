"""
Whose yes a ground asks for, and what was answered.

1. A ground's terms name an approver for some acts, on the spec or on the result. The licensor and the performer are its
   grantor, who may have others approve for them; an estate answers for a grantor who is dead; anybody else is named.
2. The last word of an approver holds. A no counts as it is read; a yes, signed and under the checkpoint.
3. Where nobody answered within the hours that run from when it was asked, silence answers as the terms say.

Whoever holds a moral right is asked in the same way, on the spec; their silence never answers.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from consent.core.approval_bodies import ApprovalDeclined, ApprovalGiven
from consent.core.grants import Grant
from consent.core.settling import Settling
from registry.core.approvals import ApprovalTerm
from registry.core.terms import ACTS

HOUR_S: Final = 3_600
Answer = Literal["given", "declined"]
Key = tuple[str, str, str]  # shot, digest of the ground, spec | result


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One answer, in the order of the log."""

    given: bool
    principals: frozenset[str]  # for whom it was given
    estates: frozenset[str]  # of whom, by their estate


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
        words = {
            principal: word
            for principal in settling.authorities.principals
            if (word := settling.authorities.word(s, principal, power="approve")) is not None and not word.own
        }
        found[s.record.shot, s.record.grant, s.record.on].append(
            Spoken(
                given=given,
                principals=frozenset({s.issuer, *words}),
                estates=frozenset(principal for principal, word in words.items() if word.role == "estate"),
            )
        )
    return MappingProxyType({key: tuple(answers) for key, answers in found.items()})


def wanted_by(
    grant: Grant,
    act: str,
    *,
    shot: str,
    spoken: Mapping[Key, tuple[Spoken, ...]],
    asked: Mapping[str, int],
    at_s: int,
) -> Iterator[Wanted]:
    """Yield what a ground asks for before one act, each with its answer; silence counted in."""
    for term in grant.approvals:
        if term.acts & ACTS.mask((act,)):
            answers = spoken.get((shot, grant.digest, term.on), ())
            asked_s = asked.get(f"{grant.digest}:{term.on}")
            due_s = None if asked_s is None or term.hours is None else asked_s + term.hours * HOUR_S
            answer = last_word(answers, term.by, grant.grantor)
            if answer is None and due_s is not None and due_s <= at_s:
                answer = "given" if term.on_silence == "approved" else "declined"
            yield Wanted(grant=grant.digest, by=_asked(term, grant), on=term.on, due_s=due_s, answer=answer)


def last_word(answers: tuple[Spoken, ...], by: str, grantor: str) -> Answer | None:
    """Return what an approver said last."""
    for one in reversed(answers):
        if by == "estate":
            speaks = grantor in one.estates
        else:
            speaks = (grantor if by in ("licensor", "performer") else by) in one.principals
        if speaks:
            return "given" if one.given else "declined"
    return None


def _asked(term: ApprovalTerm, grant: Grant) -> str:
    return grant.grantor if term.by in ("licensor", "performer", "estate") else term.by
