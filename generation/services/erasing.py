"""
Erase a person, once, whatever is killed meanwhile.

1. Look what there is (``generation.selectors.erasures``): it says which heads to take.
2. One durable transaction: lock the person and every asset and work that they were in or held, alone; then take their
   data key, so that each statement about them was either inserted before, or is refused; then look again.
3. Something stands in the way: nothing happens. More heads than were locked: begin again.
4. Seal what must be kept. End the shots that are still being made, and take the person's words out of all of them.
5. Take out notes, messages and files; log `erasure.done`, which takes out the projections; bury the data key.
6. After the commit, files are removed.

A crash before the commit leaves everything as it was; one after it leaves files that no key opens, which the next pass
removes. INVARIANT (no-personal-data-in-the-log): what the record says are ids and digests.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction

from consent.kinds import ERASURE_DONE
from generation.models import Shot
from generation.selectors.erasures import CLAIMS, Plan, plan
from generation.services.closing import close
from generation.services.erasing_rows import (
    destroy_files,
    forget_notes,
    forget_takes,
    names_of,
    papers_of,
    take_out_words,
)
from registry.core.erasure import Appeared, Erasure, Kept
from registry.core.errors import DomainError
from registry.core.jcs import Json, canonical, sha256_hex
from registry.core.times import whole_second
from registry.errors import Busy
from registry.locks import Head, clock, lock
from registry.models import ErasureRequest
from registry.services.record import record
from registry.statements import open_privates, open_statements
from registry.vault import graves, kept

logger = logging.getLogger(__name__)

TRIES: Final = 5
MAX_SPANS: Final = 20  # of one appearance in a record; one in more pieces is taken for the whole
# Of one record, so that it stays well below the largest payload; what is more goes into a second of the same moment.
MAX_DESTROYED, MAX_KEPT, MAX_APPEARANCES, MAX_TITLES = 2_000, 500, 300, 500


class ErasureBlocked(DomainError):
    """Something of the person's is still in force, or about to take effect."""

    code = "erasure_blocked"
    status = 409

    def __init__(self, *, obstacles: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"`{len(obstacles)}` things stand in the way of this erasure")
        self.obstacles = obstacles

    def extra(self) -> dict[str, object]:
        return {"obstacles": [{"code": code, "about": about} for code, about in self.obstacles]}


class _MoreHeads(Exception):
    """Somebody recorded the person somewhere else meanwhile."""


def erase(request_id: str) -> tuple[str, ...]:
    """
    Carry out a request that is due; return the digests of its `erasure.done`. Again is once.

    Raises ``ErasureBlocked``; a request that was cancelled, or is not due, is left alone and gives none.
    """
    for _ in range(TRIES):
        request, at = ErasureRequest.objects.get(id=request_id), clock()
        if not _is_due(request, at):
            return tuple(request.statements)
        found = plan(request.subject, at=at)
        if found.obstacles:  # before anybody has to wait for our locks
            raise ErasureBlocked(obstacles=found.obstacles)
        heads = _heads(found)
        try:
            with transaction.atomic(durable=True):
                lock(exclusive=heads)
                request = ErasureRequest.objects.select_for_update().get(id=request_id)
                at = clock()
                if _is_due(request, at):
                    request.statements = _carry_out(request.subject, heads, at)
                    request.done_at = at
                    request.save(update_fields=["statements", "done_at"])
                return tuple(request.statements)
        except _MoreHeads:
            continue
    raise Busy


def run_due(*, at: datetime) -> dict[str, tuple[str, ...] | DomainError]:
    """Carry out every request whose time has come; return by request what was logged, or why it was not done."""
    due = ErasureRequest.objects.filter(due_at__lte=at, done_at=None, cancelled_at=None).order_by("due_at", "id")
    return {request: _tried(request) for request in due.values_list("id", flat=True)}


def _tried(request: str) -> tuple[str, ...] | DomainError:
    """Nobody's erasure waits for somebody else's."""
    try:
        return erase(request)
    except DomainError as error:
        logger.warning("erasure `%s` is due and was not carried out: %s", request, error)
        return error


