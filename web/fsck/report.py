"""What a check found: each difference by name, and how much was looked at."""

from collections.abc import Callable
from dataclasses import dataclass, field

from registry.core.jcs import Json


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One difference. ``fault`` is stable, for programs; ``subject`` is the row, file or statement."""

    fault: str
    subject: str
    detail: str

    def format(self) -> dict[str, Json]:
        return {"fault": self.fault, "subject": self.subject, "detail": self.detail}


def nobody(what: str, number: int) -> None:
    """Tell nobody how far it is."""


@dataclass(slots=True, kw_only=True)
class Report:
    """All that was found, and counts of what was looked at; ``watch`` is called with each count, as it grows."""

    findings: list[Finding] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)
    watch: Callable[[str, int], None] = nobody

    @property
    def sound(self) -> bool:
        return not self.findings

    def add(self, fault: str, subject: object, detail: str) -> None:
        self.findings.append(Finding(fault=fault, subject=str(subject), detail=detail))

    def count(self, what: str, number: int) -> None:
        self.counted[what] = self.counted.get(what, 0) + number
        self.watch(what, self.counted[what])

    def format(self) -> dict[str, Json]:
        findings: list[Json] = [finding.format() for finding in sorted(self.findings)]
        return {"sound": self.sound, "counted": dict(self.counted), "findings": findings}
