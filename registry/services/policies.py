"""
The registry's own policy: whom it takes for a court officer, and what it asks of grants.

It is a statement like any party's, signed with its own key by whoever runs the registry; nobody else names officers.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from registry.core.jcs import Json
from registry.kinds import KINDS
from registry.selectors.names import names_for
from registry.services.accept import accept
from registry.services.record import registry_party, say

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
    envelope, text = say(_POLICY, body, party=party, names=names_for(party, at=at), at=at)
    return accept(envelope, _POLICY, text=text, private=None, by=None).digest
