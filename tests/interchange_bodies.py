"""Random bodies of licences and consents with every field they can have, and texts that spreadsheets stumble over."""

import unicodedata
from typing import Any

from hypothesis import strategies as st

from registry.core.events import SUBJECTS
from registry.core.jcs import Json, canonical
from registry.core.limits import UNITS
from registry.core.terms import (
    ACTS,
    ASPECTS,
    ASSET_ASPECTS,
    EVENTS,
    LABELS,
    LANGUAGES,
    MEDIA,
    PERFORMER_ASPECTS,
    PURPOSES,
    TERRITORIES,
    Vocabulary,
)
from registry.core.times import format_time, from_epoch_s

Body = dict[str, Any]
IDS = [f"01930000-0000-7000-8000-{number:012x}" for number in range(40)]
DIGESTS = [f"{number:064x}" for number in range(40)]
NASTY = [
    "=1+1", "+33", "-", "@cmd", "'quoted", "''=", "null", "absent", "any", "open", '"', '""', "{}", "[1]", "a;b",
    "a, b", " padded ", "x005F_", "_x000D_", "_x005F_x000D_", "line\nbreak", "tab\tbed", "é",
    "\ufffe", "\uffff", "\u2028", "𝄞",
    "＝SUM(A1)", "1.50", "2027-01-01", "TRUE", "yes", "0", "#N/A", "<b>&amp;</b>", "\u00a0", ";", ",",
    "P1D after x", "*",
]  # fmt: skip

ids = st.sampled_from(IDS)
digests = st.sampled_from(DIGESTS)
texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30),
    st.builds(lambda a, b: a + b, st.sampled_from(NASTY), st.sampled_from(NASTY)),
)
times = st.integers(0, 3_000_000_000).map(lambda s: _time(s))


def _time(seconds: int) -> str:
    return format_time(from_epoch_s(seconds))


def normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def some(vocabulary: Vocabulary, mask: int | None = None) -> st.SearchStrategy[list[str]]:
    names = vocabulary.names(vocabulary.all if mask is None else mask)
    return st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True).map(sorted)


def ordered(items: list[Any]) -> list[Any]:
    """Sort by canonical bytes, each once."""
    by_bytes = {canonical(item).decode(): item for item in items}
    return [by_bytes[key] for key in sorted(by_bytes)]


@st.composite
def followings(draw: st.DrawFn, *, plus: bool = True) -> Json:
    following: Body = {
        "event": draw(st.sampled_from(sorted(EVENTS))),
        draw(st.sampled_from(SUBJECTS)): draw(ids),
        "territory": draw(st.sampled_from([None, "FR", "US"])),
    }
    return following | {"plus": draw(st.sampled_from(["P0D", "P17M", "P1Y2M3W4D", "P90D"]))} if plus else following


@st.composite
def windows(draw: st.DrawFn, *, follow: bool) -> list[Json]:
    start = draw(st.integers(0, 2_000_000_000))
    end = draw(st.none() | st.integers(1, 1_000_000_000).map(lambda s: _time(start + s)))
    if not follow:
        return [_time(start), end]
    return [draw(followings() | st.just(_time(start))), draw(st.just(end) | followings())]


@st.composite
def boxes(draw: st.DrawFn, *, aspects: int, follow: bool) -> Body:
    window = draw(windows(follow=follow))
    if isinstance(window[0], dict) and isinstance(window[1], dict):
        window[1] = None  # two events of one kind may never open; the codec does not care, the parser does
    return {
        "acts": draw(some(ACTS)),
        "aspects": draw(some(ASPECTS, aspects)),
        "purposes": draw(some(PURPOSES)),
        "media": draw(some(MEDIA)),
        "territories": draw(some(TERRITORIES)),
        "languages": draw(st.just(["*"]) | some(LANGUAGES)),
        "projects": draw(st.just(["*"]) | st.lists(ids, min_size=1, max_size=3, unique=True).map(sorted)),
        "window": window,
        "content": {"depicts": draw(some(LABELS) | st.just([])), "scene": draw(some(LABELS) | st.just([]))},
    }


def scopes(*, aspects: int = ASSET_ASPECTS, follow: bool = True) -> st.SearchStrategy[list[Body]]:
    return st.lists(boxes(aspects=aspects, follow=follow), min_size=1, max_size=3).map(ordered)


caps = st.dictionaries(st.sampled_from(UNITS), st.none() | st.integers(1, 1_000_000))


@st.composite
def approvals(draw: st.DrawFn) -> Body:
    hours = draw(st.none() | st.integers(1, 8_760))
    return {
        "by": draw(st.sampled_from(["licensor", "performer", "estate"]) | ids),
        "on": draw(st.sampled_from(["spec", "result"])),
        "acts": draw(some(ACTS)),
        "hours": hours,
        "on_silence": "refused" if hours is None else draw(st.sampled_from(["refused", "approved"])),
    }


