"""The bodies that parties sign, all tables in one: what a decision reads of any statement."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from consent.core import record as consents
from registry.core import assets, rights
from registry.core import record as parties
from registry.core.fields import Reader

PARSERS: Mapping[str, Callable[[Reader], object]] = MappingProxyType(
    {**parties.PARSERS, **assets.PARSERS, **rights.PARSERS, **consents.PARSERS}
)
