"""
The slow twin of what statements make of each other, part five: whose yes is waited for, and what they answered.
"""

from dataclasses import dataclass, field

from consent.core.settled.read import Read
from tests.reference_history import NEVER, OWN, ROLES, Body, History, counts, seconds
from tests.reference_licences import Use, holds
from tests.reference_points import HOUR_S, Point
from tests.reference_title import Title

Subject = tuple[str, str]


@dataclass
class Verdict:
    """What the twin found."""

    refusals: set[tuple[str, Subject]] = field(default_factory=set)
    missing: set[tuple[Subject, Point]] = field(default_factory=set)
    barred: set[tuple[str, Subject, Point]] = field(default_factory=set)  # by which bar
    grounds: set[str] = field(default_factory=set)
    pending: set[tuple[str, str, str, int | None]] = field(default_factory=set)

    @property
    def cleared(self) -> bool:
        return not (self.refusals or self.missing or self.barred)


class Answers:
    """The words on one shot; who is asked is noted in the verdict."""

    def __init__(self, history: History, request: Body, at: int, found: Verdict) -> None:
        self.history, self.request, self.at, self.found = history, request, at, found

    def ask(self, digest: str, grantor: str, term: Body, subject: Subject) -> None:
        by, on = term["by"], term["on"]
        named = grantor if by in ("licensor", "performer", "estate") else by
        answer = self._answer(digest, on, named, by == "estate")
        asked = self.history.vouched.asked.get(f"{digest}:{on}")
        due = None if asked is None or term["hours"] is None else asked + term["hours"] * HOUR_S
        if answer is None and due is not None and due <= self.at:
            answer = "given" if term["on_silence"] == "approved" else "declined"
        if answer == "declined" or (answer is None and self.request["kind"] == "train"):
            self.found.refusals.add(("approval_declined", subject))
        elif answer is None:
            self.found.pending.add((digest, named, on, due))

    def _answer(self, digest: str, on: str, approver: str, estate: bool) -> str | None:
        """Return what an approver said last of this shot."""
        answer = None
        said = [s for s in self.history.said if s.type in ("approval.given", "approval.declined")]
        for s in said:
            of_this = (s.body["shot"], s.body["grant"], s.body["on"]) == (self.request.get("shot"), digest, on)
            if not of_this or (s.type == "approval.given" and not counts(s)):
                continue
            word = self.history.word(s, approver, "approve", roles={"estate"} if estate else ROLES)
            speaks = word not in (None, OWN) if estate else word is not None or s.issuer == approver
            answer = s.type.removeprefix("approval.") if speaks else answer
        return answer

    def ask_authors(self, title: Title, uses: list[Use], subject: Subject) -> None:
        for claim in title.claims("moral"):
            author = claim.body["claimant"]
            until, upheld = self.history.dispute(claim.digest, lambda party, author=author: party == author)  # type: ignore[misc]  # a lambda
            if upheld or not any(self._meets(claim, box, use) for box in claim.body["scopes"] for use in uses):
                continue
            if until > self.at:
                self.found.missing |= {(subject, use.point) for use in uses}
            elif author != self.request["for"]:
                answer = self._answer(claim.digest, "spec", author, False)
                if answer == "declined":
                    self.found.refusals.add(("approval_declined", ("party", author)))
                elif answer is None:
                    self.found.pending.add((claim.digest, author, "spec", None))

    def _meets(self, claim: Read, box: Body, use: Use) -> bool:
        start, end = box["window"]
        in_time = seconds(start) <= use.point.moment < (NEVER if end is None else seconds(end))
        return in_time and holds(box, use.point, [use.project])
