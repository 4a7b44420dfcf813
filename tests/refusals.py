"""Statements that are refused: one clear problem each, nothing stored; and what the log gives when it is replayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.models import Head, StatementRow
from tests.world import Actor, World
from web import fsck

REBUILDING = ("row_stray", "row_missing", "replay_failed", "statement_unreadable")


def refused(world: World, type_: str, body: Mapping[str, Json], code: str, *, by: Actor, **how: Any) -> DomainError:
    """Submit what must be refused with this code, signed as ``World.signed`` says; see that nothing was stored."""
    before = StatementRow.objects.count()
    with pytest.raises(DomainError) as error:
        world.submit(world.signed(type_, body, by=by, **how))
    assert error.value.code == code, f"{error.value.code}: {error.value}"
    assert StatementRow.objects.count() == before
    return error.value


def rebuilt() -> None:
    """See that replaying the log gives every row that the services wrote."""
    findings = [finding for finding in fsck.run().findings if finding.fault in REBUILDING]
    assert findings == []


def epoch(kind: str, ident: str) -> int:
    return Head.objects.filter(kind=kind, ident=ident).values_list("epoch", flat=True).first() or 0
