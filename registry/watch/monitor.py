"""
One look at a log: follow it, compare it with what others were shown, read its new entries, find a person's statements.

1. ``Watch.follow`` from the last verified checkpoint. What passed is kept before anything rests on it.
2. Checkpoints and receipts that came from elsewhere are held against it: a log that shows each client another tree is
   found out only where two of them compare.
3. What the registry lists about the person is checked against the tree.
4. New entries are read in order; how far, is kept from time to time.

Evidence is written as it is found. The report says what is proven and what the registry alone vouches for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from registry.core.checkpoint import Proof, VerifierKey
from registry.core.errors import BadNote, BadProof, Malformed
from registry.core.jcs import Json
from registry.core.keys import PublicKey
from registry.watch.findings import Finding
from registry.watch.following import Followed, Watch
from registry.watch.listing import Check, Checked, Listed, read_list
from registry.watch.signed import Keys, Seen
from registry.watch.source import NotServed, Source, Unreachable, read_vkeys
from registry.watch.state import Known, StateFolder
from registry.watch.tree import Tree
from registry.watch.walking import Progress, Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one look came to."""

    origin: str
    before: int | None  # size of the last verified checkpoint; None at the first look
    seen: Seen | None  # the newest one that is verified
    walked: int
    counted: Mapping[str, int]  # new entries by type
    findings: tuple[Finding, ...]
    party: str | None = None
    checked: Checked | None = None  # None: nobody was asked about the person, or the answer could not be read
    listed: int = 0
    in_log: int = 0  # of those listed, how many were found in the log, now or before
    evidence: Mapping[str, str] = field(default_factory=dict)  # file name -> path

    @property
    def exit_code(self) -> int:
        """0 nothing new, 1 the log is at fault, 2 new statements, 3 something could not be checked."""
        grades = {finding.grade for finding in self.findings}
        if "fault" in grades:
            return 1
        if "unchecked" in grades:
            return 3
        return 2 if self.checked is not None and self.checked.proven else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """A log, a person, and where it is kept what was seen."""

    source: Source
    state: StateFolder
    keys: Keys
    party: str | None = None
    api: Source | None = None  # the registry's, with the person's token; None: nobody is asked about the person
    own_keys: Mapping[str, PublicKey] | None = None
    elsewhere: Mapping[str, bytes] = field(default_factory=dict)  # checkpoints and receipts, by the name of their file
    walks: bool = True
    first_sight: bool = False  # the keys were taken from the log itself

    def look(self, *, at: datetime, progress: Progress) -> Report:
        """Look once; the caller holds the state."""
        known = self.state.load() or Known(keys=self.keys, seen=None)
        ever = known.under(self.keys, None).ever
        watch = Watch(source=self.source, keys=self.keys, at=at, remember=lambda size: self.state.remember(size, ever))
        followed = watch.follow(known.seen)
        evidence = self._keep_evidence(followed.findings)
        # Keys that signed nothing here do not take the place of those that did.
        now = known.under(self.keys if followed.signed else known.keys, followed.seen)
        if followed.seen is not None:
            self.state.keep(now)
        findings = [*self._about_keys(followed), *followed.findings, *self._elsewhere(watch, followed)]
        checked, listed = self._person(followed.tree, at, findings)
        now, counted = self._walk(now, followed.tree, listed, findings, progress)
        return Report(
            origin=self.keys.origin,
            before=None if known.seen is None else known.seen.size,
            seen=followed.seen,
            walked=now.walked,
            counted=counted,
            findings=tuple(findings),
            party=self.party,
            checked=checked,
            listed=len(listed),
            in_log=self._count_in_log(listed),
            evidence=evidence | self._keep_evidence(findings),
        )

    def _about_keys(self, followed: Followed) -> list[Finding]:
        """Say where the keys come from, and whether the log states others; what it states is not believed."""
        found = [Finding(code="first_sight", facts={"origin": self.keys.origin})] if self.first_sight else []
        try:
            stated = set(read_vkeys(self.source))
        except NotServed:  # a bucket of tiles alone
            return found
        except Unreachable:  # the checkpoint, read before, says so too
            return found
        if {key.format() for key in self.keys.log} - stated:
            found.append(Finding(code="keys_differ", facts={"origin": self.keys.origin}))
        if not followed.signed and (others := self._others(stated)):
            facts: dict[str, Json] = {"origin": self.keys.origin, "vkeys": " ".join(others)}
            found.append(Finding(code="key_unknown", facts=facts))
        return found

    def _others(self, stated: set[str]) -> list[str]:
        """Name the keys that are stated, of kinds by which this log is followed, and not believed."""
        kinds = {key.type for key in self.keys.log}
        others = {key for vkey in stated if (key := _key_of(vkey, self.keys.origin)) is not None}
        return sorted(f"{key.name}+{key.keyid.hex()}" for key in others - {*self.keys.log} if key.type in kinds)

    def _elsewhere(self, watch: Watch, followed: Followed) -> list[Finding]:
        found = []
        for name, data in self.elsewhere.items():
            try:
                note = Proof.parse(data).checkpoint_text.encode() if data.startswith(b"c2sp.org/") else data
                if followed.tree is not None and followed.seen is not None:
                    finding = watch.compare(note, followed.tree, followed.seen)
                    found += [replace(finding, facts=finding.facts | {"file": name})] if finding else []
            except (BadNote, BadProof) as error:
                found.append(Finding(code="bad_note", facts={"problem": f"{name}: {error}"}))
        return found

    def _person(
        self, tree: Tree | None, at: datetime, findings: list[Finding]
    ) -> tuple[Checked | None, dict[str, Listed]]:
        """Check what is listed about the person; what was found in the log is kept as reported."""
        if self.party is None or self.api is None or tree is None:
            return None, {}
        reported = self.state.reported(self.party)
        check = Check(api=self.api, tree=tree, party=self.party, at=at, own_keys=self.own_keys)
        try:
            listed = read_list(self.api, self.party)
            checked = check.run(listed, reported)
        except (Malformed, Unreachable) as error:
            findings.append(Finding(code="list_unreadable", facts={"problem": str(error)}))
            return None, reported
        except BadProof as error:
            findings.append(Finding(code="bad_proof", facts={"problem": str(error)}))
            return None, reported
        findings += checked.findings
        told = [one.listed for one in checked.proven] + [replace(one, index=None) for one in checked.waiting]
        self.state.keep_reported(self.party, reported | {one.digest: one for one in told})
        return checked, {one.digest: one for one in listed}

    def _count_in_log(self, listed: Mapping[str, Listed]) -> int:
        reported = {} if self.party is None else self.state.reported(self.party)
        return sum(digest in listed for digest, one in reported.items() if one.index is not None)

    def _walk(
        self,
        known: Known,
        tree: Tree | None,
        listed: Mapping[str, Listed],
        findings: list[Finding],
        progress: Progress,
    ) -> tuple[Known, Mapping[str, int]]:
        if tree is None or not self.walks:
            return known, {}
        walk = Walk(tree=tree, start=known.walked, theirs={digest: one.index for digest, one in listed.items()})

        def keep(walked: int, size: int) -> None:
            self.state.keep(replace(known, walked=walked))
            progress(walked, size)

        try:
            walk.run(keep)
        except (BadProof, Unreachable) as error:
            code = "log_unreachable" if isinstance(error, Unreachable) else "bad_proof"
            findings.append(Finding(code=code, facts={"problem": str(error)}))
        findings += walk.findings
        return replace(known, walked=walk.start), walk.counted

    def _keep_evidence(self, findings: tuple[Finding, ...] | list[Finding]) -> dict[str, str]:
        kept = [finding.evidence for finding in findings if finding.evidence is not None]
        return {one.file_name: str(self.state.keep_evidence(one)) for one in kept}


