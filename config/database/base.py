"""
Start the embedded PostgreSQL when the first connection is asked for, and say at once why there is none.

Commands that need no database never start one; and a server whose supervisor was killed is started again by whoever
connects next. The pool would try for its whole time-out and then say only that time ran out, so the first connection
of a process to a database is made without it.

Text columns get one index, not the second that Django adds for searches by the first letters: nobody searches digests
so, and the second took as much disk and time at every insert as the first.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base, schema
from psycopg import OperationalError

from config.postgres import holders

_reached: set[str] = set()  # names of databases that answered this process


class SchemaEditor(schema.DatabaseSchemaEditor):
    def _create_like_index_sql(self, model: Any, field: Any) -> None:
        return None


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if settings.POSTGRES_HOME is not None:
            holders.keep(settings.POSTGRES_HOME, unsafe_fast=settings.UNSAFE_FAST_POSTGRES)
        if self.pool and conn_params["dbname"] not in _reached:
            self._try(conn_params)
            _reached.add(conn_params["dbname"])
        return super().get_new_connection(conn_params)

    def _try(self, conn_params: dict[str, Any]) -> None:
        try:
            self.Database.connect(**conn_params).close()
        except OperationalError as error:
            if f'database "{conn_params["dbname"]}" does not exist' in str(error):
                raise OperationalError(f"{error}: `make migrate` makes it") from None
            raise
