"""
Ask the rules that one question selects about every ground that serves it.

Fifty consents of one deal say the same to a rule. What does not hang on the ground is gathered once, and the rules are
asked once for each set of answers that grounds give to what they read.
"""

from collections.abc import Sequence
from dataclasses import replace
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
        read = {name.removeprefix(_GRANT) for rule in rules for name in rule.reads if name.startswith(_GRANT)}
        self._hours = _HOURS in read
        self._said = attrgetter("kind", *sorted(read - {_HOURS}))  # `kind` too, so that nothing read is a tuple still
        self._known: dict[object, tuple[Broken, ...]] = {}

    def broken(self, grant: Grant) -> tuple[Broken, ...]:
        """Return every rule that a ground does not keep or that cannot be asked of it, by rule id."""
        said: object = self._said(said_by(grant))
        if self._hours:
            said = (said, hours_before_use(grant, self._at_s))
        known = self._known.get(said)
        if known is None:
            context = replace(self._context, grant=grant_facts(grant, at_s=self._at_s))
            known = self._known[said] = tuple(one for rule in self._rules for one in ask(rule, context))
        return known
