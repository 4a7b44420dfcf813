"""Everything the generation app remembers."""

from generation.models.events import ShotEvent
from generation.models.idempotency import IdempotencyKey
from generation.models.records import Closure, Manifest, Release, Weights
from generation.models.shots import Shot

__all__ = ["Closure", "IdempotencyKey", "Manifest", "Release", "Shot", "ShotEvent", "Weights"]
