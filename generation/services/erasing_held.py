"""
Destroy what was taken from people and nobody agreed to in time: scans, voices, replicas, after ``HOLD_DAYS``.

Whether somebody agreed is what a decision says: asked for each party that anybody in the file consented to, it is held
back for want of `scan` or `store` (``consent.core.asked.holding``). INVARIANT (one-decision): no second rule here. What
is declared to hold people and names none is nobody's to keep either; what is declared to hold none is not touched.

One transaction an asset: its head is taken alone, the question is put again, `erasure.done` is logged.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from consent import services as consent
from consent.core.asked.holding import KEEPING
from consent.kinds import ERASURE_DONE
from consent.models import Consent
from consent.services.clearing import new_salt
from generation.selectors.erasures import TAKEN_FROM_PEOPLE, File
from generation.services.erasing_rows import destroy_files
from registry.core.erasure import Erasure
from registry.core.jcs import Json
from registry.locks import Head, clock, lock
from registry.models import Asset, Deposit
from registry.selectors.assets import performers_in
from registry.services.record import record

MAX_PASS: Final = 1_000  # assets looked at in one pass


def destroy_held(*, at: datetime) -> dict[str, str]:
    """Destroy what nobody agreed to in time; return the digest of each `erasure.done` by its asset."""
    late = Deposit.objects.filter(stored_at__lte=at - timedelta(days=settings.HOLD_DAYS)).values("asset")
    rows = Asset.objects.filter(id__in=late, kind__in=TAKEN_FROM_PEOPLE).order_by("id")[:MAX_PASS]
    done = {asset.id: _destroyed(asset) for asset in rows if _is_held(asset)}
    return {asset: digest for asset, digest in done.items() if digest is not None}


def _destroyed(asset: Asset) -> str | None:
    with transaction.atomic(durable=True):
        lock(exclusive={Head("asset", asset.id)})
        if not Deposit.objects.filter(asset=asset.id).exists() or not _is_held(asset):
            return None
        destroy_files([File(id=asset.id, sha256=asset.sha256, what="scan")])
        body = Erasure(cause="held", subject=None, destroyed=(asset.sha256,), kept=(), assets=(asset.id,))
        return record(ERASURE_DONE, body.format(), at=clock())


def _is_held(asset: Asset) -> bool:
    """Say whether there is nobody whom everybody in the file lets keep it."""
    people = performers_in([asset.id])
    if not people:
        return bool(asset.inventory["people"] != "none")
    grantees = Consent.objects.filter(performer__in=people).values_list("grantee", flat=True).distinct()
    return all(_held_back(asset, keeper) for keeper in sorted({asset.registrant, *map(str, grantees)}))


def _held_back(asset: Asset, keeper: str) -> bool:
    request: Json = {
        "v": 1,
        "kind": "train",
        "salt": new_salt(),
        "for": keeper,
        "territory": settings.OPERATOR_TERRITORY,
        "engine": "none",
        "manifest_sha256": asset.sha256,
        "assets": [{"asset": asset.id, "sha256": asset.sha256}],
        "epochs": 1,
    }
    return any(one.act in KEEPING for one in consent.preflight(request).decision.obstacles)
