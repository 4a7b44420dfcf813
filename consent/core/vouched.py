"""
What no statement can show, and the registry therefore vouches for.

That something did *not* happen (no revocation), how far the log had grown, how often a cap was drawn on, whom a prompt
names. A verifier lists these as vouched, not proven; they are part of ``facts_digest``, so that they cannot be changed
afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from registry.core.fields import Reader, read_digest, read_int, read_uuid, require_sorted
from registry.core.jcs import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    tree_size: int  # entries under the newest published checkpoint
    indices: Mapping[str, int | None]  # digest -> place in the log; None: not yet published
    no_revocation_of: frozenset[str]  # grants of which no withdrawal was recorded
    prompt_matches: tuple[str, ...]  # performers whom the prompt names
    cap_counts: Mapping[str, int]  # grant -> shots reserved or spent by others

    @classmethod
    def parse(cls, obj: object, path: str = "vouched") -> "Vouched":
        body = Reader(obj, path)
        alive = body.list_of("no_revocation_of", read_digest, max_items=1_000_000)
        require_sorted(alive, body.at("no_revocation_of"))
        matches = body.list_of("prompt_matches", read_uuid)
        require_sorted(matches, body.at("prompt_matches"))
        vouched = cls(
            tree_size=body.int("tree_size"),
            indices=_counts(body, "indices", optional=True),
            no_revocation_of=frozenset(alive),
            prompt_matches=matches,
            cap_counts=MappingProxyType({k: v for k, v in _counts(body, "cap_counts").items() if v is not None}),
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
            "cap_counts": dict(self.cap_counts),
        }


def _counts(body: Reader, name: str, *, optional: bool = False) -> Mapping[str, int | None]:
    raw = body.object(name)
    values = body.raw(name)
    found: dict[str, int | None] = {}
    for digest, number in values.items() if isinstance(values, dict) else ():
        where = raw.at(digest)
        absent = optional and number is None
        found[read_digest(digest, where)] = None if absent else read_int(number, where)
    return MappingProxyType(found)
