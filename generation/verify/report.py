"""
Print what was checked: one line a step, outcome in its own column, colour only where a person reads it.

Digests are cut to their first digits here; ``--json`` has them whole. Evidence may quote what a stranger wrote:
whatever could steer a terminal is written out.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Sequence
from typing import TextIO

from generation.core.verify import STEPS, Step

COLOURS = {"proven": "32", "consistent": "33", "vouched": "36", "failed": "31"}  # ANSI
MIN_WIDTH, MAX_WIDTH = 72, 120  # characters of a line
_DIGEST = re.compile(r"`([0-9a-f]{16})[0-9a-f]{48}`")


def exit_code(steps: Sequence[Step]) -> int:
    """0: all proven. 1: a step failed. 2: consistent, but some key is not in the trust given."""
    outcomes = {step.outcome for step in steps}
    if "failed" in outcomes:
        return 1
    return 2 if "consistent" in outcomes else 0


def as_json(steps: Sequence[Step]) -> dict[str, object]:
    """Return the report for programs."""
    failed = next((step.name for step in steps if step.outcome == "failed"), None)
    listed = [
        {"number": step.number, "name": step.name, "outcome": step.outcome, "evidence": step.evidence} for step in steps
    ]
    return {"exit": exit_code(steps), "failed": failed, "steps": listed}


def printable(text: str) -> str:
    """Write out control characters, bidirectional marks and the like, so that no input can pass for our output."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def write(steps: Sequence[Step], out: TextIO, *, width: int) -> None:
    """Write the report for people."""
    colour = out.isatty() and not os.environ.get("NO_COLOR")
    width = max(MIN_WIDTH, min(MAX_WIDTH, width))
    column = max(len(step.name) for step in steps)
    checked = [step for step in steps if step.outcome != "vouched"]
    for step in checked:
        out.write(_line(step, column, width, colour))
    said = steps[len(checked) :]
    if said:
        out.write("\nNot proven: the registry vouches for these.\n")
    for step in said:
        out.write(_line(step, column, width, colour))
    out.write(f"\n{_summary(steps)}\n")


def _line(step: Step, column: int, width: int, colour: bool) -> str:
    head = f"{step.number:>2}  {step.name:<{column}}  {step.outcome:<10}  "
    evidence = _DIGEST.sub(r"\1…", printable(step.evidence))
    body = textwrap.wrap(evidence, max(20, width - len(head)), break_on_hyphens=False, break_long_words=True) or [""]
    lines = [head + body[0], *(" " * len(head) + rest for rest in body[1:])]
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    if not colour:
        return text
    return text.replace(step.outcome, f"\x1b[{COLOURS[step.outcome]}m{step.outcome}\x1b[0m", 1)


def _summary(steps: Sequence[Step]) -> str:
    code = exit_code(steps)
    if code == 1:
        failed = steps[-1]
        left = len(STEPS) - failed.number
        rest = f" The {left} step(s) after it were not looked at." if left else ""
        return f"FAILED at step {failed.number}, {failed.name}.{rest}"
    if code == 2:
        return "CONSISTENT: nothing failed, but not every key is in a trust that you gave (--trust or --pin)."
    return "PROVEN: this file was cleared and released as its papers say."
