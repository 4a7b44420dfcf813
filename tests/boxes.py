"""Random scopes for tests: grants are made from what is wanted, then damaged, so that both outcomes are common."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from registry.core.box import DIMENSIONS
from registry.core.scope import FOREVER_S, Scope
from registry.core.terms import ALL, LABELS
from tests import reference

P, Q, R = (f"0193e1a0-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))
SMALL = {
    "acts": ("condition", "distribute"),
    "aspects": ("face", "voice"),
    "purposes": ("press", "work"),
    "media": ("avod", "svod", "theatrical"),
    "territories": ("BE", "DE", "FR"),
    "languages": ("fr-FR", "zxx"),
}
LABELS_USED = ("nudity", "violence")


def box(**changes: object) -> Scope:
    """A box for a film on two media in three territories, for one year."""
    fields: dict[str, object] = {
        "acts": ["condition"],
        "aspects": ["face"],
        "purposes": ["work"],
        "media": ["svod", "theatrical"],
        "territories": ["BE", "DE", "FR"],
        "languages": ["fr-FR"],
        "projects": [P],
        "start": datetime(2027, 1, 1, tzinfo=UTC),
        "end": datetime(2028, 1, 1, tzinfo=UTC),
    }
    return Scope.of(**(fields | changes))  # type: ignore[arg-type]  # the names are Scope.of's


def some(random: Random, terms: Sequence[str]) -> list[str]:
    return random.sample(terms, random.randint(1, len(terms)))


def random_box(random: Random) -> Scope:
    start_s = random.randrange(6)
    masks = {name: DIMENSIONS[name].mask(some(random, terms)) for name, terms in SMALL.items()}
    return Scope(
        **masks,
        projects=frozenset({ALL}) if random.random() < 0.3 else frozenset(some(random, (P, Q))),
        start_s=start_s,
        end_s=FOREVER_S if random.random() < 0.2 else random.randint(start_s + 1, 10),
        depicts=LABELS.mask(random.sample(LABELS_USED, random.choice([0, 0, 1]))),
        scene=LABELS.mask(random.sample(LABELS_USED, random.choice([0, 0, 1, 2]))),
    )


def widened(random: Random, scope: Scope) -> Scope:
    extra = random_box(random)
    masks = {name: getattr(scope, name) | getattr(extra, name) for name in DIMENSIONS}
    both = scope.projects | extra.projects
    return Scope(
        **masks,
        projects=frozenset({ALL}) if ALL in both else both,
        start_s=min(scope.start_s, extra.start_s),
        end_s=max(scope.end_s, extra.end_s),
        depicts=scope.depicts | extra.depicts,
        scene=scope.scene | extra.scene,
    )


def cut(random: Random, scope: Scope) -> list[Scope]:
    """Cut a box in two along one dimension, if it can be cut there."""
    name = random.choice([*DIMENSIONS, "projects", "window"])
    if name == "window":
        last = min(scope.end_s, reference.LAST_S) - 1
        if last <= scope.start_s:
            return [scope]
        middle = random.randint(scope.start_s + 1, last)
        return [replace(scope, end_s=middle), replace(scope, start_s=middle)]
    if name == "projects":
        if len(scope.projects) < 2:
            return [scope]
        return [replace(scope, projects=frozenset({project})) for project in scope.projects]
    first = getattr(scope, name) & -getattr(scope, name)
    rest = getattr(scope, name) ^ first
    return [replace(scope, **{name: first}), replace(scope, **{name: rest})] if rest else [scope]


def damaged(random: Random, scope: Scope) -> Scope:
    """Change one field of a grant, most often so that it no longer covers."""
    name = random.choice([*DIMENSIONS, "projects", "window", "depicts", "scene"])
    other = random_box(random)
    if name == "window":
        return replace(scope, start_s=other.start_s, end_s=other.end_s)
    return replace(scope, **{name: getattr(other, name)})


def recut(random: Random, scopes: Iterable[Scope]) -> list[Scope]:
    """Say the same with other boxes: cut some, double some, shuffle all."""
    boxes = [part for scope in scopes for part in cut(random, scope)]
    boxes = [part for scope in boxes for part in cut(random, scope)]
    boxes += random.sample(boxes, min(2, len(boxes)))
    random.shuffle(boxes)
    return boxes


def scene(random: Random) -> tuple[Scope, list[Scope]]:
    """Return what is wanted, and grants that cover it, nearly cover it, or have little to do with it."""
    wanted = random_box(random)
    parts = [part for whole in cut(random, wanted) for half in cut(random, whole) for part in cut(random, half)]
    for _ in range(random.choice([0, 1, 3, 6])):
        number = random.randrange(len(parts))
        parts[number] = damaged(random, parts[number])
    grants = [widened(random, part) if random.random() < 0.15 else part for part in parts]
    grants += [random_box(random) for _ in range(random.choice([0, 0, 1, 3]))]
    random.shuffle(grants)
    return wanted, grants
