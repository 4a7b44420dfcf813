"""
The honest story before the operator tries anything, told through the real services (``tests.operator_scene``).

A film with a cast; consents by country; a withdrawal, a "never", a "not now", a dispute, a limit that is reached, a key
that was stolen, an agent who was dismissed, somebody who was erased; a released shot, and the papers of it. Whoever
watches was there all the time: a witness cosigned every checkpoint, and a monitor looked at the end.

``HONEST`` says which use is covered and which is refused, each for one reason.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.envelope import PublicKey
from registry.core.jcs import Json
from registry.log.identity import vkeys
from registry.models import Entry
from registry.statements import open_statement
from tests.asked import Asked
from tests.erasing import erased
from tests.operator_scene import Scene, granting
from tests.studio import Studio
from tests.terms import authority, face, restriction, revoked, suspension
from tests.test_papers_bundle import fetched
from tests.world import PEOPLE, licence_body

YESTERDAY: Final = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"

# What is asked for (``Scene.request``) -> the codes of the obstacles; none: it is covered.
HONEST: Final[dict[str, set[str]]] = {
    "home": set(),
    "abroad": {"territory_not_covered"},
    "advert": {"restricted"},
    "games": {"suspended"},
    "revoked": {"revoked"},
    "capped": {"cap_exhausted"},
    "elsewhere": {"grantee_not_covered"},
    "stolen": {"unauthorised_signer"},
    "agent": {"no_grant"},
    "named": {"description_mismatch"},
    "contested": {"identity_contested"},
    "unvouched": {"identity_unverified"},
    "dead": {"unauthorised_signer"},
    "minor": {"never_allowed", "no_grant", "no_title"},
    "disputed": {"title_disputed"},
    "paper": {"assurance_too_low"},
}
CAST: Final[dict[str, dict[str, Any]]] = {
    "revoked": {"name": "Bea Lind"},
    "capped": {"name": "Ben Okafor"},
    "elsewhere": {"name": "Bob Reed"},
    "stolen": {"name": "Mia Marsh"},
    "agent": {"name": "Cleo Hart"},
    "contested": {"name": "Ben Hale"},
    "unvouched": {"name": "Cleo Marsh", "vouched": False},
    "dead": {"name": "Ben Shore"},
    "minor": {"name": "Kim Marsh", "born": "2012-03-01"},
}


def told(folder: Path, settings: Any, stack: ExitStack) -> Scene:
    """Tell everything, publish it under a witness's eyes, hand out the papers, and have a monitor look."""
    asked = Asked(settings, folder, stack)
    witness = asked.honest(1)
    asked.ask(1)
    studio = Studio.open(folder, settings, consent=False)
    operator = studio.world.party("Mallory Hosting", kind="organisation")
    scene = Scene(folder=folder, studio=studio, operator=operator, stolen=Ed25519PrivateKey.generate())
    for tell in (_cast, _ada, _withdrawals, _theft, _titles, _shots, _erased):
        tell(scene)
        studio.world.publish()
    _papers(scene)
    watching = {"log": [*vkeys()], "witnesses": [one.key.format() for one in witness.signers], "quorum": 1}
    for name, trusted in (("watching.json", watching), ("alone.json", {"log": watching["log"]})):
        (folder / name).write_text(json.dumps({"registry": [], "c2pa": []} | trusted))
    assert scene.monitored() == scene.person_monitored() == set()
    return scene


def _cast(scene: Scene) -> None:
    """The performers beside Ada, each with a picture of theirs; most agree to what Ada agrees to."""
    world, producer, archive = scene.world, scene.studio.producer, scene.studio.archive
    for name, fields in CAST.items():
        who = world.party(**fields)
        picture = world.asset(archive, kind="still", title=name, inventory=PEOPLE)
        world.appearance(picture, who, by=archive)
        world.title(archive, picture)
        world.act("licence.granted", licence_body(archive, producer, picture), by=archive)
        scene.cast[name] = who, picture
        if name in ("revoked", "contested", "unvouched", "dead"):
            scene.digests[name] = world.act("consent.granted", granting(who, producer), by=who)
    dead: dict[str, Json] = {"event": "death", "party": scene.cast["dead"][0].id, "territory": None, "on": YESTERDAY}
    dead |= {"utc_offset": 60, "document_sha256": None}
    scene.digests["death"] = world.act("event.recorded", dead, by=world.notary)


def _ada(scene: Scene) -> None:
    """What Ada allows, never allows, and does not allow now."""
    world, ada = scene.world, scene.ada
    scene.digests["home"] = world.act("consent.granted", granting(ada, scene.studio.producer), by=ada)
    never = restriction(ada, scopes=[face(purposes=["third_party_advertising"])])
    scene.digests["never"] = world.act("restriction.declared", never, by=ada)
    not_now = suspension("personal", ada, "performer", ada.id, scopes=[face(media=["games"])])
    scene.digests["not now"] = world.act("suspension.declared", not_now, by=ada)
    scene.bodies |= {"never": never, "not now": not_now}


