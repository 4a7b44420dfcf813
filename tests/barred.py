"""
Bars for cases of decisions: a performer's never, a strike, a court's order, a holder's or a person's own not now.
"""

from typing import Any

from registry.core.terms import ASPECTS
from tests.decisions import SHA, Body, World, everything, id_of, party


def never(**changed: Any) -> Body:
    """Return a box of everything of a performer, whatever is shown, for ever."""
    usual = everything(aspects=["body", "face", "name", "performance", "voice"])
    return usual | {"content": {"depicts": [], "scene": []}} | changed


def restrict(world: World, *scopes: Body, **options: Any) -> str:
    body = {"restriction": id_of("restriction"), "performer": id_of("ada"), "scopes": [*scopes] or [never()]}
    return world.add("restriction", "restriction.declared", "ada", body, **options)


def lift(world: World, issuer: str = "ada", **options: Any) -> str:
    return world.add("lift", "restriction.lifted", issuer, {"restriction": id_of("restriction")}, **options)


def suspend(world: World, kind: str, by: str, on: tuple[str, str], **changed: Any) -> str:
    """Declare a suspension; options of the statement stand beside fields of the body."""
    options = {name: changed.pop(name) for name in ("logged", "signers") if name in changed}
    everything_barred = {
        "grantee": never(aspects=ASPECTS.names(ASPECTS.all)),
        **dict.fromkeys(("performer", "union"), never()),
    }
    body: Body = {
        "suspension": id_of("suspension"),
        "kind": kind,
        "by": id_of(by),
        "on": {"kind": on[0], "id": id_of(on[1])},
        "scopes": [everything_barred.get(on[0]) or everything(content={"depicts": [], "scene": []})],
        "agreements": [],
        "excepted_projects": [],
        "document_sha256": SHA if kind == "court" else None,
    }
    return world.add("suspension", "suspension.declared", by, body | changed, **options)


def unsuspend(world: World, issuer: str, **changed: Any) -> str:
    options = {name: changed.pop(name) for name in ("logged", "signers") if name in changed}
    body = {"suspension": id_of("suspension"), "scopes": None, "projects": None} | changed
    name = f"lifting {len(world.steps)}"
    return world.add(name, "suspension.lifted", issuer, body, **options)


def unionised(*unions: str) -> World:
    """Return the cleared case, with unions, some of which Ada is in."""
    world = World()
    for name in ("actors", "musicians"):
        world.before("ada", name, "party.registered", name, party(name, kind="organisation", born=None))
    world["ada"]["unions"] = sorted(map(id_of, unions))
    assert world.codes() == []
    return world


def struck(**changed: Any) -> World:
    world = unionised("actors")
    suspend(world, "strike", "actors", ("union", "actors"), **changed)
    return world


def officer(world: World, name: str = "bailiff") -> None:
    """Let the registry name an officer of a court."""
    policy = {
        "party": id_of("registry"),
        "assurance": {},
        "attested_engines": False,
        "court_officers": sorted(map(id_of, (name,))),
    }
    world.before("ada", name, "party.registered", name, party(name))
    world.before("ada", "policy", "policy.set", "registry", policy)
    world.vouched["registry"] = id_of("registry")
