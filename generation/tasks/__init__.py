"""
What Celery calls: one id in, no logic here.

The sweep is rung by every worker itself, so that nothing else has to run beside them: a message that is older than the
next pass is dropped unread.
"""

import threading

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down

from generation.services.bell import SWEEP, WORK, ring_for_sweep
from generation.services.erasing import run_due
from generation.services.erasing_held import look_after_held
from generation.services.erasing_rows import remove_leftovers
from generation.services.favouring import look_for_better_pay
from generation.services.opening import let_go
from generation.services.sweeping import SWEEP_S, sweep
from generation.services.withdrawing import look_after
from generation.services.working import work
from registry.locks import clock

_stopping = threading.Event()


@shared_task(name=WORK, bind=True)
def work_on(self, shot: str) -> None:
    """Do whatever this shot needs, if nobody else is at it."""
    work(f"{self.request.hostname}/{self.request.id}", shot=shot)


@shared_task(name=SWEEP)
def sweep_up() -> None:
    at = clock()
    sweep(at=at)
    look_after(at=at)
    look_for_better_pay(at=at)
    run_due(at=at)
    look_after_held(at=at)
    let_go(at=at)
    remove_leftovers()


@worker_ready.connect
def _ring_for_sweeps(**_: object) -> None:
    threading.Thread(target=_sweeps, name="sweeps", daemon=True).start()


@worker_shutting_down.connect
def _stop_sweeps(**_: object) -> None:
    _stopping.set()


def _sweeps() -> None:
    while not _stopping.wait(SWEEP_S):
        ring_for_sweep(expires_s=SWEEP_S)
