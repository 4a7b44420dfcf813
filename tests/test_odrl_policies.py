"""Grants as ODRL policies: there and back the same, and of others' policies nothing is granted that was not said."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.core.jcs import canonical
from tests.interchange_bodies import DIGESTS, IDS, consents, licences
from web.interchange.given import Given
from web.interchange.grant_rows import Written
from web.interchange.odrl_export import write_policies
from web.interchange.odrl_import import read_policies
from web.interchange.report import FileRefused

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def policies(type_: str, bodies: list[dict[str, Any]], *, json_ld: bool) -> bytes:
    written = write_policies(Written(reference=f"G{n}", type=type_, body=body) for n, body in enumerate(bodies))
    return written.json_ld() if json_ld else written.turtle()


@pytest.mark.parametrize("json_ld", [False, True], ids=["turtle", "json-ld"])
@SLOW
@given(bodies=st.lists(licences(), min_size=1, max_size=2))
def test_licences_come_back_byte_for_byte(json_ld: bool, bodies: list[dict[str, Any]]) -> None:
    data = policies("licence.recorded", bodies, json_ld=json_ld)
    drafts = sorted(read_policies(data, json_ld=json_ld, given=Given()).drafts, key=lambda draft: draft.reference)
    assert [canonical(draft.body) for draft in drafts] == [canonical(body) for body in bodies]


@pytest.mark.parametrize("json_ld", [False, True], ids=["turtle", "json-ld"])
@SLOW
@given(bodies=st.lists(consents(), min_size=1, max_size=2))
def test_consents_come_back_byte_for_byte(json_ld: bool, bodies: list[dict[str, Any]]) -> None:
    data = policies("consent.granted", bodies, json_ld=json_ld)
    taken = read_policies(data, json_ld=json_ld, given=Given(), check=lambda draft, place: None)
    drafts = sorted(taken.drafts, key=lambda draft: draft.reference)
    assert [canonical(draft.body) for draft in drafts] == [canonical(body) for body in bodies]


PREFIXES = """
@prefix odrl: <http://www.w3.org/ns/odrl/2/> .
@prefix proviso: <https://proviso.example/odrl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://example.org/> .
"""
RULE = f"""
  odrl:target <urn:uuid:{IDS[4]}> ; odrl:action odrl:distribute ;
  odrl:constraint
    [ odrl:leftOperand odrl:spatial ; odrl:operator odrl:eq ; odrl:rightOperand "FR" ] ,
    [ odrl:leftOperand odrl:media ; odrl:operator odrl:isAnyOf ; odrl:rightOperand proviso:svod , proviso:avod ] ,
    [ odrl:leftOperand odrl:language ; odrl:operator odrl:eq ; odrl:rightOperand "*" ] ,
    [ odrl:and [ odrl:leftOperand odrl:dateTime ; odrl:operator odrl:gt ;
                 odrl:rightOperand "2027-01-01T01:00:00+01:00"^^xsd:dateTime ] ,
               [ odrl:leftOperand odrl:dateTime ; odrl:operator odrl:lteq ;
                 odrl:rightOperand "2028-01-01T00:00:00.5Z"^^xsd:dateTime ] ]
"""
HEAD = f"""
  a odrl:Agreement ; odrl:uid ex:deal ; dct:title "A deal" ;
  odrl:assigner <urn:uuid:{IDS[1]}> ; odrl:assignee <urn:uuid:{IDS[2]}>
