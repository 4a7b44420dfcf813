"""
Grants as ODRL 2.2 policies in the Proviso profile (``docs/odrl-profile.ttl``).

A licence or consent is an Agreement, an offer not yet accepted an Offer; each box is one Permission whose constraints
are the box. What binds the whole grant stands on the policy as terms of the profile, whose reader must honour them: by
ODRL (information model 2.2, section 3.1) one who does not know the profile must not act on the policy. So nothing that
a grant says is left out, and what is read back (``odrl_import``) is the same body.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from registry.core.jcs import Json, canonical
from web.interchange.grant_rows import Written
from web.interchange.odrl_names import ODRL, PROFILE, PROVISO, RDF, XSD

# Fields that ODRL has a place for; all others are terms of the profile.
LICENCE_PLACES: Final = ("licensor", "licensee", "subjects", "scopes")
CONSENT_PLACES: Final = ("performer", "grantee", "scopes")
SUBJECT_TYPES: Final = {"asset": PROVISO.Asset, "catalogue": PROVISO.Catalogue, "work": PROVISO.Work}
JSON: Final = PROVISO.json  # datatype of what is a structure of its own

# Dimension of a box -> left operand; ODRL's own where it has one.
OPERANDS: Final = {
    "aspects": PROVISO.aspect,
    "purposes": ODRL.purpose,
    "media": ODRL.media,
    "territories": ODRL.spatial,
    "languages": ODRL.language,
    "projects": PROVISO.project,
    "depicts": PROVISO.depicts,
    "scene": PROVISO.scene,
}
NOTHING: Final = PROVISO.nothing  # the empty set of labels: nothing special is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """A graph and how it is written down."""

    graph: Graph

    def turtle(self) -> bytes:
        return self.graph.serialize(format="turtle", encoding="utf-8")

    def json_ld(self) -> bytes:
        return self.graph.serialize(format="json-ld", encoding="utf-8", auto_compact=False)


def write_policies(grants: Iterable[Written]) -> Policies:
    """Write every grant as a policy of one graph."""
    graph = Graph()
    graph.bind("odrl", ODRL)
    graph.bind("proviso", PROVISO)
    for grant in grants:
        _write(graph, grant)
    return Policies(graph=graph)


def urn(id_: str) -> URIRef:
    return URIRef(f"urn:uuid:{id_}")


def target(kind: str, id_: str) -> URIRef:
    return URIRef(f"urn:proviso:{kind}:{id_}")


def policy_name(reference: str) -> URIRef:
    return PROVISO[f"grant/{reference.encode().hex()}"]  # any reference makes a name


def _write(graph: Graph, grant: Written) -> None:
    policy = policy_name(grant.reference)
    consent = "performer" in grant.body
    places = CONSENT_PLACES if consent else LICENCE_PLACES
    graph.add((policy, RDF.type, ODRL.Offer if grant.offered else ODRL.Agreement))
    graph.add((policy, ODRL.uid, policy))
    graph.add((policy, ODRL.profile, PROFILE))
    graph.add((policy, ODRL.conflict, ODRL.prohibit))
    graph.add((policy, PROVISO.reference, Literal(grant.reference)))
    graph.add((policy, PROVISO.statement, Literal(grant.type)))
    graph.add((policy, ODRL.assigner, urn(str(grant.body[places[0]]))))
    graph.add((policy, ODRL.assignee, urn(str(grant.body[places[1]]))))
    for name, value in grant.body.items():
        if name not in places:
            graph.add((policy, PROVISO[name], literal(value)))
    boxes = grant.body["scopes"]
    assert isinstance(boxes, list)
    for box in boxes:
        assert isinstance(box, dict)
        graph.add((policy, ODRL.permission, _permission(graph, grant, box)))


def _permission(graph: Graph, grant: Written, box: Mapping[str, Json]) -> Node:
    rule = BNode()
    graph.add((rule, RDF.type, ODRL.Permission))
    for act in _items(box["acts"]):
        graph.add((rule, ODRL.action, PROVISO[str(act)]))
    for asset, type_ in _targets(grant):
        graph.add((rule, ODRL.target, asset))
        graph.add((asset, RDF.type, type_))
    content = box["content"]
    assert isinstance(content, dict)
    held = {**box, **content}
    for dimension, operand in OPERANDS.items():
        _constrain(graph, rule, operand, _items(held[dimension]), dimension)
    window = _items(box["window"])
    _bound(graph, rule, ODRL.gteq, window[0])
    _bound(graph, rule, ODRL.lt, window[1])
    return rule


def _targets(grant: Written) -> list[tuple[URIRef, URIRef]]:
    if "performer" in grant.body:
        return [(target("performer", str(grant.body["performer"])), PROVISO.Performer)]
    found = []
    for subject in _items(grant.body["subjects"]):
        assert isinstance(subject, dict)
        kind = str(subject["kind"])
        found.append((target(kind, str(subject["id"])), SUBJECT_TYPES[kind]))
    return found


def _constrain(graph: Graph, rule: Node, operand: URIRef, values: list[Json], dimension: str) -> None:
    constraint = _new_constraint(graph, rule, operand, ODRL.isAnyOf)
    for value in values:
        graph.add((constraint, ODRL.rightOperand, _value(str(value), dimension)))
    if not values:
        graph.add((constraint, ODRL.rightOperand, NOTHING))


def _value(value: str, dimension: str) -> Node:
    if dimension in ("territories", "languages") or value == "*":
        return Literal(value)
    return urn(value) if dimension == "projects" else PROVISO[value]


def _bound(graph: Graph, rule: Node, operator: URIRef, side: Json) -> None:
    """Write one side of the window; an open end is no constraint, an event is an operand of the profile."""
    if side is None:
        return
    if isinstance(side, dict):
        constraint = _new_constraint(graph, rule, PROVISO.following, operator)
        graph.add((constraint, ODRL.rightOperand, literal(side)))
    else:
        constraint = _new_constraint(graph, rule, ODRL.dateTime, operator)
        graph.add((constraint, ODRL.rightOperand, Literal(str(side), datatype=XSD.dateTime, normalize=False)))


def _new_constraint(graph: Graph, rule: Node, operand: URIRef, operator: URIRef) -> BNode:
    constraint = BNode()
    graph.add((rule, ODRL.constraint, constraint))
    graph.add((constraint, RDF.type, ODRL.Constraint))
    graph.add((constraint, ODRL.leftOperand, operand))
    graph.add((constraint, ODRL.operator, operator))
    return constraint


def literal(value: Json) -> Literal:
    """Write a value of a body: words as they are, everything else as canonical JSON."""
    if isinstance(value, str):
        return Literal(value)
    return Literal(canonical(value).decode(), datatype=JSON)


def _items(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value
