"""
What a bundle cannot show, said in plain sentences.

That something did not happen, how often a cap was drawn on, whom a prompt names, that weights came out of a run: for
these there is the registry's word and nothing else. An honest verifier lists them.
"""

from collections.abc import Iterator

from generation.core.bundle import Bundle
from generation.core.papers import clearance_of, release_of, weights_of
from generation.core.steps import Said
from registry.core.times import format_time


def vouched(bundle: Bundle) -> tuple[Said, ...]:
    """Return what rests on the registry's word alone; the bundle was verified before."""
    return (*_of_decisions(bundle), *_of_shot(bundle), *_of_log(bundle))


def _of_decisions(bundle: Bundle) -> Iterator[Said]:
    released = release_of(bundle)
    told = bundle.release.vouched
    grants = sorted(told.no_revocation_of)
    yield "revocations", f"that none of {len(grants)} grant(s) read was withdrawn by {format_time(released.at)}"
    yield "whole record", "that nothing which would have refused was left out of what the decisions read"
    named = len(told.prompt_matches)
    yield "prompt", f"that the prompt names {named or 'no'} registered performer(s)"
    if told.cap_counts:
        yield "caps", f"how often {len(told.cap_counts)} grant(s) with a limit had been drawn on"
    recorded = sum(assurance == "recorded" for _, assurance in {*clearance_of(bundle).grounds, *released.grounds})
    if recorded:
        yield "paper", f"{recorded} ground(s) rest on paper that the licensee recorded and the licensor did not confirm"


def _of_shot(bundle: Bundle) -> Iterator[Said]:
    released = release_of(bundle)
    _, trained = weights_of(bundle, released.weights)
    ran = "shipped with the software" if trained.run == "shipped" else "trained by this registry"
    yield "training run", f"that the weights, {ran}, came out of training on their manifest and nothing else"
    yield "rendering", "that this file is what those weights made of those references"
    unchecked = sorted(name for name, outcome in released.checks.items() if outcome == "unchecked")
    passed = len(released.checks) - len(unchecked)
    left = f", unchecked: {', '.join(unchecked)}" if unchecked else ""
    seen = f", reviewed by `{released.reviewed_by}`" if released.reviewed_by else ""
    yield "screening", f"{passed} check(s) passed{left}{seen}"


def _of_log(bundle: Bundle) -> Iterator[Said]:
    yield "time", "the moments of clearance and release: no time-stamping authority has signed them"
    unproven = sum(held.proof is None for held in bundle.statements.values())
    if unproven:
        yield "places", f"where {unproven} statement(s) without a receipt stood in the log"
