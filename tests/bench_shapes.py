"""
The decisions that ``tests.bench_decide`` times: each a request with its facts, cleared, in one shape of many grants.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from consent.core.asked.demands import demands, takings
from consent.core.decision import decide
from consent.core.facts import Facts
from consent.core.grants import Grant
from consent.core.request import AnyRequest, parse_request
from registry.core.terms import TERRITORIES
from registry.core.times import to_epoch_s
from tests.barred import never, restrict, suspend
from tests.decisions import AT, CLEAR, World, box, consent, id_of, licence, shot
from tests.titled import asks, poster, sublicence, wide

GRANTS: Final = 50
LINKS: Final = 8  # as deep as a chain of sublicences may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One decision; ``demands`` of them share its time."""

    name: str
    request: AnyRequest
    facts: Facts
    grounds: int  # how many it must rest on, so that what is timed is what is meant
    limited: bool = True  # the limit is for grants that add up along one dimension, as deals are made

    def __post_init__(self) -> None:
        decision = decide(self.request, self.facts, AT)
        assert decision.cleared, (self.name, decision.obstacles)
        assert len(decision.grounds) == self.grounds, (self.name, len(decision.grounds))

    @property
    def demands(self) -> int:
        taken, _ = takings(self.request, self.facts)
        return len(demands(self.request, self.facts, taken, to_epoch_s(AT)))

    def run(self) -> object:
        return decide(self.request, self.facts, AT)


def by_country(grants: int = GRANTS, **terms: Any) -> tuple[AnyRequest, World]:
    """Return a request for as many countries as there are consents, each consent for one."""
    lands = sorted(TERRITORIES.terms[:grants])
    world = World()
    world.drop("consent")
    world.scope("licence", territories=lands)
    for land in lands:
        body = consent("ada", "studio", scopes=[box(territories=[land])], **terms)
        world.add(f"for {land}", "consent.granted", "ada", body)
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


def one_country(land: str | None = None) -> AnyRequest:
    """Return a request for one of the countries, which one of the consents covers."""
    return parse_request(shot(territories=[land or sorted(TERRITORIES.terms[:GRANTS])[GRANTS // 2]]))


def of_many(facts: Facts, grants: int) -> Facts:
    """Return the facts with as many consents as said, those there are and others' of the same terms."""
    (performer, own), *_ = facts.consents.items()
    held: dict[str, tuple[Grant, ...]] = {performer: own}
    for number in range(grants // len(own) - 1):
        other = id_of(f"performer {number}")
        held[other] = tuple(replace(grant, grantor=other, digest=f"{number:08x}{grant.digest[8:]}") for grant in own)
    return replace(facts, consents=MappingProxyType(held))


def ruled() -> tuple[AnyRequest, World]:
    """Return the first shape under a union's agreement, whose rules are asked about every ground."""
    request, world = by_country(represented=True, description=str(CLEAR["description"]))
    world["film"].update(agreement="SAG-AFTRA TV/Theatrical 2026", signatory="studio")
    return request, world


def barred() -> tuple[AnyRequest, World]:
    """Return the first shape beside bars that do not meet it: a restriction in ten boxes, and a suspension."""
    request, world = by_country()
    elsewhere = sorted(TERRITORIES.terms[GRANTS : GRANTS + 10])
    restrict(world, *(never(territories=[land]) for land in elsewhere))
    suspend(world, "personal", "ada", ("performer", "ada"), scopes=[never(territories=elsewhere)])
    return request, world


def chained() -> tuple[AnyRequest, World]:
    """Return a picture that is licensed through as many hands as a chain may have, again for each country."""
    lands = sorted(TERRITORIES.terms[: GRANTS // LINKS])
    world = poster()
    world.drop("licence")
    holders = ["gallery", *(["heir", "broker"] * LINKS)[: LINKS - 1], "studio"]
    for land in lands:
        above = None
        for number, (licensor, licensee) in enumerate(pairwise(holders)):
            name = f"{land} {number}"
            terms = {"scopes": [wide(territories=[land])], "sublicensable": licensee != "studio"}
            if above is None:
                world.add(name, "licence.granted", licensor, licence(licensor, licensee, "portrait", **terms))
            else:
                body = sublicence(world, above, licensor, licensee) | terms
                world.add(name, "licence.granted", licensor, body)
            above = name
    return parse_request(asks(territories=lands)), world


def shapes() -> list[Shape]:
    """Return every shape that is timed, that of the limit first."""
    beside = 2  # the licence and the title
    request, world = by_country()
    facts = world.facts()
    made: Mapping[str, tuple[tuple[AnyRequest, World], int]] = {
        f"{GRANTS} consents, rules of a union's agreement": (ruled(), GRANTS + beside),
        f"{GRANTS} consents, {10} boxes of bars elsewhere": (barred(), GRANTS + beside),
        f"{GRANTS // LINKS * LINKS} licences in chains of {LINKS}": (chained(), GRANTS // LINKS * LINKS + 1),
        f"{GRANTS} consents that cut countries and time": (by_country_and_time(), GRANTS + beside),
    }
    return [
        Shape(
            name=f"{GRANTS} consents, one a country, all needed", request=request, facts=facts, grounds=GRANTS + beside
        ),
        Shape(name=f"{GRANTS} consents, one of them covers", request=one_country(), facts=facts, grounds=1 + beside),
        *(
            Shape(name=name, request=asked, facts=scene.facts(), grounds=grounds, limited="cut" not in name)
            for name, ((asked, scene), grounds) in made.items()
        ),
    ]
