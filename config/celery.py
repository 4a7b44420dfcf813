"""
The Celery application.

By default its messages lie in the same PostgreSQL as the rows they ring for (``pgmq``); ``BROKER_URL`` names RabbitMQ
or Redis instead. A lost or doubled message does no harm: a task takes one id, and the row says what is to be done. No
eta and no countdown: a due time stands in the row, and the sweep looks for it.
"""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import task_prerun, worker_init
from django.conf import settings
from django.db import close_old_connections

from config.postgres import holders

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")  # a worker starts here and not in manage.py
app = Celery("proviso")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _keep_the_server(**_: object) -> None:
    """A worker talks to the broker before it talks to the database."""
    if settings.POSTGRES_HOME is not None:
        holders.keep(settings.POSTGRES_HOME, unsafe_fast=settings.UNSAFE_FAST_POSTGRES)


@task_prerun.connect
def _drop_dead_connections(**_: object) -> None:
    """Connections are kept over many tasks; one that broke in between is left behind here."""
    close_old_connections()
