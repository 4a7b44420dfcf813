"""
Write requirements.txt: ``python -m config.pin`` (``make pin``).

Pins what requirements.in names and everything that those need, in the versions installed now, so that what is tested is
what is pinned. Build tags after a ``+`` are left out: the same version comes in several builds.
"""

from __future__ import annotations

import sys
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[1]
HEADER = "# Written by `make pin` from requirements.in and what is installed.\n"


def main() -> int:
    lines = (line.split("#")[0].strip() for line in (PROJECT / "requirements.in").read_text().splitlines())
    wanted = [Requirement(line) for line in lines if line]
    pinned: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        requirement = wanted.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) not in seen:
            seen.add((name, extras))
            pinned[name] = distribution(name).version.split("+")[0]
            wanted += _needs(name, extras)
    (PROJECT / "requirements.txt").write_text(HEADER + "".join(f"{n}=={v}\n" for n, v in sorted(pinned.items())))
    return 0


def _needs(name: str, extras: frozenset[str]) -> list[Requirement]:
    """What the installed distribution needs here, with the extras that were asked for."""
    needs = [Requirement(text) for text in distribution(name).requires or []]
    return [need for need in needs if need.marker is None or _applies(need, extras)]


def _applies(need: Requirement, extras: frozenset[str]) -> bool:
    assert need.marker is not None
    return any(need.marker.evaluate({"extra": extra}) for extra in extras | {""})


if __name__ == "__main__":
    sys.exit(main())
