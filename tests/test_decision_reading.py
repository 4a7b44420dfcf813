"""What a decision reads, and in how many queries, whatever else the registry holds."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from consent import services as consent
from consent.services.clearing import new_salt
from consent.services.deliberation import deliberate
from consent.services.questions import Deliberation
from generation.core.shot import ShotSpec, to_request
from generation.selectors.references import registered
from registry.core.jcs import Json
from tests.studio import Studio, consent_body
from tests.world import licence_body, new_id

pytestmark = pytest.mark.django_db
AT_MOST = 4  # queries of one decision: walk, lock, read, and the counts behind caps
PROMPT = "Ada walks along the ridge"


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


def asked(studio: Studio, **use: Any) -> dict[str, Json]:
    spec = ShotSpec.parse(studio.request(prompt=PROMPT, use=studio.use(**use)))
    return to_request(spec, shot=new_id(), weights=studio.weights, sha256s=registered(spec), salt=new_salt())


def decided(studio: Studio) -> tuple[Deliberation, int]:
    """Decide under locks, and count the queries."""
    request = asked(studio)
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        found = deliberate(request, prompt=PROMPT)
    assert found.decision.cleared, found.decision.obstacles
    return found, sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)


def test_a_decision_takes_the_same_few_queries_whatever_the_registry_holds(studio: Studio) -> None:
    decided(studio)  # a process opens the key that names are hashed with once
    _, before = decided(studio)
    other = studio.world.party("Elsewhere", kind="organisation")
    for _ in range(10):
        studio.world.act("consent.granted", consent_body(studio.ada, other), by=studio.ada)
    for _ in range(10):
        studio.grant()
    studio.world.publish()
    found, after = decided(studio)
    assert before == after <= AT_MOST
    assert len(found.digests) > 20


def test_counting_a_cap_takes_one_query_more_and_no_further(studio: Studio) -> None:
    _, uncapped = decided(studio)
    for _ in range(3):
        studio.grant(caps={"shots": 5})
    studio.world.publish()
    _, capped = decided(studio)
    assert capped == uncapped + 1 <= AT_MOST


def test_what_was_granted_to_somebody_else_is_not_read(studio: Studio) -> None:
    other = studio.world.party("Elsewhere", kind="organisation")
    foreign = studio.world.act("consent.granted", consent_body(studio.ada, other), by=studio.ada)
    own = studio.grant()
    studio.world.publish()
    found, _ = decided(studio)
    assert own in found.digests
    assert foreign not in found.digests


def test_many_at_once_are_decided_as_one_by_one(studio: Studio) -> None:
    requests = [asked(studio), asked(studio, scene=["hate"]), asked(studio, scene=["gambling"]), asked(studio)]
    together = consent.preflight_many([(request, PROMPT) for request in requests])
    alone = [consent.preflight(request, prompt=PROMPT) for request in requests]
    assert {one.decision.cleared for one in alone} == {True, False}
    for one, other in zip(together, alone, strict=True):
        assert one.decision.obstacles == other.decision.obstacles
        assert one.decision.grounds == other.decision.grounds


def test_many_at_once_take_as_many_queries_as_two(studio: Studio) -> None:
    def queries(number: int) -> int:
        requests = [(asked(studio), PROMPT) for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            consent.preflight_many(requests)
        return len(captured.captured_queries)

    assert queries(2) == queries(12)


def promised(studio: Studio, **dimensions: Any) -> str:
    """The archive, which holds the title of the ridge, gives it to somebody else alone, where `dimensions` say."""
    other = studio.world.party("Elsewhere", kind="organisation")
    terms = licence_body(studio.archive, other, studio.ridge)
    box = dict(terms["scopes"][0], **dimensions)  # type: ignore[index,arg-type]  # a list of boxes
    digest = studio.world.act(
        "licence.granted", terms | {"exclusivity": "exclusive", "scopes": [box]}, by=studio.archive
    )
    studio.world.publish()
    return digest


def test_what_was_promised_to_another_is_read_where_it_touches_the_use_and_refuses(studio: Studio) -> None:
    digest = promised(studio)
    before, _ = decided(studio)
    assert digest in before.digests  # the producer's own licence is from before, and stands
    own = consent.preflight(asked(studio) | {"for": studio.archive.id}, prompt=PROMPT)
    refused = {obstacle.nearest for obstacle in own.decision.obstacles if obstacle.code == "exclusive_to_other"}
    assert refused == {digest}


def test_what_was_promised_to_another_elsewhere_is_not_read(studio: Studio) -> None:
    digest = promised(studio, territories=["JP"])
    found, queries = decided(studio)
    assert digest not in found.digests
    assert queries <= AT_MOST
