"""
Statements as a random case tells them: unsigned, under names, in the order of the log, read as facts read them.

A ``Tale`` grows statement by statement; ``reads`` makes of it what ``facts_of`` settles. Digests come from a salt, so
that the order of digests, by which grounds are chosen, differs from case to case.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from consent.core.bodies import PARSERS
from consent.core.settled.read import Read
from consent.core.vouched import Vouched
from registry.core.fields import Reader
from registry.core.limits import UNITS
from registry.core.times import format_time
from tests.decisions import id_of

Body = dict[str, Any]
FIRST = datetime(2027, 1, 5, 9, tzinfo=UTC)  # when the first statement of a tale was issued
GRANTS = ("consent.granted", "consent.recorded", "licence.granted", "licence.recorded", "licence.amended")


@lru_cache(maxsize=4_096)
def _record(type_: str, text: str) -> object:
    if type_ not in PARSERS:
        return None
    return PARSERS[type_](Reader(json.loads(text), "body"))


@dataclass(kw_only=True)
class Told:
    """One statement of a tale; tests change it as they like."""

    name: str
    type: str
    issuer: str  # a name
    body: Body
    signers: tuple[str, ...]  # names
    logged: bool = True
    authorised: bool = True
    issued_at: datetime = FIRST


@dataclass(kw_only=True)
class Tale:
    """Statements in the order of the log, a request, and what the registry vouches for beside."""

    salt: str
    request: Body = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)  # unit -> what others drew, of every grant
    asked: dict[str, str] = field(default_factory=dict)  # "<name>:<spec|result>" -> time
    unvouched: set[str] = field(default_factory=set)  # names of grants that nobody vouches to stand
    damage: list[str] = field(default_factory=list)

    def say(self, name: str, type_: str, issuer: str, body: Body, *signers: str, **options: Any) -> str:
        """Add a statement at the end of the log, a day after the two before; return its digest."""
        while self.find(name) is not None:
            name = f"{name} again"
        options.setdefault("issued_at", FIRST + timedelta(days=len(self.told) // 2))
        self.told.append(Told(name=name, type=type_, issuer=issuer, body=body, signers=signers or (issuer,), **options))
        return self.digest(name)

    def digest(self, name: str) -> str:
        return hashlib.sha256(f"{self.salt} {name}".encode()).hexdigest()

    def of(self, *types: str) -> list[Told]:
        return [told for told in self.told if told.type in types]

    def find(self, name: str) -> Told | None:
        return next((told for told in self.told if told.name == name), None)

    def reads(self) -> list[Read]:
        """Return the statements as facts see them, by digest."""
        found = []
        for index, told in enumerate(self.told):
            issuer = id_of(told.issuer)
            signers = frozenset(map(id_of, told.signers)) if told.authorised else frozenset()
            found.append(
                Read(
                    digest=self.digest(told.name),
                    type=told.type,
                    issuer=issuer,
                    issued_at=told.issued_at,
                    body=told.body,
                    record=_record(told.type, json.dumps(told.body)),
                    index=index if told.logged else None,
                    tree_size=len(self.told),
                    authorised=issuer in signers,
                    signers=signers,
                )
            )
        return sorted(found, key=lambda read: read.digest)

    def vouched(self) -> Vouched:
        grants = {self.digest(told.name): told.name for told in self.of(*GRANTS)}
        return Vouched(
            tree_size=len(self.told),
            indices=MappingProxyType({self.digest(t.name): n if t.logged else None for n, t in enumerate(self.told)}),
            no_revocation_of=frozenset(digest for digest, name in grants.items() if name not in self.unvouched),
            prompt_matches=(),
            cap_counts=MappingProxyType(
                {digest: {unit: self.counted.get(unit, 0) for unit in UNITS} for digest in grants}
            ),
            asked=MappingProxyType(
                {
                    f"{self.digest(key.partition(':')[0])}:{key.partition(':')[2]}": int(
                        datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
                    )
                    for key, time in self.asked.items()
                }
            ),
            registry=id_of("registry"),
        )


def at(moment: datetime) -> str:
    return format_time(moment)