def _is_due(request: ErasureRequest, at: datetime) -> bool:
    return request.done_at is None and request.cancelled_at is None and request.due_at <= at


def _heads(found: Plan) -> set[Head]:
    things = {Head("asset", one.asset) for one in found.appearances} | {Head(*title) for title in found.titles}
    return {Head("person", found.subject)} | things


def _carry_out(subject: str, heads: set[Head], at: datetime) -> list[str]:
    """Joins the transaction, which holds these heads."""
    owner = f"party:{subject}"
    graves.take(owner)
    found = plan(subject, at=at)
    if not _heads(found) <= heads:
        raise _MoreHeads
    if found.obstacles:
        raise ErasureBlocked(obstacles=found.obstacles)
    papers = _go_through_shots(found, at)
    kept.seal(subject, [*_items(found), *papers])
    forget_notes(found)
    destroy_files(found.files)
    papers_kept = [Kept(digest=one.digest, reason=one.reason, until=one.until) for one in papers]
    digests = [record(ERASURE_DONE, one.format(), at=at) for one in _records(found, papers_kept)]
    graves.bury(owner, at=at)
    return digests


def _go_through_shots(found: Plan, at: datetime) -> list[kept.Item]:
    """End what is being made, take the person out of what is written; return what must be kept of released shots."""
    names, papers = names_of(found.subject), []
    rows = list(Shot.objects.select_for_update().filter(id__in=found.shown_in).order_by("id"))
    for shot in rows:
        if shot.id in found.open_shots:
            close(shot, "aborted", at=at, detail="erased")
    forget_takes(rows)
    until = max((one.until for one in found.kept), default=whole_second(at + CLAIMS))
    for shot in rows:
        if shot.release is not None:
            papers.append(_kept_papers(papers_of(shot), until))
        take_out_words(shot, found.subject, names)
        shot.updated_at = at
        shot.save()
    return papers


def _kept_papers(content: Json, until: datetime) -> kept.Item:
    digest = sha256_hex(canonical(content))
    return kept.Item(digest=digest, reason="legal_claims", until=until, content=content)


def _items(found: Plan) -> Iterator[kept.Item]:
    """Yield the statements to keep, whole."""
    digests = [one.digest for one in found.kept]
    opened, privates = open_statements(digests), open_privates(digests)
    for one in found.kept:
        content: Json = {
            "envelope": opened[one.digest].envelope.format(),
            "text": opened[one.digest].text,
            "private": privates.get(one.digest),
        }
        yield kept.Item(digest=one.digest, reason=one.reason, until=one.until, content=content)


def _records(found: Plan, papers: Sequence[Kept]) -> Iterator[Erasure]:
    """Yield what is to be logged, in as many records as it takes; the first one names keys and assets."""
    destroyed = sorted({*found.destroyed, *(one.sha256 for one in found.files)})
    stays = sorted((*found.kept, *papers), key=lambda one: one.digest)
    shown = [_short(one) for one in found.appearances]
    keys, assets = found.keys, tuple(sorted({one.id for one in found.scans}))
    while True:
        yield Erasure(
            cause="asked",
            subject=found.subject,
            destroyed=tuple(destroyed[:MAX_DESTROYED]),
            kept=tuple(stays[:MAX_KEPT]),
            keys=keys,
            appearances=tuple(shown[:MAX_APPEARANCES]),
            titles=tuple(found.titles[:MAX_TITLES]),
            assets=assets,
        )
        destroyed, stays, shown = destroyed[MAX_DESTROYED:], stays[MAX_KEPT:], shown[MAX_APPEARANCES:]
        found = replace(found, titles=found.titles[MAX_TITLES:])
        keys, assets = (), ()
        if not (destroyed or stays or shown or found.titles):
            return


def _short(one: Appeared) -> Appeared:
    """INVARIANT (default-deny): what would be too long to say is said of the whole asset."""
    return replace(one, spans=None) if one.spans is not None and len(one.spans) > MAX_SPANS else one
