"""
What the registry itself says of an erasure: `erasure.done` (``docs/formats.md`` section 6). Ids and digests only.

One type for the four things that happen to what was kept about somebody:

- ``asked``: a person is erased. ``destroyed`` and ``kept`` name every statement about them, and the SHA-256 of every
  file; none of these opens any more under the key of the person, which is gone.
- ``held``: bytes of a scan, voice or replica that nobody agreed to in time are destroyed.
- ``opened``: two people opened what had been kept.
- ``lapsed``: what had been kept was destroyed at its time.

INVARIANT (default-deny): an erasure may only narrow. So it says what a decision still has to ask for once the
statements that said so are gone: where the person appears, what they held title to, and by which keys they signed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from registry.core.assets import Span, read_aspects, read_spans
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_digest, read_uuid, require_sorted
from registry.core.jcs import Json
from registry.core.terms import ASPECTS, PERFORMER_ASPECTS
from registry.core.times import format_time

Cause = Literal["asked", "held", "opened", "lapsed"]
CAUSES: Final = ("asked", "held", "lapsed", "opened")
REASONS: Final = ("legal_claims", "legal_duty")
TITLED: Final = ("asset", "work")
MAX_NAMED: Final = 5_000  # digests in one record: a longer erasure is several records of one transaction
OPENERS: Final = 2  # people, without both of whom nothing that was kept is opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A statement that was not destroyed, why, and until when."""

    digest: str
    reason: str  # legal_claims | legal_duty
    until: datetime

    def format(self) -> dict[str, Json]:
        return {"digest": self.digest, "reason": self.reason, "until": format_time(self.until)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeared:
    """Where the person is in an asset: for good, so that it is refused for good."""

    asset: str
    aspects: int  # mask of performer aspects
    spans: tuple[Span, ...] | None

    def format(self) -> dict[str, Json]:
        return {
            "asset": self.asset,
            "aspects": [*sorted(ASPECTS.names(self.aspects))],
            "spans": None if self.spans is None else [list(span) for span in self.spans],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One body; what a cause has no use for is empty."""

    cause: Cause
    subject: str | None  # None: `held` bytes are of whoever is in them
    destroyed: tuple[str, ...]  # digests of statements and SHA-256 of bytes, sorted
    kept: tuple[Kept, ...]  # by digest
    keys: tuple[str, ...] = ()  # ids of the person's keys, sorted
    appearances: tuple[Appeared, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()  # (kind, id) of what the person claimed title to, sorted
    assets: tuple[str, ...] = ()  # whose bytes are gone, sorted
    opened_by: tuple[str, ...] = ()  # two parties, sorted
    request_sha256: str | None = None  # of what the two signed

    @property
    def statements(self) -> frozenset[str]:
        """Everything that does not open any more; digests of bytes among it name no statement."""
        return frozenset(self.destroyed) | {kept.digest for kept in self.kept}

    def format(self) -> dict[str, Json]:
        """Write the body; ``parse_erasure`` is the inverse."""
        return {
            "cause": self.cause,
            "subject": self.subject,
            "destroyed": list(self.destroyed),
            "kept": [kept.format() for kept in self.kept],
            "keys": list(self.keys),
            "appearances": [one.format() for one in self.appearances],
            "titles": [{"kind": kind, "id": ident} for kind, ident in self.titles],
            "assets": list(self.assets),
            "opened_by": list(self.opened_by),
            "request_sha256": self.request_sha256,
        }


def parse_erasure(body: Reader) -> Erasure:
    """Read the body; raises ``Malformed`` where it does not say what its cause has to say."""
    record = Erasure(
        cause=_cause(body),
        subject=body.opt_uuid("subject"),
        destroyed=_set(body, "destroyed", read_digest, MAX_NAMED),
        kept=_kept(body),
        keys=_set(body, "keys", read_digest, MAX_NAMED),
        appearances=body.list_of("appearances", _appeared, max_items=MAX_NAMED),
        titles=_titles(body),
        assets=_set(body, "assets", read_uuid, MAX_NAMED),
        opened_by=_set(body, "opened_by", read_uuid, OPENERS),
        request_sha256=body.opt_digest("request_sha256"),
    )
    _check(record, body)
    return record


def _check(record: Erasure, body: Reader) -> None:
    if (record.subject is None) != (record.cause == "held"):
        raise Malformed("bad_value", field=body.at("subject"), wanted="a party, but of `held` bytes none")
    both = frozenset(record.destroyed) & {kept.digest for kept in record.kept}
    if both:
        raise Malformed("duplicate_value", field=body.at("kept"), value=min(both))
    opened = record.cause == "opened"
    if len(record.opened_by) != (OPENERS if opened else 0):
        raise Malformed(
            "bad_value", field=body.at("opened_by"), wanted="two people where something is opened, else none"
        )
    if (record.request_sha256 is not None) != opened:
        raise Malformed("bad_value", field=body.at("request_sha256"), wanted="what the two signed, else null")


def _cause(body: Reader) -> Cause:
    said: Cause = body.choice("cause", CAUSES)  # type: ignore[assignment]  # `choice` has just said that it is one
    return said


def _set(body: Reader, name: str, read: Callable[[object, str], str], max_items: int) -> tuple[str, ...]:
    found = body.list_of(name, read, max_items=max_items)
    require_sorted(found, body.at(name))
    return found


def _kept(body: Reader) -> tuple[Kept, ...]:
    found = body.list_of("kept", _one_kept, max_items=MAX_NAMED)
    require_sorted([kept.digest for kept in found], body.at("kept"))
    return found


def _one_kept(value: object, path: str) -> Kept:
    body = Reader(value, path)
    kept = Kept(digest=body.digest("digest"), reason=body.choice("reason", REASONS), until=body.time("until"))
    body.finish()
    return kept


def _appeared(value: object, path: str) -> Appeared:
    body = Reader(value, path)
    found = Appeared(asset=body.uuid("asset"), aspects=read_aspects(body, PERFORMER_ASPECTS), spans=read_spans(body))
    body.finish()
    return found


def _titles(body: Reader) -> tuple[tuple[str, str], ...]:
    found = body.list_of("titles", _titled, max_items=MAX_NAMED)
    require_sorted(["".join(one) for one in found], body.at("titles"))
    return found


def _titled(value: object, path: str) -> tuple[str, str]:
    body = Reader(value, path)
    found = (body.choice("kind", TITLED), body.uuid("id"))
    body.finish()
    return found


PARSERS: Mapping[str, Callable[[Reader], Erasure]] = MappingProxyType({"erasure.done": parse_erasure})
