"""What people read before they sign about their likeness, in English and French."""

from consent.texts.approvals import describe_approval
from consent.texts.bars import (
    describe_restriction,
    describe_restriction_lifted,
    describe_suspension,
    describe_suspension_lifted,
)
from consent.texts.consents import describe_consent, describe_recorded
from consent.texts.withdrawals import (
    describe_accepted,
    describe_ratified,
    describe_revocation_disputed,
    describe_revoked,
)

__all__ = [
    "describe_accepted",
    "describe_approval",
    "describe_consent",
    "describe_ratified",
    "describe_recorded",
    "describe_restriction",
    "describe_restriction_lifted",
    "describe_revocation_disputed",
    "describe_revoked",
    "describe_suspension",
    "describe_suspension_lifted",
]
