"""
How long a decision takes: 50 consents of one performer, all of them needed, for two acts, face and body.

The limit is our own; the peers are measured in the same run, so that a slow machine slows both: reading the
decision's own JSON once, and the slow twin.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from consent.core.decision import decide
from consent.core.facts import Facts
from consent.core.request import AnyRequest, parse_request
from registry.core.terms import TERRITORIES
from registry.core.times import to_epoch_s
from tests.decisions import AT, World, box, consent, shot
from tests.reference_decision import answer

LIMIT_US = 100.0
GRANTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    name: str
    run: Callable[[], object]
    repeats: int = 2_000


def by_country(grants: int = GRANTS) -> tuple[AnyRequest, World]:
    """Return a request for as many countries as there are consents, each consent for one."""
    lands = sorted(TERRITORIES.terms[:grants])
    world = World()
    world.drop("consent")
    world.scope("licence", territories=lands)
    for land in lands:
        world.add(f"for {land}", "consent.granted", "ada", consent("ada", "studio", scopes=[box(territories=[land])]))
    return parse_request(shot(territories=lands)), world


def by_country_and_time() -> tuple[AnyRequest, World]:
    """Return the same number of consents that cut across each other: half the countries, each in two parts."""
    request, world = by_country(GRANTS // 2)
    windows = (["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"], ["2028-01-01T00:00:00Z", "2030-01-01T00:00:00Z"])
    for name in [name for name in world.steps if name.startswith("for ")]:
        world.add_like(f"{name} later", name)
        world.scope(name, window=windows[0])
        world.scope(f"{name} later", window=windows[1])
    return request, world


def decided(request: AnyRequest, facts: Facts) -> Callable[[], object]:
    decision = decide(request, facts, AT)
    assert decision.cleared
    assert len(decision.grounds) == GRANTS + 2  # the licence and the title beside the consents
    return lambda: decide(request, facts, AT)


def timings() -> list[Timing]:
    request, world = by_country()
    facts = world.facts()
    envelopes = [*world.envelopes().values()]
    text = json.dumps(decide(request, facts, AT).format())
    crossed_request, crossed = by_country_and_time()
    short, usual = by_country(1)
    usual_facts = usual.facts()
    return [
        Timing(name=f"decide: {GRANTS} consents, one a country", run=decided(request, facts)),
        Timing(name="decide: one consent", run=lambda: decide(short, usual_facts, AT)),
        Timing(
            name=f"decide: {GRANTS} consents that cut countries and time",
            run=decided(crossed_request, crossed.facts()),
            repeats=100,
        ),
        Timing(name=f"facts from the {len(envelopes)} envelopes", run=lambda: world.facts(envelopes), repeats=100),
        Timing(name="peer: read that decision's JSON", run=lambda: json.loads(text)),
        Timing(name="peer: the slow twin", run=lambda: answer(request, facts, to_epoch_s(AT)), repeats=30),
    ]


def report(median_us: Callable[[Callable[[], object], int], float]) -> None:
    """Print the medians, and what the first comes to against its limit and its peers."""
    found = {timing.name: median_us(timing.run, timing.repeats) for timing in timings()}
    for name, duration_us in found.items():
        print(f"{duration_us:9.1f} µs  {name}")
    first = next(iter(found.values()))
    print(f"{first / LIMIT_US:9.2f} of the limit of {LIMIT_US:.0f} µs")
    for name in (name for name in found if name.startswith("peer: ")):
        print(f"{first / found[name]:9.2f} of {name.removeprefix('peer: ')}")
