"""
Whom does a prompt name?

Names and characters are kept as keyed hashes only, so every run of one to five words of the prompt is hashed and looked
up. Misspellings and nicknames are not found; a verifier lists the answer as vouched, not proven.
"""

import re

from registry.names import fold, name_hmac

MAX_NAME_WORDS = 5  # the longest run of words looked up as one name
MAX_WORDS = 400  # of a prompt; longer prompts are refused before
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
