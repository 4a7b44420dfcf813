"""The statement kinds of this app, all of them the registry's own words about shots and weights."""

from generation.kinds.after_release import SHOT_WITHDRAWN, USE_CLEARED
from generation.kinds.shots import SHOT_CLOSED, SHOT_RELEASED, WEIGHTS_TRAINED

KINDS = (SHOT_CLOSED, SHOT_RELEASED, WEIGHTS_TRAINED, USE_CLEARED, SHOT_WITHDRAWN)

__all__ = ["KINDS", "SHOT_CLOSED", "SHOT_RELEASED", "SHOT_WITHDRAWN", "USE_CLEARED", "WEIGHTS_TRAINED"]
