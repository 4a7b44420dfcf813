"""
Destroy what was taken from people and nobody agreed to in time: scans, voices, replicas, after ``HOLD_DAYS``.

Whether somebody agreed is what a decision says: asked for each party that anybody in the file consented to, it is held
back for want of `scan` or `store` (``consent.core.asked.holding``). INVARIANT (one-decision): no second rule here. What
is declared to hold people and names none is nobody's to keep either; what is declared to hold none is not touched.

One transaction an asset: its head is taken alone, the question is put again, `erasure.done` is logged. So several may
do this at once, and each asset is destroyed once.

Workers look at a few assets a minute, round and round (``look_after_held``): most were agreed to long ago, and are
looked at again only because a consent may end. ``destroy_held`` looks at all of them now.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from consent import services as consent
from consent.core.asked.holding import KEEPING
from consent.kinds import ERASURE_DONE
from consent.models import Consent
from consent.services.clearing import new_salt
from generation.selectors.erasures import TAKEN_FROM_PEOPLE, File
from generation.services.erasing_rows import destroy_files
from registry.core.erasure import Erasure
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.locks import Head, clock, lock
from registry.models import Asset, Deposit
from registry.selectors.assets import performers_in
from registry.services.record import record

EVERY: Final = timedelta(minutes=1)  # between two looks of one worker
AT_ONCE: Final = 50  # assets in one of these looks, about a second's work
_START: Final = "00000000-0000-0000-0000-000000000000"

logger = logging.getLogger(__name__)
_round: dict[str, tuple[datetime, str]] = {}  # of this process: when it looked last, and after which asset it goes on


def destroy_held(*, at: datetime) -> dict[str, str]:
    """Destroy what nobody agreed to in time; return the digest of each `erasure.done` by its asset."""
    return _destroy([*_late(at)])


def look_after_held(*, at: datetime) -> dict[str, str]:
    """Do so for the next few assets, where this process has not just done it."""
    looked_at, after = _round.get("held", (datetime.min.replace(tzinfo=UTC), _START))
    if at - looked_at < EVERY:
        return {}
    found = [*_late(at).filter(id__gt=after)[:AT_ONCE]]
    _round["held"] = at, found[-1] if len(found) == AT_ONCE else _START
    return _destroy(found)


def _late(at: datetime) -> QuerySet[Asset, str]:
    late = Deposit.objects.filter(stored_at__lte=at - timedelta(days=settings.HOLD_DAYS)).values("asset")
    return Asset.objects.filter(id__in=late, kind__in=TAKEN_FROM_PEOPLE).order_by("id").values_list("id", flat=True)


def _destroy(assets: Iterable[str]) -> dict[str, str]:
    done = {}
    for asset in assets:
        try:
            row = Asset.objects.get(id=asset)
            if _is_held(row) and (digest := _destroyed(row)):
                done[asset] = digest
        except DomainError as error:  # it stays, and the others do not wait for it
            logger.warning("asset `%s` is held too long, and could not be looked at: %s", asset, error)
    return done


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
