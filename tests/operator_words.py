"""What the operator tries with statements: forged, altered, replayed, held back, or said in a role that is not his."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry import vault
from registry.core.envelope import Envelope, PublicKey, sign_statement
from registry.core.errors import DomainError
from registry.core.jcs import Json, canonical
from registry.core.packed import unpack
from registry.locks import clock
from registry.models import StatementRow
from registry.statements import open_statement, owner_of
from tests.operator_rows import COVERED, Way
from tests.operator_scene import Scene, granting
from tests.terms import authority
from tests.world import Actor, new_id
from web.statements import submit

NOT_HERS = {"unauthorised_signer"}


def for_cleo(scene: Scene) -> dict[str, Json]:
    """A consent of somebody who never gave one."""
    return granting(scene.cast["agent"][0], scene.studio.producer)


def in_her_name(scene: Scene) -> None:
    scene.forge("consent.granted", for_cleo(scene), by=scene.cast["agent"][0])


def with_a_key_of_nobody(scene: Scene) -> None:
    scene.forge("consent.granted", for_cleo(scene), Ed25519PrivateKey.generate(), by=scene.cast["agent"][0])


def in_his_own_name(scene: Scene) -> None:
    scene.forge("consent.granted", for_cleo(scene), by=scene.operator)


def with_a_key_that_he_brings(scene: Scene) -> None:
    """Cleo has a key already: a further one needs its signature."""
    key, cleo = Ed25519PrivateKey.generate(), scene.cast["agent"][0]
    added: dict[str, Json] = {"party": cleo.id, "key": PublicKey.of(key).format()}
    scene.forge("key.added", added, key, by=cleo)
    scene.forge("consent.granted", for_cleo(scene), key, by=cleo)


def with_a_key_that_he_recovers(scene: Scene) -> None:
    """Lost keys come back through people whom their owner named; the operator was not named."""
    key, cleo = Ed25519PrivateKey.generate(), scene.cast["agent"][0]
    added: dict[str, Json] = {"party": cleo.id, "key": PublicKey.of(key).format()}
    scene.forge("key.added", added, key, scene.operator.key, by=scene.operator)
    scene.forge("consent.granted", for_cleo(scene), key, by=cleo)


def as_an_agent_by_his_own_word(scene: Scene) -> None:
    cleo = scene.cast["agent"][0]
    scene.forge("authority.granted", authority(cleo, scene.operator), by=cleo)
    scene.world.act("consent.granted", for_cleo(scene), by=scene.operator)
    scene.world.publish()


def as_the_estate_of_the_living(scene: Scene) -> None:
    """All of it is signed by whose word it says it is, and comes by the front door."""
    cleo, agency = scene.cast["agent"][0], scene.world.actors["Second Agency"]
    claims = authority(cleo, agency, role="estate", evidence_sha256=scene.world.paper(scene.operator))
    scene.world.act("authority.granted", claims, by=scene.operator)
    scene.world.publish()
    scene.world.act("consent.granted", for_cleo(scene), by=agency)
    scene.world.publish()


def altered(scene: Scene, said: str, *changes: tuple[str, str]) -> dict[str, Any]:
    """A genuine statement with other words under its genuine signatures."""
    opened = open_statement(scene.digests[said])
    assert opened is not None
    payload = opened.envelope.payload
    for before, after in changes:
        assert before.encode() in payload
        payload = payload.replace(before.encode(), after.encode())
    envelope = Envelope(payload=payload, signatures=opened.envelope.signatures)
    return {"envelope": envelope.format(), "text": opened.text, "private": None}


def for_another_grantee(scene: Scene) -> None:
    grantees = scene.world.actors["Westwind"].id, scene.studio.producer.id
    scene.slip_in(altered(scene, "elsewhere", grantees))


def under_a_new_id(scene: Scene) -> None:
    opened = open_statement(scene.digests["revoked"])
    assert opened is not None
    scene.slip_in(altered(scene, "revoked", (opened.statement.id, new_id())))


def for_more_countries(scene: Scene) -> None:
    scene.slip_in(altered(scene, "home", ('"territories":["BE","DE","FR"]', '"territories":["BE","DE","FR","US"]')))


def once_more(scene: Scene) -> None:
    """The very same envelope: the answer is that of the first time, whatever was withdrawn since."""
    opened = open_statement(scene.digests["revoked"])
    assert opened is not None
    again = submit({"envelope": opened.envelope.format(), "text": opened.text, "private": None}, by=None)
    assert (again.first, again.accepted_at) == (False, opened.accepted_at)


def signed_again(scene: Scene) -> None:
    """Another envelope over words that are known."""
    opened = open_statement(scene.digests["revoked"])
    assert opened is not None
    envelope = sign_statement(opened.envelope.payload, scene.operator.key)
    refused(scene, "envelope_differs", {"envelope": envelope.format(), "text": opened.text, "private": None})


def refused(scene: Scene, code: str, submission: dict[str, Any]) -> None:
    before = StatementRow.objects.count()
    with pytest.raises(DomainError) as error:
        scene.world.submit(submission)
    assert (error.value.code, StatementRow.objects.count()) == (code, before)


def unsent(scene: Scene) -> dict[str, Any]:
    """A consent that Bea signed two days ago and never sent: the one genuine signature that the operator holds."""
    bea = scene.cast["revoked"][0]
    body = granting(bea, scene.studio.producer)
    return scene.world.signed("consent.granted", body, by=bea, at=clock() - timedelta(days=2))


def sent_for_her(scene: Scene) -> None:
    refused(scene, "stale_statement", unsent(scene))


def slipped_in_for_her(scene: Scene) -> None:
    scene.slip_in(unsent(scene))


def slipped_in_and_backdated(scene: Scene) -> None:
    scene.slip_in(unsent(scene), at=clock() - timedelta(days=2) + timedelta(minutes=1))


def lifted(*, by: Callable[[Scene], Actor]) -> Callable[[Scene], None]:
    def deed(scene: Scene) -> None:
        scene.forge("restriction.lifted", {"restriction": scene.bodies["never"]["restriction"]}, by=by(scene))

    return deed


def ended(scene: Scene) -> None:
    scene.forge("suspension.lifted", {"suspension": scene.bodies["not now"]["suspension"], "scopes": None,
                                      "projects": None}, by=scene.ada)  # fmt: skip


def resolved(scene: Scene) -> None:
    """The gallery gives in, says the operator."""
    said: dict[str, Json] = {"dispute": scene.digests["dispute"], "outcome": "withdrawn", "document_sha256": None}
    scene.forge("title.resolved", said, by=scene.world.actors["Gallery"])


def confirmed(scene: Scene) -> None:
    scene.forge("licence.confirmed", {"licence": scene.digests["paper"]}, by=scene.studio.archive)


def vouch(scene: Scene) -> dict[str, Json]:
    return {"party": scene.cast["unvouched"][0].id, "level": "in_person", "checked_on": "2026-11-01", "method": "seen"}


def vouched(scene: Scene) -> None:
    scene.forge("identity.vouched", vouch(scene), by=scene.world.notary)


def vouched_by_the_grantee(scene: Scene) -> None:
    scene.world.act("identity.vouched", vouch(scene), by=scene.studio.producer)
    scene.world.publish()


def settled(scene: Scene) -> None:
    confirms: list[Json] = [{"scheme": "alias", "value": "ben the tall"}]
    body = vouch(scene) | {"party": scene.cast["contested"][0].id, "challenge": None, "confirms": confirms}
    scene.forge("identity.vouched", body, by=scene.world.notary)


def revived(scene: Scene) -> None:
    """A later statement that the key was stolen later: of what was lost the earliest place counts."""
    mia = scene.cast["stolen"][0]
    body: dict[str, Json] = {"party": mia.id, "keyid": PublicKey.of(scene.stolen).keyid, "compromised_from": None}
    scene.forge("key.revoked", body, scene.stolen, by=mia)


def signed_with_what_was_stolen(scene: Scene) -> None:
    """Dated before the theft was told, it stands behind it in the log."""
    mia = scene.cast["stolen"][0]
    body = granting(mia, scene.studio.producer)
    at = clock() - timedelta(hours=1)
    scene.slip_in(scene.world.signed("consent.granted", body, by=mia, keys=(scene.stolen,), at=at))


def resealed(digest: str, change: Callable[[bytes], bytes], part: str = "envelope") -> None:
    """Open a part of a statement, change it, and seal it again as the registry would."""
    row = StatementRow.objects.get(digest=digest)
    owner, aad = owner_of(row.subject), f"{part} {digest}".encode()
    plain = unpack(vault.open_text(owner, bytes(getattr(row, part)), aad))
    changed = change(plain)
    assert changed != plain
    StatementRow.objects.filter(digest=digest).update(**{part: vault.seal_text(owner, changed, aad)})


def of_age(scene: Scene) -> None:
    """Kim was born earlier, says the stored statement now."""
    kim = scene.cast["minor"][0]
    digest = StatementRow.objects.get(issuer=kim.id, type="party.registered").digest
    opened = open_statement(digest)
    assert opened is not None
    older = replace(opened.envelope, payload=opened.envelope.payload.replace(b'"2012-03-01"', b'"1990-03-01"'))
    resealed(digest, lambda _: canonical(older.format()))


def other_words_shown(scene: Scene) -> None:
    resealed(scene.digests["home"], lambda text: text.replace(b"Belgium", b"Bermuda"), "text")


def another_ciphertext(scene: Scene) -> None:
    scene.sql(
        "UPDATE registry_statement a SET envelope = b.envelope FROM registry_statement b "
        "WHERE a.digest = decode(%s, 'hex') AND b.digest = decode(%s, 'hex')",
        scene.digests["never"], scene.digests["home"], rows=1,
    )  # fmt: skip


def another_issuer(scene: Scene) -> None:
    scene.sql(
        "UPDATE registry_statement SET issuer = %s WHERE digest = decode(%s, 'hex')",
        scene.operator.id,
        scene.digests["home"],
    )


def words(does: Callable[[Scene], object], decide: str, codes: set[str], **fsck: str) -> Way:
    return Way(does=does, decide={decide: codes}, fsck=fsck, sound=not fsck)


WORDS: dict[str, Way] = {
    "a consent in her name, with a key of his": words(
        in_her_name, "agent", NOT_HERS, key_foreign="is not the issuer's"
    ),
    "a consent in her name, with a key of nobody": words(
        with_a_key_of_nobody, "agent", NOT_HERS, key_unknown="was brought by no statement"
    ),
    "a consent of hers in his own name": words(in_his_own_name, "agent", NOT_HERS, issuer_foreign="consent.granted"),
    "a key of hers that he brings": words(
        with_a_key_that_he_brings, "agent", NOT_HERS, key_unproven="without the signature of one that stands"
    ),
    "a key of hers that he alone recovers": words(
        with_a_key_that_he_recovers, "agent", NOT_HERS, key_foreign="is not the issuer's"
    ),
    "an authority that he gives himself": words(
        as_an_agent_by_his_own_word, "agent", NOT_HERS, key_foreign="is not the issuer's"
    ),
    "an estate of somebody who lives": words(as_the_estate_of_the_living, "agent", NOT_HERS),
    "an old consent for another grantee": words(
        for_another_grantee, "elsewhere", {"grantee_not_covered", *NOT_HERS}, signature_bad="does not verify"
    ),
    "a withdrawn consent under a new id": words(
        under_a_new_id, "revoked", {"revoked", *NOT_HERS}, signature_bad="does not verify"
    ),
    "a consent for more countries": words(
        for_more_countries, "abroad", {"territory_not_covered", *NOT_HERS}, signature_bad="does not verify"
    ),
    "a withdrawn consent, sent once more": words(once_more, "revoked", {"revoked"}),
    "a withdrawn consent, signed again by him": words(signed_again, "revoked", {"revoked"}),
    "an unsent consent, sent late": words(sent_for_her, "revoked", {"revoked"}),
    "an unsent consent, slipped in late": words(slipped_in_for_her, "revoked", COVERED, column_differs="`accepted_at`"),
    "an unsent consent, slipped in late and backdated": words(
        slipped_in_and_backdated, "revoked", COVERED, order_differs="before what stands ahead of it"
    ),
    "a never that he lifts in her name": words(
        lifted(by=lambda scene: scene.ada), "advert", {"restricted"}, key_foreign="is not the issuer's"
    ),
    "a never that he lifts in his own": words(
        lifted(by=lambda scene: scene.operator), "advert", {"restricted"}, issuer_foreign="restriction.lifted"
    ),
    "a not now that he ends": words(ended, "games", {"suspended"}, key_foreign="is not the issuer's"),
    "a dispute that he withdraws": words(resolved, "disputed", {"title_disputed"}, key_foreign="is not the issuer's"),
    "a licence on paper that he confirms": words(
        confirmed, "paper", {"assurance_too_low"}, key_foreign="is not the issuer's"
    ),
    "a vouch in the notary's name": words(
        vouched, "unvouched", {"identity_unverified"}, key_foreign="is not the issuer's"
    ),
    "a vouch by who profits from it": words(vouched_by_the_grantee, "unvouched", {"identity_unverified"}),
    "a contest that he settles in the notary's name": words(
        settled, "contested", {"identity_contested"}, key_foreign="is not the issuer's"
    ),
    "a stolen key that says when it was stolen": words(revived, "stolen", NOT_HERS, key_revoked="had been revoked"),
    "a consent signed with what was stolen, and backdated": words(
        signed_with_what_was_stolen, "stolen", NOT_HERS, key_revoked="had been revoked"
    ),
    "a birthday moved": words(of_age, "minor", {"missing_field"}, digest_differs="the payload hashes to"),
    "other words than were shown": words(
        other_words_shown, "home", COVERED, text_differs="not the one that was signed"
    ),
    "a never in the ciphertext of a consent": words(
        another_ciphertext, "home", {"text_damaged"}, statement_unreadable="was changed"
    ),
    "an issuer changed in its column": words(another_issuer, "home", COVERED, column_differs="`issuer`"),
}
