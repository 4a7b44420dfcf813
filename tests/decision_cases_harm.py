"""
What the damages to a history have in common: which statement one befalls, and how its body or a box is changed.
"""

import copy
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from registry.core.jcs import canonical
from tests.decision_cases_ways import boxes
from tests.decisions import AT, id_of
from tests.told import Body, Tale, Told

Damage = Callable[[Tale, random.Random], None]


LICENCE = ("licence.granted", "licence.recorded")


CONSENT = ("consent.granted",)


GRANTING = (*LICENCE, *CONSENT)


_NAMES = {
    id_of(name): name
    for name in (
        "registry", "studio", "gallery", "rival", "broker", "house", "heir", "society", "union", "notary", "ada", "ben",
        "guardian", "court",
    )
}  # fmt: skip


def name_of(id_: str) -> str:
    return _NAMES[id_]


def one(tale: Tale, rng: random.Random, *types: str) -> Told | None:
    found = tale.of(*types)
    return rng.choice(found) if found else None


def on(types: tuple[str, ...], change: Callable[[Told, random.Random], object]) -> Damage:
    def damage(tale: Tale, rng: random.Random) -> None:
        told = one(tale, rng, *types)
        if told is not None:
            told.body = copy.deepcopy(told.body)
            change(told, rng)

    return damage


def field(types: tuple[str, ...], name: str, *values: Any) -> Damage:
    return on(types, lambda told, rng: told.body.__setitem__(name, rng.choice(values)))


def on_box(types: tuple[str, ...], change: Callable[[Body, random.Random], object]) -> Damage:
    def changed(told: Told, rng: random.Random) -> None:
        scopes = told.body["scopes"]
        change(rng.choice(scopes), rng)
        unique = {canonical(scope): scope for scope in scopes}
        told.body["scopes"] = [unique[key] for key in sorted(unique)]

    return on(types, changed)


def cut(scope: Body, edge: int, moment: str) -> None:
    """Move one end of a window; one that would be empty stays."""
    window = [*scope["window"]]
    window[edge] = moment
    plain = [one for one in window if isinstance(one, str)]
    if len(plain) < 2 or plain[0] < plain[1]:
        scope["window"] = window


def dispute(
    tale: Tale, rng: random.Random, type_: str, name: str, target: str, by: str, others: tuple[str, ...]
) -> None:
    """Dispute a thing, half a year ago or lately, and end the dispute now and then, rightly or not."""
    body = {name: target, "grounds": "No.", "evidence_sha256": "e" * 64}
    when = AT - timedelta(days=rng.choice((1, 20, 179, 200)))
    dispute = tale.say("dispute", type_, by, body, issued_at=when, logged=rng.random() < 0.8)
    for number in range(rng.choice((0, 0, 1, 1, 2))):
        outcome = rng.choice(("withdrawn", "settled", "upheld", "upheld", "dismissed"))
        resolved = {"dispute": dispute, "outcome": outcome, "document_sha256": None}
        issuer = rng.choice((by, "court", "court", *others, "rival"))
        tale.say(f"resolved {number}", "title.resolved", issuer, resolved, logged=rng.random() < 0.9)


def wide(tale: Tale, rng: random.Random, aspects: list[str]) -> list[Body]:
    """Return a box of a bar: it meets what is asked, or nearly."""
    scope = copy.deepcopy(boxes(rng, tale, aspects)[0])
    scope["content"] = rng.choice((
        {"depicts": [], "scene": []}, {"depicts": [], "scene": []}, {"depicts": [], "scene": ["violence"]},
        {"depicts": ["nudity"], "scene": []},
    ))  # fmt: skip
    scope["projects"] = rng.choice((["*"], [id_of("film")], [id_of("series")], [id_of("other")]))
    if rng.random() < 0.3:
        scope["window"] = rng.choice((
            ["2020-01-01T00:00:00Z", "2027-01-01T00:00:00Z"], ["2027-08-01T00:00:00Z", "2027-09-10T00:00:00Z"],
            [{"event": "premiere", "project": id_of("film"), "territory": None, "plus": "P1M"}, None],
        ))  # fmt: skip
    return [scope]
