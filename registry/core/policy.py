"""
What a party asks of the grants that it uses: the body of `policy.set`.

A policy may ask for more assurance than the software does by itself, never for less.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_uuid, require_sorted
from registry.core.terms import ACTS

ASSURANCES: Final = ("recorded", "confirmed", "signed")  # ascending
SERVED_BY_RECORD: Final = frozenset({"condition", "distribute", "store"})  # on the recorder's responsibility
MAX_OFFICERS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    party: str
    assurance: Mapping[str, str]  # act -> the least that serves
    attested_engines: bool  # whether engines whose training is attested, not proven, are allowed
    court_officers: tuple[str, ...]  # of the registry's own policy alone


def least_assurance(act: str) -> str:
    """Return the least assurance that serves an act where no policy asks for more."""
    return "recorded" if act in SERVED_BY_RECORD else "confirmed"


def parse_policy(body: Reader) -> PolicySet:
    """Read a policy; one that asks for less than the default is refused."""
    held = body.object("assurance")
    assurance = {act: held.choice(act, ASSURANCES) for act in ACTS.names(ACTS.all) if held.has(act)}
    held.finish()
    for act, least in assurance.items():
        if ASSURANCES.index(least) < ASSURANCES.index(least_assurance(act)):
            raise Malformed("bad_value", field=held.at(act), value=least, wanted=f"at least `{least_assurance(act)}`")
    officers = body.list_of("court_officers", read_uuid, max_items=MAX_OFFICERS)
    require_sorted(officers, body.at("court_officers"))
    return PolicySet(
        party=body.uuid("party"),
        assurance=MappingProxyType(assurance),
        attested_engines=body.bool("attested_engines"),
        court_officers=officers,
    )


PARSERS: Final = MappingProxyType({"policy.set": parse_policy})
