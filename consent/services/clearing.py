"""
Clearances: logged decisions that open the vault.

One clearance is one thing that happened: the decision was made under locks, `clearance.issued` was logged with the
hashes of request and facts, its grants were drawn on, and the vault was told which bytes and until when.
All functions join the caller's transaction, which commits the clearance together with what it is for.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from uuid6 import uuid7

from consent.core.asked.demands import CLEARANCE_S, TRAINING_S
from consent.kinds import CLEARANCE_ISSUED
from consent.services.deliberation import deliberate
from consent.services.questions import NOTHING_ASKED, Asked, Deliberation
from registry.core.clearance import Clearance, ClearanceKind
from registry.core.jcs import Json
from registry.core.times import format_time
from registry.models import ClearanceRow
from registry.services.record import record

SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared(Deliberation):
    """A deliberation that allowed the use, and the clearance that says so."""

    clearance: Clearance


def clear(
    request: Json,
    *,
    prompt: str = "",
    shot: str | None = None,
    replaces: str | None = None,
    asked: Asked = NOTHING_ASKED,
) -> Deliberation | Cleared:
    """Decide on a shot; when it is cleared, log the clearance and draw on its grounds."""
    deliberation = deliberate(request, prompt=prompt, asked=asked)
    if not deliberation.decision.cleared:
        return deliberation
    return _issue(deliberation, kind="shot", seconds=CLEARANCE_S, shot=shot, replaces=replaces, manifest_sha256=None)


def issue_training_clearance(request: Json, *, manifest_sha256: str) -> Deliberation | Cleared:
    """Decide on a training run; one clearance opens every sample of its manifest."""
    deliberation = deliberate(request, prompt="")
    if not deliberation.decision.cleared:
        return deliberation
    return _issue(
        deliberation, kind="train", seconds=TRAINING_S, shot=None, replaces=None, manifest_sha256=manifest_sha256
    )


def reconsider(request: Json, *, prompt: str, clearance: str, asked: Asked = NOTHING_ASKED) -> Deliberation:
    """Decide again, as heads moved on; where it still holds, the clearance rests on the heads as they are now."""
    deliberation = deliberate(request, prompt=prompt, asked=asked)
    if deliberation.decision.cleared:
        ClearanceRow.objects.filter(digest=clearance).update(heads=_epochs(deliberation))
    return deliberation


def close(clearance: str, *, by: str, at: datetime) -> None:
    """The clearance opens nothing any more; ``by`` is the digest of what ended it."""
    ClearanceRow.objects.filter(digest=clearance, closed_at=None).update(closed_at=at, closed_by=by)


def release_request(shot_request: dict[str, Json], grounds: Sequence[str]) -> dict[str, Json]:
    """Return the request to release what a shot request was cleared for, resting on these grounds."""
    return {**shot_request, "kind": "release", "salt": new_salt(), "rests_on": [*sorted(grounds)]}


def new_salt() -> str:
    """Return a salt, so that nobody can guess a request from its hash."""
    return base64.b64encode(secrets.token_bytes(SALT_BYTES)).decode()


def _issue(
    deliberation: Deliberation,
    *,
    kind: ClearanceKind,
    seconds: int,
    shot: str | None,
    replaces: str | None,
    manifest_sha256: str | None,
) -> Cleared:
    assets = _assets(deliberation.request)
    expires_at = deliberation.at + timedelta(seconds=seconds)
    decision = deliberation.decision
    digest = record(
        CLEARANCE_ISSUED,
        {
            "clearance": str(uuid7()),
            "kind": kind,
            "request_sha256": deliberation.request_sha256,
            "at": format_time(deliberation.at),
            "expires_at": format_time(expires_at),
            "facts_digest": decision.facts_digest,
            "tree_size": decision.tree_size,
            "grounds": [list(ground) for ground in decision.grounds],
            "assets": [list(pair) for pair in sorted(assets)],
            "shot": shot,
            "replaces": replaces,
            "manifest_sha256": manifest_sha256,
            "seconds": _number(deliberation.request, "seconds"),
            "epochs": _number(deliberation.request, "epochs"),
        },
        at=deliberation.at,
    )
    if replaces is not None:
        ClearanceRow.objects.filter(digest=replaces).update(
            closed_at=deliberation.at, closed_by=digest, replaced_by=digest
        )
    ClearanceRow.objects.create(
        digest=digest,
        kind=kind,
        assets=[list(pair) for pair in sorted(assets)],
        heads=_epochs(deliberation),
        expires_at=expires_at,
        shot=shot,
    )
    clearance = Clearance(digest=digest, kind=kind, assets=frozenset(assets), expires_at=expires_at)
    return Cleared(
        request=deliberation.request,
        request_sha256=deliberation.request_sha256,
        decision=decision,
        at=deliberation.at,
        vouched=deliberation.vouched,
        digests=deliberation.digests,
        heads=deliberation.heads,
        clearance=clearance,
    )


def _epochs(deliberation: Deliberation) -> list[list[object]]:
    return [[head.kind, head.id, epoch] for head, epoch in sorted(deliberation.heads.items())]


def _number(request: Json, name: str) -> int:
    number = request.get(name, 0) if isinstance(request, dict) else 0
    return number if isinstance(number, int) else 0


def _assets(request: Json) -> set[tuple[str, str]]:
    """Return the bytes that a request names: only those may be opened, not their components."""
    named = request["references"] if isinstance(request, dict) and "references" in request else None
    if named is None:
        named = request["assets"] if isinstance(request, dict) else []
    pairs = set()
    for item in named if isinstance(named, list) else []:
        if isinstance(item, dict):
            pairs.add((str(item["asset"]), str(item["sha256"])))
    return pairs
