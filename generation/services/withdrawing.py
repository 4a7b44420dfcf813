"""
Look after released shots: tell their producers of withdrawals, and record that a shot must go.

Runs beside the workers every few seconds, in as many places as there are workers; repeating a pass changes nothing.

1. Find shots that rest on a grant which somebody withdrew, amended, assigned or replaced as it may be, and of which
   nothing was told yet.
2. On the facts of now, say what the grant's tail makes of each (``generation.core.standing``), and tell it once; a
   withdrawal that does not count is noted too, so that it is not looked at for ever.
3. Where a tail says `pull`, its time has come, and no use is covered any more: `shot.withdrawn` is recorded.

A crash between 2 and 3 leaves a shot that the next pass withdraws.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Q
from uuid6 import uuid7

from consent.core.facts import Facts
from generation.core.standing import Standing, WithdrawnGround, withdrawn_grounds
from generation.core.states import step
from generation.kinds import SHOT_WITHDRAWN
from generation.models import Shot, Told
from generation.selectors.standing import facts_of, standings
from generation.services.events import tell
from registry.core.scope import FOREVER_S
from registry.core.times import from_epoch_s
from registry.models import StatementRow
from registry.services.record import record

MAX_PAIRS: Final = 1_000  # of one pass
AT_ONCE: Final = 50  # shots whose facts are read together
LOOK_AGAIN: Final = timedelta(hours=1)  # at a shot that another grant still covers

_NEW: Final = """
    WITH RECURSIVE named ("grant", cause) AS (
        SELECT r.grant::text, r.revocation FROM consent_revokedgrant r
        UNION
        SELECT t.ident, n.cause FROM named n JOIN registry_thread t ON t.digest = n.grant
        WHERE t.way = 'leads' AND t.kind = 'grant' AND t.ident <> n.grant
    ), withdrawn AS (
        SELECT g.shot, g.grant, n.cause FROM named n JOIN generation_shotground g ON g.grant = n.grant
        UNION
        SELECT g.shot, g.grant, v.digest
        FROM consent_revocation v JOIN (
            SELECT performer, grantee, digest FROM consent_consent
            UNION
            SELECT c.performer, a.to, c.digest FROM consent_consent c JOIN registry_assignment a ON a.grant = c.digest
        ) AS c ON c.performer = v.performer AND c.grantee = v.grantee
        JOIN generation_shotground g ON g.grant = c.digest
        UNION
        SELECT g.shot, g.grant, l.ended
        FROM registry_licence l JOIN (
            SELECT digest, digest AS licence FROM registry_licence
            UNION ALL
            SELECT digest, licence FROM registry_amendment
        ) AS said ON said.licence = l.digest JOIN generation_shotground g ON g.grant = said.digest
        WHERE l.ended IS NOT NULL
    )
    SELECT w.shot::text, w.grant, w.cause FROM withdrawn w
    WHERE NOT EXISTS (
        SELECT 1 FROM generation_told t WHERE t.shot = w.shot AND t.grant = w.grant AND t.cause = w.cause
    )
    ORDER BY w.shot, w.grant, w.cause LIMIT %s
"""


def look_after(*, at: datetime) -> int:
    """Tell and record what withdrawals did to released shots; return how many shots were withdrawn."""
    with connection.cursor() as cursor:
        cursor.execute(_NEW, [MAX_PAIRS])
        pairs = cursor.fetchall()
    shots = sorted({shot for shot, _, _ in pairs})
    for start in range(0, len(shots), AT_ONCE):
        together = set(shots[start : start + AT_ONCE])
        _tell([pair for pair in pairs if pair[0] in together], at)
    return sum(_withdrawn(shot, at) for shot in _due(at))


def _tell(pairs: Sequence[tuple[str, str, str]], at: datetime) -> None:
    shots = {shot.id: shot for shot in Shot.objects.filter(id__in={shot for shot, _, _ in pairs})}
    causes = StatementRow.objects.filter(digest__in={cause for _, _, cause in pairs})
    said = dict(causes.values_list("digest", "accepted_at"))
    facts = dict(zip(shots, (facts for facts, _ in facts_of(list(shots.values()))), strict=True))
    rows = []
    for shot, grant, cause in pairs:
        found = next(withdrawn_grounds(frozenset({grant}), facts[shot], FOREVER_S), None)
        if found is not None or _is_settled(cause, facts[shot]):
            rows.append(_told(shots[shot], grant, cause, found, said[cause], at))
    Told.objects.bulk_create(rows, ignore_conflicts=True)


def _is_settled(cause: str, facts: Facts) -> bool:
    """Say whether a withdrawal that counts for nothing will stay so: its authority, say, may not be published yet."""
    return facts.vouched.indices.get(cause, 0) is not None


def _told(shot: Shot, grant: str, cause: str, found: WithdrawnGround | None, said_at: datetime, at: datetime) -> Told:
    effective = None if found is None else max(said_at, from_epoch_s(found.since_s))
    return Told(
        id=str(uuid7()),
        party=shot.for_party,
        project=shot.project,
        shot=shot.id,
        grant=grant,
        cause=cause,
        tail=None if found is None else found.tail,
        effective_at=effective,
        at=at,
    )


def _due(at: datetime) -> list[str]:
    """Return the released shots of which a withdrawal says that they must go, and that were not looked at lately."""
    lately = Q(looked_at__isnull=True) | Q(looked_at__lte=at - LOOK_AGAIN)
    released = Shot.objects.filter(state="released").values("id")
    rows = Told.objects.filter(lately, tail="pull", effective_at__lte=at, shot__in=released)
    return sorted(set(rows.values_list("shot", flat=True)))


def _withdrawn(shot_id: str, at: datetime) -> bool:
    """Record that a shot must go, if that is so; once."""
    with transaction.atomic(durable=True):
        shot = Shot.objects.select_for_update().get(id=shot_id)
        if shot.state != "released":
            return False
        found = standings([shot])[shot.id]
        if found.must_pull:
            _record(shot, found, at)
        Told.objects.filter(shot=shot.id).update(looked_at=at)
    return found.must_pull


def _record(shot: Shot, found: Standing, at: datetime) -> None:
    grounds = [ground.grant for ground in found.pulled]
    digest = record(SHOT_WITHDRAWN, {"shot": shot.id, "release": shot.release, "grounds": [*grounds]}, at=at)
    shot.state = step("released", "withdrawn")
    shot.updated_at = at
    shot.save(update_fields=["state", "updated_at"])
    tell(shot.id, "withdrawn", at, statement=digest, grounds=[*grounds])
