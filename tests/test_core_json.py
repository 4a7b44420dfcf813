"""Canonical JSON, closed readers and times: published vectors, and every way in which input may be wrong."""

import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_int, read_uuid
from registry.core.jcs import MAX_DEPTH, MAX_JSON_BYTES, canonical, parse_canonical, parse_json, sha256_hex
from registry.core.times import format_time, from_epoch_s, parse_time, to_epoch_s, whole_second
from tests import vectors

ID = "0193e1a0-0000-7000-8000-000000000001"

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("path", vectors.files("jcs/input"))
def test_published_inputs_are_written_as_published(path: Path) -> None:
    value = json.loads(path.read_text("utf-8"))
    expected = (path.parent.parent / "output" / path.name).read_bytes()
    assert rfc8785.dumps(value) == expected
    if any(isinstance(leaf, float) for leaf in _leaves(value)):
        with pytest.raises(Malformed) as refusal:
            canonical(value)
        assert refusal.value.code in {"float_not_allowed", "integer_out_of_range"}
    else:
        assert canonical(value) == expected
        assert parse_canonical(expected) == value


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for child in value.values() for leaf in _leaves(child)]
    if isinstance(value, list):
        return [leaf for child in value for leaf in _leaves(child)]
    return [value]


@given(json_values)
def test_what_is_written_is_read_again_and_is_the_only_spelling(value: object) -> None:
    data = canonical(value)
    assert parse_canonical(data) == value == parse_json(data)
    spaced = json.dumps(value, indent=1).encode()
    if spaced != data:
        with pytest.raises(Malformed):
            parse_canonical(spaced)


ascii_text = st.text(st.characters(max_codepoint=127))


@given(json_values | st.recursive(ascii_text, lambda inner: st.dictionaries(ascii_text, inner | st.integers(-9, 9))))
def test_both_ways_of_writing_give_the_same_bytes(value: object) -> None:
    """Most values are written by the standard library, for speed; the others, and the proof, by ``rfc8785``."""
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # JSON by construction


def test_keys_beyond_the_basic_plane_are_sorted_as_the_standard_says() -> None:
    last, first = "\ufb33", "\U0001f600"  # by code points it would be the other way round
    assert canonical({last: 1, first: 2}) == f'{{"{first}":2,"{last}":1}}'.encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":2}', "duplicate_key"),
        (b'[{"b":{"a":1,"a":1}}]', "duplicate_key"),
        (b"1.0", "float_not_allowed"),
        (b"[1e2]", "float_not_allowed"),
        (b"NaN", "float_not_allowed"),
        (b"-Infinity", "float_not_allowed"),
        (b"9007199254740992", "integer_out_of_range"),
        (b"-" + b"9" * 5000, "integer_out_of_range"),
        (b'"\\ud800"', "bad_value"),
        (b'{"\\udfff":1}', "bad_value"),
        (b'"\xff"', "not_utf8"),
        (b'"\xed\xa0\x80"', "not_utf8"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"{} {}", "not_json"),
        (b"{'a':1}", "not_json"),
        (b'"\x01"', "not_json"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too_deep"),
        (b"[" * 200_000, "too_deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too_deep"),
        (b'"' + b"a" * MAX_JSON_BYTES + b'"', "too_large"),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else value,
)
def test_json_that_two_readers_could_read_differently_is_refused(data: bytes, code: str) -> None:
    for parse in (parse_json, parse_canonical):
        with pytest.raises(Malformed) as refusal:
            parse(data)
        assert refusal.value.code == code


@pytest.mark.parametrize(
    "data", [b'{"b":1,"a":2}', b'{"a": 1}', b" 1", b"-0", b'"\\u0061"', b'"\\/"', b'"\\u000A"', b"1\n"]
)
def test_bytes_that_are_not_canonical_are_refused_though_they_are_json(data: bytes) -> None:
    parse_json(data)
    with pytest.raises(Malformed) as refusal:
        parse_canonical(data)
    assert refusal.value.code == "not_canonical"


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), {"a": [2.0]}, {1: 2}, b"x", {"a": datetime.now(UTC)}, 2**53, "\ud800"]
)
def test_values_that_are_not_our_json_are_never_written(value: object) -> None:
    with pytest.raises(Malformed):
        canonical(value)


def test_digests_are_lower_case_hex() -> None:
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


# --- times ------------------------------------------------------------------------------------------------------------


@given(st.datetimes(timezones=st.just(UTC)).map(whole_second))
def test_times_are_read_as_they_were_written(moment: datetime) -> None:
    assert parse_time(format_time(moment)) == moment
    assert from_epoch_s(to_epoch_s(moment)) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2027-01-01",
        "2027-01-01T00:00:00",
        "2027-01-01T00:00:00+00:00",
        "2027-01-01t00:00:00z",
        "2027-01-01 00:00:00Z",
        "2027-01-01T00:00:00.0Z",
        "2027-02-29T00:00:00Z",
        "2027-13-01T00:00:00Z",
        "2027-01-01T24:00:00Z",
        "2026-12-31T23:59:60Z",
        "2027-01-01T00:00:00Z\n",
        "٢٠٢٧-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
    ],
)
def test_any_other_spelling_of_a_time_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_time(text, field="start")
    assert (refusal.value.code, refusal.value.field) == ("bad_time", "start")


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2027, 1, 1),  # noqa: DTZ001 - the naive time is the point
        datetime(2027, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(2027, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC),
    ],
)
def test_a_time_that_is_not_whole_and_utc_is_not_written(moment: datetime) -> None:
    with pytest.raises(Malformed):
        format_time(moment)


