"""
Start the embedded PostgreSQL when the first connection is asked for.

Commands that need no database never start one; and a server whose supervisor was killed is started again by whoever
connects next. With ``DATABASE_URL`` set this is Django's own backend and nothing else.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from config.postgres import holders


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if settings.POSTGRES_HOME is not None:
            holders.keep(settings.POSTGRES_HOME, unsafe_fast=settings.UNSAFE_FAST_POSTGRES)
        return super().get_new_connection(conn_params)
