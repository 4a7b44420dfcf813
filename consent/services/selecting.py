"""
Which assets may be trained on: one set-based pass for what single grants cover, ``decide`` for the rest.

INVARIANT (one-decision): the answer is the one that deciding for each asset by itself would give. The pass allows only
where ``decide`` would find no obstacle; everything else, refusals included, comes from ``decide``.

The answer binds nobody: a run is decided under locks, as a whole, before anything is opened (``generation.training``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from consent.core.asked.demands import training_box
from consent.core.decision import Decision, decide
from consent.core.gathering import broken_by
from consent.core.request import AnyRequest, ByPerformer, TrainingRequest
from consent.core.steady import keeps_rules
from consent.selectors.available import Wanted, covered, rule_facts
from consent.services.sheets import in_sheets, look_at
from registry.core.record import Project
from registry.core.terms import ASPECTS, TERRITORIES
from registry.core.times import to_epoch_s, whole_second
from registry.locks import clock
from registry.models import Asset

Pair = tuple[str, str]  # asset, SHA-256 of its bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Assets that may be trained on, and why the others may not."""

    allowed: frozenset[str]
    refused: Mapping[str, Decision]
    settled: int  # of those allowed, how many the set-based pass settled


def select_for_training(pairs: Iterable[Pair], *, for_: str, territory: str, epochs: int = 1) -> Selection:
    """Say for each asset by itself whether a run over it would be allowed now. Runs its own transactions."""
    asked = dict(pairs)
    request = TrainingRequest(
        salt=b"",
        for_=for_,
        territory=TERRITORIES.mask([territory], "territory"),
        engine="",
        manifest_sha256="",
        assets=(),
        epochs=epochs,
    )
    settled = _settled(request, asked)
    allowed, refused = set(settled), {}
    for chunk in in_sheets(set(asked) - settled):
        looked = look_at(for_, assets=chunk)
        for asset in chunk:
            decision = decide(replace(request, assets=((asset, asked[asset]),)), looked.facts, looked.at)
            if decision.cleared:
                allowed.add(asset)
            else:
                refused[asset] = decision
    return Selection(allowed=frozenset(allowed), refused=MappingProxyType(refused), settled=len(settled))


def _settled(request: TrainingRequest, asked: Mapping[str, str]) -> frozenset[str]:
    """Return the assets that the set-based pass allows, of the bytes asked about."""
    at_s = to_epoch_s(whole_second(clock()))
    broken = broken_facts(request, act="train", at_s=at_s, project=None, shown=None)
    if broken is None:
        return frozenset()
    wanted = Wanted(requester=request.for_, box=training_box(request, ASPECTS.all, at_s), broken=broken)
    found = covered(wanted, kind="asset") & asked.keys()
    own = dict(Asset.objects.filter(id__in=found).values_list("id", "sha256"))
    return frozenset(asset for asset in found if own[asset] == asked[asset])


def broken_facts(
    request: AnyRequest, *, act: str, at_s: int, project: Project | None, shown: ByPerformer | None
) -> frozenset[int] | None:
    """Return the facts of grants that some rule refuses for a request; None where it refuses the request itself."""
    if broken_by(request, of="request", at_s=at_s, project=project):
        return None
    facts = rule_facts()
    kept = keeps_rules(facts, request, act=act, at_s=at_s, project=project, shown=shown)
    return frozenset(number for number, _, _ in facts) - kept
