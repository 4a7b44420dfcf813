"""
What a statement may be refused for once its bytes are in order.

Faults of the bytes themselves are ``registry.core.errors``. Codes are API: added, never renamed or reused.
"""

from collections.abc import Mapping, Sequence

from registry.core.errors import MAX_SHOWN, DomainError


class EnvelopeDiffers(DomainError):
    """Another envelope over a payload that is already logged: the log commits to one envelope a digest."""

    code = "envelope_differs"
    status = 409

    def __init__(self, *, digest: str) -> None:
        super().__init__(f"statement `{digest}` was accepted in another envelope", field="envelope")
        self.digest = digest

    def extra(self) -> dict[str, object]:
        return {"digest": self.digest}


class TextMismatch(DomainError):
    """The text that came along is not the text that was signed."""

    code = "text_mismatch"

    def __init__(self, *, signed: str) -> None:
        super().__init__(f"the text does not have the SHA-256 `{signed}` that was signed", field="text")


class PrivateMismatch(DomainError):
    """The private part that came along is not the one that was signed, or has no salt."""

    code = "private_mismatch"

    def __init__(self, *, problem: str) -> None:
        super().__init__(problem, field="private")


class StaleStatement(DomainError):
    """Signed too long ago: a statement that was kept back could undo what was said since."""

    code = "stale_statement"

    def __init__(self, *, issued_at: str, hours: int) -> None:
        super().__init__(f"issued at `{issued_at}`, more than `{hours}` hours ago", field="issued_at")


class FutureStatement(DomainError):
    """Dated in the future by more than clocks differ."""

    code = "future_statement"

    def __init__(self, *, issued_at: str, minutes: int) -> None:
        super().__init__(f"issued at `{issued_at}`, more than `{minutes}` minutes from now", field="issued_at")


class WrongKey(DomainError):
    """Signed by keys that may not sign this."""

    code = "wrong_key"
    status = 403

    def __init__(self, *, keyid: str, problem: str) -> None:
        super().__init__(f"key `{keyid[:MAX_SHOWN]}` {problem}", field="signatures")
        self.keyid = keyid

    def extra(self) -> dict[str, object]:
        return {"keyid": self.keyid}


class KeyRevoked(WrongKey):
    """Signed by a key that was revoked."""

    code = "key_revoked"


class KeyGreen(WrongKey):
    """Signed by a key that agents brought lately: its party may still revoke it."""

    code = "key_green"


class KeyContested(WrongKey):
    """Signed by a key that agents brought under an authority whose dispute is open, or was upheld."""

    code = "key_contested"


class CounterWentBack(WrongKey):
    """Signed by a passkey whose counter has not moved on: somebody may have a copy of it."""

    code = "passkey_counter"


class NotTheIssuer(DomainError):
    """Only another party may say this."""

    code = "not_the_issuer"
    status = 403

    def __init__(self, *, type: str, issuer: str) -> None:  # noqa: A002 - the header's own word
        super().__init__(f"party `{issuer}` may not issue this `{type}`", field="issuer")


class UnauthorisedSigner(DomainError):
    """Whoever signs for somebody else has no authority that reaches this."""

    code = "unauthorised_signer"
    status = 403

    def __init__(self, *, issuer: str, problem: str) -> None:
        super().__init__(f"party `{issuer}` signs for somebody else, and {problem}", field="issuer")


class OwnKeyNeeded(DomainError):
    """What only the living person says, by a key of their own."""

    code = "own_key_needed"
    status = 403

    def __init__(self, *, party: str, what: str, field: str = "issuer") -> None:
        super().__init__(f"{what} needs a key of party `{party}`: no authority signs it", field=field)


class EnrolmentNeeded(DomainError):
    """A party's first key needs a single-use enrolment token for that party."""

    code = "enrolment_needed"
    status = 403

    def __init__(self, *, party: str) -> None:
        super().__init__(f"the first key of party `{party}` needs an unused enrolment token for that party")


class Unknown(DomainError):
    """A statement names what is not registered; the code says what kind of thing it is."""

    def __init__(
        self,
        *,
        kind: str,
        id: str,  # noqa: A002 - the header's own word
        field: str | None = None,
        status: int = 422,
    ) -> None:
        super().__init__(f"{kind} `{id[:MAX_SHOWN]}` is not registered", field=field)
        self.code = f"unknown_{kind}"
        self.status = status


class AlreadyRegistered(DomainError):
    """The id or key is taken."""

    code = "already_registered"
    status = 409

    def __init__(self, *, kind: str, id: str, field: str) -> None:  # noqa: A002 - the header's own word
        super().__init__(f"{kind} `{id[:MAX_SHOWN]}` is already registered", field=field)


class Conflict(DomainError):
    """What is said contradicts what stands; ``code`` says how."""

    status = 409

    def __init__(self, message: str, *, code: str, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.code = code


class Inadmissible(DomainError):
    """What is said cannot be so; ``code`` says why."""

    status = 422

    def __init__(self, message: str, *, code: str, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.code = code


class ExclusiveConflict(DomainError):
    """
    What is given, or promised, is promised to somebody else.

    ``deals``: of each licence that stands in the way its digest, for those entitled to know it, and where they meet.
    Empty where PostgreSQL itself refused, because two came at once.
    """

    code = "exclusive_conflict"
    status = 409

    def __init__(self, *, deals: Sequence[Mapping[str, object]], field: str | None = "body.scopes") -> None:
        named = ", ".join(f"`{deal['licence']}`" for deal in deals if deal["licence"] is not None)
        standing = f": licence {named}" if named else ""
        super().__init__(f"this meets what was promised exclusively to somebody else{standing}", field=field)
        self.deals = deals

    def extra(self) -> dict[str, object]:
        return {"deals": [dict(deal) for deal in self.deals]}


class BeyondParent(DomainError):
    """A sublicence that gives more than the licence it hangs under; ``missing`` is what it lacks."""

    code = "beyond_parent"
    status = 422

    def __init__(self, *, missing: Sequence[object], field: str) -> None:
        super().__init__("the sublicence gives more than the licence it hangs under", field=field)
        self.missing = missing

    def extra(self) -> dict[str, object]:
        return {"missing": [*self.missing]}


class Forbidden(DomainError):
    """The caller may not do this; ``code`` says why."""

    status = 403

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class Busy(DomainError):
    """The database asked to try again, several times over."""

    code = "busy"
    status = 503

    def __init__(self) -> None:
        super().__init__("too many statements about the same things at once: send the same envelope again")
