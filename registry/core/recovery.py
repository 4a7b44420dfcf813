"""
Recovery: a new key for somebody who lost theirs, brought by those whom they named for it while they had one.

1. A standing key of the party adds another (`key.added`, both sign). Whoever has two loses none.
2. Else an authority with the power `recover` does: its agents issue the `key.added`, the new key signs in proof of
   possession, and so do as many agents as the authority requires. Only the party's own key grants that power: guardians
   and estates, to whom others attest, never have it, and the registry's own party is no agent in it. So every key of a
   party leads back to its first one, and nobody who runs the registry can enrol one.
3. Such a key is green for ``COOLING_S`` after its statement was issued: the party is told at once, and any standing key
   of theirs may revoke it. A statement may be a day on its way, so that they have six days at least. Until then the key
   withdraws consents and does nothing else; a dispute of the authority that was issued in that time keeps it green
   until the dispute has ended.
"""

from datetime import datetime, timedelta
from typing import Final

POWER: Final = "recover"
ROLES: Final = frozenset({"agent", "union"})  # in which an authority may have the power
COOLING_S: Final = 7 * 24 * 60 * 60  # a week: time to read a notice, and not so long that nobody can work meanwhile
WHILE_GREEN: Final = frozenset({"consent.revoked"})  # withdrawing stays as easy as it was


def ripe_at(issued_at: datetime) -> datetime:
    """Return from when a key counts that agents added by a statement issued then."""
    return issued_at + timedelta(seconds=COOLING_S)
