"""
Random histories of statements for one request: everything it needs is granted, in a way that is drawn, then damaged.

One portrait of Ada, sometimes of Ben too; Gallery holds it; Studio asks, for a film of a series. A right reaches Studio
directly, from paper, under another licence, by assignment, through an agent, a society, a vendor, a guardian, an
estate, an option, an amendment, or after an event. ``tests/decision_cases_damage.py`` then changes one thing.
"""

import random
from functools import lru_cache

from tests.decision_cases_consents import CONSENTS
from tests.decision_cases_harm import CONSENT, LICENCE
from tests.decision_cases_licences import tell_title
from tests.decisions import WEIGHTS, appearance, asset, id_of, party, reference, shot, shown, training, vouch
from tests.told import Body, Tale

EVERYBODY = (
    ("registry", "studio", "gallery", "rival", "broker", "house", "heir", "society", "union"),
    ("notary", "ada", "ben", "guardian", "court"),
)


def draw(rng: random.Random) -> Tale:
    """Return a tale in which everything is granted."""
    tale = Tale(salt=f"{rng.getrandbits(64):x}")
    tale.request = _request(rng)
    _introduce(tale, rng)
    tell_title(tale, rng)
    people = ["ada", "ben"] if tale.find("ben appears") else ["ada"]
    for person in people:
        rng.choice(CONSENTS)(tale, rng, person)
    tale.counted = {unit: rng.randint(0, 3) for unit in ("shots", "seconds", "draft_takes", "training_epochs")}
    if tale.request["kind"] == "release" and rng.random() < 0.7:
        grants = tale.of(*LICENCE, *CONSENT, "licence.amended")
        tale.request["rests_on"] = sorted(tale.digest(told.name) for told in grants if rng.random() < 0.8)
    return tale


def _request(rng: random.Random) -> Body:
    kind = rng.choice(("shot", "shot", "shot", "use", "release", "train"))
    if kind == "train":
        return training("portrait", epochs=rng.randint(1, 3))
    role = rng.choice(("likeness", "first_frame", "inpaint", "voice", "style", "motion"))
    words = {"kind": "as_scripted", "script_sha256": "d" * 64}
    advertises = rng.random() < 0.2
    return shot(
        kind=kind,
        references=[reference(role=role)],
        purposes=["third_party_advertising"] if advertises else rng.choice((["work"], ["press", "work"])),
        product_categories=rng.choice((["cars"], ["cars", "soap"], [])) if advertises else [],
        media=rng.choice((["svod"], ["svod", "theatrical"])),
        territories=rng.choice((["FR"], ["DE", "FR"])),
        window=[
            rng.choice(("2027-07-01T00:00:00Z", "2027-09-01T00:00:00Z")),
            rng.choice(("2027-10-01T00:00:00Z", None)),
        ],
        scene=rng.choice(([], ["violence"])),
        by_performer={
            id_of("ada"): shown(depicts=rng.choice(([], [], [], ["nudity"])), dialogue=words),
            id_of("ben"): shown(dialogue=words),
        },
        seconds=rng.randint(0, 4),
    )


@lru_cache
def _party(name: str, kind: str) -> Body:
    return party(name, kind=kind, born="1990-04-01" if kind == "person" else None, key=None)


def _introduce(tale: Tale, rng: random.Random) -> None:
    for name in EVERYBODY[0]:
        tale.say(name, "party.registered", name, _party(name, "organisation"))
    for name in EVERYBODY[1]:
        unions = [id_of("union")] if name == "ben" and rng.random() < 0.5 else []
        tale.say(name, "party.registered", name, _party(name, "person") | {"unions": unions})
    series = {
        "title": "Ridge",
        "agreement": None,
        "signatory": None,
        "governing_law": None,
        "producer": id_of("studio"),
    }
    agreement = rng.choice((None, "Theatre"))
    tale.say("series", "project.registered", "studio", {
        **series, "project": id_of("series"), "kind": "series", "parent": None, "agreement": agreement,
    })  # fmt: skip
    tale.say("film", "project.registered", "studio", {
        **series, "project": id_of("film"), "kind": "episode", "parent": id_of("series"),
    })  # fmt: skip
    tale.say("work", "work.registered", "studio", {
        "work": id_of("work"), "title": "Ridge", "kind": "film", "identifiers": {},
    })  # fmt: skip
    tale.say("weights", "weights.trained", "registry", {"weights": WEIGHTS})
    portrait = asset("portrait", people="listed", aspects=["motion", "picture", "sound", "style"])
    portrait["work"] = rng.choice((None, id_of("work")))
    tale.say("portrait", "asset.registered", "gallery", portrait)
    tale.say("appearance", "appearance.recorded", "gallery", appearance("portrait", "ada", aspects=["face", "voice"]))
    if rng.random() < 0.3:
        spans = rng.choice((None, [[0, 10]]))
        tale.say("ben appears", "appearance.recorded", "gallery", appearance("portrait", "ben", spans=spans))
    for name in ("ada", "ben"):
        tale.say(f"vouch {name}", "identity.vouched", "notary", vouch(name))
    tale.say("officers", "policy.set", "registry", {
        "party": id_of("registry"), "assurance": {}, "attested_engines": False, "court_officers": [id_of("court")],
    })  # fmt: skip
