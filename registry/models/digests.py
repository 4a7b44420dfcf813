"""
The column of a digest where every entry of the log has one: 32 bytes in PostgreSQL, lower-case hex in Python.

Half the bytes of text, in the row and again in its index. Elsewhere digests are text, so that rows read well.
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.lookups import In


class DigestField(models.BinaryField):
    """A SHA-256 that reads as hex, so that it compares with what a statement says; what is no hex is found nowhere."""

    def get_prep_value(self, value: Any) -> Any:
        return _raw(value) if isinstance(value, str) else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else bytes(value).hex()

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: Any) -> str:
        return str(self.value_from_object(obj))

    if TYPE_CHECKING:  # of a row this is the value, not the column

        def __get__(self, row: Any, owner: Any) -> Any: ...

        def __set__(self, row: Any, value: str | None) -> None: ...


@DigestField.register_lookup
class _InTexts(In):
    """Digests among those of a query, which holds them as text."""

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        sql, params = super().process_rhs(compiler, connection)
        if self.rhs_is_direct_value() or isinstance(_output_of(self.rhs), DigestField):
            return sql, params
        return f"(SELECT decode(found.digest, 'hex') FROM {sql} AS found (digest))", params  # noqa: S608 - Django's SQL, and ours


def _output_of(query: Any) -> Any:
    select = query.select or tuple(query.annotation_select.values())
    return select[0].output_field if select else None


def _raw(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return text.encode()
