"""Events that windows follow, in words: "17 months after the theatrical release of The Ridge in France"."""

import unicodedata
from typing import Final

from registry.core.events import Following, Plus
from registry.texts.layout import Names, Pair, count, listed, say
from registry.texts.places import territory

EVENTS: Final[dict[str, Pair]] = {
    "theatrical_release": ("the release in cinemas", "la sortie en salles"),
    "home_release": ("the release for the home", "la sortie en vidéo"),
    "broadcast": ("the first broadcast", "la première diffusion télévisée"),
    "first_publication": ("the first publication", "la première publication"),
    "premiere": ("the première", "la première publique"),
    "photography_start": ("the first day of shooting", "le premier jour de tournage"),
    "photography_end": ("the last day of shooting", "le dernier jour de tournage"),
    "delivery": ("the delivery", "la livraison"),
    "completion": ("the completion", "l’achèvement"),
    "death": ("the death", "le décès"),
    "change_of_control": ("the change of control", "le changement de contrôle"),
}


def event_of(following: Following, language: str, names: Names) -> str:
    """Say which event, of what and where, without what is added to it."""
    event, name = say(EVENTS[following.event], language), names(following.subject[1])
    place = "" if following.territory is None else f" ({territory(following.territory, language)})"
    of = "d’" if unicodedata.normalize("NFD", name)[:1].lower() in "aeiouyh" else "de "
    return say((f"{event} of {name}{place}", f"{event} {of}{name}{place}"), language)


def describe_following(following: Following, language: str, names: Names) -> str:
    """Say which moment an event sets: the day it happens, or so much later."""
    event, wait = event_of(following, language, names), period(following.plus, language)
    if not wait:
        return say((f"the day of {event}", f"le jour de cet événement, {event}"), language)
    return say((f"{wait} after {event}", f"{wait} après {event}"), language)


def period(plus: Plus, language: str) -> str:
    """Write months and days: `17 months`, `2 mois et 3 jours`; nothing where there are none."""
    months, days = plus
    told = [
        count(months, *say_both(("month", "months"), ("mois", "mois"), language), language) if months else "",
        count(days, *say_both(("day", "days"), ("jour", "jours"), language), language) if days else "",
    ]
    return listed(kept, language) if (kept := [one for one in told if one]) else ""


def say_both(english: Pair, french: Pair, language: str) -> Pair:
    """Return the singular and the plural in the reader's language."""
    return english if language == "en" else french
