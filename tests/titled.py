"""
Cases of title and licences alone: a poster that shows nobody, which Gallery holds and licenses to Studio.

Built on ``tests.decisions``; the bodies that change a licence or a title later are here.
"""

from datetime import UTC, datetime
from typing import Any

from tests.decisions import AT, Body, World, everything, id_of, licence, party, reference, shot

CLEARED: list[str] = []


def poster() -> World:
    """Return a case that is cleared: one licence, one claim, nobody shown; more parties are known."""
    world = World()
    world["portrait"]["inventory"]["people"] = "none"
    world.drop("appearance", "consent", "vouch")
    for name in ("rival", "heir", "broker"):
        world.steps[name] = type(world.steps["gallery"])(
            type="party.registered", issuer=name, body=party(name, kind="organisation", born=None)
        )
    for name in ("licence", "claim"):  # the end of the log is theirs again
        world.steps[name] = world.steps.pop(name)
    return world


def asks(**changed: Any) -> Body:
    return shot(**({"references": [reference(role="first_frame")], "by_performer": {}} | changed))


def codes(world: World, at: datetime = AT, **changed: Any) -> list[str]:
    return world.codes(asks(**changed), at)


def missing(world: World, code: str, dimension: str = "territories", **changed: Any) -> set[str]:
    """Return the terms of one dimension that obstacles of one code miss."""
    found: set[str] = set()
    for obstacle in world.decide(asks(**changed)).obstacles:
        if obstacle.code == code:
            for piece in obstacle.missing:
                found |= set(piece.format()[dimension])  # type: ignore[arg-type]  # a list of text
    return found


def grounds(world: World, **changed: Any) -> set[str]:
    return {digest for digest, _ in world.decide(asks(**changed)).grounds}


def use_of(world: World, *names: str, **changed: Any) -> Body:
    """Return a new use of what was released on these grounds."""
    return asks(kind="use", rests_on=[world.digest(name) for name in names], **changed)


def wide(**changed: Any) -> Body:
    """Return a box of everything that pictures are licensed for."""
    return everything(aspects=["motion", "picture", "style"], **changed)


def event(name: str = "theatrical_release", on: str = "2026-12-02", **changed: Any) -> Body:
    usual: Body = {
        "event": name,
        "work": id_of("work"),
        "territory": "FR",
        "on": on,
        "utc_offset": 0,
        "document_sha256": None,
    }
    return {key: value for key, value in (usual | changed).items() if key != "work" or value is not None}


def follows(name: str = "theatrical_release", plus: str = "P0D", **changed: Any) -> Body:
    usual: Body = {"event": name, "work": id_of("work"), "territory": "FR", "plus": plus}
    return {key: value for key, value in (usual | changed).items() if key != "work" or value is not None}


def amended(world: World, since: str, like: str = "licence", **terms: Any) -> Body:
    """Return an amendment of a licence, with some terms changed, from a day on."""
    left = {key: value for key, value in world[like].items() if key not in ("document_sha256", "signed_on")}
    return {
        "licence": world.digest(like),
        "effective_from": f"{since}T00:00:00Z",
        "terms": left | terms,
        "document_sha256": None,
    }


def assigned(digest: str, to: str, since: str = "2027-01-01") -> Body:
    return {"grant": digest, "to": id_of(to), "effective_from": f"{since}T00:00:00Z", "document_sha256": None}


def terminated(digest: str, until: str | None = None) -> Body:
    return {"licence": digest, "sell_off_until": until}


def option(name: str = "sequel", **changed: Any) -> Body:
    usual: Body = {
        "option": name,
        "exercise": ["2027-02-01T00:00:00Z", "2027-06-01T00:00:00Z"],
        "scopes": [wide(territories=["DE"])],
    }
    return usual | changed


def catalogue(owner: str, *members: tuple[str, str]) -> Body:
    listed = sorted(({"kind": kind, "id": id_of(name)} for kind, name in members), key=lambda m: (m["kind"], m["id"]))
    return {"catalogue": id_of("catalogue"), "owner": id_of(owner), "title": "The silent years", "members": listed}


def sublicence(world: World, parent: str, licensor: str, licensee: str, **changed: Any) -> Body:
    return licence(licensor, licensee, "portrait", **({"parent": world.digest(parent), "scopes": [wide()]} | changed))


def day(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[arg-type, misc]  # year, month, day


def film_work(world: World) -> None:
    """Register the work that events speak of: by Studio, who makes the film."""
    work = {"work": id_of("work"), "title": "Ridge", "kind": "film", "identifiers": {}}
    world.add("work", "work.registered", "studio", work)
