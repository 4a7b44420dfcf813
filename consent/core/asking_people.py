"""
Ask performers: each demand on a performer is covered by that performer's grants to the requester.
"""

from dataclasses import replace

from consent.core.asking import Asked
from consent.core.conditions import VOICE
from consent.core.demands import Demand
from consent.core.obstacles import Obstacle
from consent.core.request import Request
from registry.core.scope import Scope


def ask_performer(asked: Asked, demand: Demand) -> list[Obstacle]:
    """Ask one performer's grants for one demand."""
    shown = asked.shown(demand.id)
    if isinstance(asked.request, Request) and shown is None:
        return [Obstacle(code="description_mismatch", subject=("performer", demand.id))]
    held = asked.facts.consents.get(demand.id, ())
    subject = ("performer", demand.id)
    obstacles: list[Obstacle] = []
    for wanted in _voice_apart(demand.wanted):  # what is said is a condition on the voice alone
        obstacles += asked.grantor(wanted, held, subject=subject, grantor=demand.id, shown=shown)
    return obstacles


def _voice_apart(wanted: Scope) -> list[Scope]:
    parts = [aspects for aspects in (wanted.aspects & ~VOICE, wanted.aspects & VOICE) if aspects]
    return [wanted] if len(parts) == 1 else [replace(wanted, aspects=aspects) for aspects in parts]
