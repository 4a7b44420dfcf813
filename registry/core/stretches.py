"""
Stretches of time: unions of half-open windows, and what they leave.
"""

from collections.abc import Iterable

Window = tuple[int, int]  # seconds since 1970, half-open


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return the union of windows as maximal stretches, in order."""
    found: list[Window] = []
    for start, end in sorted(windows):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def remainder(whole: Window, taken: Iterable[Window]) -> tuple[Window, ...]:
    """Return the maximal stretches of a window that no taken one meets, in order."""
    start, last = whole
    found = []
    for first, end in sorted(taken):
        if start < min(first, last):
            found.append((start, min(first, last)))
        start = max(start, end)
    if start < last:
        found.append((start, last))
    return tuple(found)
