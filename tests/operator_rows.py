"""What the operator tries with rows: projections, wrapped keys, clearances and shots, behind the back of statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.envelope import PublicKey
from tests.operator_scene import Scene, granting
from tests.world import new_id

NOWHERE = "0" * 64  # the digest of nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """
    One thing that the operator tries, and who must notice, each by name.

    ``decide``: request -> one of these codes at least and no other; an empty set: the decision was fooled, and covers
    what it refused before. ``fsck``: fault -> words that its findings must hold. ``verifier``: its arguments -> exit
    code and the first step that is not proven. ``monitor``: whom it trusts -> what it reports; ``person``: what Bea's
    own reports.
    """

    does: Callable[[Scene], object]
    decide: Mapping[str, set[str]] = field(default_factory=dict)
    fsck: Mapping[str, str] = field(default_factory=dict)
    sound: bool = False  # `fsck` finds nothing: whoever has all keys and files can make a registry that is sound
    verifier: Mapping[tuple[str, ...], tuple[int, str | None]] = field(default_factory=dict)
    monitor: Mapping[str, set[str]] = field(default_factory=dict)
    person: set[str] = field(default_factory=set)


COVERED: set[str] = set()


def sql(*statements: str) -> Callable[[Scene], None]:
    """Run statements, each of which must change rows; `{name}` is the digest of what was said under that name."""

    def deed(scene: Scene) -> None:
        for statement in statements:
            scene.sql(statement.format_map(_Known(scene)))

    return deed


class _Known(dict[str, str]):
    """Words in a statement: digests by name, ids of the cast by theirs."""

    def __init__(self, scene: Scene) -> None:
        super().__init__({name.replace(" ", "_"): f"'{digest}'" for name, digest in scene.digests.items()})
        people = {name: who.id for name, (who, _) in scene.cast.items()} | {"ada": scene.ada.id}
        people |= {"producer": scene.studio.producer.id, "operator": scene.operator.id}
        self |= {f"id_{name}": f"'{ident}'" for name, ident in people.items()}
        self |= {"shot": f"'{scene.shot}'", "waiting": f"'{scene.waiting}'"}


def forget(said: str, *statements: str) -> Callable[[Scene], None]:
    """Take what was said out of everything that decisions follow."""
    return sql(*statements, f"DELETE FROM registry_thread WHERE digest = {{{said}}}")


take_back = forget(  # what follows from Bea's withdrawal
    "withdrawal",
    "DELETE FROM consent_revokedgrant WHERE revocation = {withdrawal}",
    "DELETE FROM consent_revocation WHERE digest = {withdrawal}",
)


def for_a_minute(request: str, **kept: str) -> Callable[[Scene], None]:
    """While a shot is asked for, some rows of some tables are not there; then every one is put back."""

    def deed(scene: Scene) -> None:
        sql(
            *(f"CREATE TEMPORARY TABLE away_{table} AS SELECT * FROM {table} WHERE {of}" for table, of in kept.items())
        )(scene)
        sql(*(f"DELETE FROM {table} WHERE {of}" for table, of in kept.items()))(scene)
        scene.studio.queued(scene.request(request))
        sql(*(f"INSERT INTO {table} SELECT * FROM away_{table}" for table in kept))(scene)

    return deed


def a_consent_without_a_statement(scene: Scene) -> None:
    cleo, producer = scene.cast["agent"][0].id, scene.studio.producer.id
    scene.sql(
        "INSERT INTO consent_consent (digest, type, performer, grantee, basis, accepted_at) "
        "VALUES (%s, 'consent.granted', %s, %s, 'consent', now())", NOWHERE, cleo, producer,
    )  # fmt: skip
    scene.sql(
        "INSERT INTO registry_thread (digest, way, kind, ident) VALUES (%s, 'found', 'to', %s)",
        NOWHERE, f"{cleo}>{producer}",
    )  # fmt: skip


def a_consent_handed_to_another(scene: Scene) -> None:
    bob, producer = scene.cast["elsewhere"][0].id, scene.studio.producer.id
    scene.sql("UPDATE consent_consent SET grantee = %s WHERE digest = %s", producer, scene.digests["elsewhere"], rows=1)
    scene.sql(
        "UPDATE registry_thread SET ident = %s WHERE digest = %s AND kind = 'to'",
        f"{bob}>{producer}", scene.digests["elsewhere"],
    )  # fmt: skip


def a_key_of_cleo(scene: Scene) -> Ed25519PrivateKey:
    """Write a key of the operator's into the table, as Cleo's."""
    key = Ed25519PrivateKey.generate()
    public = PublicKey.of(key)
    scene.sql(
        "INSERT INTO registry_key (keyid, party, kind, spki, added, added_by) VALUES (%s, %s, %s, %s, now(), %s)",
        public.keyid, scene.cast["agent"][0].id, public.kind, public.spki, NOWHERE,
    )  # fmt: skip
    return key


def a_key_that_signs(scene: Scene) -> None:
    """With that row the front door takes a consent that the operator signed."""
    cleo = scene.cast["agent"][0]
    body = granting(cleo, scene.studio.producer)
    scene.world.submit(scene.world.signed("consent.granted", body, by=cleo, keys=(a_key_of_cleo(scene),)))
    scene.world.publish()


def other_bytes_under_a_key(scene: Scene) -> None:
    public = PublicKey.of(scene.operator.key)
    scene.sql("UPDATE registry_key SET spki = %s WHERE keyid = %s", public.spki, scene.ada.keyid, rows=1)


def agents_word(scene: Scene, agent: str) -> None:
    """An agent, who is in league with the operator, consents for Cleo by the front door."""
    who = scene.world.actors[agent]
    body = granting(scene.cast["agent"][0], scene.studio.producer)
    scene.world.act("consent.granted", body, by=who)
    scene.world.publish()


def an_agent_who_is_none(scene: Scene) -> None:
    authority, cleo = new_id(), scene.cast["agent"][0].id
    scene.sql(
        "INSERT INTO registry_authority (id, digest, principal, attestor, role, required, powers, acts, start) "
        "VALUES (%s, %s, %s, %s, 'agent', 1, '{grant,view}', 4095, '2026-01-01')",
        authority, NOWHERE, cleo, cleo,
    )  # fmt: skip
    scene.sql(
        "INSERT INTO registry_authority_agent (authority, agent) VALUES (%s, %s)", authority, scene.operator.id, rows=1
    )
    agents_word(scene, scene.operator.name)


def more_power_for_an_agent(scene: Scene) -> None:
    scene.sql("UPDATE registry_authority SET powers = '{grant,view}' WHERE digest = %s", scene.digests["looks"], rows=1)
    agents_word(scene, "Bureau Marsh")


def a_dismissal_forgotten(scene: Scene) -> None:
    forget("dismissal", "UPDATE registry_authority SET ended = NULL WHERE digest = {former}")(scene)
    agents_word(scene, "Second Agency")


def a_vouch_by_hand(scene: Scene) -> None:
    scene.sql(
        "INSERT INTO registry_vouch (digest, party, voucher, level) VALUES (%s, %s, %s, 'in_person')",
        NOWHERE, scene.cast["unvouched"][0].id, scene.world.notary.id,
    )  # fmt: skip


ROWS: dict[str, Way] = {
    "a consent as a row without a statement": Way(
        does=a_consent_without_a_statement, decide={"agent": {"no_grant"}}, fsck={"row_stray": "consent_consent"}
    ),
    "a consent to one grantee handed to another": Way(
        does=a_consent_handed_to_another,
        decide={"elsewhere": {"grantee_not_covered"}},
        fsck={"row_stray": "consent_consent", "row_missing": "registry_thread"},
    ),
    "a withdrawal taken out of the tables": Way(
        does=take_back,
        decide={"revoked": COVERED},
        fsck={"row_missing": "consent_revocation"},
    ),
    "a withdrawal taken away for a minute": Way(
        does=for_a_minute(
            "revoked",
            registry_thread="digest = {withdrawal}",
            consent_revokedgrant="revocation = {withdrawal}",
            consent_revocation="digest = {withdrawal}",
        ),
        decide={"revoked": {"revoked"}},
        fsck={"ground_withdrawn": "had taken back before", "statement_unread": "was in force"},
    ),
    "a never taken away for a minute": Way(
        does=for_a_minute("advert", registry_thread="digest = {never}", consent_restriction="digest = {never}"),
        decide={"advert": {"restricted"}},
        fsck={"statement_unread": "was in force"},
    ),
    "a count taken away for a minute": Way(
        does=for_a_minute("capped", consent_use='"grant" = {capped}'),
        decide={"capped": {"cap_exhausted"}},
        fsck={"cap_exceeded": "2 shots were drawn on it, and 1 are allowed"},
    ),
    "a name taken away for a minute": Way(
        does=for_a_minute("named", registry_name="party = {id_agent}"),
        decide={"named": {"description_mismatch"}},
        fsck={"prompt_unmatched": "its prompt names party"},
    ),
    "a theft taken away for a minute": Way(
        does=for_a_minute("stolen", registry_thread="digest = {lost}"),
        decide={"stolen": {"unauthorised_signer"}},
        fsck={"statement_unread": "was in force"},
    ),
    "a never taken out of the tables": Way(
        does=forget("never", "DELETE FROM consent_restriction WHERE digest = {never}"),
        decide={"advert": COVERED},
        fsck={"row_missing": "consent_restriction"},
    ),
    "a never lifted by a digest of nothing": Way(
        does=sql(f"UPDATE consent_restriction SET lifted = '{NOWHERE}' WHERE digest = {{never}}"),
        decide={"advert": {"restricted"}},
        fsck={"row_stray": "consent_restriction"},
    ),
    "a not now taken out of the tables": Way(
        does=forget("not_now", "DELETE FROM consent_suspension WHERE digest = {not_now}"),
        decide={"games": COVERED},
        fsck={"row_missing": "consent_suspension"},
    ),
    "a dispute taken out of the tables": Way(
        does=forget("dispute", "DELETE FROM registry_dispute WHERE digest = {dispute}"),
        decide={"disputed": COVERED},
        fsck={"row_missing": "registry_dispute"},
    ),
    "a dispute settled by hand": Way(
        does=sql(
            f"UPDATE registry_dispute SET outcome = 'dismissed', resolved = '{NOWHERE}' WHERE digest = {{dispute}}"
        ),
        decide={"disputed": {"title_disputed"}},
        fsck={"row_stray": "registry_dispute"},
    ),
    "a death taken out of the tables": Way(
        does=forget("death", "DELETE FROM registry_event WHERE digest = {death}"),
        decide={"dead": COVERED},
        fsck={"row_missing": "registry_event"},
    ),
    "a death moved to a later day of acceptance": Way(
        does=sql("UPDATE registry_event SET accepted_at = now() + interval '1 year' WHERE digest = {death}"),
        decide={"dead": {"unauthorised_signer"}},
        fsck={"row_stray": "registry_event"},
    ),
    "a dismissed agent who is back": Way(
        does=a_dismissal_forgotten,
        decide={"agent": COVERED},
        fsck={"row_missing": "registry_thread", "issuer_foreign": "consent.granted"},
    ),
    "a theft forgotten": Way(
        does=forget(
            "lost",
            "UPDATE registry_key SET revoked = NULL, revoked_by = NULL, compromised_from = NULL "
            "WHERE revoked_by = {lost}",
        ),
        decide={"stolen": COVERED},
        fsck={"row_missing": "registry_key"},
    ),
    "a revoked key that stands again": Way(
        does=sql("UPDATE registry_key SET revoked = NULL, revoked_by = NULL WHERE revoked_by = {lost}"),
        decide={"stolen": {"unauthorised_signer"}},
        fsck={"row_missing": "registry_key"},
    ),
    "a theft that happened later": Way(
        does=sql("UPDATE registry_key SET compromised_from = compromised_from + 1000 WHERE revoked_by = {lost}"),
        decide={"stolen": {"unauthorised_signer"}},
        fsck={"row_stray": "compromised_from"},
    ),
    "a policy taken out of the tables": Way(
        does=forget("policy", "DELETE FROM registry_policy WHERE digest = {policy}"),
        decide={"paper": COVERED},
        fsck={"row_missing": "registry_policy"},
    ),
    "a licence on paper confirmed by hand": Way(
        does=sql(f"UPDATE registry_licence SET confirmed = '{NOWHERE}' WHERE digest = {{paper}}"),
        decide={"paper": {"assurance_too_low"}},
        fsck={"row_stray": "registry_licence"},
    ),
    "a count set back": Way(
        does=sql("UPDATE consent_use SET state = 'returned' WHERE \"grant\" = {capped}"),
        decide={"capped": COVERED},
        fsck={"row_stray": "consent_use"},
    ),
    "a count forgotten": Way(
        does=sql('DELETE FROM consent_use WHERE "grant" = {capped}'),
        decide={"capped": COVERED},
        fsck={"row_missing": "consent_use"},
    ),
    "a key as a row, which signs": Way(
        does=a_key_that_signs,
        decide={"agent": {"unauthorised_signer"}},
        fsck={"row_stray": "registry_key", "key_unknown": "was brought by no statement"},
    ),
    "the bytes of a key exchanged": Way(does=other_bytes_under_a_key, fsck={"row_stray": "registry_key"}),
    "an authority as a row, under which an agent consents": Way(
        does=an_agent_who_is_none,
        decide={"agent": {"unauthorised_signer"}},
        fsck={"row_stray": "registry_authority", "issuer_foreign": "consent.granted"},
    ),
    "an authority with more power, under which an agent consents": Way(
        does=more_power_for_an_agent,
        decide={"agent": {"unauthorised_signer"}},
        fsck={"row_stray": "registry_authority", "issuer_foreign": "consent.granted"},
    ),
    "a vouch by hand": Way(
        does=a_vouch_by_hand, decide={"unvouched": {"identity_unverified"}}, fsck={"row_stray": "registry_vouch"}
    ),
    "a contest settled by hand": Way(
        does=sql(f"UPDATE registry_identifier_claim SET lost_to = '{NOWHERE}' WHERE digest = {{rival}}"),
        decide={"contested": {"identity_contested"}},
        fsck={"row_stray": "registry_identifier_claim"},
    ),
    "a rival taken out of the tables": Way(
        does=forget("rival", "DELETE FROM registry_identifier_claim WHERE digest = {rival}"),
        decide={"contested": COVERED},
        fsck={"row_missing": "registry_identifier_claim"},
    ),
    "a person who is in a picture no more": Way(
        does=sql(
            "DELETE FROM registry_thread WHERE digest IN "
            "(SELECT digest FROM registry_appearance WHERE performer = {id_minor})",
            "DELETE FROM registry_appearance WHERE performer = {id_minor}",
        ),
        fsck={"row_missing": "registry_appearance"},
    ),
    "what somebody was to be told": Way(
        does=sql("DELETE FROM registry_notice WHERE party = {id_stolen}"), fsck={"row_missing": "registry_notice"}
    ),
    "an epoch set back, so that a clearance lives on": Way(
        does=sql("UPDATE registry_head SET epoch = epoch - 1 WHERE epoch > 0 AND kind = 'grant' AND id = {revoked}"),
        fsck={"epoch_differs": "grant "},
    ),
    "a clearance that opens other bytes": Way(
        does=sql(
            "UPDATE registry_clearance SET assets = '[]' WHERE shot = {waiting}",
        ),
        fsck={"clearance_differs": "it names other bytes"},
    ),
    "a clearance that nobody issued": Way(
        does=sql(
            "INSERT INTO registry_clearance (digest, kind, assets, heads, expires_at, shot) "
            f"SELECT '{NOWHERE}', kind, assets, heads, '2099-01-01', gen_random_uuid() FROM registry_clearance LIMIT 1"
        ),
        fsck={"clearance_stray": NOWHERE},
    ),
    "a clearance that does not end": Way(
        does=sql("UPDATE registry_clearance SET expires_at = '2099-01-01', closed_at = NULL, closed_by = NULL"),
        fsck={"clearance_differs": "it ends at another time"},
    ),
    "a withdrawal that is said to have come later": Way(
        does=sql(
            "UPDATE registry_statement SET accepted_at = accepted_at + interval '20 hours' "
            "WHERE digest = decode({withdrawal}, 'hex')"
        ),
        decide={"revoked": {"revoked"}},
        fsck={"order_differs": "after its checkpoint was signed"},
    ),
    "a release of another file": Way(
        does=sql(f"UPDATE generation_release SET output_sha256 = '{NOWHERE}' WHERE shot = {{shot}}"),
        fsck={"row_stray": "generation_release"},
    ),
    "a person erased without a word": Way(
        does=sql("DELETE FROM registry_datakey WHERE owner = 'party:' || {id_ada}"),
        decide={"home": {"inventory_unknown", "unknown_subject"}},
        fsck={"statement_unreadable": "the data key that it was stored under is gone"},
    ),
    "a wrapped key put in another's place": Way(
        does=sql(
            "UPDATE registry_datakey SET wrapped = (SELECT wrapped FROM registry_datakey WHERE owner = 'registry') "
            "WHERE owner = 'party:' || {id_capped}"
        ),
        fsck={"data_key_unreadable": "party:"},
    ),
}