def _key_of(vkey: str, origin: str) -> VerifierKey | None:
    """Return a verifier key of this log; None for anything else that a server may say."""
    try:
        key = VerifierKey.parse(vkey)
    except BadNote:
        return None
    return key if key.name == origin else None


def format_report(report: Report) -> dict[str, Json]:
    """Write a report for programs."""
    checked = report.checked
    return {
        "v": 1,
        "origin": report.origin,
        "before": report.before,
        "size": None if report.seen is None else report.seen.size,
        "root": None if report.seen is None else report.seen.checkpoint.root.hex(),
        "walked": report.walked,
        "counted": dict(sorted(report.counted.items())),
        "findings": [_format_finding(finding, report.evidence) for finding in report.findings],
        "party": report.party,
        "listed": report.listed,
        "new": []
        if checked is None
        else [
            one.listed.format() | {"issuer": one.issuer, "keyids": list(one.keyids), "own": one.own}
            for one in checked.proven
        ],
        "waiting": [] if checked is None else [one.format() for one in checked.waiting],
        "exit": report.exit_code,
    }


def _format_finding(finding: Finding, evidence: Mapping[str, str]) -> dict[str, Json]:
    path = None if finding.evidence is None else evidence[finding.evidence.file_name]
    return {"code": finding.code, "grade": finding.grade, "facts": finding.facts, "evidence": path}
