"""
Ask the rules that one question selects about every ground that serves it.

Fifty consents of one deal say the same to a rule. What does not hang on the ground is gathered once, and the rules are
asked once for each set of answers that grounds give to what they read.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from consent.core.context import Context, GrantFacts
from consent.core.gathering import STATED
from consent.core.grants import Grant
from consent.core.rulepacks import Rule
from consent.core.rules import Broken, ask

_GRANT: Final = "grant."


class Inquiry:
    """One question to the rules: about an act on a performer or an asset, whatever grant serves it."""

    __slots__ = ("_at_s", "_context", "_known", "_names", "_rules", "_stated")

    def __init__(self, rules: Sequence[Rule], context: Context, at_s: int) -> None:
        self._rules = rules
        self._context = context
        self._at_s = at_s
        read = {name.removeprefix(_GRANT) for rule in rules for name in rule.reads if name.startswith(_GRANT)}
        self._names = sorted(read)
        self._stated = [STATED[name] for name in self._names]
        self._known: dict[tuple[object, ...], tuple[Broken, ...]] = {}

    def broken(self, grant: Grant) -> tuple[Broken, ...]:
        """Return every rule that a ground does not keep or that cannot be asked of it, by rule id."""
        said = tuple([stated(grant, self._at_s) for stated in self._stated])
        known = self._known.get(said)
        if known is None:
            facts = GrantFacts(**dict(zip(self._names, said, strict=True)))
            context = replace(self._context, grant=facts)
            known = self._known[said] = tuple(one for rule in self._rules for one in ask(rule, context))
        return known
