"""Every body of ``docs/formats.md``: its example parses as printed, and each damage to it has its own code."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consent.core.bodies import PARSERS
from registry.core.errors import DomainError
from registry.core.fields import Reader
from registry.core.record import read_shown
from tests.bad_bodies import BAD, ID

Body = dict[str, Any]
PAGE = (Path(__file__).parents[1] / "docs" / "formats.md").read_text("utf-8")
SHOWN = {"language": "en", "text_sha256": "0" * 64, "private_sha256": None}


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
    "identity.vouched": {"challenge", "confirms"},
    "alias.declared": {"alias", "disclaims"},
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
    "key.revoked": {"compromised_from"},
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
