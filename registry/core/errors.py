"""
The one family of errors that a caller is meant to read.

Whatever refuses an input raises a ``DomainError``; one handler at the edge makes problem+json of it. A subclass sets
``code`` and ``status`` and builds its message from typed fields: lower case, no full stop, input in backticks. Codes
are API: added, never renamed or reused. Refusals of a use are not errors but values (see ``consent.core.decision``).
"""

from typing import Literal

MAX_SHOWN = 80  # characters of the input that a message repeats

Fault = Literal[
    "bad_base64",
    "bad_id",
    "bad_time",
    "bad_type",
    "bad_value",
    "duplicate_key",
    "duplicate_value",
    "float_not_allowed",
    "integer_out_of_range",
    "missing_field",
    "not_canonical",
    "not_json",
    "not_normalised",
    "not_sorted",
    "not_utf8",
    "too_deep",
    "too_large",
    "unknown_field",
    "unknown_type",
    "unknown_vocabulary",
]

_SENTENCES: dict[Fault, str] = {
    "bad_base64": "not standard base64 with its padding",
    "bad_id": "not a lower-case UUID of version 7",
    "bad_time": "not a time of the form 2027-01-01T00:00:00Z",
    "bad_type": "wrong JSON type",
    "bad_value": "value not allowed here",
    "duplicate_key": "key stands twice in one object",
    "duplicate_value": "value stands twice",
    "float_not_allowed": "numbers are whole numbers",
    "integer_out_of_range": "whole number out of range",
    "missing_field": "field is missing",
    "not_canonical": "bytes are not the canonical JSON of RFC 8785",
    "not_json": "not JSON",
    "not_normalised": "text is not in Unicode normal form NFC",
    "not_sorted": "list is not sorted",
    "not_utf8": "not UTF-8",
    "too_deep": "nested too deeply",
    "too_large": "too large",
    "unknown_field": "field is not known here",
    "unknown_type": "statement type is not known",
    "unknown_vocabulary": "vocabulary version is not known",
}


class DomainError(Exception):
    """An input was refused; ``code`` says why to a program, the message to a person."""

    code: str = "refused"
    status: int = 400

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field  # path of the JSON field at fault, such as `body.scopes[0].acts`

    def extra(self) -> dict[str, object]:
        """Return what a program may want beside code and field, ready for JSON."""
        return {}


class Malformed(DomainError):
    """Bytes or JSON that break a format; ``code`` is the fault."""

    def __init__(
        self, fault: Fault, *, field: str | None = None, value: object = None, wanted: str | None = None
    ) -> None:
        shown = "" if value is None else f": `{str(value)[:MAX_SHOWN]}`"
        hint = "" if wanted is None else f", wanted {wanted}"
        where = "" if field is None else f"`{field}`: "
        super().__init__(where + _SENTENCES[fault] + shown + hint, field=field)
        self.code = fault
        self.value = value
        self.wanted = wanted


class UnknownTerm(DomainError):
    """A word that the closed vocabulary of its dimension does not hold."""

    code = "unknown_term"

    def __init__(self, *, term: str, dimension: str, field: str | None = None) -> None:
        super().__init__(f"`{term[:MAX_SHOWN]}` is not a term of {dimension}", field=field)
        self.term = term
        self.dimension = dimension

    def extra(self) -> dict[str, object]:
        return {"term": self.term, "dimension": self.dimension}


class UnexpandedGroup(UnknownTerm):
    """A group of terms where the terms themselves must be listed; groups are expanded when a statement is drafted."""

    code = "unexpanded_group"


class EmptyDimension(DomainError):
    """A scope that would cover nothing: closed by default means that it cannot even be built."""

    code = "empty_dimension"

    def __init__(self, *, dimension: str, field: str | None = None) -> None:
        super().__init__(f"a scope needs at least one of {dimension}", field=field)
        self.dimension = dimension

    def extra(self) -> dict[str, object]:
        return {"dimension": self.dimension}


class TooFragmented(DomainError):
    """What is missing falls into more pieces than anybody could read or we care to compute."""

    code = "too_fragmented"
    status = 422

    def __init__(self, *, limit: int, unit: str) -> None:
        super().__init__(f"the scopes leave a remainder of more than `{limit}` {unit}")
        self.limit = limit
        self.unit = unit

    def extra(self) -> dict[str, object]:
        return {"limit": self.limit, "unit": self.unit}


class BadKey(DomainError):
    """A public key that is malformed, of low order, or of a kind that is not known."""

    code = "bad_key"

    def __init__(self, *, kind: str, problem: str, field: str | None = None) -> None:
        super().__init__(f"key of kind `{kind[:MAX_SHOWN]}` is refused: {problem}", field=field)
        self.kind = kind


class BadSignature(DomainError):
    """A signature that does not verify over the bytes received."""

    code = "bad_signature"

    def __init__(self, *, keyid: str, problem: str | None = None, field: str | None = None) -> None:
        why = "" if problem is None else f": {problem}"
        super().__init__(f"signature by key `{keyid[:MAX_SHOWN]}` does not verify{why}", field=field)
        self.keyid = keyid

    def extra(self) -> dict[str, object]:
        return {"keyid": self.keyid}


class UnknownKey(DomainError):
    """A signature by a key that was not among those given."""

    code = "unknown_key"

    def __init__(self, *, keyid: str, field: str | None = None) -> None:
        super().__init__(f"key `{keyid[:MAX_SHOWN]}` is not known here", field=field)
        self.keyid = keyid

    def extra(self) -> dict[str, object]:
        return {"keyid": self.keyid}


class LineAtFault(DomainError):
    """What is read line by line and refused: ``line`` counts from 1; None where no one line is to blame."""

    def __init__(self, *, problem: str, line: int | None = None) -> None:
        super().__init__(problem if line is None else f"line {line}: {problem}")
        self.problem = problem
        self.line = line

    def extra(self) -> dict[str, object]:
        return {} if self.line is None else {"line": self.line}


class BadProof(LineAtFault):
    """A Merkle proof, tile or entry bundle that does not show what it is said to show."""

    code = "bad_proof"


class BadNote(LineAtFault):
    """A signed note, checkpoint, verifier key or tlog-proof that breaks its C2SP format or does not verify."""

    code = "bad_note"
