"""
How much assurance a party asks of the grants that it uses, act by act (`policy.set`).

The newest policy that counts holds. A newer one that is not under the checkpoint yet, or is not rightly signed, already
asks for more where it does: it narrows.
"""

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType

from consent.core.settled.read import Read
from consent.core.settled.settling import Settling
from registry.core.policy import ASSURANCES, PolicySet, least_assurance
from registry.core.terms import ACTS

Policies = Mapping[str, Mapping[str, int]]  # party -> act -> rank of the least assurance that serves
RANK: Mapping[str, int] = MappingProxyType({name: rank for rank, name in enumerate(ASSURANCES)})
LEAST: Mapping[str, int] = MappingProxyType({act: RANK[least_assurance(act)] for act in ACTS.names(ACTS.all)})


def policies_of(settling: Settling) -> Policies:
    """Return what each party asks beyond the least."""
    said: defaultdict[str, list[Read]] = defaultdict(list)
    for s in settling.statements:
        if isinstance(s.record, PolicySet) and s.issuer == s.record.party:
            said[s.record.party].append(s)
    return MappingProxyType({party: _held(policies) for party, policies in said.items()})


def _held(policies: list[Read]) -> Mapping[str, int]:
    row = sorted(policies, key=lambda s: (s.order, s.digest))
    last = max((n for n, s in enumerate(row) if s.authorised and s.logged), default=0)
    asked: dict[str, int] = {}
    for s in row[last:]:
        for act, least in s.record.assurance.items():
            asked[act] = max(asked.get(act, 0), RANK[least])
    return MappingProxyType(asked)
