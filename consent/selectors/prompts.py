"""
Whom does a prompt name?

Names and characters are kept as keyed hashes only, so every run of one to five words of the prompt is hashed and looked
up. Misspellings and nicknames are not found; a verifier lists the answer as vouched, not proven.
"""

import re

from consent.models import CharacterIndex
from registry.models import NameIndex, Party
from registry.names import fold, name_hmac

MAX_NAME_WORDS = 5  # the longest run of words looked up as one name
MAX_WORDS = 400  # of a prompt; longer prompts are refused before
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def performers_named(prompt: str) -> tuple[str, ...]:
    """Return the ids of registered persons whose name or character stands in the prompt, sorted."""
    words = _WORD.findall(fold(prompt))[:MAX_WORDS]
    runs = {
        " ".join(words[start : start + length])
        for start in range(len(words))
        for length in range(1, MAX_NAME_WORDS + 1)
        if start + length <= len(words)
    }
    if not runs:
        return ()
    hashes = [name_hmac(run) for run in runs]
    named = set(NameIndex.objects.filter(word_hmac__in=hashes).values_list("party", flat=True))
    persons = set(Party.objects.filter(id__in=named, kind="person").values_list("id", flat=True))
    characters = set(CharacterIndex.objects.filter(word_hmac__in=hashes).values_list("performer", flat=True))
    return tuple(sorted(str(party) for party in persons | characters))
