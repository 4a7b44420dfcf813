"""
The life of a shot as a table.

```
requested -> refused
requested -> queued -> running -> screening -> awaiting_approval -> released -> withdrawn
                          -> failed    -> quarantined        any state before released -> aborted
```

A shot for which neither approvals nor a review are due goes from `screening` to `released`. ``TODO`` says what a worker
has to do next; a shot without one waits for a person or is over.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from registry.core.errors import DomainError

State = Literal[
    "requested",
    "refused",
    "queued",
    "running",
    "screening",
    "awaiting_approval",
    "released",
    "withdrawn",
    "failed",
    "quarantined",
    "aborted",
]
Outcome = Literal["aborted", "cancelled", "failed", "quarantined", "rejected"]  # of a `shot.closed`

TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        "requested": frozenset({"refused", "queued"}),
        "queued": frozenset({"running", "failed", "aborted"}),
        "running": frozenset({"screening", "failed", "aborted"}),
        "screening": frozenset({"awaiting_approval", "released", "quarantined", "failed", "aborted"}),
        "awaiting_approval": frozenset({"released", "failed", "aborted"}),
        "released": frozenset({"withdrawn"}),
        "refused": frozenset(),
        "withdrawn": frozenset(),
        "failed": frozenset(),
        "quarantined": frozenset(),
        "aborted": frozenset(),
    }
)
STATES: frozenset[State] = frozenset(TRANSITIONS)
OPEN: frozenset[State] = frozenset({"queued", "running", "screening", "awaiting_approval"})  # holds a clearance
OVER: frozenset[State] = STATES - OPEN - {"requested"}  # nothing more will happen by itself
STATE_OF: Mapping[Outcome, State] = MappingProxyType(
    {
        "aborted": "aborted",
        "cancelled": "aborted",
        "rejected": "aborted",
        "failed": "failed",
        "quarantined": "quarantined",
    }
)


class WrongState(DomainError):
    """What was asked for does not fit the state that the shot is in."""

    code = "wrong_state"
    status = 409

    def __init__(self, *, state: str, wanted: str) -> None:
        super().__init__(f"the shot is `{state}`, not {wanted}")
        self.state = state

    def extra(self) -> dict[str, object]:
        return {"state": self.state}


def step(now: State, then: State) -> State:
    """Return the new state; raises ``WrongState`` where the table has no such step."""
    if then not in TRANSITIONS[now]:
        raise WrongState(state=now, wanted=f"one that can become `{then}`")
    return then
