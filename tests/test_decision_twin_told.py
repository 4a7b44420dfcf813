"""
Whole decisions, from statements, agree with their slow twin on random histories.

``DECISION_CASES`` sets how many cases are compared here, in ``tests/test_decision_twin.py`` and in
``tests/test_decision_twin_keys.py`` together (20,000); `make nightly` takes a million.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product

import pytest

from consent.core.decision import Decision, decide
from consent.core.facts import facts_of
from consent.core.obstacles import Obstacle
from registry.core.scope import Scope
from registry.core.terms import ACTS, ASPECTS, LANGUAGES, MEDIA, PURPOSES, TERRITORIES
from tests.decision_cases_damage import damaged
from tests.decision_cases_told import EVERYBODY
from tests.decision_cases_ways import parsed
from tests.decisions import AT, id_of
from tests.reference_points import Point
from tests.reference_statements import Verdict, verdict
from tests.reference_turns import turns_of
from tests.told import Tale

CASES = int(os.environ.get("DECISION_CASES", "20000")) * 9 // 20
NIGHTLY_CASES = 450_000
PART = 5_000  # cases that one process compares at a time
RARE = 0.2  # each outcome must be more frequent than this
AT_S = int(AT.timestamp())
NO_GRANT = ("no_grant", "no_title", "title_disputed")  # none comes nearest
BARS = ("restriction.declared", "suspension.declared")


def points(scope: Scope, moments: list[int]) -> Iterator[Point]:
    inside = {scope.start_s, *(moment for moment in moments if scope.start_s < moment < scope.end_s)}
    names = (
        ACTS.names(scope.acts),
        ASPECTS.names(scope.aspects),
        PURPOSES.names(scope.purposes),
        MEDIA.names(scope.media),
        TERRITORIES.names(scope.territories),
        LANGUAGES.names(scope.languages),
    )
    for point in product(*names, inside):
        yield Point(*point)


def of_rules(obstacle: Obstacle) -> bool:
    """Rules have golden cases of their own; this twin knows none."""
    return obstacle.code.startswith("rule_")


def compare(tale: Tale) -> Decision:
    """Compare a decision with the twin's, part by part."""
    reads, vouched = tale.reads(), tale.vouched()
    decision = decide(parsed(tale), facts_of(reads, vouched), AT)
    twin = verdict(tale.request, reads, vouched, AT_S)
    told = f"{tale.damage} {[(one.name, one.logged, one.authorised) for one in tale.told[24:]]} {tale.request}"
    agree(decision, twin, turns_of(reads, vouched), {tale.digest(one.name) for one in tale.of(*BARS)}, told)
    for obstacle in decision.obstacles:
        if not of_rules(obstacle):
            _explains(obstacle, tale)
    return decision


def agree(decision: Decision, twin: Verdict, moments: list[int], bars: set[str], told: object) -> None:
    """Fail where a decision says anything else than its twin; ``bars``: restrictions and suspensions."""
    obstacles = [obstacle for obstacle in decision.obstacles if not of_rules(obstacle)]
    assert bool(obstacles) != twin.cleared, told
    refused = {(o.code, o.subject) for o in obstacles if not o.missing} ^ twin.refusals
    assert not {one for one in refused if one[0] != "approval_declined" or not twin.missing}, (told, refused)
    missing = [(o, piece) for o in obstacles for piece in o.missing if o.nearest not in bars]
    found = {(o.subject, point) for o, piece in missing for point in points(piece, moments)}
    assert found == twin.missing, (told, found ^ twin.missing)
    if not twin.missing:
        _compare_what_rests(decision, obstacles, twin, moments, told)


def _explains(obstacle: Obstacle, tale: Tale) -> None:
    """Check that an obstacle speaks of what is missing, of grants that were read, and of somebody who can help."""
    said = {tale.digest(one.name): one for one in tale.told}
    kind, id_ = obstacle.subject
    unread = obstacle.code == "unknown_subject"  # a ground of the clearance that the facts do not hold
    assert obstacle.nearest is None or unread or obstacle.nearest in said, obstacle
    if not obstacle.missing:
        return
    acts = {act for piece in obstacle.missing for act in ACTS.names(piece.acts)}
    aspects = {aspect for piece in obstacle.missing for aspect in ASPECTS.names(piece.aspects)}
    assert obstacle.act == (min(acts) if len(acts) == 1 else None), obstacle
    assert obstacle.aspect == (min(aspects) if len(aspects) == 1 else None), obstacle
    assert obstacle.remedy is not None, obstacle
    assert obstacle.remedy.for_ == obstacle.missing, obstacle
    nearest = said.get(obstacle.nearest or "")
    if obstacle.code != "grantee_not_covered":  # of whomever the requester may not act for, or of nobody it acts for
        assert (nearest is None) == (obstacle.code in NO_GRANT), obstacle
    if nearest is not None and nearest.type in BARS:
        personal = nearest.body.get("kind") == "personal"  # whoever declared it, it is the person's
        assert obstacle.remedy.ask == (id_of("ada") if personal else id_of(nearest.issuer)), obstacle
    elif kind == "performer":
        assert obstacle.remedy.ask == id_, obstacle
    elif obstacle.code in ("no_title", "title_disputed"):
        registered = tale.find("portrait")
        assert registered is not None
        assert obstacle.remedy.ask == id_of(registered.issuer), obstacle
    else:
        assert obstacle.remedy.ask in {id_of(name) for name in EVERYBODY[0]}, obstacle


def _compare_what_rests(
    decision: Decision, obstacles: list[Obstacle], twin: Verdict, moments: list[int], told: object
) -> None:
    """Compare what depends on which grants serve: bars on their grantees, grounds, approvals."""
    barred = {
        (o.nearest, o.subject, point) for o in obstacles for piece in o.missing for point in points(piece, moments)
    }
    assert barred == twin.barred, (told, barred ^ twin.barred)
    if not obstacles:
        assert {digest for digest, _ in decision.grounds} == twin.grounds, told
        assert {(one.grant, one.by, one.on, one.due_s) for one in decision.pending} == twin.pending, told


def compare_many(cases: int, seed: str, tell: Callable[[random.Random], Tale] = damaged) -> Counter[str]:
    outcomes: Counter[bool] = Counter()
    codes: Counter[str] = Counter()
    for number in range(cases):
        decision = compare(tell(random.Random(f"{seed} {number}")))
        obstacles = [obstacle for obstacle in decision.obstacles if not of_rules(obstacle)]
        outcomes[not obstacles] += 1
        codes.update({obstacle.code for obstacle in obstacles})
        codes["pending"] += bool(decision.pending)
    assert min(outcomes[True], outcomes[False]) > RARE * cases, outcomes
    return codes


@pytest.mark.slow
def test_whole_decisions_agree_with_their_twin_on_random_histories() -> None:
    codes = compare_many(CASES, "told")
    assert CASES < 2_000 or len(codes) >= 38, codes


@pytest.mark.nightly
def test_whole_decisions_agree_with_their_twin_on_many_histories() -> None:
    with ProcessPoolExecutor() as pool:
        codes = sum(pool.map(partial(compare_many, PART), nights(NIGHTLY_CASES)), Counter[str]())
    assert len(codes) >= 39, codes  # every code that these histories can reach


def nights(cases: int) -> list[str]:
    """Return the seeds of as many parts as make up so many cases."""
    return [f"night {number}" for number in range(cases // PART)]
