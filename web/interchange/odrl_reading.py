"""
Read an RDF graph the way bodies are read: each triple is taken once, and what nobody took is reported.

Bytes become a graph without the network: Turtle names nothing to be fetched, and of JSON-LD only the published context
of ODRL is known by its address (the terms of it that policies use are here); every other remote context is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from rdflib import Graph, URIRef
from rdflib.exceptions import ParserError
from rdflib.plugins.parsers.jsonld import to_rdf
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.term import BNode, Node

from registry.core.errors import DomainError
from registry.core.jcs import parse_json
from web.interchange.odrl_names import DCTERMS, ODRL, PROVISO, RDF
from web.interchange.tables import MAX_FILE_BYTES

MAX_TRIPLES: Final = 500_000
ODRL_CONTEXT: Final = ("http://www.w3.org/ns/odrl.jsonld", "https://www.w3.org/ns/odrl.jsonld")
# A word that a context gives no meaning would be dropped; so it has one that nothing takes.
_UNKNOWN: Final = {"@vocab": "urn:unknown:"}
# What says nothing about rights.
INFORMATIVE: Final = (str(DCTERMS), "http://purl.org/dc/elements/1.1/", "http://www.w3.org/2000/01/rdf-schema#")
_IDS: Final = (
    *("action", "assignee", "assigner", "conflict", "leftOperand", "operator", "profile", "target", "uid", "and", "or"),
    *("xone", "andSequence", "inheritFrom", "relation", "function", "duty", "obligation", "permission", "prohibition"),
    *("constraint", "refinement", "consequence", "remedy", "failure", "partOf", "source", "unit"),
)
_CONTEXT: Final[dict[str, Any]] = {
    "odrl": str(ODRL),
    "@vocab": str(ODRL),
    "type": "@type",
    "id": "@id",
    **{name: {"@id": f"odrl:{name}", "@type": "@vocab"} for name in _IDS},
    "uid": {"@id": "odrl:uid", "@type": "@id"},
    "profile": {"@id": "odrl:profile", "@type": "@id"},
    "assigner": {"@id": "odrl:assigner", "@type": "@id"},
    "assignee": {"@id": "odrl:assignee", "@type": "@id"},
    "target": {"@id": "odrl:target", "@type": "@id"},
}


class Unreadable(Exception):
    """Bytes that are no RDF we read."""


@dataclass(slots=True)
class Taking:
    """A graph, and which of its triples were understood."""

    graph: Graph
    taken: set[tuple[Node, Node, Node]] = field(default_factory=set)
    reached: set[Node] = field(default_factory=set)  # from the policies that were read

    def all(self, subject: Node, predicate: URIRef) -> list[Node]:
        """Take every value, in a fixed order."""
        found = sorted(self.graph.objects(subject, predicate), key=str)
        self.taken |= {(subject, predicate, value) for value in found}
        return found

    def one(self, subject: Node, predicate: URIRef) -> Node | None:
        """Take the one value; several are left, to be reported."""
        found = list(self.graph.objects(subject, predicate))
        if len(found) != 1:
            return None
        self.taken.add((subject, predicate, found[0]))
        return found[0]

    def left(self, policy: Node) -> Iterator[tuple[Node, Node, Node]]:
        """Return what can be reached from a policy and was not taken, save what says nothing about rights."""
        seen: set[Node] = set()
        waiting = [policy]
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            self.reached.add(node)
            for triple in sorted(self.graph.triples((node, None, None)), key=str):
                if triple not in self.taken and not str(triple[1]).startswith(INFORMATIVE):
                    yield triple
                if isinstance(triple[2], BNode) or (isinstance(triple[2], URIRef) and triple[1] != RDF.type):
                    waiting.append(triple[2])

    def beside(self) -> Iterator[tuple[Node, Node, Node]]:
        """Return what none of the policies that were read leads to."""
        for triple in sorted(self.graph, key=str):
            if triple[0] not in self.reached and triple not in self.taken:
                yield triple


def read_graph(data: bytes, *, json_ld: bool) -> Graph:
    """Parse Turtle or JSON-LD; raises ``Unreadable``."""
    if len(data) > MAX_FILE_BYTES:
        raise Unreadable(f"more than {MAX_FILE_BYTES} bytes")
    graph = Graph()
    try:
        if json_ld:
            to_rdf(_closed(parse_json(data, max_bytes=MAX_FILE_BYTES)), graph, context_data=_UNKNOWN)
        else:
            graph.parse(data=data.decode("utf-8"), format="turtle")
    except (BadSyntax, ParserError, DomainError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(str(error).splitlines()[0] if str(error) else type(error).__name__) from error
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error
    if len(graph) > MAX_TRIPLES:
        raise Unreadable(f"more than {MAX_TRIPLES} triples")
    return graph


def _closed(value: Any) -> Any:
    """Put the known context in the place of its address; any other address would have to be fetched."""
    if isinstance(value, list):
        return [_closed(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _context(inner) if name == "@context" else _closed(inner) for name, inner in value.items()}


def _context(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ODRL_CONTEXT:
            raise Unreadable(f"context {value} is not known, and nothing is fetched")
        return _CONTEXT
    if isinstance(value, list):
        return [_context(item) for item in value]
    if isinstance(value, dict) and "@import" in value:
        raise Unreadable("a context that imports another, and nothing is fetched")
    return value


def local_name(node: Node | None) -> str:
    """Return a term without its namespace, for bodies and for reports."""
    text = str(node)
    return next((text.removeprefix(str(space)) for space in (PROVISO, ODRL) if text.startswith(str(space))), text)
