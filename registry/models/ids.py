"""The column of an id: `uuid` in PostgreSQL, and in Python the text that statements hold."""

from typing import TYPE_CHECKING, Any

from django.db import models


class IdField(models.UUIDField):
    """A UUID that reads as lower-case text with hyphens, so that it compares with what a record says."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else str(value)

    if TYPE_CHECKING:  # of a row this is the value, not the column

        def __get__(self, row: Any, owner: Any) -> Any: ...

        def __set__(self, row: Any, value: str | None) -> None: ...