@st.composite
def licences(draw: st.DrawFn) -> Body:
    """A body of `licence.recorded`: every field, with the optional ones there, null, or absent."""
    names = st.lists(texts.map(normal).filter(lambda text: len(text) <= 80), max_size=3, unique=True)
    holdback = st.fixed_dictionaries({"binds": st.sampled_from(["licensee", "licensor"]), "scopes": scopes()})
    option = st.fixed_dictionaries(
        {
            "exercise": st.just(["2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z"]),
            "scopes": scopes(),
        }
    )
    subject = st.fixed_dictionaries({"kind": st.sampled_from(["asset", "catalogue", "work"]), "id": ids})
    required: Body = {
        "licensor": ids,
        "licensee": ids,
        "subjects": st.lists(subject, min_size=1, max_size=4).map(
            lambda held: sorted({(s["kind"], s["id"]): s for s in held}.values(), key=lambda s: (s["kind"], s["id"]))
        ),
        "new_assets": st.booleans(),
        "scopes": scopes(),
        "exclusivity": st.sampled_from(["none", "sole", "exclusive"]),
        "sublicensable": st.booleans(),
        "caps": caps,
        "holdbacks": st.lists(holdback, max_size=2).map(ordered),
        "approvals": st.lists(approvals(), max_size=2).map(ordered),
        "options": names.flatmap(
            lambda found: st.tuples(*(option.map(lambda o, n=name: {"option": n} | o) for name in sorted(found)))
        ).map(list),
        "product_categories": names.map(sorted),
        "document_sha256": digests,
        "signed_on": st.sampled_from(["2026-10-01", "2024-02-29"]),
    }
    optional: Body = {
        "parent": st.none() | digests,
        "assignable": st.none() | st.booleans(),
        "change_of_control": st.none() | st.sampled_from(["continues", "ends"]),
        "ends_unless": st.none() | st.fixed_dictionaries({"event": followings(plus=False), "by": times}),
        "sell_off_days": st.none() | st.integers(0, 1_095),
    }
    return draw(st.fixed_dictionaries(required, optional=optional))


def recorded_consents() -> st.SearchStrategy[Body]:
    """A body of `consent.recorded` that its parser takes: fields that go together do."""
    return consents().map(_agreeing)


def _agreeing(body: Body) -> Body:
    scripted = body["dialogue"]["kind"] in ("as_scripted", "listed")
    dialogue = {"kind": body["dialogue"]["kind"], "script_sha256": DIGESTS[7] if scripted else None}
    kind = "at_will" if body["basis"] == "consent" else body["revocation"]["kind"]
    revocation = {"kind": kind, "notice_hours": 48 if kind == "on_notice" else None}
    paper = {"document_sha256": DIGESTS[3], "signed_on": "2026-10-01"}
    return body | {"dialogue": dialogue, "revocation": revocation} | paper


@st.composite
def consents(draw: st.DrawFn) -> Body:
    """A body of a consent: every field of the language, whether or not two of them go together."""
    scenes = st.lists(texts.map(normal), min_size=1, max_size=3, unique=True).map(sorted)
    minor: Body = {
        "guardians": st.sampled_from(["one", "all"]),
        "court_order_sha256": st.none() | digests,
        "at_majority": st.sampled_from(["ends", "continues", "to_be_ratified"]),
    }
    uses = ["alteration", "background", "employment_based", "independently_created", "synthetic"]
    required: Body = {
        "performer": ids,
        "grantee": ids,
        "scopes": scopes(aspects=PERFORMER_ASPECTS),
        "description": texts.map(normal),
        "scenes": st.just("any") | scenes,
        "dialogue": st.fixed_dictionaries(
            {"kind": st.sampled_from(["none", "any", "as_scripted", "listed"])},
            optional={"script_sha256": st.none() | digests},
        ),
        "replica_use": st.lists(st.sampled_from(uses), min_size=1, unique=True).map(sorted),
        "replaces_in_person_work": st.booleans(),
        "represented": st.booleans(),
        "basis": st.sampled_from(["contract", "consent"]),
        "revocation": st.fixed_dictionaries(
            {"kind": st.sampled_from(["at_will", "on_notice", "for_breach", "not_during_term"])},
            optional={"notice_hours": st.none() | st.integers(1, 8_760)},
        ),
        "caps": caps,
        "survives_death": st.booleans(),
        "tail": st.dictionaries(st.sampled_from(ACTS.names(ACTS.all)), st.sampled_from(["keep", "pull", "finish"])),
        "minor": st.just(False) | st.fixed_dictionaries(minor),
        "strike": st.sampled_from(["continues", "suspends"]),
        "assignable": st.booleans(),
        "supersedes": st.lists(digests, max_size=3, unique=True).map(sorted),
        "approvals": st.lists(approvals(), max_size=2).map(ordered),
        "future_projects": st.lists(ids, max_size=3, unique=True).map(sorted),
    }
    optional: Body = {
        "role": st.none() | texts.map(normal),
        "retention_until": st.none() | times,
        "cooling_off_until": st.none() | times,
        "answers": st.none() | digests,
        "counters": st.none() | digests,
        "document_sha256": st.none() | digests,
        "signed_on": st.sampled_from([None, "2026-10-01"]),
    }
    return draw(st.fixed_dictionaries(required, optional=optional))
