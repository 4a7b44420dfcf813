"""The two requests of ``docs/formats.md``, and what is vouched: as printed they parse, and each damage has its code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from consent.core.request import parse_request
from consent.core.vouched import Vouched
from registry.core.errors import DomainError, Malformed
from tests.bad_bodies import ID
from tests.decisions import World

Body = dict[str, Any]
PAGE = (Path(__file__).parents[1] / "docs" / "formats.md").read_text("utf-8")


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