"""
TERMS = Given(
    sets={"aspects": ["picture"], "purposes": ["work"], "projects": ["*"]},
    document_sha256=DIGESTS[1],
    signed_on="2026-10-01",
)


def foreign(head: str = HEAD, rule: str = RULE, more: str = "") -> bytes:
    return (PREFIXES + f"ex:deal {head} ; odrl:permission [ {rule} ] {more} .").encode()


def refusals(data: bytes, terms: Given = TERMS, *, json_ld: bool = False) -> list[tuple[str, str]]:
    with pytest.raises(FileRefused) as caught:
        read_policies(data, json_ld=json_ld, given=terms)
    return [(one.code, one.en) for one in caught.value.report.findings]


def test_a_plain_policy_with_what_it_lacks_said_beside_it_is_a_draft_read_strictly() -> None:
    (draft,) = read_policies(foreign(), json_ld=False, given=TERMS).drafts
    (box,) = draft.body["scopes"]
    assert box["window"] == ["2027-01-01T00:00:01Z", "2028-01-01T00:00:00Z"]
    assert (box["acts"], box["media"], box["territories"]) == (["distribute"], ["avod", "svod"], ["FR"])
    assert box["content"] == {"depicts": [], "scene": []}
    assert (draft.type, draft.issuer) == ("licence.recorded", IDS[2])


def test_a_dimension_that_nobody_states_is_not_granted() -> None:
    said = refusals(foreign(), Given(document_sha256=DIGESTS[1], signed_on="2026-10-01"))
    assert [code for code, _ in said] == ["dimension_not_stated"] * 3
    without_window = RULE.partition(",\n    [ odrl:and")[0]
    assert ("dimension_not_stated", "the rule does not state `start`: what is not stated is not granted") in refusals(
        foreign(rule=without_window)
    )


@pytest.mark.parametrize(
    ("rule", "more", "named"),
    [
        (RULE.replace("odrl:spatial", "odrl:virtualLocation"), "", "virtualLocation"),
        (RULE.replace('odrl:eq ; odrl:rightOperand "FR"', 'odrl:isNoneOf ; odrl:rightOperand "FR"'), "", "spatial"),
        (RULE.replace("odrl:and", "odrl:or"), "", "or"),
        (RULE.replace("odrl:distribute", "odrl:use"), "", "action use"),
        (RULE + "; odrl:duty [ odrl:action odrl:compensate ]", "", "duty"),
        (RULE + "; odrl:duty [ odrl:action odrl:compensate ]", "", "compensate"),
        (RULE, "; odrl:prohibition [ odrl:action odrl:sell ]", "prohibition"),
        (RULE, "; odrl:obligation [ odrl:action odrl:attribute ]", "obligation"),
        (RULE, "; odrl:inheritFrom ex:parent", "inheritFrom"),
        (RULE, "; odrl:conflict odrl:perm", "conflict perm"),
        (RULE, "; odrl:profile ex:other", "http://example.org/other"),
        (RULE + "; odrl:assignee ex:other", "", "assignee"),
        (RULE.replace("odrl:lteq", "odrl:neq"), "", "neq"),
    ],
)
def test_what_cannot_be_expressed_is_named_and_nothing_is_drafted(rule: str, more: str, named: str) -> None:
    assert read_policies(foreign(), json_ld=False, given=TERMS).drafts
    assert any(named in sentence for _, sentence in refusals(foreign(rule=rule, more=more)))


def test_a_set_grants_nobody_anything() -> None:
    said = refusals(foreign(head=HEAD.replace("odrl:Agreement", "odrl:Set")))
    assert ("rule_not_expressed") in [code for code, _ in said]


def test_json_ld_is_read_with_the_published_context_and_no_other_is_fetched() -> None:
    known = '{"@context":"http://www.w3.org/ns/odrl.jsonld","@type":"Agreement","uid":"http://example.org/deal"}'
    said = refusals(known.encode(), json_ld=True)
    assert ("dimension_not_stated", "the rule does not state `assigner`: what is not stated is not granted") in said
    fetched = known.replace("http://www.w3.org/ns/odrl.jsonld", "https://example.org/context.jsonld")
    assert [code for code, _ in refusals(fetched.encode(), json_ld=True)] == ["not_rdf"]
    nested = '{"@context":[{"@import":"https://example.org/c"}],"@type":"Agreement"}'
    assert [code for code, _ in refusals(nested.encode(), json_ld=True)] == ["not_rdf"]


def test_what_is_no_rdf_or_holds_no_policy_is_refused() -> None:
    assert [code for code, _ in refusals(b"<not turtle")] == ["not_rdf"]
    assert [code for code, _ in refusals(b"\xff\xfe")] == ["not_rdf"]
    assert [code for code, _ in refusals(b"")] == ["no_header"]


BESIDE = f"odrl:target <urn:uuid:{IDS[4]}> ; odrl:action odrl:distribute"


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (f"ex:never odrl:prohibition [ {BESIDE} ] .", "prohibition"),
        (f"ex:asked a odrl:Request ; odrl:permission [ {BESIDE} ] .", "Request"),
        (f"ex:never a odrl:Prohibition ; {BESIDE} .", "Prohibition"),
        (f"<urn:uuid:{IDS[4]}> odrl:partOf ex:all .", "partOf"),
        ("ex:other odrl:hasPolicy ex:deal .", "hasPolicy"),
        ("ex:deal proviso:licensee ex:somebody .", "licensee"),
        ('ex:deal proviso:scopes "[]"^^proviso:json .', "scopes"),
    ],
)
def test_what_stands_beside_a_policy_is_named_too(more: str, named: str) -> None:
    assert read_policies(foreign() + b"ex:reel dct:title 'A reel' .", json_ld=False, given=TERMS).drafts
    assert any(named in sentence for _, sentence in refusals(foreign() + f"\n{more}".encode()))


def test_equal_to_two_values_at_once_is_no_choice_of_them() -> None:
    said = refusals(foreign(rule=RULE.replace('"FR"', '"FR", "BE"')))
    assert [code for code, _ in said] == ["constraint_not_expressed", "dimension_not_stated"]


@pytest.mark.parametrize(
    "moment",
    ['"{bad"^^proviso:json', '"0001-01-01T00:00:00+14:00"^^xsd:dateTime', '"9999-12-31T23:59:59Z"^^xsd:dateTime'],
)
def test_a_moment_that_cannot_be_reckoned_with_is_refused(moment: str) -> None:
    said = refusals(foreign(rule=RULE.replace('"2027-01-01T01:00:00+01:00"^^xsd:dateTime', moment)))
    assert "constraint_not_expressed" in [code for code, _ in said]


def test_nesting_without_an_end_is_refused() -> None:
    chain = " ".join(f"_:a{n} odrl:and _:a{n + 1} ." for n in range(3_000))
    deep = "[ ex:x " * 3_000 + "1" + " ]" * 3_000
    assert "constraint_not_expressed" in [c for c, _ in refusals(foreign(rule=RULE + ", _:a0") + chain.encode())]
    assert "dimension_not_stated" in [
        c for c, _ in refusals(foreign(rule=f"{BESIDE} ; odrl:constraint _:a") + b"_:a odrl:and _:a .")
    ]
    assert [code for code, _ in refusals(foreign(more=f"; ex:x {deep}"))] == ["not_rdf"]


def test_a_word_to_which_json_ld_gives_no_meaning_is_not_dropped() -> None:
    """A prohibition that the context does not know is none to a reader of RDF, and one to whoever wrote it."""
    policy = json.loads(write_policies([Written(reference="G", type="licence.recorded", body=plain())]).json_ld())
    assert read_policies(json.dumps(policy).encode(), json_ld=True, given=Given()).drafts
    (deal,) = [node for node in policy if "http://www.w3.org/ns/odrl/2/uid" in node]
    deal["prohibition"] = [{"action": "sell"}]
    assert any("prohibition" in said for _, said in refusals(json.dumps(policy).encode(), json_ld=True))


def plain() -> dict[str, Any]:
    return dict(read_policies(foreign(), json_ld=False, given=TERMS).drafts[0].body)
