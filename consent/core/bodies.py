"""The bodies that parties sign, all tables in one: what a decision reads of any statement."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from consent.core import approval_bodies, bar_bodies
from consent.core import record as consents
from registry.core import assets, authority, policy, rights
from registry.core import record as parties
from registry.core.fields import Reader

PARSERS: Mapping[str, Callable[[Reader], object]] = MappingProxyType(
    {
        **parties.PARSERS,
        **authority.PARSERS,
        **policy.PARSERS,
        **assets.PARSERS,
        **rights.PARSERS,
        **consents.PARSERS,
        **bar_bodies.PARSERS,
        **approval_bodies.PARSERS,
    }
)
