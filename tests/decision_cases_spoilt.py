"""
What may go wrong with a random case of ``tests.decision_cases``: one thing is damaged, by name.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from consent.core.facts import Facts
from consent.core.grants import Grant
from consent.core.record import Dialogue
from registry.core.limits import Caps
from registry.core.rights import Subject
from registry.core.scope import Scope
from registry.core.terms import ACTS, ASPECTS, MEDIA, TERRITORIES
from tests.decision_cases import ADA, AT_S, BEN, GALLERY, STUDIO, Case, draw
from tests.decisions import Body, id_of

Damage = Callable[[Case, random.Random], None]


def _one_grant(case: Case, rng: random.Random, kind: str = "") -> tuple[list[Grant], int] | None:
    places = [(held, n) for held in case.grants.values() for n, grant in enumerate(held) if kind in grant.kind]
    return rng.choice(places) if places else None


def _on_grant(change: Callable[[Grant, random.Random], dict[str, Any]], kind: str = "") -> Damage:
    def damage(case: Case, rng: random.Random) -> None:
        found = _one_grant(case, rng, kind)
        if found is not None:
            held, number = found
            held[number] = replace(held[number], **change(held[number], rng))

    return damage


def _on_box(change: Callable[[Scope, random.Random], dict[str, Any]]) -> Damage:
    def changed(grant: Grant, rng: random.Random) -> dict[str, Any]:
        boxes = list(grant.scopes)
        number = rng.randrange(len(boxes))
        boxes[number] = replace(boxes[number], **change(boxes[number], rng))
        return {"scopes": tuple(boxes)}

    return _on_grant(changed)


def _without_one(name: str, other: int) -> Damage:
    def change(box: Scope, rng: random.Random) -> dict[str, Any]:
        mask: int = getattr(box, name)
        return {name: mask & (mask - 1) or other}

    return _on_box(change)


def _on_request(change: Callable[[Body, random.Random], None]) -> Damage:
    def damage(case: Case, rng: random.Random) -> None:
        if case.request["kind"] != "train":
            change(case.request, rng)

    return damage


def _drop_grant(case: Case, rng: random.Random) -> None:
    found = _one_grant(case, rng)
    if found is not None:
        del found[0][found[1]]


def _on_base(change: Callable[[Facts, random.Random], dict[str, Any]]) -> Damage:
    def damage(case: Case, rng: random.Random) -> None:
        case.base = replace(case.base, **change(case.base, rng))

    return damage


def _on_asset(**changed: Any) -> Damage:
    def change(base: Facts, rng: random.Random) -> dict[str, Any]:
        name = id_of(rng.choice(("portrait", "poster", "song")))
        return {"assets": {**base.assets, name: replace(base.assets[name], **changed)}}

    return _on_base(change)


def _on_claim(**changed: Any) -> Damage:
    def damage(case: Case, rng: random.Random) -> None:
        number = rng.randrange(len(case.claims))
        title = replace(case.claims[number].title, **changed)
        case.claims[number] = replace(case.claims[number], title=title)

    return damage


_WITHDRAWN_FROM = (0, AT_S, AT_S + 1, AT_S + 200 * 86_400)  # at once, now, and on notice that runs


def _withdraw(case: Case, rng: random.Random) -> None:
    """Withdraw a grant; a release may rest on it, and on another."""
    found = _one_grant(case, rng)
    if found is None:
        return
    held, number = found
    held[number] = replace(held[number], withdrawn=((ACTS.all, rng.choice(_WITHDRAWN_FROM)),))
    if case.request["kind"] == "release":
        case.request["rests_on"] = [held[number].digest]


def _shown(name: str, value: object) -> Damage:
    return _on_request(lambda request, rng: request["by_performer"][rng.choice((ADA, BEN))].__setitem__(name, value))


def _reference(name: str, value: object) -> Damage:
    return _on_request(lambda request, rng: request["references"][0].__setitem__(name, value))


_UNKNOWN = MappingProxyType(dict.fromkeys(("people", "music", "artworks", "marks", "locations"), "unknown"))
_LISTED = MappingProxyType({**_UNKNOWN, "people": "listed", "music": "listed", "artworks": "none", "marks": "none"})
DAMAGES: list[tuple[str, Damage]] = [
    ("a territory less", _without_one("territories", TERRITORIES.mask(("US",)))),
    ("a medium less", _without_one("media", MEDIA.mask(("games",)))),
    ("an aspect less", _without_one("aspects", ASPECTS.mask(("name",)))),
    ("another act", _on_box(lambda box, rng: {"acts": ACTS.mask(("store",))})),
    ("a purpose less", _without_one("purposes", 4)),
    ("a language less", _without_one("languages", 1)),
    ("no scene", _on_box(lambda box, rng: {"scene": 0})),
    ("nothing depicted", _on_box(lambda box, rng: {"depicts": 0})),
    ("another project", _on_box(lambda box, rng: {"projects": frozenset({id_of("other")})})),
    ("later", _on_box(lambda box, rng: {"start_s": min(box.start_s + 1_000, box.end_s - 1)})),
    ("sooner over", _on_box(lambda box, rng: {"end_s": box.start_s + min(1_000, box.end_s - box.start_s)})),
    ("dropped", _drop_grant),
    ("to another", _on_grant(lambda grant, rng: {"grantee": GALLERY})),
    ("not logged", _on_grant(lambda grant, rng: {"logged": False})),
    ("forged", _on_grant(lambda grant, rng: {"authorised": False})),
    ("unknown identity", _on_grant(lambda grant, rng: {"identity_stands": False})),
    ("contested identity", _on_grant(lambda grant, rng: {"identity_contested": True})),
    ("recorded", _on_grant(lambda grant, rng: {"assurance": "recorded"}, "licence")),
    ("exhausted", _on_grant(lambda grant, rng: {"caps": Caps(shots=1)})),
    ("withdrawn", _withdraw),
    ("withdrawn", _withdraw),
    ("another role", _on_grant(lambda grant, rng: {"role": "Nora"}, "consent")),
    ("another scene", _on_grant(lambda grant, rng: {"scenes": frozenset({"13"})}, "consent")),
    ("no words", _on_grant(lambda grant, rng: {"dialogue": Dialogue(kind="none", script_sha256=None)}, "consent")),
    ("synthetic", _on_grant(lambda grant, rng: {"replica_use": frozenset({"synthetic"})}, "consent")),
    ("of a work", _on_grant(lambda grant, rng: {"subjects": (Subject(kind="work", id=id_of("work")),)}, "licence")),
    ("before the asset", _on_grant(lambda grant, rng: {"reaches_assets_before": 3}, "licence")),
    ("asset not logged", _on_asset(logged=False)),
    ("undeclared", _on_asset(inventory=_UNKNOWN)),
    ("listed", _on_asset(inventory=_LISTED)),
    ("smaller share", _on_claim(share=(1, 4))),
    ("larger share", _on_claim(share=(1, 1))),
    ("moral", _on_claim(nature="moral")),
    ("another right", _on_claim(right="composition")),
    ("the requester's", _on_claim(claimant=STUDIO)),
    ("unknown project", _on_base(lambda base, rng: {"projects": frozenset()})),
    ("unknown weights", _on_base(lambda base, rng: {"weights": frozenset()})),
    ("named in the prompt", _on_base(lambda base, rng: {"vouched": replace(base.vouched, prompt_matches=(BEN,))})),
    ("nobody described", _on_request(lambda request, rng: request.__setitem__("by_performer", {}))),
    ("as somebody", _shown("role", "Zoe")),
    ("in pain", _shown("depicts", ["self_harm"])),
    ("unsaid words", _shown("dialogue", None)),
    ("other words", _shown("dialogue", {"kind": "as_scripted", "script_sha256": "e" * 64})),
    ("a child", _reference("depicted_age", 12)),
    ("other bytes", _reference("sha256", "0" * 64)),
    ("other frames", _reference("source", [99, 101])),
    ("names Ben", _reference("performer", BEN)),
    ("other scenes", _on_request(lambda request, rng: request.__setitem__("scenes", ["14"]))),
    ("rests on nothing known", _on_request(lambda request, rng: request.__setitem__("rests_on", ["f" * 64]))),
]


def damaged(rng: random.Random) -> Case:
    """Return a case of which one thing is damaged, as often as not."""
    case = draw(rng)
    if rng.random() < 0.6:
        case.damage, damage = rng.choice(DAMAGES)
        damage(case, rng)
    return case
