"""
Decide for each sample of a training run, by the one function that decides anything.

INVARIANT (one-decision): a sample enters the manifest with the grounds that ``decide`` found for it alone; one that is
not allowed refuses the whole run, and every such sample is named.

Values only, so that the shipped library can be checked offline by the same code.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from consent.core.decision import Decision, decide
from consent.core.facts import Facts
from consent.core.request import TrainingRequest
from generation.training.manifest import Manifest, Sample
from registry.core.errors import DomainError
from registry.core.jcs import Json

MAX_NAMED = 5  # refused assets named in the message; all of them stand in ``extra``


class TrainingRefused(DomainError):
    """At least one sample may not be trained on; nothing was opened."""

    code = "training_refused"
    status = 403

    def __init__(self, *, refused: Mapping[str, Decision]) -> None:
        named = [
            f"`{asset}` ({', '.join(sorted({obstacle.code for obstacle in decision.obstacles}))})"
            for asset, decision in list(refused.items())[:MAX_NAMED]
        ]
        more = f" and {len(refused) - MAX_NAMED} more" if len(refused) > MAX_NAMED else ""
        super().__init__(f"training is not allowed on {', '.join(named)}{more}")
        self.refused = dict(refused)

    def extra(self) -> dict[str, object]:
        refused: list[dict[str, Json]] = [
            {"asset": asset, "decision": decision.format()} for asset, decision in self.refused.items()
        ]
        return {"refused": refused}


def manifest_of(request: TrainingRequest, facts: Facts, at: datetime) -> Manifest:
    """Return the manifest of a run that is allowed; raises ``TrainingRefused`` with every asset that is not."""
    decisions = {
        (asset, sha256): decide(replace(request, assets=((asset, sha256),)), facts, at)
        for asset, sha256 in request.assets
    }
    refused = {asset: decision for (asset, _), decision in decisions.items() if not decision.cleared}
    if refused:
        raise TrainingRefused(refused=refused)
    return Manifest(
        samples=tuple(
            Sample(sha256=sha256, grounds=tuple(sorted(digest for digest, _ in decision.grounds)))
            for (_, sha256), decision in decisions.items()
        )
    )
