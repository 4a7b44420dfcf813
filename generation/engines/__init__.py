"""
The engines of this installation, by name.

An engine is named by its path and loaded when it is first asked for: importing this page costs no tensor library.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

from registry.core.errors import DomainError

if TYPE_CHECKING:
    from generation.engines.face import Engine

ENGINES: Mapping[str, str] = MappingProxyType({"starter": "generation.engines.starter.installed"})


class UnknownEngine(DomainError):
    """No engine of this name is installed."""

    code = "unknown_engine"
    status = 422

    def __init__(self, *, engine: str) -> None:
        super().__init__(f"engine `{engine}` is not installed", field="engine")


class EngineUnavailable(DomainError):
    """The engine is known, but its weights cannot be read here."""

    code = "engine_unavailable"
    status = 503

    def __init__(self, *, engine: str, problem: str) -> None:
        super().__init__(f"engine `{engine}` cannot run: {problem}", field="engine")


def engine(name: str) -> Engine:
    """Return the engine; raises ``UnknownEngine``, ``EngineUnavailable``."""
    if name not in ENGINES:
        raise UnknownEngine(engine=name)
    found: Engine = import_string(ENGINES[name])()
    return found
