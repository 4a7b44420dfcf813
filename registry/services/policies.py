"""
The registry's own policy: whom it takes for a court officer, and what it asks of grants.

It is a statement like any party's, signed with `REGISTRY_KEY` by whoever runs the registry; nobody else names officers.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.conf import settings
from uuid6 import uuid7

from registry.core.envelope import NONCE_BYTES, format_statement, sign_statement
from registry.core.fields import Reader
from registry.core.jcs import Json, sha256_hex
from registry.core.times import whole_second
from registry.kinds import KINDS
from registry.selectors.names import names_for
from registry.services.accept import accept
from registry.services.record import registry_party

_POLICY: Final = next(kind for kind in KINDS if kind.type == "policy.set")


def set_registry_policy(*, court_officers: Iterable[str], at: datetime) -> str:
    """Name the court officers, in place of those named before; returns the statement's digest."""
    party = registry_party()
    body: dict[str, Json] = {
        "party": party,
        "assurance": {},
        "attested_engines": False,
        "court_officers": [*sorted(set(court_officers))],
    }
    text = _POLICY.describe(_POLICY.parse(Reader(body, "body")), "en", names_for(party, at=at))
    payload = format_statement(
        type=_POLICY.type,
        id=str(uuid7()),
        issued_at=whole_second(at),
        issuer=party,
        nonce=secrets.token_bytes(NONCE_BYTES),
        body=body | {"language": "en", "text_sha256": sha256_hex(text.encode()), "private_sha256": None},
    )
    return accept(sign_statement(payload, settings.REGISTRY_KEY), _POLICY, text=text, private=None, by=None).digest
