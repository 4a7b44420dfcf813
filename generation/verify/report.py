"""
Print what was checked: one line a step, outcome in its own column, colour only where a person reads it.

Digests are cut to their first digits here; ``--json`` has them whole. Evidence may quote what a stranger wrote:
whatever could steer a terminal is written out.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TextIO

from generation.core.steps import Judgement, Step

COLOURS: Final = {"proven": "32", "consistent": "33", "vouched": "36", "failed": "31"}  # ANSI
MIN_WIDTH, MAX_WIDTH = 72, 120  # characters of a line
TEXT: Final = "text"  # the words that were signed, shown whole: of ``Judgement.about``
ERASED: Final = "erased"  # whose names are gone from it
_LEFT: Final = "\nWhat is left of the text that was signed; a number stands where a name was erased:\n"
_DIGEST = re.compile(r"`([0-9a-f]{16})[0-9a-f]{48}`")
_PROVEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bundle": "this file was cleared and released as its papers say.",
        "record": "these words were signed by these keys, and the log holds them.",
        "receipt": "the log holds this statement.",
        "log": "every entry, tile and root of this log agrees with what it signed.",
        "reseal": "the new receipt proves what the old one did.",
    }
)


def as_json(found: Judgement) -> dict[str, object]:
    """Return the report for programs."""
    listed = [
        {"number": step.number, "name": step.name, "outcome": step.outcome, "evidence": step.evidence}
        for step in found.steps
    ]
    return {
        "v": 1,
        "kind": found.kind,
        "exit": found.exit_code,
        "failed": None if found.failed is None else found.failed.name,
        "about": dict(found.about),
        "steps": listed,
    }


def printable(text: str) -> str:
    """Write out control characters, bidirectional marks and the like, so that no input can pass for our output."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def write(found: Judgement, out: TextIO, *, width: int) -> None:
    """Write the report for people."""
    colour = out.isatty() and not os.environ.get("NO_COLOR")
    width = max(MIN_WIDTH, min(MAX_WIDTH, width))
    column = max(len(step.name) for step in found.steps)
    said = [step for step in found.steps if step.outcome == "vouched"]
    for step in found.steps:
        if step.outcome != "vouched":
            out.write(_line(step, column, width, colour))
    if said:
        out.write("\nNot proven: the registry vouches for these.\n")
    for step in said:
        out.write(_line(step, column, width, colour))
    if found.failed is None and isinstance(words := found.about.get(TEXT), str):
        out.write("\nThe text that was signed, whole:\n" if not found.about.get(ERASED) else _LEFT)
        _write_words(words, out, width)
    out.write(f"\n{_summary(found)}\n")


def _write_words(words: str, out: TextIO, width: int) -> None:
    """Show what was signed, set off from our own words by a bar that no line of it can leave out."""
    for line in words.split("\n"):
        for part in textwrap.wrap(printable(line.replace("\N{NO-BREAK SPACE}", " ")), width - 4) or [""]:
            out.write(f"  | {part}".rstrip() + "\n")


def _line(step: Step, column: int, width: int, colour: bool) -> str:
    head = f"{step.number:>2}  {step.name:<{column}}  {step.outcome:<10}  "
    evidence = _DIGEST.sub(r"\1…", printable(step.evidence))
    body = textwrap.wrap(evidence, max(20, width - len(head)), break_on_hyphens=False, break_long_words=True) or [""]
    lines = [head + body[0], *(" " * len(head) + rest for rest in body[1:])]
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    if not colour:
        return text
    return text.replace(step.outcome, f"\x1b[{COLOURS[step.outcome]}m{step.outcome}\x1b[0m", 1)


def _summary(found: Judgement) -> str:
    if found.failed is not None:
        left = found.planned - found.failed.number
        rest = "" if left <= 0 else f" {left} steps after it were" if left > 1 else " The step after it was"
        rest += " not looked at." if rest else ""
        return f"FAILED at step {found.failed.number}, {found.failed.name}.{rest}"
    if found.exit_code == 2:
        return f"CONSISTENT: nothing failed, but {_lacking(found)}."
    return f"PROVEN: {_PROVEN[found.kind]}"


def _lacking(found: Judgement) -> str:
    """Say why it is not proven: whose keys are not known to be who they should be, or words that are gone."""
    steps = [step.name for step in found.steps if step.outcome == "consistent"]
    if steps == [TEXT]:
        return "names were erased from the text since it was signed, so that its words are not proven"
    keys = "not every key or signature that is needed is in a trust that you gave (--trust or --pin)"
    return f"{keys}; and names were erased from the text since it was signed" if TEXT in steps else keys
