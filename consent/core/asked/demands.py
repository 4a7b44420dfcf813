"""
What a request needs covered, and what about its subjects refuses it outright.

A **demand** is one subject, one act, the aspects and purposes taken, and the box in which the use is wanted. Aspects
and purposes stay together in one box, since boxes add up exactly; obstacles are told apart by point later.

1. Each reference names an asset: it must be known, logged, of these bytes; its inventory must be declared.
2. Its role takes aspects from the asset, from its components whose aspects and spans meet, and from each performer.
3. Whom the prompt names is asked for name and face.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from consent.core.facts import AssetFacts, Facts
from consent.core.obstacles import Code, Obstacle, Remedy
from consent.core.request import ROLES, AnyRequest, Reference, Request, TrainingRequest
from registry.core.assets import Component, Span, spans_meet
from registry.core.scope import Scope, languages_mask
from registry.core.terms import ACTS, ASPECTS, MEDIA, PERFORMER_ASPECTS, PURPOSES

CLEARANCE_S = 3_600  # how long a clearance opens the vault; a render that takes longer decides again
TRAINING_S = 14 * 86_400  # how long a training run may read its samples

_PEOPLE_FROM = ASPECTS.mask(("picture", "motion", "sound"))
_PICTURE = ASPECTS.mask(("picture",))
_SOUND = ASPECTS.mask(("sound",))
_NAMED = ASPECTS.mask(("name", "face"))
_TRAIN = ACTS.mask(("train",))
_INTERNAL = MEDIA.mask(("internal",))
_WORK = PURPOSES.mask(("work",))
_NO_LANGUAGE = languages_mask(["zxx"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    of: str  # asset | performer
    id: str
    wanted: Scope


@dataclass(frozen=True, slots=True)
class Taken:
    """What a request takes from one asset."""

    facts: AssetFacts
    aspects: int  # mask of asset aspects
    of_performers: int  # mask of performer aspects
    spans: tuple[Span, ...] | None
    acts: tuple[str, ...]


def takings(request: AnyRequest, facts: Facts) -> tuple[list[Taken], list[Obstacle]]:
    """Return what is taken from each asset, components included, and what refuses an asset outright."""
    taken: list[Taken] = []
    obstacles: list[Obstacle] = []
    for asset, sha256, role in _assets_named(request):
        found = facts.assets.get(asset)
        refusal = _refusal_of_asset(asset, sha256, found)
        if found is None or refusal is not None:
            obstacles += [refusal] if refusal is not None else []
            continue
        start = _taken_by_role(found, role, request.kind) if role is not None else _taken_by_training(found)
        inside, refusals = with_contents(start, facts)
        taken += inside
        obstacles += refusals
    return taken, obstacles


def with_contents(start: Taken, facts: Facts) -> tuple[list[Taken], list[Obstacle]]:
    """Return what is taken from an asset and from what it is made of, and what refuses any of these outright."""
    taken = _with_components(start, facts)
    return taken, [refusal for one in taken for refusal in _refusals_of_contents(one, facts)]


def demands(request: AnyRequest, facts: Facts, taken: list[Taken], at_s: int) -> list[Demand]:
    """Return every demand of a request, each once; order carries no meaning."""
    found: dict[tuple[str, str, str], int] = {}
    for one in taken:
        for act in one.acts:
            _add(found, "asset", one.facts.asset.asset, act, one.aspects)
            for appearance in one.facts.appearances:
                if spans_meet(appearance.spans, one.spans):
                    _add(found, "performer", appearance.performer, act, appearance.aspects & one.of_performers)
    if isinstance(request, Request):
        for performer in facts.vouched.prompt_matches:
            for act in _acts(request.kind):
                _add(found, "performer", performer, act, _NAMED)
    return [
        Demand(of=of, id=id_, wanted=_box(request, of, id_, act, aspects, at_s))
        for (of, id_, act), aspects in found.items()
    ]


def _add(found: dict[tuple[str, str, str], int], of: str, id_: str, act: str, aspects: int) -> None:
    if aspects:
        found[of, id_, act] = found.get((of, id_, act), 0) | aspects


def _assets_named(request: AnyRequest) -> Iterator[tuple[str, str, Reference | None]]:
    if isinstance(request, TrainingRequest):
        yield from ((asset, sha256, None) for asset, sha256 in request.assets)
    else:
        yield from ((reference.asset, reference.sha256, reference) for reference in request.references)


def _refusal_of_asset(asset: str, sha256: str, found: AssetFacts | None) -> Obstacle | None:
    code: Code | None = None
    if found is None:
        code = "unknown_subject"
    elif found.asset.sha256 != sha256:
        code = "bytes_mismatch"
    elif not found.logged:
        code = "not_yet_logged"
    return None if code is None else Obstacle(code=code, subject=("asset", asset))


def _taken_by_role(found: AssetFacts, reference: Reference, kind: str) -> Taken:
    role = ROLES[reference.role]
    own = ASPECTS.mask(found.asset.media.aspects)
    sounds = own & _SOUND or not role.takes & _SOUND or reference.role != "extend"
    takes = role.takes if sounds else role.takes & ~_SOUND
    of_performers = role.of_performers if sounds else role.of_performers & ~ASPECTS.mask(("voice",))
    spans = None if reference.source is None else (reference.source,)
    return Taken(found, takes, of_performers, spans, _acts(kind, role.extra_act))


def _acts(kind: str, extra: str | None = None) -> tuple[str, ...]:
    """A shot asks to condition and to distribute; a release or a new use of what was made, to distribute."""
    if kind != "shot":
        return ("distribute",)
    return ("condition", "distribute") if extra is None else ("condition", extra, "distribute")


def _taken_by_training(found: AssetFacts) -> Taken:
    own = ASPECTS.mask(found.asset.media.aspects)
    return Taken(found, own, PERFORMER_ASPECTS, None, ("train",))


def _with_components(start: Taken, facts: Facts) -> list[Taken]:
    """Return an asset and, down the tree, each component that the aspects and frames taken meet; each once."""
    found = {(start.facts.asset.asset, start.aspects): start}
    left = [start]
    while left:
        taken = left.pop()
        for component in _components_met(taken):
            inner = facts.assets.get(component.component)
            key = (component.component, component.aspects & taken.aspects)
            if inner is not None and key not in found:
                found[key] = Taken(inner, key[1], taken.of_performers, None, taken.acts)
                left.append(found[key])
    return list(found.values())


def _components_met(taken: Taken) -> list[Component]:
    return [c for c in taken.facts.components if c.aspects & taken.aspects and spans_meet(c.spans, taken.spans)]


def _refusals_of_contents(taken: Taken, facts: Facts) -> list[Obstacle]:
    """Refuse what an asset may hold without anybody having said so; omission never permits."""
    held = taken.facts
    obstacles = []
    if not all(_declared(held, content) for content in _contents_asked(taken.aspects)):
        obstacles.append(
            Obstacle(code="inventory_unknown", subject=("asset", held.asset.asset), remedy=Remedy(ask=held.registrant))
        )
    obstacles += [
        Obstacle(code="appearance_claimed", subject=("performer", claim.performer), remedy=Remedy(ask=held.registrant))
        for claim in held.open_claims
        if claim.aspects & taken.of_performers and spans_meet(claim.spans, taken.spans)
    ]
    for component in _components_met(taken):
        inner = facts.assets.get(component.component)
        if inner is None or not inner.logged:
            code: Code = "unknown_subject" if inner is None else "not_yet_logged"
            obstacles.append(Obstacle(code=code, subject=("asset", component.component)))
    return obstacles


def _contents_asked(aspects: int) -> list[str]:
    asked = []
    if aspects & _PEOPLE_FROM:
        asked.append("people")
    if aspects & _PICTURE:
        asked += ["artworks", "marks", "locations"]
    if aspects & _SOUND:
        asked.append("music")
    return asked


def _declared(held: AssetFacts, content: str) -> bool:
    """Say whether the inventory answers: `none`, or `listed` with something recorded."""
    state = held.inventory[content]
    return state == "none" or (state == "listed" and content in held.recorded)


def _box(request: AnyRequest, of: str, id_: str, act: str, aspects: int, at_s: int) -> Scope:
    if isinstance(request, TrainingRequest):
        return training_box(request, aspects, at_s)
    distributing = act == "distribute"
    depicts, scene = _content(request, of, id_)
    return Scope(
        acts=ACTS.mask((act,)),
        aspects=aspects,
        purposes=request.purposes,
        media=request.media,
        territories=request.territories,
        languages=request.languages,
        projects=frozenset({request.project}),
        start_s=request.start_s if distributing else at_s,
        end_s=request.end_s if distributing else at_s + CLEARANCE_S,
        depicts=depicts,
        scene=scene,
    )


def training_box(request: TrainingRequest, aspects: int, at_s: int) -> Scope:
    """Return the box of a training run that takes these aspects."""
    return Scope(
        acts=_TRAIN,
        aspects=aspects,
        purposes=_WORK,
        media=_INTERNAL,
        territories=request.territory,
        languages=_NO_LANGUAGE,
        projects=frozenset({"*"}),
        start_s=at_s,
        end_s=at_s + TRAINING_S,
    )


def _content(request: Request, of: str, id_: str) -> tuple[int, int]:
    """Return what this person is shown doing (an asset: anybody), and what else is shown."""
    if of == "performer":
        shown = request.by_performer.get(id_)
        return (0 if shown is None else shown.depicts), request.scene
    depicts = 0
    for shown in request.by_performer.values():
        depicts |= shown.depicts
    return depicts, request.scene
