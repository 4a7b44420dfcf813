"""
``decide`` agrees with its slow, obvious twin on random cases, and keeps the laws that hold between two decisions.

``DECISION_CASES`` sets how many cases are compared (20,000); `make nightly` takes a million.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product

import pytest

from consent.core.decision import Decision, decide
from consent.core.facts import Facts
from registry.core.jcs import canonical
from registry.core.scope import Scope
from registry.core.terms import ACTS, ASPECTS, LANGUAGES, MEDIA, PURPOSES, TERRITORIES
from tests.decision_cases import AT_S, Case, draw, draws_on
from tests.decision_cases_spoilt import damaged
from tests.decisions import AT
from tests.reference_decision import answer
from tests.reference_points import Point

CASES = int(os.environ.get("DECISION_CASES", "20000")) // 2
NIGHTLY_CASES = 500_000
PART = 5_000  # cases that one process compares at a time
RARE = 0.2  # each outcome must be more frequent than this

Missing = set[tuple[str, str, Point]]


def turns(facts: Facts) -> set[int]:
    """Return every moment at which a grant or claim begins or ends."""
    grants = [grant for held in (facts.consents, facts.licences) for some in held.values() for grant in some]
    scopes = [scope for grant in grants for scope in grant.scopes]
    scopes += [scope for claims in facts.claims.values() for claim in claims for scope in claim.title.scopes]
    return {moment for scope in scopes for moment in (scope.start_s, scope.end_s)}


def points(scope: Scope, moments: set[int]) -> Iterator[Point]:
    inside = {scope.start_s, *(moment for moment in moments if scope.start_s < moment < scope.end_s)}
    for point in product(
        ACTS.names(scope.acts),
        ASPECTS.names(scope.aspects),
        PURPOSES.names(scope.purposes),
        MEDIA.names(scope.media),
        TERRITORIES.names(scope.territories),
        LANGUAGES.names(scope.languages),
        inside,
    ):
        yield Point(*point)


def missing(decision: Decision, facts: Facts) -> Missing:
    """Return every point that a decision calls missing, with whom it says to ask."""
    moments = turns(facts)
    found: Missing = set()
    for obstacle in decision.obstacles:
        if not obstacle.missing:
            continue
        held = {"no_grant": "none", "grantee_not_covered": "other", "no_title": "no_title"}
        held["title_disputed"] = "title_disputed"
        kind, id_ = obstacle.subject
        what = f"{kind} {id_} {held.get(obstacle.code, 'some')}"
        assert obstacle.remedy is not None
        assert (obstacle.nearest is not None) == what.endswith("some")
        found |= {(what, obstacle.remedy.ask, point) for piece in obstacle.missing for point in points(piece, moments)}
    return found


def decided(case: Case, facts: Facts | None = None) -> Decision:
    """Decide without what rules say: they have golden cases of their own, and no twin."""
    decision = decide(case.parsed, case.facts if facts is None else facts, AT)
    return replace(decision, obstacles=tuple(o for o in decision.obstacles if not o.code.startswith("rule_")))


def agree(case: Case) -> Decision:
    """Compare one decision with the twin's, part by part."""
    request, facts = case.parsed, case.facts
    decision, twin = decided(case, facts), answer(request, facts, AT_S)
    assert decision.cleared == twin.cleared, case
    assert {(o.code, o.subject) for o in decision.obstacles if not o.missing} == twin.refusals, case
    assert missing(decision, facts) == twin.missing, case
    if decision.cleared:
        assert {digest for digest, _ in decision.grounds} == twin.grounds, case
    return decision


def compare(cases: int, seed: str) -> None:
    outcomes: Counter[bool] = Counter()
    codes: Counter[str] = Counter()
    for number in range(cases):
        rng = random.Random(f"{seed} {number}")
        case = damaged(rng)
        draws_on(case, rng)
        decision = agree(case)
        outcomes[decision.cleared] += 1
        codes.update({obstacle.code for obstacle in decision.obstacles})
    assert min(outcomes[True], outcomes[False]) > RARE * cases, outcomes
    if cases >= 2_000:
        assert len(codes) >= 28, codes  # every code that random cases can reach was reached


@pytest.mark.slow
def test_the_decision_agrees_with_its_twin_on_random_cases() -> None:
    compare(CASES, "1")


