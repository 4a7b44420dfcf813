"""
Whom does a prompt name?

Names and characters are kept as keyed hashes only, so every run of one to five words of the prompt is hashed and looked
up. Misspellings and nicknames are not found; a verifier lists the answer as vouched, not proven.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from registry.names import fold, name_hmac

MAX_NAME_WORDS = 5  # the longest run of words looked up as one name
MAX_WORDS = 400  # of a prompt; longer prompts are refused before
ERASED: Final = "…"  # where a name stood
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def name_hashes(prompt: str) -> list[bytes]:
    """Return the keyed hashes of every run of words that may be a name or a character."""
    words = _WORD.findall(fold(prompt))[:MAX_WORDS]
    runs = {
        " ".join(words[start : start + length])
        for start in range(len(words))
        for length in range(1, MAX_NAME_WORDS + 1)
        if start + length <= len(words)
    }
    return [name_hmac(run) for run in sorted(runs)]


def without_names(text: str, hashes: Collection[bytes]) -> str:
    """Put ``ERASED`` in the place of every run of words that has one of these keyed hashes."""
    words = [*_WORD.finditer(text)]
    kept, start, number = [], 0, 0
    while number < len(words):
        length = _named(text, words[number : number + MAX_NAME_WORDS], hashes)
        if length:
            kept += [text[start : words[number].start()], ERASED]
            start = words[number + length - 1].end()
        number += length or 1
    return "".join([*kept, text[start:]])


def _named(text: str, words: Sequence[re.Match[str]], hashes: Collection[bytes]) -> int:
    """Return how many words from the first one on are a name, 0 where none is; the longest counts."""
    for length in range(len(words), 0, -1):
        run = " ".join(fold(word.group()) for word in words[:length])
        if name_hmac(run) in hashes:
            return length
    return 0