def _withdrawals(scene: Scene) -> None:
    """One withdraws, one gives a single shot, one agrees with somebody else, one dismisses an agent."""
    world, producer = scene.world, scene.studio.producer
    bea, ben, bob, cleo = (scene.cast[name][0] for name in ("revoked", "capped", "elsewhere", "agent"))
    scene.digests["withdrawal"] = world.act("consent.revoked", revoked(bea, scene.digests["revoked"]), by=bea)
    scene.digests["capped"] = world.act("consent.granted", granting(ben, producer, caps={"shots": 1}), by=ben)
    westwind = world.party("Westwind", kind="organisation")
    scene.digests["elsewhere"] = world.act("consent.granted", granting(bob, westwind), by=bob)
    looks = authority(cleo, world.party("Bureau Marsh", kind="organisation"), powers=["negotiate", "view"])
    scene.digests["looks"] = world.act("authority.granted", looks, by=cleo)
    former = authority(cleo, world.party("Second Agency", kind="organisation"))
    scene.digests["former"] = world.act("authority.granted", former, by=cleo)
    ending: dict[str, Json] = {"authority": former["authority"]}
    scene.digests["dismissal"] = world.act("authority.ended", ending, by=cleo)
    rival = world.party("Ben Impostor", vouched=False)
    for who in (scene.cast["contested"][0], rival):
        claims: dict[str, Json] = {"party": who.id, "alias": "Ben the Tall", "disclaims": []}
        scene.digests["rival"] = world.act("alias.declared", claims, by=who)


def _theft(scene: Scene) -> None:
    """A second key of Mia's was stolen; what it signed from then on does not count."""
    world, mia = scene.world, scene.cast["stolen"][0]
    keyid = PublicKey.of(scene.stolen).keyid
    added: dict[str, Json] = {"party": mia.id, "key": PublicKey.of(scene.stolen).format()}
    world.submit(world.signed("key.added", added, by=mia, keys=(scene.stolen, mia.key)))
    thief = world.signed("consent.granted", granting(mia, scene.studio.producer), by=mia, keys=(scene.stolen,))
    scene.digests["stolen"] = world.submit(thief)
    world.publish()
    place = Entry.objects.get(leaf__digest=scene.digests["stolen"]).index
    lost: dict[str, Json] = {"party": mia.id, "keyid": keyid, "compromised_from": place}
    scene.digests["lost"] = world.act("key.revoked", lost, by=mia)


def _titles(scene: Scene) -> None:
    """One picture whose title is disputed, and one that is licensed on paper only, which the producer's policy bars."""
    world, producer, archive = scene.world, scene.studio.producer, scene.studio.archive
    gallery = world.party("Gallery", kind="organisation")
    scene.pictures = {"disputed": world.asset(gallery, title="a wall"), "paper": world.asset(archive, title="a door")}
    held = [world.title(archive, picture) for picture in scene.pictures.values()]
    world.act("licence.granted", licence_body(archive, producer, scene.pictures["disputed"]), by=archive)
    said: dict[str, Json] = {"claim": held[0], "grounds": "it is ours", "evidence_sha256": world.paper(gallery)}
    scene.digests["dispute"] = world.act("title.disputed", said, by=gallery)
    paper = licence_body(archive, producer, scene.pictures["paper"])
    paper |= {"document_sha256": "a" * 64, "signed_on": "2026-01-02"}
    scene.digests["paper"] = world.act("licence.recorded", paper, by=producer)
    policy: dict[str, Json] = {"party": producer.id, "assurance": {"condition": "confirmed"}}
    policy |= {"attested_engines": False, "court_officers": []}
    scene.digests["policy"] = world.act("policy.set", policy, by=producer)


def _shots(scene: Scene) -> None:
    """One that is released, and one that takes the only shot of its consent."""
    scene.shot = scene.studio.released(scene.request("home"))
    scene.waiting = scene.studio.queued(scene.request("capped") | {"take": 9})


def _erased(scene: Scene) -> None:
    scene.erased = scene.world.party("Ben Marsh")
    scene.world.publish()
    erased(scene.world, scene.erased)


def _papers(scene: Scene) -> None:
    """What Ada and the producer were given, and keep where the operator is not."""
    folder, studio, digest = scene.folder, scene.studio, scene.digests["home"]
    fetched(studio, scene.shot, folder)
    ada = studio.world.token(scene.ada, "read")
    for path, asked in (("record.pdf", "record.pdf"), ("home.tlog-proof", "proof")):
        answer = studio.get(f"/statements/{digest}/{asked}", secret=ada)
        assert answer.status_code == 200, answer.content
        (folder / path).write_bytes(answer.content)
    opened = open_statement(digest)
    assert opened is not None
    (folder / "home.json").write_text(json.dumps(opened.envelope.format()))
