"""The ODRL test suite: every case is answered as it expects, or differs for a reason that is given here."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, Namespace

from tests.vectors import VECTORS, files
from web.interchange.odrl_evaluate import evaluate
from web.interchange.odrl_names import ODRL, REPORT

EX = Namespace("http://example.org/")
NO_ACTION = "a permission that names no action permits nothing here, in the suite everything"
UNKNOWN_DUTY = "a duty of which nothing is known is not fulfilled here, in the suite it is not yet violated"
# What is closed by default must answer otherwise; each such answer refuses what the suite allows.
DIFFERENT = {
    "001-alice": NO_ACTION,
    "002-bob": NO_ACTION,
    "003-bob-write-y": NO_ACTION,
    "059-nonset": UNKNOWN_DUTY,
    "065-alice": UNKNOWN_DUTY + ": the fulfilment that the state of the world reports is of another policy's duty",
}
CASES = files("odrl/test_cases", "*.ttl")


def read(path: Path) -> Graph:
    return Graph().parse(data=path.read_bytes(), format="turtle")


@cache
def library(folder: str) -> dict[URIRef, Graph]:
    """Map the id of each policy, request or state of the world to its graph."""
    kinds = (ODRL.Set, ODRL.Offer, ODRL.Agreement, ODRL.Request, EX.Sotw)
    graphs = [read(path) for path in sorted((VECTORS / "odrl" / folder).glob("*.ttl"))]
    return {id_: graph for graph in graphs for kind in kinds for id_ in graph.subjects(RDF.type, kind)}


def expected(case: Graph) -> Iterator[tuple[str, bool]]:
    for report in case.objects(None, REPORT.ruleReport):
        yield str(case.value(report, REPORT.rule)), case.value(report, REPORT.activationState) == REPORT.Active


def answered(case: Graph) -> list[tuple[str, bool]]:
    policy, request, world = (
        library(folder)[next(case.objects(None, name))]
        for folder, name in (("policies", EX.policy), ("requests", EX.request), ("sotw", EX.sotw))
    )
    return [(outcome.rule, outcome.active) for outcome in evaluate(policy, request, world)]


@pytest.mark.parametrize("path", CASES)
def test_the_suite_is_answered_as_it_expects_or_refuses_for_a_reason_that_is_named(path: Path) -> None:
    case = read(path)
    number = path.stem.removeprefix("testcase-")
    if number in DIFFERENT:
        assert [(rule, True) for rule, _ in answered(case)] == sorted(expected(case)), DIFFERENT[number]
        assert not any(active for _, active in answered(case)), DIFFERENT[number]
    else:
        assert answered(case) == sorted(expected(case))


@pytest.mark.skipif(not CASES or not (VECTORS / "odrl").is_dir(), reason=f"no vectors in {VECTORS / 'odrl'}")
def test_the_suite_is_whole_and_expects_both_answers_often() -> None:
    states = [active for path in (VECTORS / "odrl" / "test_cases").glob("*.ttl") for _, active in expected(read(path))]
    assert len(states) == 68
    assert min(states.count(True), states.count(False)) > 15
