"""
Who goes by the same alias or number as somebody else, and who says whose it is.
"""

import random
from datetime import timedelta

from tests.decision_cases_harm import one
from tests.decisions import AT, alias, confirming, id_of
from tests.told import Tale

ISNI = "0000 0002 9534 656X"
SPELLINGS = {
    "isni": (ISNI, "000000029534656X", "https://isni.org/isni/000000029534656x"),
    "alias": ("Ada M.", "ADA  M."),
}


def namesake(tale: Tale, rng: random.Random) -> None:
    """Let somebody else go by what Ada goes by, and let it be settled, or half settled, now and then."""
    scheme = rng.choice(("isni", "alias"))
    rival = rng.choice(("rival", "heir", "ben"))
    parties = ["ada", "ada", rival] if rng.random() < 0.9 else ["ada"]
    for party in {*parties}:
        _goes_by(tale, rng, scheme, party)
    for number in range(rng.choice((0, 1, 1, 1, 2, 2))):
        body = confirming(
            rng.choice(parties),
            (scheme, rng.choice(SPELLINGS[scheme])),
            level=rng.choice(("document", "in_person")),
        )
        voucher = rng.choice(("notary", "notary", "broker", "court", "studio", "house"))
        when = AT - timedelta(days=rng.choice((1, 40)))
        tale.say(f"checked {number}", "identity.vouched", voucher, body, issued_at=when, logged=rng.random() < 0.8)
    if rng.random() < 0.3:
        party = rng.choice(parties)
        given_up = alias(party, None, (scheme, rng.choice(SPELLINGS[scheme])))
        tale.say("given up", "alias.declared", rng.choice((party, "gallery")), given_up, logged=rng.random() < 0.8)
        if rng.random() < 0.3:
            _moved_up(tale, rng)


def _goes_by(tale: Tale, rng: random.Random, scheme: str, party: str) -> None:
    spelt = rng.choice(SPELLINGS[scheme])
    if scheme == "alias":
        tale.say(f"alias of {party}", "alias.declared", party, alias(party, spelt), logged=rng.random() < 0.7)
        return
    registered = tale.find(party)
    assert registered is not None
    registered.body = registered.body | {"identifiers": {"isni": spelt}}


def _moved_up(tale: Tale, rng: random.Random) -> None:
    """Let the last statement come before the first alias: what is declared after it counts again."""
    declared = one(tale, rng, "alias.declared")
    if declared is not None:
        tale.told.insert(tale.told.index(declared), tale.told.pop())


def impersonated(tale: Tale, rng: random.Random) -> None:
    """Somebody else goes by what Ada goes by, just now, or is said to be the one."""
    if rng.random() < 0.7:
        tale.say("her alias", "alias.declared", "ada", alias("ada", "The Real Ada"), logged=rng.random() < 0.5)
        tale.say("their alias", "alias.declared", "rival", alias("rival", "the real ada"), logged=rng.random() < 0.5)
        return
    known = {told.body["party"] for told in tale.of("alias.declared")} - {id_of("ada"), id_of("ben")}
    for name in ("rival", "heir"):
        if id_of(name) in known:
            body = confirming(name, ("alias", "Ada M."))
            tale.say("theirs", "identity.vouched", "broker", body, logged=rng.random() < 0.5)
