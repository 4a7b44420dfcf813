"""Every body of ``docs/formats.md``: its example parses as printed, and each damage to it has its own code."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consent.core.bodies import PARSERS
from consent.core.request import parse_request
from consent.core.vouched import Vouched
from registry.core.errors import DomainError, Malformed
from registry.core.fields import Reader
from registry.core.record import read_shown
from tests.decisions import World

Body = dict[str, Any]
PAGE = (Path(__file__).parents[1] / "docs" / "formats.md").read_text("utf-8")
SHOWN = {"language": "en", "text_sha256": "0" * 64, "private_sha256": None}
ID = "01930000-0000-7000-8000-0000000000ff"


def _block(heading: str) -> Body:
    """Return the first block of JSON under a heading of the page."""
    _, _, rest = PAGE.partition(f"\n### {heading}\n")
    found = re.search(r"```json\n(.*?)```", rest, re.DOTALL)
    assert found, f"no example under {heading}"
    example: Body = json.loads(found[1])
    return example


def _examples() -> Iterator[tuple[str, Body]]:
    headings = {
        "licence.granted": "Licence body",
        "licence.recorded": "Licence body",
        "consent.granted": "Consent body",
        **dict.fromkeys(
            ("licence.confirmed", "licence.denied"),
            "`licence.confirmed`, `licence.denied`",
        ),
    }
    for kind in PARSERS:
        yield kind, _block(headings.get(kind, f"`{kind}`"))


EXAMPLES = dict(_examples())
# Fields that may be null, and so may be left out.
NULLABLE = {
    "party.registered": {"born", "domicile", "key"},
    "project.registered": {"agreement", "signatory", "governing_law", "parent"},
    "asset.registered": {"work"},
    "appearance.recorded": {"spans"},
    "appearance.claimed": {"spans"},
    "component.recorded": {"spans"},
    "title.claimed": {"document_sha256"},
    "title.resolved": {"document_sha256"},
    "event.recorded": {"document_sha256"},
    "licence.granted": {
        *("document_sha256", "signed_on"),
        *("assignable", "change_of_control", "sell_off_days", "parent", "ends_unless"),
    },
    "licence.recorded": {"assignable", "change_of_control", "sell_off_days", "parent", "ends_unless"},
    "licence.terminated": {"sell_off_until"},
    "licence.amended": {"document_sha256"},
    "grant.assigned": {"document_sha256"},
    "consent.granted": {"role", "retention_until", "cooling_off_until", "answers"},
    "consent.recorded": {"role", "retention_until", "cooling_off_until", "answers", "counters"},
    "consent.revoked": {"cause"},
    "authority.granted": {"evidence_sha256"},
    "suspension.declared": {"document_sha256"},
    "suspension.lifted": {"scopes", "projects"},
    "approval.given": {"note"},
    "approval.declined": {"note"},
}


def parse(kind: str, body: Body) -> object:
    reader = Reader({**SHOWN, **body}, "body")
    value = PARSERS[kind](reader)
    read_shown(reader)
    reader.finish()
    return value


def refusal(kind: str, body: Body) -> tuple[str, str | None]:
    with pytest.raises(DomainError) as refused:
        parse(kind, body)
    return refused.value.code, refused.value.field


def changed(kind: str, path: str, value: object) -> Body:
    """Return the example with one value changed, at a path such as `caps.shots`."""
    body = copy.deepcopy(EXAMPLES[kind])
    *way, last = path.split(".")
    held: Any = body
    for name in way:
        held = held[int(name) if name.isdigit() else name]
    held[last] = value
    return body


@pytest.mark.parametrize("kind", PARSERS)
def test_the_example_on_the_page_parses_as_printed(kind: str) -> None:
    assert parse(kind, EXAMPLES[kind])


def test_every_kind_that_a_party_signs_has_a_row_in_the_table_and_its_fields_are_those_of_the_example() -> None:
    for kind, example in EXAMPLES.items():
        row = re.search(rf"^\| `{re.escape(kind)}` \|.*\| (.*) \|$", PAGE, re.MULTILINE)
        assert row, kind
        if row[1].startswith("`"):
            assert set(row[1].strip("`").split()) == set(example), kind


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, body in EXAMPLES.items() for name in body])
def test_a_field_that_is_missing_is_named_and_only_what_may_be_null_may_be_left_out(kind: str, name: str) -> None:
    body = {field: value for field, value in EXAMPLES[kind].items() if field != name}
    if name in NULLABLE.get(kind, set()):
        parse(kind, body)
        parse(kind, {**body, name: None})
    elif (kind, name) == ("consent.revoked", "grantee"):
        parse(kind, body)  # as `grants` are named
    elif (kind, name) == ("consent.revoked", "grants"):
        assert refusal(kind, body)[0] == "bad_value"
    else:
        assert refusal(kind, body) == ("missing_field", f"body.{name}")


@pytest.mark.parametrize("kind", PARSERS)
def test_a_field_that_nobody_knows_is_refused(kind: str) -> None:
    assert refusal(kind, {**EXAMPLES[kind], "zeal": 1}) == ("unknown_field", "body.zeal")


def _objects() -> Iterator[tuple[str, str]]:
    for kind, body in EXAMPLES.items():
        for name, value in body.items():
            if isinstance(value, dict):
                yield kind, name
            if isinstance(value, list) and value and isinstance(value[0], dict):
                yield kind, f"{name}.0"


@pytest.mark.parametrize(("kind", "path"), list(_objects()))
def test_a_field_that_nobody_knows_is_refused_inside_too(kind: str, path: str) -> None:
    assert refusal(kind, changed(kind, f"{path}.zeal", 1))[0] == "unknown_field"


WRONG = {"number": 17, "text": "\u0000", "list": [17], "object": {"x": 1}, "truth": True}


@pytest.mark.parametrize(
    ("kind", "name", "wrong"),
    [
        (kind, name, wrong)
        for kind, body in EXAMPLES.items()
        for name, value in body.items()
        for wrong in WRONG
        if wrong == "text" or type(value) is not type(WRONG[wrong])
    ],
)
def test_no_field_takes_a_value_of_another_type(kind: str, name: str, wrong: str) -> None:
    with pytest.raises(DomainError):
        parse(kind, {**EXAMPLES[kind], name: WRONG[wrong]})


FOLLOWED = {"event": "premiere", "work": ID, "territory": None}
BAD = [
    ("party.registered", "kind", "robot", "bad_value"),
    ("party.registered", "name", "", "bad_value"),
    ("party.registered", "name", "x" * 201, "bad_value"),
    ("party.registered", "name", "e\u0301", "not_normalised"),
    ("party.registered", "party", "01930000-0000-4000-8000-000000000001", "bad_id"),
    ("party.registered", "born", "1990-4-1", "bad_time"),
    ("party.registered", "born", "1990-02-30", "bad_time"),
    ("party.registered", "domicile", "ZZ", "unknown_term"),
    ("party.registered", "domicile", "EU", "unexpanded_group"),
    ("party.registered", "unions", ["b", "a"], "not_sorted"),
    ("party.registered", "unions", ["a", "a"], "duplicate_value"),
    ("party.registered", "key.kind", "rsa", "bad_key"),
    ("party.registered", "key.spki", "AAAA", "bad_key"),
    ("identity.vouched", "level", "hearsay", "bad_value"),
    ("key.revoked", "keyid", "A" * 64, "bad_value"),
    ("project.registered", "kind", "play", "bad_value"),
    ("work.registered", "identifiers", {"isbn": "1"}, "unknown_field"),
    ("asset.registered", "kind", "hologram", "bad_value"),
    ("asset.registered", "size", 0, "integer_out_of_range"),
    ("asset.registered", "media.aspects", ["face"], "bad_value"),
    ("asset.registered", "media.aspects", [], "bad_value"),
    ("asset.registered", "media.fps", [24_000, 0], "integer_out_of_range"),
    ("asset.registered", "media.fps", [48, 2], "bad_value"),
    ("asset.registered", "inventory.people", "some", "bad_value"),
    ("appearance.recorded", "aspects", ["picture"], "bad_value"),
    ("appearance.recorded", "aspects", [], "bad_value"),
    ("appearance.recorded", "spans", [], "bad_value"),
    ("appearance.recorded", "spans", [[5, 5]], "bad_value"),
    ("appearance.recorded", "spans", [[0, 5], [5, 9]], "not_sorted"),
    ("appearance.recorded", "spans", [[5, 9], [0, 3]], "not_sorted"),
    ("component.recorded", "aspects", ["face"], "bad_value"),
    ("title.claimed", "right", "all", "bad_value"),
    ("title.claimed", "share", [2, 4], "bad_value"),
    ("title.claimed", "share", [3, 2], "bad_value"),
    ("title.claimed", "share", [0, 1], "integer_out_of_range"),
    ("title.claimed", "share", [1, 10_001], "integer_out_of_range"),
    ("title.claimed", "scopes", [], "bad_value"),
    ("licence.granted", "subjects", [], "bad_value"),
    ("title.claimed", "subject.kind", "catalogue", "bad_value"),
    ("title.disputed", "grounds", "", "bad_value"),
    ("title.disputed", "grounds", "x" * 2_001, "bad_value"),
    ("title.disputed", "evidence_sha256", None, "bad_value"),
    ("title.resolved", "outcome", "won", "bad_value"),
    ("catalogue.registered", "members", [], "bad_value"),
    ("catalogue.registered", "members.0.kind", "catalogue", "bad_value"),
    ("catalogue.registered", "members.0.kind", "work", "not_sorted"),
    ("event.recorded", "event", "rumour", "bad_value"),
    ("event.recorded", "territory", "EU", "unexpanded_group"),
    ("event.recorded", "project", ID, "bad_value"),
    ("event.recorded", "on", "2026-02-30", "bad_time"),
    ("event.recorded", "utc_offset", 841, "integer_out_of_range"),
    ("event.recorded", "utc_offset", -841, "integer_out_of_range"),
    ("licence.granted", "exclusivity", None, "bad_value"),
    ("licence.granted", "exclusivity", "mostly", "bad_value"),
    ("licence.granted", "parent", "x", "bad_value"),
    ("licence.granted", "change_of_control", "pauses", "bad_value"),
    ("licence.granted", "sell_off_days", 1_096, "integer_out_of_range"),
    ("licence.granted", "caps.seconds", 0, "integer_out_of_range"),
    ("licence.granted", "caps.training_epochs", 1_000_001, "integer_out_of_range"),
    ("licence.granted", "caps.dreams", 1, "unknown_field"),
    ("licence.granted", "product_categories", ["cars", "beer"], "not_sorted"),
    ("licence.granted", "product_categories", ["x" * 81], "bad_value"),
    ("licence.granted", "holdbacks.0.binds", "everybody", "bad_value"),
    ("licence.granted", "holdbacks.0.scopes", [], "bad_value"),
    ("licence.granted", "approvals.0.by", "anybody", "bad_id"),
    ("licence.granted", "approvals.0.acts", [], "bad_value"),
    ("licence.granted", "approvals.0.acts", ["dream"], "unknown_term"),
    ("licence.granted", "approvals.0.hours", None, "bad_value"),
    ("licence.granted", "approvals.0.hours", 8_761, "integer_out_of_range"),
    ("licence.granted", "approvals.0.on_silence", "assumed", "bad_value"),
    ("licence.granted", "options.0.option", "", "bad_value"),
    ("licence.granted", "options.0.exercise", ["2029-01-01T00:00:00Z", "2028-01-01T00:00:00Z"], "bad_value"),
    ("licence.granted", "options.0.exercise", ["2029-01-01T00:00:00Z"], "bad_value"),
    ("licence.granted", "options.0.exercise", [{"event": "premiere"}, "2028-01-01T00:00:00Z"], "bad_time"),
    ("licence.granted", "ends_unless.event.plus", "P1D", "unknown_field"),
    ("licence.granted", "ends_unless.by", None, "bad_time"),
    ("licence.granted", "scopes.0.window.0.event", "rumour", "bad_value"),
    ("licence.granted", "scopes.0.window.0.plus", "P", "bad_value"),
    ("licence.granted", "scopes.0.window.0.plus", "1 year", "bad_value"),
    ("licence.granted", "scopes.0.window.0.plus", "P01Y", "bad_value"),
    ("licence.granted", "scopes.0.window.0.plus", "-P1Y", "bad_value"),
    ("licence.granted", "scopes.0.window.0.plus", "P1201D", "integer_out_of_range"),
    ("licence.granted", "scopes.0.window.0.territory", "XX", "unknown_term"),
    (
        "licence.granted",
        "scopes.0.window",
        [{**FOLLOWED, "plus": "P2M"}, {**FOLLOWED, "plus": "P2M"}],
        "window_never_opens",
    ),
    (
        "licence.granted",
        "scopes.0.window",
        [{**FOLLOWED, "plus": "P2M"}, {**FOLLOWED, "plus": "P59D"}],
        "window_never_opens",
    ),
    ("licence.amended", "terms.exclusivity", "mostly", "bad_value"),
    ("licence.amended", "terms.signed_on", "2026-10-01", "unknown_field"),
    ("licence.amended", "effective_from", None, "bad_time"),
    ("licence.terminated", "sell_off_until", "soon", "bad_time"),
    ("option.exercised", "option", "", "bad_value"),
    ("grant.assigned", "to", "somebody", "bad_id"),
    ("licence.granted", "scopes.0.territories", ["EU"], "unexpanded_group"),
    ("licence.granted", "scopes.0.territories", [], "empty_dimension"),
    ("licence.granted", "scopes.0.window", ["2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"], "empty_dimension"),
    ("licence.granted", "caps.shots", 0, "integer_out_of_range"),
    ("consent.granted", "scopes.0.aspects", ["picture"], "bad_value"),
    ("consent.granted", "scopes.0.languages", ["fr"], "unexpanded_group"),
    ("consent.granted", "description", "", "bad_value"),
    ("consent.granted", "description", "x" * 2_001, "bad_value"),
    ("consent.granted", "scenes", [], "bad_value"),
    ("consent.granted", "scenes", ["2", "1"], "not_sorted"),
    ("consent.granted", "dialogue.kind", "as_scripted", "bad_value"),
    ("consent.granted", "dialogue.script_sha256", "a" * 64, "bad_value"),
    ("consent.granted", "replica_use", [], "bad_value"),
    ("consent.granted", "replica_use", ["any"], "bad_value"),
    ("consent.granted", "basis", "verbal", "bad_value"),
    ("consent.granted", "basis", "consent", "bad_value"),
    ("consent.granted", "revocation.kind", "at_will", "bad_value"),
    ("consent.granted", "revocation.kind", "for_breach", "bad_value"),
    ("consent.granted", "revocation.kind", "never", "bad_value"),
    ("consent.granted", "revocation.notice_hours", None, "bad_value"),
    ("consent.granted", "revocation.notice_hours", 8_761, "integer_out_of_range"),
    ("consent.granted", "approvals.0.by", "agent", "bad_id"),
    ("consent.granted", "approvals.0.hours", None, "bad_value"),
    ("consent.granted", "caps.shots", 1_000_001, "integer_out_of_range"),
    ("consent.granted", "minor", True, "bad_type"),
    ("consent.granted", "minor.guardians", "some", "bad_value"),
    ("consent.granted", "minor.at_majority", "maybe", "bad_value"),
    ("consent.granted", "minor.court_order_sha256", "x", "bad_value"),
    ("consent.granted", "future_projects", ["*"], "bad_id"),
    ("consent.granted", "future_projects", [ID, ID], "duplicate_value"),
    ("consent.granted", "cooling_off_until", "tomorrow", "bad_time"),
    ("consent.granted", "answers", "x", "bad_value"),
    ("consent.granted", "scopes.0.window.1.event", "rumour", "bad_value"),
    ("consent.granted", "tail.condition", "forget", "bad_value"),
    ("consent.granted", "tail.dream", "keep", "unknown_field"),
    ("consent.granted", "strike", "sings", "bad_value"),
    ("consent.granted", "supersedes", ["b" * 64, "a" * 64], "not_sorted"),
    ("consent.revoked", "grants", [], "bad_value"),
    ("consent.revoked", "grantee", ID, "bad_value"),
    ("consent.revoked", "cause", "regret", "bad_value"),
    ("consent.revoked", "evidence_sha256", None, "missing_field"),
    ("consent.recorded", "document_sha256", None, "bad_value"),
    ("consent.recorded", "signed_on", "2026-02-30", "bad_time"),
    ("consent.recorded", "counters", "x", "bad_value"),
    ("consent.ratified", "grant", "x", "bad_value"),
    ("grant.accepted", "grant", "x", "bad_value"),
    ("revocation.disputed", "grounds", "", "bad_value"),
    ("revocation.disputed", "evidence_sha256", None, "bad_value"),
    ("authority.granted", "agents", [], "bad_value"),
    ("authority.granted", "agents", [ID, ID], "duplicate_value"),
    ("authority.granted", "required", 0, "integer_out_of_range"),
    ("authority.granted", "required", 3, "bad_value"),
    ("authority.granted", "role", "friend", "bad_value"),
    ("authority.granted", "role", "guardian", "missing_field"),
    ("authority.granted", "role", "estate", "missing_field"),
    ("authority.granted", "powers", ["view", "negotiate"], "not_sorted"),
    ("authority.granted", "powers", ["reign"], "bad_value"),
    ("authority.granted", "acts", ["train", "alter"], "not_sorted"),
    ("authority.granted", "acts", ["dream"], "unknown_term"),
    ("authority.granted", "window", ["2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"], "empty_dimension"),
    ("authority.granted", "window", [{**FOLLOWED, "plus": "P0D"}, None], "bad_type"),
    ("authority.ended", "authority", "x", "bad_id"),
    ("authority.disputed", "grounds", "", "bad_value"),
    ("authority.disputed", "evidence_sha256", None, "bad_value"),
    ("policy.set", "assurance.condition", "rumoured", "bad_value"),
    ("policy.set", "assurance.train", "recorded", "bad_value"),
    ("policy.set", "assurance.dream", "signed", "unknown_field"),
    ("policy.set", "court_officers", ["x"], "bad_id"),
    ("restriction.declared", "scopes", [], "bad_value"),
    ("restriction.declared", "scopes.0.aspects", ["picture"], "bad_value"),
    ("restriction.lifted", "restriction", "x", "bad_id"),
    ("suspension.declared", "kind", "mood", "bad_value"),
    ("suspension.declared", "kind", "court", "missing_field"),
    ("suspension.declared", "on.kind", "catalogue", "bad_value"),
    ("suspension.declared", "scopes.0.aspects", ["picture"], "bad_value"),
    ("suspension.declared", "agreements", ["b", "a"], "not_sorted"),
    ("suspension.declared", "excepted_projects", ["*"], "bad_id"),
    ("suspension.lifted", "projects", [], "bad_value"),
    ("suspension.lifted", "scopes", [], "bad_value"),
    ("approval.given", "shot", "x", "bad_id"),
    ("approval.given", "on", "set", "bad_value"),
    ("approval.given", "note", "x" * 2_001, "bad_value"),
    ("approval.declined", "grant", "x", "bad_value"),
]


@pytest.mark.parametrize(("kind", "path", "value", "code"), BAD)
def test_each_bad_value_has_its_code(kind: str, path: str, value: object, code: str) -> None:
    assert refusal(kind, changed(kind, path, value))[0] == code


@pytest.mark.parametrize("name", ["document_sha256", "signed_on"])
def test_a_licence_recorded_from_paper_names_the_paper_and_its_day(name: str) -> None:
    assert refusal("licence.recorded", changed("licence.recorded", name, None)) == ("missing_field", f"body.{name}")
    parse("licence.granted", changed("licence.granted", name, None))


@pytest.mark.parametrize("name", ["document_sha256", "signed_on"])
def test_a_consent_recorded_from_paper_names_the_paper_and_its_day(name: str) -> None:
    refused = {"consent.recorded": "missing_field", "consent.granted": "unknown_field"}
    recorded = {field: value for field, value in EXAMPLES["consent.recorded"].items() if field != name}
    assert refusal("consent.recorded", recorded) == (refused["consent.recorded"], f"body.{name}")
    granted = {**EXAMPLES["consent.granted"], name: EXAMPLES["consent.recorded"][name]}
    assert refusal("consent.granted", granted) == (refused["consent.granted"], f"body.{name}")


@pytest.mark.parametrize("kind", ["at_will", "for_breach", "not_during_term"])
def test_notice_of_hours_is_for_contracts_and_what_rests_on_consent_alone_is_revocable_at_will(kind: str) -> None:
    revocation = {"kind": kind, "notice_hours": None}
    contract = changed("consent.granted", "revocation", revocation)
    parse("consent.granted", contract)
    alone = {**contract, "basis": "consent"}
    if kind == "at_will":
        parse("consent.granted", alone)
    else:
        assert refusal("consent.granted", alone) == ("bad_value", "body.revocation.kind")


def test_a_withdrawal_says_its_cause_and_one_of_its_own_will_needs_no_evidence() -> None:
    will = {field: value for field, value in EXAMPLES["consent.revoked"].items() if field != "evidence_sha256"}
    assert refusal("consent.revoked", will)[0] == "missing_field"
    parse("consent.revoked", will | {"cause": "will"})
    parse("consent.revoked", {field: value for field, value in will.items() if field != "cause"})


def test_a_suspension_of_what_is_no_person_speaks_of_the_aspects_of_assets() -> None:
    of_people = changed("suspension.declared", "scopes.0.aspects", ["picture"])
    assert refusal("suspension.declared", of_people)[0] == "bad_value"
    parse("suspension.declared", of_people | {"kind": "holdback", "on": {"kind": "work", "id": ID}})


@pytest.mark.parametrize("shown", [{"language": "la"}, {"text_sha256": None}, {"private_sha256": "x"}])
def test_what_the_signer_was_shown_is_part_of_every_body(shown: Body) -> None:
    for kind, example in EXAMPLES.items():
        assert refusal(kind, {**example, **shown})[0] == "bad_value"


def _request_examples() -> list[Body]:
    section = PAGE.partition("\n## 5.")[2].partition("\n## 6.")[0]
    blocks = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    return [json.loads(block) for block in blocks if '"kind"' in block and "…" not in block]


def test_the_two_requests_on_the_page_parse_as_printed() -> None:
    assert [parse_request(example).kind for example in _request_examples()] == ["shot", "train"]


@pytest.mark.parametrize("number", [0, 1])
def test_every_field_of_a_request_is_required_and_no_other_is_known(number: int) -> None:
    example = _request_examples()[number]
    for name in example:
        with pytest.raises(Malformed) as refused:
            parse_request({field: value for field, value in example.items() if field != name})
        assert (refused.value.code, refused.value.field) == ("missing_field", name)
    with pytest.raises(Malformed) as refused:
        parse_request({**example, "zeal": 1})
    assert refused.value.code == "unknown_field"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("kind", "dream", "bad_value"),
        ("salt", "AAAA", "bad_value"),
        ("territories", [], "empty_dimension"),
        ("territories", ["EU"], "unexpanded_group"),
        ("territories", ["XX"], "unknown_term"),
        ("media", ["svod", "avod"], "not_sorted"),
        ("window", ["2029-01-01T00:00:00Z", "2027-01-01T00:00:00Z"], "bad_value"),
        ("window", ["2029-01-01", None], "bad_time"),
        ("scene", ["joy"], "unknown_term"),
        ("by_performer", {"nobody": {}}, "bad_id"),
        ("by_performer", {ID: {}}, "missing_field"),
        ("rests_on", ["x"], "bad_value"),
        ("weights", None, "bad_value"),
    ],
)
def test_a_bad_request_has_its_code(name: str, value: object, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        parse_request({**_request_examples()[0], name: value})
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("role", "muse", "bad_value"),
        ("performer", None, "missing_field"),
        ("source", [5, 5], "bad_value"),
        ("source", [5], "bad_type"),
        ("depicted_age", 151, "integer_out_of_range"),
    ],
)
def test_a_bad_reference_has_its_code(name: str, value: object, code: str) -> None:
    example = _request_examples()[0]
    example["references"][0][name] = value
    with pytest.raises(DomainError) as refused:
        parse_request(example)
    assert refused.value.code == code


def test_what_is_vouched_reads_back_as_it_was_written() -> None:
    world = World()
    world.vouched = {"cap_counts": {"a" * 64: {"shots": 3}}, "prompt_matches": (ID,)}
    vouched = world.vouches(world.envelopes())
    assert Vouched.parse(vouched.format()) == vouched
    with pytest.raises(Malformed):
        Vouched.parse({**vouched.format(), "zeal": 1})
    with pytest.raises(Malformed):
        Vouched.parse({**vouched.format(), "cap_counts": {"a" * 64: {"shots": -1}}})
