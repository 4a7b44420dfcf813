"""
Who is calling: `Authorization: Bearer <token>`.

A call without the header is nobody's, and every view that does not open itself refuses it; a header that is wrong is
refused even where nobody would do. What the caller may do is for the views: ``needs`` makes a permission of scopes.
Imports no view: the framework reads this while it makes its own.
"""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from registry.locks import clock
from registry.services.tokens import BadToken, Principal, principal_of, require_scope

__all__ = ["Principal", "TokenAuthentication", "needs"]


class TokenAuthentication(BaseAuthentication):
    """Read the bearer token; raises ``BadToken``, ``TokenExpired``."""

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        header = get_authorization_header(request).split()
        if not header:
            return None
        if len(header) != 2 or header[0].lower() != b"bearer":
            raise BadToken(problem="the `Authorization` header is not of the form `Bearer <token>`")
        return principal_of(header[1].decode("latin-1"), at=clock()), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def needs(*scopes: str) -> type[BasePermission]:
    """Make the permission of a view: a token with one of these scopes."""

    class HasScope(BasePermission):
        def has_permission(self, request: Request, view: object) -> bool:
            if request.user is None:
                return False
            require_scope(request.user, *scopes)
            return True

    return HasScope
