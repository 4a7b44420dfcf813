"""
Captions: a closed vocabulary, and how a prompt is read into it.

The starter engine understands a few words well instead of many badly: the hour, the place, what the figure does, which
way, and the camera's move. Words it does not know are reported, never guessed at; the card lists those it knows.

Steps: lower-case and split; drop filler; join "pan left" and its like into one word; map synonyms; report the rest.
"""

from __future__ import annotations

import re

import torch
from torch import Tensor

TIMES = ("dawn", "day", "dusk", "night")
PLACES = ("hills", "city", "forest")
ACTIONS = ("walks", "stands", "nobody")
WAYS = ("leftwards", "rightwards")
CAMERA = ("still", "pan left", "pan right", "tilt up", "tilt down", "zoom in", "zoom out")
VOCABULARY = (*TIMES, *PLACES, *ACTIONS, *WAYS, *CAMERA)

SYNONYMS = {
    "sunrise": "dawn", "morning": "dawn", "daybreak": "dawn", "daylight": "day", "daytime": "day", "noon": "day",
    "midday": "day", "sunny": "day", "afternoon": "day", "sunset": "dusk", "evening": "dusk", "twilight": "dusk",
    "midnight": "night", "moonlight": "night", "moonlit": "night", "nighttime": "night", "hill": "hills",
    "meadow": "hills", "mountain": "hills", "mountains": "hills", "countryside": "hills", "valley": "hills",
    "field": "hills", "fields": "hills", "town": "city", "street": "city", "streets": "city", "urban": "city",
    "downtown": "city", "road": "city", "buildings": "city", "forests": "forest", "wood": "forest", "woods": "forest",
    "woodland": "forest", "trees": "forest", "pines": "forest", "walk": "walks", "walking": "walks",
    "strolls": "walks", "strolling": "walks", "strides": "walks", "crosses": "walks", "crossing": "walks",
    "stand": "stands", "standing": "stands", "waits": "stands", "waiting": "stands", "empty": "nobody",
    "deserted": "nobody", "static": "still", "locked": "still", "fixed": "still", "left": "leftwards",
    "leftward": "leftwards", "right": "rightwards", "rightward": "rightwards",
}  # fmt: skip
FILLER_WORDS = (
    "a an and along across are as at away by camera from frame her his in into is its it of on one onto out over path "
    "person man woman somebody someone figure performer people scene screen shot slow slowly softly the their then "
    "through to toward towards up down under view while who with there"
)
FILLER = frozenset(FILLER_WORDS.split())
MOVES = {
    "pan": "pan", "pans": "pan", "panning": "pan", "tilt": "tilt", "tilts": "tilt", "tilting": "tilt",
    "zoom": "zoom", "zooms": "zoom", "zooming": "zoom", "push": "zoom", "pushes": "zoom", "dolly": "zoom",
}  # fmt: skip


def tokenize(prompt: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Read a prompt: the ids of the words known (ascending), and the words not known in their order."""
    words = re.findall(r"[^\W_]+", prompt.lower())
    known: set[int] = set()
    unknown: list[str] = []
    skip = False
    for k, word in enumerate(words):
        if skip:
            skip = False
            continue
        move = f"{MOVES[word]} {words[k + 1]}" if word in MOVES and words[k + 1 : k + 2] else ""
        name = move if move in VOCABULARY else SYNONYMS.get(word, word)
        skip = move in VOCABULARY
        if name in VOCABULARY:
            known.add(VOCABULARY.index(name))
        elif word not in FILLER and word not in unknown:
            unknown.append(word)
    return tuple(sorted(known)), tuple(unknown)


def ids_of(words: tuple[str, ...]) -> tuple[int, ...]:
    """The ids of vocabulary words; a word outside the vocabulary raises ValueError."""
    return tuple(sorted(VOCABULARY.index(word) for word in words))


def bag_of(ids: tuple[int, ...]) -> Tensor:
    """Caption ids as a bag of words, _K."""
    bag = torch.zeros(len(VOCABULARY))
    bag[list(ids)] = 1
    return bag
