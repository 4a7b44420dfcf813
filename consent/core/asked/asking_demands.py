"""
Ask what one demand needs, whomever it is made on: a performer or an asset.

Whose grants it then rests on may be suspended themselves, which only the answer tells.
"""

from consent.core.asked.asking import Asked
from consent.core.asked.asking_people import ask_performer
from consent.core.asked.asking_titles import ask_title
from consent.core.asked.demands import Demand
from consent.core.asked.placing import barred_grantees
from consent.core.obstacles import Obstacle


def ask_demand(asked: Asked, demand: Demand) -> list[Obstacle]:
    """Return everything that stands in the way of one demand, and note what it rests on."""
    asked.grantees = {asked.request.for_}
    obstacles = ask_performer(asked, demand) if demand.of == "performer" else ask_title(asked, demand)
    return obstacles + barred_grantees(asked, demand)
