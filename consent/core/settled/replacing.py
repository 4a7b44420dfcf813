"""
What a consent becomes once its performer grants another in its place.

`supersedes`: at commit the old consent shrinks to what both allow; once the new one is under a checkpoint, and its
signature stands, it takes the old one's place.

What was made from a consent that another took the place of is still answered for: it is withdrawn with the old one, and
with whichever stands in its place.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from consent.core.grants import Grant
from consent.core.record import Consent, Dialogue
from consent.core.settled.read import Read
from registry.core.jcs import canonical
from registry.core.limits import stricter
from registry.core.scope import overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """The consents of which something stands, and those of which nothing does, as far as they are withdrawn."""

    standing: list[Grant]
    replaced: list[Grant]


def replaced(grants: Mapping[str, Sequence[Grant]], statements: Iterable[Read]) -> Consents:
    """Shrink or drop each consent that a later one between the same people names; by digest, in stretches of time."""
    left = {digest: list(held) for digest, held in grants.items()}
    said = {s.digest: s.record for s in statements if isinstance(s.record, Consent) and s.digest in grants}
    later: defaultdict[str, list[str]] = defaultdict(list)
    for digest, consent in said.items():
        for old in consent.supersedes:
            if old in said and _same_people(said[old], consent):
                later[old].append(digest)
                left[old] = [met for grant in left[old] for met in _met(grant, grants[digest])]
    gone = []
    for old in (digest for digest in left if later[digest] and not left[digest]):
        took = any(_counts(grants[digest]) for digest in later[old])
        after = [grants[digest] for digest in sorted({*_after(old, later)} if took else later[old])]
        gone += [_answering(grant, [*chain(*after)]) for grant in grants[old]]
    return Consents(standing=[grant for held in left.values() for grant in held], replaced=gone)


def _after(old: str, later: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the consents that took the place of one, and of these in turn."""
    for digest in later.get(old, ()):
        yield digest
        yield from _after(digest, later)


def _answering(old: Grant, new: Sequence[Grant]) -> Grant:
    """Return what of a consent is left to withdraw: it allows nothing more, and goes with whichever took its place."""
    withdrawn = {part for grant in (old, *new) for part in grant.withdrawn}
    tail = {act: word for act, word in old.tail.items() if all(grant.tail.get(act) == word for grant in new)}
    return replace(old, scopes=(), withdrawn=tuple(sorted(withdrawn)), tail=tail)


def _same_people(old: Consent, new: Consent) -> bool:
    return (old.performer, old.grantee) == (new.performer, new.grantee)


def _counts(new: Sequence[Grant]) -> bool:
    return any(grant.logged and grant.authorised and not grant.contested_until_s for grant in new)


def _met(old: Grant, new: Sequence[Grant]) -> list[Grant]:
    if _counts(new):
        return []
    return [met for grant in new if (met := _both(old, grant)) is not None]


def _both(old: Grant, new: Grant) -> Grant | None:
    """Return the old grant shrunk to what both allow, or None where that is nothing."""
    pairs = (overlap(a, b) for a in old.scopes for b in new.scopes)
    scopes = tuple(sorted({box for box in pairs if box is not None}, key=lambda box: canonical(box.format())))
    scenes = new.scenes if old.scenes is None else old.scenes if new.scenes is None else old.scenes & new.scenes
    replica_use = old.replica_use & new.replica_use
    roles = {role for role in (old.role, new.role) if role is not None}
    if not scopes or not replica_use or len(roles) > 1 or scenes == frozenset():
        return None
    return replace(
        old,
        scopes=scopes,
        withdrawn=tuple(sorted({*old.withdrawn, *new.withdrawn})),
        caps=stricter(old.caps, new.caps),
        tail={act: word for act, word in old.tail.items() if new.tail.get(act) == word},
        role=roles.pop() if roles else None,
        scenes=scenes,
        dialogue=_stricter(old.dialogue, new.dialogue),
        replica_use=replica_use,
        approvals=tuple(dict.fromkeys((*old.approvals, *new.approvals))),
        strike_suspends=old.strike_suspends or new.strike_suspends,
    )


def _stricter(one: Dialogue | None, other: Dialogue | None) -> Dialogue | None:
    """Return the words that both allow; two different scripts share none."""
    if one is None or one.kind == "any":
        return other
    if other is None or other.kind == "any" or one.script_sha256 == other.script_sha256:
        return one
    return Dialogue(kind="none", script_sha256=None)
