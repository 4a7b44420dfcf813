"""
Whose keys may stand in one envelope: the issuer's, or those of one authority under which the issuer acts.

Left out: whether the authority stood, and whether enough of its agents signed, which decisions ask
(``consent.core.settled.standing``).
"""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from registry.core import recovery
from registry.core.authority import AuthorityGranted
from registry.core.record import KeyAdded
from registry.kinds.kind import Look
from web.fsck.statements import Said

_EVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Company:
    """Who acts for whom, and which keys agents brought, at one place of the log."""

    authorities: list[AuthorityGranted] = field(default_factory=list)
    ripe: dict[str, datetime] = field(default_factory=dict)  # key id of a recovered key -> from when it counts

    def hear(self, one: Said) -> None:
        """Take in a statement whose signatures were in order."""
        if isinstance(one.record, AuthorityGranted):
            self.authorities.append(one.record)
        if isinstance(one.record, KeyAdded) and is_recovery(one):
            self.ripe[one.record.key.keyid] = recovery.ripe_at(one.statement.issued_at)

    def may_sign(self, one: Said, owners: Set[str]) -> bool:
        """Say whether keys of these parties may stand together in this envelope."""
        issuer = one.statement.issuer
        if owners <= {issuer} and not is_recovery(one):
            return True
        voice = one.kind.speaks(one.record, Look(issuer=issuer))
        if voice is None or voice.power is None:
            return False
        return any(
            a.principal in voice.principals
            and voice.power in a.powers
            and issuer in a.agents
            and owners <= {a.principal, *a.agents}
            for a in self.authorities
        )

    def is_green(self, keyid: str, one: Said) -> bool:
        """Say whether a key that agents brought did not count yet when it signed this."""
        return one.statement.type not in recovery.WHILE_GREEN and one.statement.issued_at < self.ripe.get(keyid, _EVER)


def is_recovery(one: Said) -> bool:
    """Say whether a statement brings a key for somebody other than its issuer."""
    return isinstance(one.record, KeyAdded) and one.record.party != one.statement.issuer
