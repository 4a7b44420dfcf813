"""
What two engines of policies take for the decision that ``decide`` makes on 50 consents, and beside 10,000.

Each consent is one policy that says of its box what Cedar, or Casbin, can say of it, parsed beforehand. To Cedar a
demand is one question; to Casbin, whose questions have one value a field, one for each point: here, face and body. So
both are spared what they cannot do: consents do not add up there, nothing is said of what is missing, titles and
signatures' standing are left out, and so is every condition beside the box.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any, Final

import casbin  # type: ignore[import-untyped]  # it publishes no types
import cedarpy

from consent.core.grants import Grant
from registry.core.scope import Scope
from registry.core.terms import ACTS, ASPECTS, LABELS, LANGUAGES, MEDIA, PURPOSES, TERRITORIES

_NO_ENTITIES: Final = cedarpy.Entities.from_json_str("[]")
_MODEL: Final = """
[request_definition]
r = sub, obj, act, aspects, purposes, media, territories, languages, project, start, end
[policy_definition]
p = sub, obj, acts, aspects, purposes, media, territories, languages, projects, start, end
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.territories in p.territories && r.act in p.acts && r.media in p.media && \
r.purposes in p.purposes && r.languages in p.languages && r.aspects in p.aspects && r.project in p.projects && \
r.start >= p.start && r.end <= p.end
"""


def cedar(grants: Iterable[Grant], asked: Sequence[tuple[str, Scope]], requester: str) -> list[Callable[[], bool]]:
    """Return one question a demand, on all these grants as policies."""
    policies = cedarpy.PolicySet.from_str("\n".join(_policy(grant, box) for grant in grants for box in grant.scopes))

    def question(subject: str, wanted: Scope) -> Callable[[], bool]:
        request = {
            "principal": f'Party::"{requester}"',
            "action": f'Action::"{ACTS.names(wanted.acts)[0]}"',
            "resource": f'Performer::"{subject}"',
            "context": _terms(wanted) | {"start": wanted.start_s, "end": wanted.end_s},
        }
        return lambda: cedarpy.is_authorized(request, policies, _NO_ENTITIES).decision == cedarpy.Decision.Allow

    return [question(subject, wanted) for subject, wanted in asked]


def casbin_enforcer(
    grants: Iterable[Grant], asked: Sequence[tuple[str, Scope]], requester: str
) -> list[Callable[[], bool]]:
    """Return one question a demand, put to one enforcer that holds all these grants as policies."""
    model = casbin.Model()
    model.load_model_from_text(_MODEL)
    enforcer = casbin.Enforcer(model)
    enforcer.add_policies([_row(grant, box) for grant in grants for box in grant.scopes])

    def question(subject: str, wanted: Scope) -> Callable[[], bool]:
        terms = _terms(wanted)
        rows = [
            [requester, subject, ACTS.names(wanted.acts)[0], *point, _moment(wanted.start_s), _moment(wanted.end_s)]
            for point in product(*(terms[name] for name in (*_SETS, "projects")))
        ]
        return lambda: all(enforcer.enforce(*row) for row in rows)

    return [question(subject, wanted) for subject, wanted in asked]


def shuffled(grants: Iterable[Grant]) -> list[Grant]:
    """Return grants in an order in which those asked for stand anywhere."""
    held = [*grants]
    random.Random(1).shuffle(held)
    return held


_SETS: Final = ("aspects", "purposes", "media", "territories", "languages")
_VOCABULARIES: Final = dict(zip(_SETS, (ASPECTS, PURPOSES, MEDIA, TERRITORIES, LANGUAGES), strict=True))


def _terms(box: Scope) -> dict[str, list[str]]:
    named = {name: vocabulary.names(getattr(box, name)) for name, vocabulary in _VOCABULARIES.items()}
    return named | {
        "projects": sorted(box.projects),
        "depicts": LABELS.names(box.depicts),
        "scene": LABELS.names(box.scene),
    }


def _policy(grant: Grant, box: Scope) -> str:
    acts = ", ".join(f'Action::"{act}"' for act in ACTS.names(box.acts))
    when = [f"{_list(names)}.containsAll(context.{name})" for name, names in _terms(box).items() if names != ["*"]]
    when += [f"context.start >= {box.start_s}", f"context.end <= {box.end_s}"]
    return (
        f'permit (principal == Party::"{grant.grantee}", action in [{acts}], '
        f'resource == Performer::"{grant.grantor}") when {{ {" && ".join(when)} }};'
    )


def _list(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _row(grant: Grant, box: Scope) -> list[Any]:
    terms = {name: " ".join(names) for name, names in _terms(box).items()}
    acts = " ".join(ACTS.names(box.acts))
    sets = (terms[name] for name in _SETS)
    return [grant.grantee, grant.grantor, acts, *sets, terms["projects"], _moment(box.start_s), _moment(box.end_s)]


def _moment(at_s: int) -> str:
    """Write a second so that texts compare as numbers do: Casbin's policies are texts."""
    return f"{at_s:020d}"
