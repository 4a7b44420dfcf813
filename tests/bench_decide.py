"""
How long a decision takes, in several shapes of 50 grants, and what engines of policies take for one of them.

A decision answers several demands, which share its time: figures are for one demand. p50 and p99 are of the processor's
time, as whatever else runs here takes the clock's; the clock's p99 stands beside them.
"""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from consent.core.asked.demands import demands, takings
from consent.core.decision import decide
from registry.core.times import to_epoch_s
from tests.bench_limits import holds
from tests.bench_peers import casbin_enforcer, cedar, shuffled
from tests.bench_shapes import Shape, by_country, of_many, one_country, shapes
from tests.decisions import AT
from tests.reference_decision import answer

LIMIT_US: Final = 50.0  # p99 a demand
SLICE_TIMES: Final = 3.0  # cedarpy on the same grants, parsed beforehand
CEDAR_TIMES: Final = 500.0  # cedarpy on all of MANY
CASBIN_TIMES: Final = 1_000.0  # PyCasbin on all of MANY
MANY: Final = 10_000
REPEATS: Final = 1_000
ROUNDS: Final = 5
FEW: Final = 10  # of what takes long


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Microseconds of one run, or of the part of it that one demand has."""

    p50: float
    p99: float
    clock_p99: float

    def per(self, parts: int) -> "Timed":
        return Timed(p50=self.p50 / parts, p99=self.p99 / parts, clock_p99=self.clock_p99 / parts)


def timed(run: Callable[[], object], repeats: int = REPEATS) -> Timed:
    """Return the least of some rounds, as the machine is shared."""
    rounds = [_round(run, repeats) for _ in range(ROUNDS)]
    return Timed(**{name: min(getattr(one, name) for one in rounds) for name in Timed.__slots__})


def _round(run: Callable[[], object], repeats: int) -> Timed:
    """Time single runs; the first tenth only warms up."""
    spent, elapsed = [], []
    for number in range(-(repeats // 10), repeats):
        clock, before = time.perf_counter_ns(), time.thread_time_ns()
        run()
        after = time.thread_time_ns() - before, time.perf_counter_ns() - clock
        if number >= 0:
            spent.append(after[0] / 1_000)
            elapsed.append(after[1] / 1_000)
    last = min(repeats - 1, repeats * 99 // 100)
    return Timed(p50=statistics.median(spent), p99=sorted(spent)[last], clock_p99=sorted(elapsed)[last])


def report(median_us: Callable[[Callable[[], object], int], float]) -> list[str]:
    """Print every figure with its limit, and return those that miss it."""
    missed: list[str] = []
    for shape in shapes():
        found = timed(shape.run).per(shape.demands)
        print(f"{found.p50:9.1f} µs  p99 {found.p99:7.1f}, by the clock {found.clock_p99:9.1f}: a demand: {shape.name}")
        if shape.limited and not holds(f"p99 a demand: {shape.name}", found.p99, LIMIT_US, at_most=True):
            missed.append(shape.name)
    missed += _beside_peers()
    _whole_decision(median_us)
    return missed


def _beside_peers() -> list[str]:
    """Ask for one country of 50: the same question for all, one a demand."""
    request, (_, world) = one_country(), by_country()
    facts = world.facts()
    many = of_many(facts, MANY)
    asked = [
        (one.id, one.wanted)
        for one in demands(request, facts, takings(request, facts)[0], to_epoch_s(AT))
        if one.of == "performer"
    ]
    own = [grant for held in facts.consents.values() for grant in held]
    every = shuffled(grant for held in many.consents.values() for grant in held)
    alone = Shape(name="of 50", request=request, facts=facts, grounds=3)
    among = Shape(name=f"of {MANY:,}", request=request, facts=many, grounds=3)
    ours, ours_among = (timed(shape.run).per(shape.demands).p50 for shape in (alone, among))
    print(f"{ours:9.1f} µs  a demand, one of 50 consents covers; {ours_among:.1f} among {MANY:,}")
    peers = (
        ("cedarpy, 50 policies parsed beforehand", cedar(own, asked, request.for_), REPEATS, ours, SLICE_TIMES),
        (f"cedarpy, {MANY:,} policies", cedar(every, asked, request.for_), FEW, ours_among, CEDAR_TIMES),
        (f"PyCasbin, {MANY:,} policies", casbin_enforcer(every, asked, request.for_), FEW, ours_among, CASBIN_TIMES),
    )
    missed = []
    for name, questions, repeats, mine, limit in peers:
        assert all(question() for question in questions), name
        theirs = statistics.mean(timed(question, repeats).p50 for question in questions)
        print(f"{theirs:9.1f} µs  a demand: peer: {name}")
        if not holds(f"times as fast as {name}", theirs / mine, limit, at_most=False):
            missed.append(name)
    return missed


def _whole_decision(median_us: Callable[[Callable[[], object], int], float]) -> None:
    request, world = by_country()
    facts, envelopes = world.facts(), [*world.envelopes().values()]
    text = json.dumps(decide(request, facts, AT).format())
    first = median_us(lambda: decide(request, facts, AT), REPEATS)
    print(f"{first:9.1f} µs  decide: 50 consents, one a country")
    from_envelopes = median_us(lambda: world.facts(envelopes), FEW)
    each = from_envelopes / len(envelopes)
    print(f"{from_envelopes:9.1f} µs  facts from the {len(envelopes)} envelopes: {each:.0f} each")
    for name, run, repeats in (
        ("read that decision's JSON", lambda: json.loads(text), REPEATS),
        ("the slow twin", lambda: answer(request, facts, to_epoch_s(AT)), FEW),
    ):
        print(f"{first / median_us(run, repeats):9.2f} of {name}")
