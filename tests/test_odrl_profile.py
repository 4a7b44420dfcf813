"""The profile's page holds every term that our policies use, and is what the code writes."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from rdflib import Graph
from rdflib.compare import isomorphic

from tests.interchange_bodies import consents, licences
from web.interchange.grant_rows import Written
from web.interchange.odrl_export import write_policies
from web.interchange.odrl_names import PROFILE, PROVISO
from web.interchange.odrl_profile import profile

PAGE = Path(__file__).parents[1] / "docs" / "odrl-profile.ttl"


def test_the_page_is_what_the_code_writes() -> None:
    assert isomorphic(Graph().parse(data=PAGE.read_bytes(), format="turtle"), profile())


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(licence=licences(), consent=consents())
def test_every_term_of_a_policy_is_in_the_profile(licence: dict[str, Any], consent: dict[str, Any]) -> None:
    grants = [
        Written(reference="L", type="licence.recorded", body=licence),
        Written(reference="C", type="consent.granted", body=consent),
    ]
    used = {str(node) for triple in write_policies(grants).graph for node in triple}
    ours = {name for name in used if name.startswith(str(PROVISO)) and not name.startswith(f"{PROVISO}grant/")}
    known = {str(subject) for subject in profile().subjects()}
    assert ours
    assert ours <= known
    assert str(PROFILE) in known
