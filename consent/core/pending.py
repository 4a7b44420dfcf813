"""An approval that is asked for and not given yet: not an obstacle, but release waits for it."""

from dataclasses import dataclass

from registry.core.jcs import Json
from registry.core.times import format_time, from_epoch_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    grant: str  # digest of the ground that asks for it, or of the claim of a moral right
    by: str  # the party that is asked
    on: str  # spec | result
    due_s: int | None  # second from which silence answers; None: nobody asked yet, or silence never answers

    @property
    def sort_key(self) -> tuple[str, str, str]:
        return self.grant, self.on, self.by

    def format(self) -> dict[str, Json]:
        """Write the JSON of ``docs/formats.md`` section 5."""
        due = None if self.due_s is None else format_time(from_epoch_s(self.due_s))
        return {"grant": self.grant, "by": self.by, "on": self.on, "due": due}