@pytest.mark.nightly
def test_the_decision_agrees_with_its_twin_on_half_a_million_cases() -> None:
    with ProcessPoolExecutor() as pool:
        list(pool.map(partial(compare, PART), (f"night {number}" for number in range(NIGHTLY_CASES // PART))))


# --- laws between two decisions -----------------------------------------------------------------------------------


def pairs(most: int, seed: str) -> Iterator[tuple[Case, random.Random, Decision]]:
    """Yield cases with their decision; fails where either outcome is rare."""
    cases = min(most, CASES)
    outcomes: Counter[bool] = Counter()
    for number in range(cases):
        rng = random.Random(f"{seed} {number}")
        case = damaged(rng)
        draws_on(case, rng)
        decision = decided(case)
        outcomes[decision.cleared] += 1
        yield case, rng, decision
    assert min(outcomes[True], outcomes[False]) > RARE * cases, outcomes


def test_granting_more_never_uncovers_anything() -> None:
    for case, rng, before in pairs(1_000, "more"):
        donor = draw(rng)
        for grantor, grants in donor.grants.items():
            case.grants.setdefault(grantor, []).extend(grants)
        facts = case.facts
        after = decided(case, facts)
        assert after.cleared or not before.cleared
        less = {(who, point) for _, who, point in missing(after, facts)}
        assert less <= {(who, point) for _, who, point in missing(before, facts)}


def test_withdrawing_never_covers_anything() -> None:
    for case, rng, before in pairs(1_000, "less"):
        held = [(grants, n) for grants in case.grants.values() for n in range(len(grants))]
        if not held:
            continue
        grants, number = rng.choice(held)
        grants[number] = replace(grants[number], withdrawn=((ACTS.all, 0),))
        facts = case.facts
        after = decided(case, facts)
        assert before.cleared or not after.cleared
        assert missing(before, facts) <= missing(after, facts)


def test_cutting_a_grant_in_two_changes_nothing() -> None:
    for case, rng, before in pairs(1_000, "cut"):
        for grants in case.grants.values():
            for number, grant in enumerate([*grants]):
                halves = _halves(grant.scopes[0], rng)
                if rng.random() < 0.5:
                    grants[number] = replace(grant, scopes=(*halves, *grant.scopes[1:]))
                else:
                    grants[number] = replace(grant, scopes=(halves[0], *grant.scopes[1:]))
                    if len(halves) > 1 and not grant.withdrawn and not grant.caps:
                        grants.append(replace(grant, scopes=halves[1:], digest=f"{rng.getrandbits(256):064x}"))
                    else:
                        grants[number] = replace(grant, scopes=(*halves, *grant.scopes[1:]))
        facts = case.facts
        after = decided(case, facts)
        assert after.cleared == before.cleared
        assert missing(after, facts) == missing(before, facts)  # told apart at the new moments too


def _halves(box: Scope, rng: random.Random) -> tuple[Scope, ...]:
    if rng.random() < 0.5:
        middle = (box.start_s + min(box.end_s, box.start_s + 2**32)) // 2
        return (replace(box, end_s=middle), replace(box, start_s=middle)) if box.start_s < middle else (box,)
    lowest = box.territories & -box.territories
    if lowest == box.territories:
        return (box,)
    return replace(box, territories=lowest), replace(box, territories=box.territories ^ lowest)


def test_a_request_for_more_is_never_easier() -> None:
    for case, rng, before in pairs(1_000, "superset"):
        if case.request["kind"] == "train":
            continue
        name, all_of_it = rng.choice(
            [
                ("territories", ["DE", "FR", "JP"]),
                ("media", ["svod", "theatrical"]),
                ("purposes", ["press", "work"]),
                ("languages", ["en-GB", "fr-FR"]),
                ("window", ["2027-01-01T00:00:00Z", None]),
                ("scene", ["violence"]),
            ]
        )
        facts = case.facts
        case.request[name] = all_of_it
        after = decided(case, facts)
        assert before.cleared or not after.cleared, (name, case)


def test_no_order_of_grants_claims_or_boxes_shows_in_a_decision() -> None:
    for case, rng, before in pairs(500, "order"):
        for grants in case.grants.values():
            for number, grant in enumerate(grants):
                boxes = rng.sample(grant.scopes, len(grant.scopes))
                grants[number] = replace(grant, scopes=tuple(boxes))
            rng.shuffle(grants)
        rng.shuffle(case.claims)
        assert canonical(decided(case).format()) == canonical(before.format())


def test_a_case_in_which_everything_is_granted_is_cleared() -> None:
    """The generator itself: without damage only a short cap or an unhappy split can refuse."""
    cleared = sum(decided(case).cleared for case in (draw(random.Random(n)) for n in range(500)))
    assert cleared > 400
