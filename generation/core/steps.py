"""
Numbered steps, each with its evidence: how every kind of paper is judged.

``run`` takes named checks in order over one value. The first that fails ends the run; what no check can show is listed
after them as vouched. An outcome is one of four:

- ``proven``: by mathematics and keys in the trust that was given;
- ``consistent``: nothing contradicts it, but a key or anchor is not in the trust given, or the trust asks for more;
- ``failed``: a signature, hash or replay does not hold;
- ``vouched``: the registry's word and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from registry.core.errors import DomainError
from registry.core.jcs import Json

Outcome = Literal["proven", "vouched", "failed", "consistent"]
Found = tuple[Outcome, str]  # outcome and evidence of a step
Said = tuple[str, str]  # name and evidence of what is only vouched for

E = TypeVar("E")
Checks = Sequence[tuple[str, Callable[[E], Found]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    number: int
    name: str
    outcome: Outcome
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found out about one paper."""

    kind: str  # bundle | record | receipt | log | reseal
    steps: tuple[Step, ...]
    planned: int  # checks that there are, looked at or not
    about: Mapping[str, Json] = field(default_factory=dict)  # what the paper is of, for whoever reads the report

    @property
    def failed(self) -> Step | None:
        return next((step for step in self.steps if step.outcome == "failed"), None)

    @property
    def exit_code(self) -> int:
        """0: all proven. 1: a step failed. 2: consistent, but not with a trust that was given."""
        outcomes = {step.outcome for step in self.steps}
        if "failed" in outcomes or not outcomes:
            return 1
        return 2 if "consistent" in outcomes else 0


class Unproven(DomainError):
    """A step found something that does not agree; the message says what."""

    code = "unproven"


def require(holds: bool, otherwise: str) -> None:
    """Raise ``Unproven`` unless it holds."""
    if not holds:
        raise Unproven(otherwise)


def run(checks: "Checks[E]", evidence: E, said: Callable[[E], Iterable[Said]]) -> tuple[Step, ...]:
    """Run every check; the last step returned is ``failed`` where one failed, and nothing after it was looked at."""
    steps: list[Step] = []
    for number, (name, check) in enumerate(checks, start=1):
        try:
            outcome, found = check(evidence)
        except DomainError as error:
            outcome, found = "failed", str(error)
        except RecursionError:
            outcome, found = "failed", "nested too deeply to be checked"
        steps.append(Step(number=number, name=name, outcome=outcome, evidence=found))
        if outcome == "failed":
            return tuple(steps)
    for number, (name, found) in enumerate(said(evidence), start=len(steps) + 1):
        steps.append(Step(number=number, name=name, outcome="vouched", evidence=found))
    return tuple(steps)
