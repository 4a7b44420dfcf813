"""
Ask whether whoever a prompt names was found when its shot was cleared.

Whom a prompt names, the registry looks up by keyed hashes, and vouches for; the answer is signed by its hash, and the
rows that keep it are held to that (``takes``). It is looked up again here: everybody who was registered under a
checkpoint by then has to be in it, so that no name is lost for as long as a shot is asked for. Left out: aliases and
characters, which come and go with other statements.
"""

from collections.abc import Sequence

from consent.core.cleared import ClearanceIssued
from consent.selectors.prompts import name_hashes
from generation.models import Shot
from registry.models import Entry, NameIndex, Party
from web.fsck.report import Report
from web.fsck.statements import Said


def check_prompts(said: Sequence[Said], report: Report) -> None:
    """Look up every cleared prompt again; findings go into the report."""
    sizes = {one.statement.digest: one.record.tree_size for one in said if isinstance(one.record, ClearanceIssued)}
    registered = _registered()
    for row in Shot.objects.filter(clearance__in=sizes).order_by("id").iterator():
        assert row.clearance is not None  # as the query says
        size, matches = sizes[row.clearance], (row.clearance_vouched or {}).get("prompt_matches", [])
        for party in sorted(_named(row.prompt) - set(matches)):
            if party in registered and registered[party] < size:
                report.add("prompt_unmatched", row.clearance, f"its prompt names party {party}, who was not found")


def _registered() -> dict[str, int]:
    """Return the place in the log at which each person was registered."""
    people = dict(Party.objects.filter(kind="person").values_list("digest", "id"))
    places = Entry.objects.filter(leaf__digest__in=people).values_list("leaf__digest", "index")
    return {people[digest]: index for digest, index in places}


def _named(prompt: str) -> set[str]:
    return set(NameIndex.objects.filter(word_hmac__in=name_hashes(prompt)).values_list("party", flat=True))
