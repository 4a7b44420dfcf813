"""Read what a decision needs, and what consents and uses there are."""

from consent.selectors.closure import Closure, closure_of
from consent.selectors.prompts import performers_named

__all__ = ["Closure", "closure_of", "performers_named"]