# --- fields -----------------------------------------------------------------------------------------------------------


def test_a_reader_takes_each_field_by_its_type() -> None:
    reader = Reader(
        {
            "name": "Ana",
            "count": 3,
            "living": True,
            "id": ID,
            "sha": "0" * 64,
            "at": "2027-01-01T00:00:00Z",
            "kind": "film",
            "ids": [ID],
            "inner": {"a": 1},
            "nonce": "AAECAw==",
            "none": None,
        },
        "body",
    )
    assert reader.str("name") == "Ana"
    assert reader.int("count", 1, 3) == 3
    assert reader.bool("living") is True
    assert reader.uuid("id") == ID
    assert reader.digest("sha") == "0" * 64
    assert reader.time("at") == datetime(2027, 1, 1, tzinfo=UTC)
    assert reader.choice("kind", {"film", "series"}) == "film"
    assert reader.list_of("ids", read_uuid) == (ID,)
    inner = reader.object("inner")
    assert inner.int("a") == 1
    inner.finish()
    assert reader.base64("nonce", max_bytes=4) == b"\x00\x01\x02\x03"
    assert reader.opt_str("none") is None
    assert reader.opt_uuid("absent") is None
    assert reader.opt_object("absent") is None
    reader.finish()


@pytest.mark.parametrize(
    ("value", "read", "code", "field"),
    [
        ({}, lambda r: r.str("a"), "missing_field", "body.a"),
        ({"a": None}, lambda r: r.str("a"), "bad_type", "body.a"),
        ({"a": 1}, lambda r: r.str("a"), "bad_type", "body.a"),
        ({"a": ""}, lambda r: r.str("a"), "bad_value", "body.a"),
        ({"a": "x" * 501}, lambda r: r.str("a"), "bad_value", "body.a"),
        ({"a": "a\x00"}, lambda r: r.str("a"), "bad_value", "body.a"),
        ({"a": "a\u0085"}, lambda r: r.str("a"), "bad_value", "body.a"),
        ({"a": unicodedata.normalize("NFD", "é")}, lambda r: r.str("a"), "not_normalised", "body.a"),
        ({"a": True}, lambda r: r.int("a"), "bad_type", "body.a"),
        ({"a": -1}, lambda r: r.int("a"), "integer_out_of_range", "body.a"),
        ({"a": 1}, lambda r: r.bool("a"), "bad_type", "body.a"),
        ({"a": ID.upper()}, lambda r: r.uuid("a"), "bad_id", "body.a"),
        ({"a": ID.replace("-7", "-4")}, lambda r: r.uuid("a"), "bad_id", "body.a"),
        ({"a": ID + "\n"}, lambda r: r.uuid("a"), "bad_id", "body.a"),
        ({"a": "A" * 64}, lambda r: r.digest("a"), "bad_value", "body.a"),
        ({"a": 0}, lambda r: r.time("a"), "bad_time", "body.a"),
        ({"a": "tv"}, lambda r: r.choice("a", {"film"}), "bad_value", "body.a"),
        ({"a": ["x"]}, lambda r: r.choice("a", {"film"}), "bad_value", "body.a"),
        ({"a": [1, "2"]}, lambda r: r.list_of("a", read_int), "bad_type", "body.a[1]"),
        ({"a": []}, lambda r: r.list_of("a", read_int, min_items=1), "bad_value", "body.a"),
        ({"a": {}}, lambda r: r.list_of("a", read_int), "bad_type", "body.a"),
        ({"a": [1]}, lambda r: r.object("a"), "bad_type", "body.a"),
        ({"a": "AAECAw"}, lambda r: r.base64("a", max_bytes=4), "bad_base64", "body.a"),
        ({"a": "AAECAx=="}, lambda r: r.base64("a", max_bytes=4), "bad_base64", "body.a"),
        ({"a": "AA-_AA=="}, lambda r: r.base64("a", max_bytes=4), "bad_base64", "body.a"),
        ({"a": "AAECAwQF"}, lambda r: r.base64("a", max_bytes=4), "bad_value", "body.a"),
        ({"a": {"b": {"c": 1}}}, lambda r: r.object("a").object("b").finish(), "unknown_field", "body.a.b.c"),
        ({"b": 1, "a": 1}, lambda r: r.finish(), "unknown_field", "body.a"),
    ],
)
def test_a_field_that_is_wrong_is_refused_with_its_path(value: object, read, code: str, field: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read(Reader(value, "body"))
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert f"`{field}`" in str(refusal.value)


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(Malformed) as refusal:
        Reader(value, "body")
    assert refusal.value.code == "bad_type"
