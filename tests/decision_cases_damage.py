"""
What may go wrong with a history, or merely happen in it: one change each, by name.

Each takes a tale in which everything is granted. Most make something refused, at least for a part of what is asked;
some only look as if they did.
"""

import random
from collections.abc import Callable
from typing import Any

from tests.decision_cases_harm import CONSENT, GRANTING, LICENCE, Damage, cut, field, on, on_box, one
from tests.decision_cases_holders import (
    amended_late,
    control,
    disputed_title,
    held_back,
    moral,
    more_title,
    resold_title,
    rival_licence,
    sold_off,
    terminated,
)
from tests.decision_cases_identity import namesake
from tests.decision_cases_people import (
    affiliate,
    answered,
    authority_ends,
    countered,
    died,
    less_authority,
    minor,
    noticed,
    policy,
    restricted,
    revoked,
    spoken,
    suspended,
    terms_of_revocation,
)
from tests.decision_cases_told import draw
from tests.decision_cases_ways import vendor
from tests.decisions import appearance, id_of
from tests.told import Body, Tale

PERMITS = (
    *LICENCE, *CONSENT, "title.claimed", "grant.accepted", "grant.assigned", "licence.confirmed", "licence.amended",
    "authority.granted", "identity.vouched", "option.exercised", "event.recorded", "catalogue.registered",
    "consent.ratified", "policy.set", "project.registered", "asset.registered", "weights.trained",
)  # fmt: skip


def damaged(rng: random.Random) -> Tale:
    """Return a tale to which, more often than not, one thing was done, or two."""
    tale = draw(rng)
    for _ in range(rng.choice((0, 1, 1, 2))):
        name, damage = rng.choice(DAMAGES)
        tale.damage.append(name)
        damage(tale, rng)
    if rng.random() < 0.3:
        rng.choice((rival_licence, _elsewhere, spoken))(tale, rng)
    return tale


def _fewer(name: str, instead: str) -> Damage:
    return on_box((*LICENCE, *CONSENT, "title.claimed"), lambda scope, rng: _drop_term(scope, name, instead, rng))


def _drop_term(scope: Body, name: str, instead: str, rng: random.Random) -> None:
    if len(scope[name]) > 1:
        scope[name].remove(rng.choice(scope[name]))
    else:
        scope[name] = [instead]


def _unlogged(tale: Tale, rng: random.Random) -> None:
    told = one(tale, rng, *PERMITS)
    if told is not None:
        told.logged = False


def _forged(tale: Tale, rng: random.Random) -> None:
    told = rng.choice(tale.told[14:])
    told.authorised = False


def _dropped(tale: Tale, rng: random.Random) -> None:
    told = rng.choice(tale.told[15:])
    if told.type != "party.registered":
        tale.told.remove(told)


def _unvouched(tale: Tale, rng: random.Random) -> None:
    told = one(tale, rng, *GRANTING)
    if told is not None:
        tale.unvouched.add(told.name)


def _by_another(tale: Tale, rng: random.Random) -> None:
    """Let somebody else say a thing, rightly signed."""
    told = one(tale, rng, *PERMITS)
    if told is not None:
        told.issuer = rng.choice(("rival", "studio", "gallery"))
        told.signers = (told.issuer,)


def _moved(tale: Tale, rng: random.Random) -> None:
    """Let a statement come later in the log than it was told."""
    told = rng.choice(tale.told[14:])
    tale.told.remove(told)
    tale.told.append(told)


def _elsewhere(tale: Tale, rng: random.Random) -> None:
    """Say something that has to do with nobody here."""
    body = {"event": "home_release", "work": id_of("work"), "territory": "FR", "on": "2027-01-02", "utc_offset": 0}
    tale.say("elsewhere", "event.recorded", "rival", {**body, "document_sha256": None})


def _claimed(tale: Tale, rng: random.Random) -> None:
    body = {"asset": id_of("portrait"), "performer": id_of("ben"), "aspects": ["body", "face"], "spans": None}
    tale.say("that is me", "appearance.claimed", "ben", body, logged=rng.random() < 0.8)
    if rng.random() < 0.4:
        shows = appearance("portrait", "ben", aspects=["body"])
        by = rng.choice(("gallery", "ben", "rival"))
        tale.say("that is ben", "appearance.recorded", by, shows, logged=rng.random() < 0.8)


def _declared(tale: Tale, rng: random.Random) -> None:
    inventory = {name: rng.choice(("none", "none", "listed", "unknown")) for name in ("music", "marks", "artworks")}
    body = {"asset": id_of("portrait"), "inventory": {"people": "listed", "locations": "none", **inventory}}
    tale.say("inventory", "inventory.declared", rng.choice(("gallery", "gallery", "rival")), body)


