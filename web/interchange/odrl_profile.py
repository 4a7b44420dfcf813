"""
Write the Proviso profile of ODRL as a vocabulary: `docs/odrl-profile.ttl`.

Actions, left operands, operands and the terms of policies, each with a label; made from the closed vocabularies and the
columns of grants, so that a term which is added there is not forgotten here (``tests/test_odrl_profile.py`` compares).
"""

from collections.abc import Iterable
from typing import Final

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDFS, SKOS

from registry.core.terms import ACTS, ASPECTS, LABELS, MEDIA, PURPOSES
from web.interchange.columns import CONSENT, LICENCE
from web.interchange.odrl_export import CONSENT_PLACES, LICENCE_PLACES
from web.interchange.odrl_names import DCTERMS, ODRL, PROFILE, PROVISO, RDF

_OPERANDS: Final = {
    "aspect": "what of a performer or an asset is used",
    "project": "the project that the use is for",
    "depicts": "what the person is shown doing; every label shown must be among the right operands",
    "scene": "what else the shot shows; every label shown must be among the right operands",
    "following": "a moment that a recorded event sets, as JSON {event, work|project|party, territory, plus}; "
    "unknown means not started, and for an end that it has come",
}
_ACT_PARENTS: Final = {"distribute": ODRL.distribute, "alter": ODRL.modify, "sublicense": ODRL.grantUse}
_OTHER: Final = {
    "reference": "what the grant is called in the file",
    "statement": "the type of statement that the policy is a draft of",
    "json": "datatype: canonical JSON (RFC 8785)",
    "nothing": "the empty set of content labels: nothing special is shown",
    "Asset": "one media file",
    "Catalogue": "a list of works and assets that its owner keeps",
    "Work": "a title or composition",
    "Performer": "a person whose likeness or voice is used",
}
_HEAD: Final = (
    "Grants of film rights and of performers' consent. A policy of this profile must be read with all its terms: "
    "each narrows what its permissions grant. Whoever cannot honour a term must not act on the policy. Prohibitions "
    "win, and what a permission does not state is not granted."
)


def profile() -> Graph:
    """Return the vocabulary."""
    graph = Graph()
    for name, space in (("odrl", ODRL), ("proviso", PROVISO), ("skos", SKOS), ("dct", DCTERMS)):
        graph.bind(name, space)
    graph.add((PROFILE, RDF.type, ODRL.Profile))
    graph.add((PROFILE, RDF.type, OWL.Ontology))
    graph.add((PROFILE, DCTERMS.title, Literal("The Proviso profile of ODRL 2.2", lang="en")))
    graph.add((PROFILE, DCTERMS.description, Literal(_HEAD, lang="en")))
    for act in ACTS.terms:
        _term(graph, act, ODRL.Action, f"the act `{act}`")
        graph.add((PROVISO[act], ODRL.includedIn, _ACT_PARENTS.get(act, ODRL.use)))
    for name, about in _OPERANDS.items():
        _term(graph, name, ODRL.LeftOperand, about)
    for dimension in (ASPECTS, PURPOSES, MEDIA, LABELS):
        for name in dimension.terms:
            _term(graph, name, ODRL.RightOperand, f"a term of {dimension.dimension}")
    for name in fields():
        _term(graph, name, RDF.Property, f"the field `{name}` of the grant's body; structures are proviso:json")
    for name, about in _OTHER.items():
        _term(graph, name, RDFS.Resource, about)
    return graph


def fields() -> Iterable[str]:
    """Return the fields of bodies that stand on a policy as terms of the profile."""
    found = {column.path[0] for column in (*LICENCE, *CONSENT)}
    return sorted(found - {*LICENCE_PLACES, *CONSENT_PLACES})


def _term(graph: Graph, name: str, type_: URIRef, about: str) -> None:
    term = PROVISO[name]
    graph.add((term, RDF.type, type_))
    graph.add((term, RDF.type, SKOS.Concept))
    graph.add((term, SKOS.prefLabel, Literal(name.replace("_", " "), lang="en")))
    graph.add((term, SKOS.definition, Literal(about, lang="en")))
    graph.add((term, SKOS.inScheme, PROFILE))
