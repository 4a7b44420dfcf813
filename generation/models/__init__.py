"""Everything the generation app remembers."""

from generation.models.after_release import ClearedUse, ShotGround, ShotUse, Told, Withdrawal
from generation.models.cuts import Cut
from generation.models.events import ShotEvent
from generation.models.idempotency import IdempotencyKey
from generation.models.money import Basis, Compared, FavouredAlert
from generation.models.records import Closure, Manifest, Release, Weights
from generation.models.shots import Shot

__all__ = [
    "Basis",
    "ClearedUse",
    "Closure",
    "Compared",
    "Cut",
    "FavouredAlert",
    "IdempotencyKey",
    "Manifest",
    "Release",
    "Shot",
    "ShotEvent",
    "ShotGround",
    "ShotUse",
    "Told",
    "Weights",
    "Withdrawal",
]
