"""
Drive one shot as far as it goes: take a lease, do what is ``todo``, look again.

May run twice for one shot, at once or after one another: the lease lets one through. An error that nobody expects
leaves here as it is; the shot is handed back and tried again by another ring, at most ``MAX_ATTEMPTS`` times.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from types import MappingProxyType

from django.db import Error

from generation.models.shots import RELEASE, RENDER, SCREEN
from generation.services.closing import fail
from generation.services.leasing import MAX_ATTEMPTS, RETRY_S, Lease, LeaseLost, NotYet, hand_back, seen, take
from generation.services.releasing import release
from generation.services.rendering import render
from generation.services.screening import screen
from generation.services.sealing import seal
from generation.services.watching import Withdrawn
from registry.locks import clock

SEALINGS = 3  # of one try: grounds that change more often are looked at again later


def work(worker: str, *, shot: str | None = None) -> str | None:
    """Take one shot, this one or the oldest waiting, and do what it needs; return its id, None if there was nothing."""
    lease = take(worker, shot=shot)
    if lease is None:
        return None
    try:
        _drive(lease)
    except (LeaseLost, Withdrawn):
        return lease.shot  # the row says what became of it
    except NotYet:
        hand_back(lease, not_before=clock() + timedelta(seconds=RETRY_S), counts=False)
    except BaseException:
        with suppress(Error):  # a database that is gone takes the lease with it
            hand_back(lease, not_before=clock() + timedelta(seconds=RETRY_S))
        raise
    return lease.shot


def _drive(lease: Lease) -> None:
    """Do one thing after another; the row of a shot that is over, or waits for a person, is not seen any more."""
    shot = seen(lease)
    if shot.attempts > MAX_ATTEMPTS:
        fail(lease, detail=f"given up after {MAX_ATTEMPTS} attempts")
    while shot := seen(lease):
        _STEPS[shot.todo](lease)


def _seal_and_release(lease: Lease) -> None:
    if seen(lease).output is None:
        seal(lease)
    for _ in range(SEALINGS):
        match release(lease):
            case "released" | "aborted":
                return
            case "pending":
                raise NotYet("an approval is not given yet")
            case "grounds_changed":
                seal(lease)
    raise NotYet("the grounds of the release keep changing")


_STEPS: Mapping[str, Callable[[Lease], None]] = MappingProxyType(
    {RENDER: render, SCREEN: screen, RELEASE: _seal_and_release}
)
