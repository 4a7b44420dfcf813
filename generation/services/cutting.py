"""Keep an editor's cut of a project. Every version is kept; the newest is the project's cut."""

import hashlib
from pathlib import PurePath
from typing import Final

from django.db import connection, transaction
from uuid6 import uuid7

from generation.core.cut import READERS, read_cut
from generation.core.cut.event import CutFile, UnreadableCut, clean_name
from generation.models import Cut
from generation.selectors.cuts import describe_cut, find_cut, require_produced
from generation.services.idempotency import Answer, Call, claim, keep
from registry.locks import clock
from registry.services.tokens import Principal, require_scope

MAX_CUT_NAME: Final = 200  # characters
CREATED: Final = 201


def format_of(name: str | None, asked: str | None) -> str:
    """Return the format of a file: the one that is said, else the one of its name."""
    found = asked or PurePath(name or "").suffix.removeprefix(".").casefold()
    if found not in READERS:
        raise UnreadableCut(place="format", problem=f"not one of {', '.join(sorted(READERS))}", value=found or None)
    return found


def keep_cut(project: str, data: bytes, *, name: str | None, format_: str, by: Principal, call: Call) -> Answer:
    """Read a cut and keep it as the project's newest. Raises ``UnreadableCut``, ``Unknown``; then nothing is kept."""
    require_scope(by, "produce")
    require_produced(project, by=by)
    found = read_cut(data, format_)
    with transaction.atomic(durable=True):
        if answered := claim(call):
            return answered
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"cut {project}"])
        last, at = find_cut(project), clock()
        cut = Cut.objects.create(
            id=str(uuid7()),
            project=project,
            version=1 if last is None else last.version + 1,
            format=format_,
            name=_name(found, name),
            sha256=hashlib.sha256(data).hexdigest(),
            events=[event.format() for event in found.events],
            by_person=by.person,
            by_party=by.party,
            at=at,
        )
        answer = Answer(status=CREATED, body=describe_cut(cut))
        keep(call, answer, at=at)
    return answer


def _name(found: CutFile, file: str | None) -> str:
    return (found.title or clean_name(file) or "cut")[:MAX_CUT_NAME]
