"""
Limits of the benches: a figure beside what it may be, and whether it keeps to it.
"""


def holds(what: str, found: float, limit: float, *, at_most: bool) -> bool:
    """Print a figure with its limit, and say whether it holds."""
    kept = found <= limit if at_most else found >= limit
    print(f"{found:9.2f}     {what}: {'at most' if at_most else 'at least'} {limit:g}: {'holds' if kept else 'MISSED'}")
    return kept
