"""
What no statement can show, and the registry therefore vouches for.

That something did *not* happen (no revocation), how far the log had grown, how often a cap was drawn on, whom a prompt
names. A verifier lists these as vouched, not proven; they are part of ``facts_digest``, so that they cannot be changed
afterwards.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_digest, read_int, read_str, read_uuid, require_sorted
from registry.core.jcs import Json
from registry.core.limits import UNITS
from registry.core.times import format_time, from_epoch_s, parse_time, to_epoch_s

_ASKED = re.compile(r"[0-9a-f]{64}:(spec|result)")
_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    tree_size: int  # entries under the newest published checkpoint
    indices: Mapping[str, int | None]  # digest -> place in the log; None: not yet published
    no_revocation_of: frozenset[str]  # grants of which no withdrawal was recorded
    prompt_matches: tuple[str, ...]  # performers whom the prompt names
    cap_counts: Mapping[str, Mapping[str, int]]  # grant -> unit of a cap -> how much others reserved or spent
    asked: Mapping[str, int] = field(default_factory=lambda: _NOTHING)  # "<grant>:<spec|result>" -> second it was asked
    registry: str | None = None  # the party whose own policy names the officers of courts
    rules: str | None = None  # SHA-256 of the rule packs that were asked

    @classmethod
    def parse(cls, obj: object, path: str = "vouched") -> "Vouched":
        body = Reader(obj, path)
        alive = body.list_of("no_revocation_of", read_digest, max_items=1_000_000)
        require_sorted(alive, body.at("no_revocation_of"))
        matches = body.list_of("prompt_matches", read_uuid)
        require_sorted(matches, body.at("prompt_matches"))
        vouched = cls(
            tree_size=body.int("tree_size"),
            indices=_counts(body, "indices"),
            no_revocation_of=frozenset(alive),
            prompt_matches=matches,
            cap_counts=_cap_counts(body),
            asked=_moments(body, "asked"),
            registry=body.opt_uuid("registry"),
            rules=body.opt_digest("rules"),
        )
        body.finish()
        return vouched

    def format(self) -> dict[str, Json]:
        """Write the JSON whose hash is part of ``facts_digest``; ``parse`` is the inverse."""
        return {
            "tree_size": self.tree_size,
            "indices": dict(self.indices),
            "no_revocation_of": [*sorted(self.no_revocation_of)],
            "prompt_matches": list(self.prompt_matches),
            "cap_counts": {grant: dict(counts) for grant, counts in self.cap_counts.items()},
            "asked": {key: format_time(from_epoch_s(at_s)) for key, at_s in self.asked.items()},
            "registry": self.registry,
            "rules": self.rules,
        }


def _counts(body: Reader, name: str) -> Mapping[str, int | None]:
    raw = body.object(name)
    found: dict[str, int | None] = {}
    for digest, number in _items(body, name):
        where = raw.at(digest)
        found[read_digest(digest, where)] = None if number is None else read_int(number, where)
    return MappingProxyType(found)


def _cap_counts(body: Reader) -> Mapping[str, Mapping[str, int]]:
    raw = body.object("cap_counts")
    found: dict[str, Mapping[str, int]] = {}
    for digest, _ in _items(body, "cap_counts"):
        held = raw.object(digest)
        counted = {unit: held.int(unit) for unit in UNITS if held.has(unit)}
        held.finish()
        found[read_digest(digest, raw.at(digest))] = MappingProxyType(counted)
    return MappingProxyType(found)


def _moments(body: Reader, name: str) -> Mapping[str, int]:
    raw = body.object(name)
    found: dict[str, int] = {}
    for key, moment in _items(body, name):
        where = raw.at(key)
        if not _ASKED.fullmatch(key):
            raise Malformed("bad_value", field=where, wanted="a digest, a colon, and `spec` or `result`")
        found[key] = to_epoch_s(parse_time(read_str(moment, where), field=where))
    return MappingProxyType(found)


def _items(body: Reader, name: str) -> list[tuple[str, object]]:
    values = body.raw(name)
    return [*values.items()] if isinstance(values, dict) else []
