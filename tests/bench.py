"""
Timings that the README quotes: ``python -m tests.bench``, on whatever machine this runs; no test reads them.

With ``--strict`` it ends with status 1 where a figure misses its limit; ``--only decide`` stops before the database.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from registry.core.scope import Scope, merge, overlap, residual
from registry.core.terms import MEDIA, TERRITORIES, expand_territories
from tests import bench_closure, bench_decide, bench_sets

START = datetime(2027, 1, 1, tzinfo=UTC)
FILM = "0193e1a0-0000-7000-8000-000000000001"


def median_us(run: Callable[[], object], repeats: int = 3000) -> float:
    """Return the median time of one call in microseconds."""
    times_ns = []
    for _ in range(repeats):
        before = time.perf_counter_ns()
        run()
        times_ns.append(time.perf_counter_ns() - before)
    return statistics.median(times_ns) / 1000


def box(**changes: object) -> Scope:
    fields: dict[str, object] = {
        "acts": ["condition"],
        "aspects": ["face"],
        "purposes": ["work"],
        "media": ["svod", "theatrical"],
        "territories": expand_territories(["EU"]),
        "languages": ["*"],
        "projects": [FILM],
        "start": START,
        "end": START + timedelta(days=365),
    }
    return Scope.of(**(fields | changes))  # type: ignore[arg-type]  # the names are Scope.of's


def scope_timings() -> dict[str, float]:
    """Time the algebra against 50 grants: unrelated ones, a covering one among them, and many that each add a part."""
    wanted = box()
    unrelated = [box(aspects=["voice"], territories=[code]) for code in TERRITORIES.terms[:49]]
    elsewhere = [box(territories=[code]) for code in sorted(expand_territories(["019"]))[:49]]
    eu = sorted(expand_territories(["EU"]))
    by_country = [box(territories=[code], media=MEDIA.terms) for code in eu]
    by_month = [box(start=START + timedelta(days=8 * n), end=START + timedelta(days=8 * n + 8)) for n in range(46)]
    pieces = residual(wanted, by_country[::2])
    return {
        "residual: 49 unrelated grants, the last covers": median_us(lambda: residual(wanted, [*unrelated, wanted])),
        "residual: 49 grants elsewhere, the last covers": median_us(lambda: residual(wanted, [*elsewhere, wanted])),
        "residual: 50 unrelated grants, nothing covered": median_us(
            lambda: residual(wanted, [*unrelated, *unrelated[:1]])
        ),
        "residual: 27 grants, one a country": median_us(lambda: residual(wanted, by_country), 300),
        "residual: 26 grants of 27 countries": median_us(lambda: residual(wanted, by_country[1:]), 300),
        "residual: 46 grants, one a week": median_us(lambda: residual(wanted, by_month), 300),
        "overlap of two boxes": median_us(lambda: overlap(wanted, by_country[0])),
        "merge of what half the countries leave": median_us(lambda: merge(pieces), 300),
    }


def main(*, strict: bool, only: str | None) -> int:
    """Print every figure; return the exit status."""
    for name, duration_us in scope_timings().items():
        print(f"{duration_us:9.1f} µs  {name}")
    missed = bench_decide.report(median_us)
    if only is None:
        missed += bench_sets.main(assets=100_000, consents=1_000_000)
        missed += bench_closure.main(few=10_000, many=1_000_000)
        # A process of its own: its PostgreSQL waits for the disk, and settings are read once.
        if subprocess.run([sys.executable, "-m", "tests.bench_log", "--strict"], check=False).returncode:
            missed.append("of the log: see above")
    for name in missed:
        print(f"   MISSED     {name}")
    return 1 if strict and missed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strict", action="store_true", help="end with status 1 where a limit is missed")
    parser.add_argument("--only", choices=["decide"], help="the algebra and decisions, without a database")
    given = parser.parse_args()
    sys.exit(main(strict=given.strict, only=given.only))
