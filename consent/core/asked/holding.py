"""
Hold what was taken from a person until that person agreed to the taking: scans, voices and replicas.

An asset of such a kind is usable for nothing until the consents of each person in it, to the requester or to whom it
acts for, allow `scan` and `store` of what it shows of them, today. For what else it may be used is the business of
demands; where, in which medium and for which project it is kept does not matter here.
"""

from collections.abc import Iterable
from typing import Final

from consent.core.asked.conditions import of_grant
from consent.core.asked.demands import Taken
from consent.core.facts import Facts
from consent.core.grants import Grant
from consent.core.obstacles import Obstacle, Remedy
from consent.core.request import AnyRequest
from consent.core.settled.policies import LEAST, RANK
from registry.core.terms import ACTS

HELD_KINDS: Final = frozenset({"scan", "voice", "replica"})
KEEPING: Final = ("scan", "store")


def held_back(request: AnyRequest, facts: Facts, taken: Iterable[Taken], at_s: int) -> list[Obstacle]:
    """Return an obstacle for each person and act without which an asset that is taken may not be kept."""
    shown = {
        (appearance.performer, appearance.aspects)
        for one in taken
        if one.facts.asset.kind in HELD_KINDS
        for appearance in one.facts.appearances
    }
    return [
        Obstacle(code="act_not_covered", subject=("performer", performer), act=act, remedy=Remedy(ask=performer))
        for performer, aspects in sorted(shown)
        for act in KEEPING
        if aspects & ~_kept(request, facts, performer, act, at_s)
    ]


def _kept(request: AnyRequest, facts: Facts, performer: str, act: str, at_s: int) -> int:
    """Return the aspects of a performer that the requester may scan, or store, today."""
    served = ACTS.mask((act,))
    vendors = facts.vendors.get(request.for_, ())
    keepers = {request.for_, *(one.principal for one in vendors if one.serves(served, at_s))}
    aspects = 0
    for grant in facts.consents.get(performer, ()):
        if grant.grantee in keepers and _stands(grant, request, act, at_s):
            for box in grant.scopes:
                if box.acts & served and box.start_s <= at_s < box.end_s:
                    aspects |= box.aspects
    return aspects


def _stands(grant: Grant, request: AnyRequest, act: str, at_s: int) -> bool:
    if RANK[grant.assurance] < LEAST[act]:
        return False
    unlimited = {"cap_exhausted"}  # a cap is on what is made; keeping draws on none
    return grant.sound or not {*of_grant(grant, request, at_s=at_s, act=act, counts=None)} - unlimited
