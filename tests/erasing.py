"""
Ask for an erasure and carry it out, as its person and the registry would.

``Erasing`` has a studio in which Ada was in everything that keeps anything of anybody.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from generation.services import erasing, erasure_requests
from registry.locks import clock
from registry.models import ErasureRequest
from registry.services import tokens
from registry.services.tokens import Principal
from registry.statements import open_statement
from tests.world import Actor, World


def principal(world: World, actor: Actor, *scopes: str) -> Principal:
    return tokens.principal_of(world.token(actor, *scopes), at=clock())


def asked(world: World, person: Actor, *, by: Actor | None = None) -> erasure_requests.Asked:
    """Be told, and confirm."""
    caller = principal(world, by or person)
    told = erasure_requests.preview(person.id, by=caller, at=clock())
    return erasure_requests.ask(person.id, told.told_sha256, by=caller)


def make_due(request: str) -> None:
    ErasureRequest.objects.filter(id=request).update(due_at=clock() - timedelta(seconds=1))


def erased(world: World, person: Actor) -> tuple[erasure_requests.Asked, tuple[str, ...]]:
    """Ask for an erasure, let the time go by, carry it out, publish it."""
    request = asked(world, person)
    make_due(request.id)
    digests = erasing.erase(request.id)
    world.publish()
    return request, digests


def body_of(digest: str) -> dict[str, Any]:
    opened = open_statement(digest)
    assert opened is not None
    return opened.statement.body
