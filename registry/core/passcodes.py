"""
What a person is asked to say or to write, so that it cannot have been recorded before.

The words are spelled the same in English and in French, and are hard to mistake for each other, so that one passcode
serves either language. Four of 64 words and six digits, drawn by the caller, are 44 bits: nobody has recorded all of
them, and one expires before it could be made up.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Final

LASTS: Final = timedelta(minutes=15)
KINDS: Final = ("spoken", "written")
WORDS: Final = (
    "agenda", "angle", "ballet", "banjo", "biscuit", "bison", "cabaret", "cactus",
    "canal", "cascade", "casino", "cobra", "concert", "condor", "coyote", "date",
    "domino", "dragon", "fable", "fruit", "garage", "gazelle", "globe", "horizon",
    "iris", "jaguar", "judo", "kiwi", "koala", "lion", "lotus", "melon",
    "mirage", "moustache", "muscle", "nectar", "oasis", "olive", "orange", "panda",
    "pause", "piano", "pirate", "plume", "polka", "puma", "python", "radio",
    "rose", "safari", "saxophone", "silence", "sofa", "studio", "table", "tango",
    "tunnel", "vase", "village", "violet", "volume", "wagon", "yoga", "zoo",
)  # fmt: skip
NUM_WORDS: Final = 4
NUM_DIGITS: Final = 6
_LETTERS: Final = re.compile(r"[^\W_]+")


def make_passcode(below: Callable[[int], int]) -> str:
    """Return a passcode such as `piano lotus tunnel kiwi 402 917`; ``below(n)`` draws a number from 0 to n - 1."""
    words = [WORDS[below(len(WORDS))] for _ in range(NUM_WORDS)]
    digits = f"{below(10**NUM_DIGITS):0{NUM_DIGITS}d}"
    return " ".join([*words, digits[:3], digits[3:]])


def holds(text: str, passcode: str) -> bool:
    """Say whether a written answer has the passcode in it, whatever its capitals, spaces and signs."""
    return _bare(passcode) in _bare(text)


def _bare(text: str) -> str:
    return "".join(_LETTERS.findall(unicodedata.normalize("NFKC", text).casefold()))
