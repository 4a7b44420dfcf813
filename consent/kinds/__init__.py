"""The statement types of this app, by idea, each with what a decision follows from it."""

from consent.kinds import approvals, bars, clearances, consents, erasures, revocations
from consent.kinds.clearances import CLEARANCE_ISSUED
from consent.kinds.consents import CONSENT_GRANTED
from consent.kinds.erasures import ERASURE_DONE
from consent.kinds.threads import THREADS
from registry.kinds.threads import with_threads

__all__ = ["CLEARANCE_ISSUED", "CONSENT_GRANTED", "ERASURE_DONE", "KINDS"]

KINDS = (
    *with_threads(
        (*consents.KINDS, *revocations.KINDS, *bars.KINDS, *approvals.KINDS, *clearances.KINDS),
        THREADS,
    ),
    *erasures.KINDS,
)
