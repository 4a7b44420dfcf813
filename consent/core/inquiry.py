"""
Ask the rules that one question selects about every ground that serves it.

Fifty consents of one deal say the same to a rule, and share the object that says it (``gathering.said_by``). What does
not hang on the ground is gathered once, and the rules are asked once for each set of answers that grounds give to what
they read.
"""

from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final

from consent.core.context import Context
from consent.core.gathering import grant_facts, hours_before_use, said_by
from consent.core.grants import Grant
from consent.core.rulepacks import Rule
from consent.core.rules import Broken, ask

_GRANT: Final = "grant."
_HOURS: Final = "hours_before_use"  # the one fact of a grant that hangs on the moment


class Inquiry:
    """One question to the rules: about an act on a performer or an asset, whatever grant serves it."""

    __slots__ = ("_at_s", "_context", "_hours", "_known", "_rules", "_said")

    def __init__(self, rules: Sequence[Rule], context: Context, at_s: int) -> None:
        self._rules = rules
        self._context = context
        self._at_s = at_s
        self._hours, self._said = _read_by(tuple(rules))
        self._known: dict[object, tuple[Broken, ...]] = {}

    def broken(self, grants: Sequence[Grant]) -> list[tuple[Grant, Broken]]:
        """Return every rule that a ground does not keep or that cannot be asked of it, ground by ground, by rule id."""
        speaking = {(id(grant.said or said_by(grant)), grant.issued_s): grant for grant in grants}
        found = {key: self._of(grant) for key, grant in speaking.items()}
        if not any(found.values()):
            return []
        return [(grant, one) for grant in grants for one in found[id(grant.said), grant.issued_s]]

    def _of(self, grant: Grant) -> tuple[Broken, ...]:
        said: object = self._said(said_by(grant))
        if self._hours:
            said = (said, hours_before_use(grant, self._at_s))
        if said not in self._known:
            context = self._context.of_grant(grant_facts(grant, at_s=self._at_s))
            self._known[said] = tuple(one for rule in self._rules for one in ask(rule, context))
        return self._known[said]


@lru_cache(maxsize=1_024)
def _read_by(rules: tuple[Rule, ...]) -> tuple[bool, "attrgetter[tuple[object, ...]]"]:
    """Return whether rules read the hours before use, and what gets everything else of a grant that they read."""
    read = {name.removeprefix(_GRANT) for rule in rules for name in rule.reads if name.startswith(_GRANT)}
    return _HOURS in read, attrgetter("kind", *sorted(read - {_HOURS}))  # `kind` too, so that it is a tuple always