def on_request(change: Callable[[Body, random.Random], object]) -> Damage:
    def damage(tale: Tale, rng: random.Random) -> None:
        if tale.request["kind"] != "train":
            change(tale.request, rng)

    return damage


def _shown(name: str, *values: Any) -> Damage:
    return on_request(
        lambda request, rng: request["by_performer"].get(id_of("ada"), {}).__setitem__(name, rng.choice(values))
    )


DAMAGES: list[tuple[str, Damage]] = [
    ("a territory less", _fewer("territories", "JP")),
    ("a medium less", _fewer("media", "games")),
    ("an act less", _fewer("acts", "store")),
    ("an aspect less", _fewer("aspects", "face")),
    ("a purpose less", _fewer("purposes", "making_of")),
    ("another language", on_box(GRANTING, lambda scope, rng: scope.__setitem__("languages", ["en-GB"]))),
    ("another project", on_box(GRANTING, lambda scope, rng: scope.__setitem__("projects", [id_of("other")]))),
    ("less is shown", on_box(GRANTING, lambda scope, rng: scope["content"].__setitem__("scene", []))),
    ("later", on_box(GRANTING, lambda scope, rng: cut(scope, 0, "2027-06-01T12:30:00Z"))),
    ("sooner over", on_box(GRANTING, lambda scope, rng: cut(scope, 1, "2027-09-20T00:00:00Z"))),
    ("to another", field(CONSENT, "grantee", id_of("rival"), id_of("house"))),
    ("to another licensee", field(LICENCE, "licensee", id_of("rival"), id_of("house"))),
    ("not sublicensable", field(LICENCE, "sublicensable", False, True)),
    ("not assignable", field(GRANTING, "assignable", False)),
    ("dropped", _dropped),
    ("dropped", _dropped),
    ("moved", _moved),
    ("by another", _by_another),
    ("not logged", _unlogged),
    ("not logged", _unlogged),
    ("forged", _forged),
    ("forged", _forged),
    ("not vouched to stand", _unvouched),
    ("revoked", revoked),
    ("revoked", revoked),
    ("notice given", noticed),
    ("notice given", noticed),
    ("revocable otherwise", on(CONSENT, terms_of_revocation)),
    ("cooling off", field(CONSENT, "cooling_off_until", "2027-06-01T12:20:00Z", "2027-05-30T00:00:00Z")),
    ("kept for a time", field(CONSENT, "retention_until", "2027-05-30T00:00:00Z")),
    ("died", died),
    ("countered", countered),
    ("under age", minor),
    ("another role", field(CONSENT, "role", "Nora")),
    ("another scene", field(CONSENT, "scenes", ["13"])),
    ("no words", field(CONSENT, "dialogue", {"kind": "none", "script_sha256": None})),
    ("synthetic", field(CONSENT, "replica_use", ["synthetic"])),
    ("exhausted", field(GRANTING, "caps", {"draft_takes": 1, "training_epochs": 1})),
    ("restricted", restricted),
    ("restricted", restricted),
    ("suspended", suspended),
    ("suspended", suspended),
    ("suspended", suspended),
    ("terminated", terminated),
    ("sold off", sold_off),
    ("a rival", rival_licence),
    ("a rival", rival_licence),
    ("a rival", rival_licence),
    ("held back", held_back),
    ("control changed", control),
    ("more title", more_title),
    ("disputed title", disputed_title),
    ("disputed title", disputed_title),
    ("title resold", resold_title),
    ("amended", amended_late),
    ("amended", amended_late),
    ("a moral right", moral),
    ("an authority ends", authority_ends),
    ("an authority ends", authority_ends),
    ("less authority", on(("authority.granted",), less_authority)),
    ("a policy", policy),
    ("approvals", answered),
    ("approvals", answered),
    ("claimed to appear", _claimed),
    ("declared anew", _declared),
    ("nobody vouches", on(("identity.vouched",), lambda told, rng: told.body.update(level="email", confirms=[]))),
    ("a namesake", namesake),
    ("a namesake", namesake),
    ("a namesake", namesake),
    ("affiliated", affiliate),
    ("as somebody", _shown("role", "Zoe")),
    ("unsaid words", _shown("dialogue", None, {"kind": "as_scripted", "script_sha256": "e" * 64})),
    ("as another replica", _shown("replica_use", "background")),
    ("nobody described", on_request(lambda request, rng: request["by_performer"].pop(id_of("ada"), None))),
    ("other scenes", on_request(lambda request, rng: request.__setitem__("scenes", ["14"]))),
    ("a child", on_request(lambda request, rng: request["references"][0].__setitem__("depicted_age", 12))),
    ("other bytes", on_request(lambda request, rng: request["references"][0].__setitem__("sha256", "0" * 64))),
    ("some frames", on_request(lambda request, rng: request["references"][0].__setitem__("source", [5, 20]))),
    ("a vendor", lambda tale, rng: vendor(tale)),
]  # fmt: skip
