"""
Ring for a worker. A lost ring does no harm: the row says what is to be done, and the sweep rings again.
"""

import logging

import psycopg
from celery import current_app
from django.db import Error
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

WORK, SWEEP = "generation.work", "generation.sweep"  # names, so that who rings need not import what rings lead to


def ring(shot: str) -> None:
    """Tell the workers that a shot has something to do; called after the commit that says so."""
    _send(WORK, shot)


def ring_for_sweep(*, expires_s: int) -> None:
    _send(SWEEP, expires=expires_s)


def _send(task: str, *args: str, expires: int | None = None) -> None:
    try:
        current_app.send_task(task, args=args, expires=expires, retry=False)
    except (OperationalError, psycopg.Error, Error, OSError) as error:
        logger.warning("`%s` was not rung for %s; the next sweep will: %s", task, args, error)
