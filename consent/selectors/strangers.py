"""
Grants to somebody else, so that a refusal can tell "none at all" from "none to you".

Read only once a use is refused: what cleared a use ends up in its papers, and shows nobody else's terms.
"""

from collections.abc import Iterable
from typing import Final

from django.db import connection

from consent.core.obstacles import Obstacle

_QUERY: Final = """
    SELECT DISTINCT ON (performer) digest FROM consent_consent
    WHERE performer = ANY(%(people)s::uuid[]) ORDER BY performer, digest
"""
_LICENCES: Final = """
    SELECT DISTINCT ON (l.licensor) l.digest FROM registry_licence l
    JOIN registry_licence_subject s ON s.licence = l.digest
    WHERE l.licensor = ANY(%(holders)s::uuid[]) AND s.subject_id = ANY(%(assets)s::uuid[])
    ORDER BY l.licensor, l.digest
"""


def grants_to_others(obstacles: Iterable[Obstacle], *, reached: Iterable[str]) -> set[str]:
    """Return one grant of each grantor who gave the requester none; ``reached`` are the ids that a licence may name."""
    silent = [one for one in obstacles if one.code == "no_grant"]
    people = [one.subject[1] for one in silent if one.subject[0] == "performer"]
    holders = [one.remedy.ask for one in silent if one.subject[0] == "asset" and one.remedy is not None]
    found: set[str] = set()
    with connection.cursor() as cursor:
        if people:
            cursor.execute(_QUERY, {"people": people})
            found |= {digest for (digest,) in cursor.fetchall()}
        if holders:
            cursor.execute(_LICENCES, {"holders": holders, "assets": [*reached]})
            found |= {digest for (digest,) in cursor.fetchall()}
    return found
