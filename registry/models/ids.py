"""The column of an id: `uuid` in PostgreSQL, and in Python the text that statements hold."""

from typing import Any

from django.db import models


class IdField(models.UUIDField):
    """A UUID that reads as lower-case text with hyphens, so that it compares with what a record says."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else str(value)
