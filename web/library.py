"""
Submit the sample library: its files, and the statements about them that its parties signed once.

The statements go in like anybody's, with two exceptions that their pinned digests buy: they may be older than a day,
and a party's first key needs no enrolment token. What is not pinned gets neither. Safe to run at every start: what is
there already is skipped, and an interrupted run goes on where it ended.

1. Read the pins, which file is which asset, and every chapter in order.
2. Before an asset is registered, keep its file for the party that registers it.
3. Submit.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from registry.core.envelope import Envelope, Statement, parse_statement
from registry.core.jcs import parse_json
from registry.errors import Inadmissible
from registry.locks import clock
from registry.models import Deposit, StatementRow
from registry.services.assets import deposit
from registry.services.setup import ensure_registry
from web.statements import submit

MAX_CHAPTER_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What a run did."""

    statements: int  # in the library
    accepted: int  # by this run
    stored: int  # files kept by this run


def submit_library(path: Path) -> Submitted:
    """Submit the library in this folder; raises a ``DomainError`` at the first thing that is refused."""
    ensure_registry()
    pinned = frozenset(json.loads((path / "pins.json").read_text("utf-8"))["digests"])
    files = {
        one["asset"]: path / "assets" / one["file"] for one in json.loads((path / "assets.json").read_text("utf-8"))
    }
    known = set(StatementRow.objects.filter(digest__in=pinned).values_list("digest", flat=True))
    seen = accepted = stored = 0
    for submission in _submissions(path):
        seen += 1
        statement = _statement(submission)
        if statement.digest not in pinned:
            raise Inadmissible(f"`{statement.digest}` is not pinned with the library", code="not_pinned")
        if statement.digest in known:
            continue
        if statement.type == "asset.registered":
            stored += _store(statement, files)
        accepted += submit(submission, by=None, pinned=True).first
    return Submitted(statements=seen, accepted=accepted, stored=stored)


def _submissions(path: Path) -> Iterator[dict[str, Any]]:
    for chapter in sorted((path / "envelopes").glob("*.json")):
        told = parse_json(chapter.read_bytes(), max_bytes=MAX_CHAPTER_BYTES)
        assert isinstance(told, list), f"{chapter} holds no list"
        for submission in told:
            assert isinstance(submission, dict), f"{chapter} holds something other than submissions"
            yield submission


def _statement(submission: Mapping[str, Any]) -> Statement:
    return parse_statement(Envelope.parse(submission["envelope"], "envelope").payload)


def _store(statement: Statement, files: Mapping[str, Path]) -> bool:
    """Keep the file of an asset under the id that its statement gives it; False where it is kept already."""
    asset = str(statement.body["asset"])
    if Deposit.objects.filter(asset=asset).exists():
        return False
    with files[asset].open("rb") as file:
        return deposit(file, party=statement.issuer, at=clock(), asset=asset).first
