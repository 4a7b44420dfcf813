"""
Settle licences: confirmation of recorded ones, denial, termination.
"""

from collections.abc import Sequence

from consent.core.grants import Grant
from consent.core.read import NOT_LOGGED, Read
from consent.core.settling import Settling
from consent.core.withdrawals import Withdrawals
from registry.core.rights import Licence, LicenceConfirmed


def settle_licences(settling: Settling, withdrawals: Withdrawals) -> list[Grant]:
    """Return every licence as it stands after all the other statements."""
    confirmed = _confirmed(settling.statements)
    return [_licence(s, withdrawals, confirmed) for s in settling.statements if isinstance(s.record, Licence)]


def _licence(s: Read, withdrawals: Withdrawals, confirmed: set[tuple[str, str]]) -> Grant:
    licence: Licence = s.record
    recorded = s.type == "licence.recorded"
    assurance = "signed" if not recorded else "recorded"
    if recorded and (s.digest, licence.licensor) in confirmed:
        assurance = "confirmed"
    return Grant(
        digest=s.digest,
        kind="licence",
        grantor=licence.licensor,
        grantee=licence.licensee,
        scopes=licence.scopes,
        assurance=assurance,
        logged=s.logged,
        authorised=s.authorised and s.issuer == (licence.licensee if recorded else licence.licensor),
        identity_stands=True,
        withdrawn=withdrawals.of(s, grantor=licence.licensor, grantee=licence.licensee, notice_hours=None),
        caps=licence.caps,
        subjects=licence.subjects,
        reaches_assets_before=None if licence.new_assets else (NOT_LOGGED if s.index is None else s.index),
        terms=licence,
    )


def _confirmed(statements: Sequence[Read]) -> set[tuple[str, str]]:
    """Return (licence, who confirmed it); confirming widens, so it must be logged."""
    return {
        (s.record.licence, s.issuer)
        for s in statements
        if isinstance(s.record, LicenceConfirmed) and s.authorised and s.logged
    }
