"""
The roles of the registry's own private keys, one table entry each.

A role has versions, numbered from 1. One is current: it signs, or wraps what is new. Older ones only verify, or open
what they wrapped, until somebody retires them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

Algorithm = Literal["ed25519", "es256", "mldsa44", "aes256"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a key is for."""

    name: str
    algorithm: Algorithm
    says: str
    needed: bool = False  # no server starts without it; others are asked for when they are first used
    certified: bool = False  # it lies beside its certificate, and is made there by whoever first needs it

    @property
    def variable(self) -> str:
        """The environment variable that names its file."""
        return {"kek": "KEK"}.get(self.name, f"{self.name.upper()}_KEY")

    @property
    def wraps(self) -> bool:
        """Whether it wraps other keys; every other role signs."""
        return self.algorithm == "aes256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the settings say that a role's first file is; or the secret itself, where a variable held it."""

    file: Path | None
    secret: bytes | None = None
    named: bool = False  # by the variable: then it has to be there
    may_make: bool = False  # when it is first needed


REGISTRY: Final = Role(name="registry", algorithm="ed25519", says="signs the registry's own statements", needed=True)
LOG: Final = Role(name="log", algorithm="ed25519", says="signs checkpoints", needed=True)
LOG_PQ: Final = Role(name="log_pq", algorithm="mldsa44", says="signs them too, against quantum computers", needed=True)
CREDENTIAL: Final = Role(name="credential", algorithm="es256", says="signs the credential in a file", certified=True)
TSA: Final = Role(name="tsa", algorithm="es256", says="signs time stamps", certified=True)
KEK: Final = Role(name="kek", algorithm="aes256", says="wraps the data keys of assets and persons", needed=True)
ERASURE: Final = Role(name="erasure", algorithm="aes256", says="wraps the keys of what an erasure had to keep")

ROLES: Final[Mapping[str, Role]] = MappingProxyType(
    {role.name: role for role in (KEK, REGISTRY, LOG, LOG_PQ, CREDENTIAL, TSA, ERASURE)}
)
